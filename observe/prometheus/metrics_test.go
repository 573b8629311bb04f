package prometheus_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/observe"
	"github.com/beckon-go/beckon/observe/prometheus"
	"github.com/beckon-go/beckon/store"
)

// A slow is a store whose steps take a while, and which fails when it is told so.
type slow struct {
	*memstore.Store
	fails bool
}

func (s *slow) Step(ctx context.Context, steps []store.Step) error {
	time.Sleep(30 * time.Millisecond)
	if s.fails {
		return errors.New("the store fails")
	}
	return s.Store.Step(ctx, steps)
}

var program = beckon.Program{
	Caps: []beckon.Cap{{ID: "one", Channel: beckon.SMS, Max: 1, Within: beckon.Days(1)}},
	Messages: []beckon.Message{
		{ID: "code", Channel: beckon.SMS, Status: beckon.Live, Trigger: beckon.On("login"), Content: beckon.Content{Body: "1234"}},
		{ID: "news", Channel: beckon.Email, Status: beckon.Live, Audience: beckon.User("plan").Is("pro"), Content: beckon.Content{Body: "News"}},
		{ID: "tips", Channel: beckon.SMS, Status: beckon.Live, Trigger: beckon.On("login"), Content: beckon.Content{Body: "A tip"}},
	},
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// What Prometheus scrapes is what the engine and its workers did, and has nothing of an
// event or a contact.
func TestMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reg := prom.NewPedanticRegistry()
		metrics, err := prometheus.New(reg, nil, prometheus.WithMessages(0))
		must(t, err)
		kept := &slow{Store: memstore.New()}
		engine, err := beckon.New(kept, beckon.WithObserver(metrics.Observer()))
		must(t, err, engine.Publish(t.Context(), program))
		login := beckon.Event{Name: "login", UserID: "hostile-user", Email: "ada@h.example", Metadata: beckon.Fields{{Key: "k", Value: beckon.String("hostile-value")}}}
		res, err := engine.Track(t.Context(), login)
		must(t, err)
		_, err = engine.Track(t.Context(), beckon.Event{Name: "hostile-name", AnonymousID: "hostile-visitor"})
		must(t, err)
		for _, err := range engine.Sweep(t.Context()) {
			must(t, err)
		}
		kept.fails = true
		if _, err := engine.Track(t.Context(), login); err == nil {
			t.Fatal("the store did not fail")
		}
		for _, result := range []beckonwork.Result{beckonwork.Made, beckonwork.Retried} {
			metrics.Outcome(beckonwork.Outcome{Delivery: res.Deliveries[0], Result: result, Took: 2 * time.Second})
		}
		want := `
# HELP beckon_deliveries_total What became of deliveries in workers.
# TYPE beckon_deliveries_total counter
beckon_deliveries_total{channel="sms",message="code",result="made"} 1
beckon_deliveries_total{channel="sms",message="code",result="retried"} 1
# HELP beckon_held_total Messages held, by reason.
# TYPE beckon_held_total counter
beckon_held_total{channel="email",message="news",occasion="sweep",reason="audience"} 2
beckon_held_total{channel="sms",message="tips",occasion="event",reason="capped"} 1
# HELP beckon_sent_total Messages sent: decided, and handed to the host or its outbox.
# TYPE beckon_sent_total counter
beckon_sent_total{channel="sms",message="code",occasion="event"} 1
# HELP beckon_store_step_errors_total Steps that failed.
# TYPE beckon_store_step_errors_total counter
beckon_store_step_errors_total{call="event"} 1
beckon_store_step_errors_total{call="name"} 0
beckon_store_step_errors_total{call="program"} 0
beckon_store_step_errors_total{call="run"} 0
# HELP beckon_store_step_reruns_total Decisions that ran again, since another writer was first or a store made sure of a record that it had kept.
# TYPE beckon_store_step_reruns_total counter
beckon_store_step_reruns_total{call="event"} 0
beckon_store_step_reruns_total{call="name"} 0
beckon_store_step_reruns_total{call="program"} 0
beckon_store_step_reruns_total{call="run"} 0
`
		if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "beckon_deliveries_total", "beckon_held_total", "beckon_sent_total", "beckon_store_step_errors_total", "beckon_store_step_reruns_total"); err != nil {
			t.Error(err)
		}
		if n, err := testutil.GatherAndCount(reg, "beckon_send_seconds"); err != nil || n != 2 {
			t.Errorf("%d time series of senders, %v", n, err)
		}
		problems, err := testutil.GatherAndLint(reg)
		must(t, err)
		for _, p := range problems {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
		families, err := reg.Gather()
		must(t, err)
		took := 0
		for _, f := range families {
			for _, m := range f.GetMetric() {
				if h := m.GetHistogram(); f.GetName() == "beckon_store_step_seconds" && m.GetLabel()[0].GetValue() == "run" {
					took++
					for _, b := range h.GetBucket() {
						if want := b.GetUpperBound() >= 0.03; (b.GetCumulativeCount() == 1) != want {
							t.Errorf("a step of 30 ms: %s", b)
						}
					}
					if h.GetSampleCount() != 1 || h.GetSampleSum() != 0.03 {
						t.Errorf("a step of 30 ms: %s", h)
					}
				}
			}
			for _, word := range []string{"hostile", "ada@"} {
				if text := f.String(); strings.Contains(text, word) {
					t.Errorf("the metrics have %q: %s", word, text)
				}
			}
		}
		if took != 1 {
			t.Errorf("%d time series of the run's step", took)
		}
	})
}

// Past the limit all messages are one.
func TestMetricsLimit(t *testing.T) {
	t.Parallel()
	reg := prom.NewPedanticRegistry()
	metrics, err := prometheus.New(reg, prometheus.WithMessages(2))
	must(t, err)
	o := metrics.Observer()
	for _, id := range []string{"a", "b", "c", "d", "a"} {
		o.Decided(t.Context(), observe.Decision{Occasion: observe.OnEvent, Message: id, Channel: beckon.Email, Sent: true})
	}
	// One that the host has composed takes no place, and has none.
	o.Decided(t.Context(), observe.Decision{Occasion: observe.OnEvent, Message: "a", Composed: true, Channel: beckon.Email, Sent: true})
	metrics.Outcome(beckonwork.Outcome{Delivery: beckon.Delivery{Message: "a", Channel: beckon.Email}, Result: beckonwork.Made, Composed: true})
	if err := testutil.GatherAndCompare(reg, strings.NewReader(`
# HELP beckon_deliveries_total What became of deliveries in workers.
# TYPE beckon_deliveries_total counter
beckon_deliveries_total{channel="email",message="other",result="made"} 1
# HELP beckon_sent_total Messages sent: decided, and handed to the host or its outbox.
# TYPE beckon_sent_total counter
beckon_sent_total{channel="email",message="a",occasion="event"} 2
beckon_sent_total{channel="email",message="b",occasion="event"} 1
beckon_sent_total{channel="email",message="other",occasion="event"} 3
`), "beckon_sent_total", "beckon_deliveries_total"); err != nil {
		t.Error(err)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	if _, err := prometheus.New(nil); err == nil {
		t.Error("there is no registerer, and no error")
	}
	reg := prom.NewPedanticRegistry()
	if _, err := prometheus.New(reg, prometheus.WithMessages(-1)); err == nil {
		t.Error("a limit below zero is no error")
	}
	// One of the metrics is there already: then none of them is registered.
	must(t, reg.Register(prom.NewCounter(prom.CounterOpts{Name: "beckon_send_seconds", Help: "Another."})))
	if _, err := prometheus.New(reg); err == nil {
		t.Error("a metric that is there already is no error")
	}
	must(t, reg.Register(prom.NewCounterVec(prom.CounterOpts{
		Name: "beckon_sent_total", Help: "Messages sent: decided, and handed to the host or its outbox.",
	}, []string{"message", "channel", "occasion"})))
}
