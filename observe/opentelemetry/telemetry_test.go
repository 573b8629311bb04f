package opentelemetry_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/observe"
	"github.com/beckon-go/beckon/observe/opentelemetry"
	"github.com/beckon-go/beckon/store"
)

// A slow is a store whose steps take a while, and which fails when it is told so.
type slow struct {
	*memstore.Store
	fails error
}

func (s *slow) Step(ctx context.Context, steps []store.Step) error {
	time.Sleep(30 * time.Millisecond)
	if s.fails != nil {
		return s.fails
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

// A world is an engine, and what its telemetry comes to.
type world struct {
	*opentelemetry.Telemetry
	engine *beckon.Engine
	kept   *slow
	meters *metric.ManualReader
	spans  *tracetest.InMemoryExporter
	tracer trace.Tracer
}

func newWorld(t *testing.T, opts ...opentelemetry.Option) *world {
	t.Helper()
	w := &world{kept: &slow{Store: memstore.New()}, meters: metric.NewManualReader(), spans: tracetest.NewInMemoryExporter()}
	tracers := sdk.NewTracerProvider(sdk.WithSyncer(w.spans))
	w.tracer = tracers.Tracer("host")
	var err error
	w.Telemetry, err = opentelemetry.New(append(opts, nil, opentelemetry.WithTracerProvider(tracers),
		opentelemetry.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(w.meters))))...)
	must(t, err)
	w.engine, err = beckon.New(w.kept, beckon.WithObserver(w.Observer()))
	must(t, err, w.engine.Publish(t.Context(), program))
	return w
}

// instruments returns what a reader sees, by name.
func (w *world) instruments(t *testing.T) map[string]metricdata.Metrics {
	t.Helper()
	var all metricdata.ResourceMetrics
	must(t, w.meters.Collect(t.Context(), &all))
	got := make(map[string]metricdata.Metrics)
	for _, s := range all.ScopeMetrics {
		if s.Scope.Name != "github.com/beckon-go/beckon/observe/opentelemetry" {
			t.Errorf("scope %q", s.Scope.Name)
		}
		for _, m := range s.Metrics {
			got[m.Name] = m
		}
	}
	return got
}

func set(pairs ...string) attribute.Set {
	var list []attribute.KeyValue
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, attribute.String(pairs[i], pairs[i+1]))
	}
	return attribute.NewSet(list...)
}

func sum(points ...metricdata.DataPoint[int64]) metricdata.Sum[int64] {
	return metricdata.Sum[int64]{Temporality: metricdata.CumulativeTemporality, IsMonotonic: true, DataPoints: points}
}

func point(n int64, pairs ...string) metricdata.DataPoint[int64] {
	return metricdata.DataPoint[int64]{Value: n, Attributes: set(pairs...)}
}

// What a reader collects is what the engine and its workers did, and has nothing of an
// event or a contact.
func TestMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx := t.Context()
		login := beckon.Event{Name: "login", UserID: "hostile-user", Email: "ada@h.example", Metadata: beckon.Fields{{Key: "k", Value: beckon.String("hostile-value")}}}
		res, err := w.engine.Track(ctx, login)
		must(t, err)
		_, err = w.engine.Track(ctx, beckon.Event{Name: "hostile-name", AnonymousID: "hostile-visitor"})
		must(t, err)
		for _, err := range w.engine.Sweep(ctx) {
			must(t, err)
		}
		for _, fails := range []error{errors.New("hostile-text"), fmt.Errorf("a: %w", context.DeadlineExceeded), context.Canceled} {
			w.kept.fails = fails
			if _, err := w.engine.Track(ctx, login); err == nil {
				t.Fatal("the store did not fail")
			}
		}
		for _, result := range []beckonwork.Result{beckonwork.Made, beckonwork.Retried} {
			w.Outcome(beckonwork.Outcome{Delivery: res.Deliveries[0], Result: result, Took: 2 * time.Second})
		}
		got := w.instruments(t)
		for name, want := range map[string]metricdata.Metrics{
			"beckon.sent.messages": {
				Unit: "{message}", Description: "Messages sent: decided, and handed to the host or its outbox.",
				Data: sum(point(1, "beckon.message", "code", "beckon.channel", "sms", "beckon.occasion", "event")),
			},
			"beckon.held.messages": {
				Unit: "{message}", Description: "Messages held, by reason.",
				Data: sum(
					point(1, "beckon.message", "tips", "beckon.channel", "sms", "beckon.occasion", "event", "beckon.reason", "capped"),
					point(2, "beckon.message", "news", "beckon.channel", "email", "beckon.occasion", "sweep", "beckon.reason", "audience"),
				),
			},
			"beckon.store.step.reruns": {
				Unit: "{rerun}", Description: "Decisions that ran again, since another writer was first or a store made sure of a record that it had kept.",
				Data: sum(point(0, "beckon.call", "event"), point(0, "beckon.call", "name"), point(0, "beckon.call", "program"), point(0, "beckon.call", "run")),
			},
			"beckon.worker.messages": {
				Unit: "{message}", Description: "What became of deliveries in workers.",
				Data: sum(
					point(1, "beckon.message", "code", "beckon.channel", "sms", "beckon.result", "made"),
					point(1, "beckon.message", "code", "beckon.channel", "sms", "beckon.result", "retried"),
				),
			},
		} {
			want.Name = name
			metricdatatest.AssertEqual(t, want, got[name], metricdatatest.IgnoreTimestamp(), metricdatatest.IgnoreExemplars())
		}
		times := map[string]string{}
		for _, name := range []string{"beckon.store.step.duration", "beckon.worker.send.duration"} {
			if got[name].Unit != "s" {
				t.Errorf("%s is in %q", name, got[name].Unit)
			}
			for _, p := range got[name].Data.(metricdata.Histogram[float64]).DataPoints {
				if each := p.Sum / float64(p.Count); each != 0.03 && each != 2 || p.BucketCounts[len(p.BucketCounts)-1] != 0 {
					t.Errorf("%s: %+v", name, p)
				}
				times[name+" "+p.Attributes.Encoded(attribute.DefaultEncoder())] = fmt.Sprint(p.Count)
			}
		}
		if diff := cmp.Diff(map[string]string{
			"beckon.store.step.duration beckon.call=event":                         "2",
			"beckon.store.step.duration beckon.call=event,error.type=_OTHER":       "1",
			"beckon.store.step.duration beckon.call=event,error.type=canceled":     "1",
			"beckon.store.step.duration beckon.call=event,error.type=timeout":      "1",
			"beckon.store.step.duration beckon.call=name":                          "2",
			"beckon.store.step.duration beckon.call=program":                       times["beckon.store.step.duration beckon.call=program"],
			"beckon.store.step.duration beckon.call=run":                           "1",
			"beckon.worker.send.duration beckon.channel=sms,beckon.result=made":    "1",
			"beckon.worker.send.duration beckon.channel=sms,beckon.result=retried": "1",
		}, times); diff != "" {
			t.Error(diff)
		}
		if text := fmt.Sprint(got); strings.Contains(text, "hostile") || strings.Contains(text, "ada@") {
			t.Errorf("the metrics have something of an event: %s", text)
		}
	})
}

// Past the limit all messages are one.
func TestMetricsLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, opentelemetry.WithMessages(1))
	o := w.Observer()
	for _, id := range []string{"a", "b", "c", "a"} {
		o.Counted(t.Context(), observe.Count{Occasion: observe.OnSweep, Message: id, Channel: beckon.Email, Reason: beckon.ReasonAudience, N: 2})
	}
	// One that the host has composed takes no place, and has none.
	o.Decided(t.Context(), observe.Decision{Occasion: observe.OnSweep, Message: "a", Composed: true, Channel: beckon.Email, Reason: beckon.ReasonAudience})
	metricdatatest.AssertEqual(t, metricdata.Metrics{
		Name: "beckon.held.messages", Unit: "{message}", Description: "Messages held, by reason.",
		Data: sum(
			point(4, "beckon.message", "a", "beckon.channel", "email", "beckon.occasion", "sweep", "beckon.reason", "audience"),
			point(5, "beckon.message", "other", "beckon.channel", "email", "beckon.occasion", "sweep", "beckon.reason", "audience"),
		),
	}, w.instruments(t)["beckon.held.messages"], metricdatatest.IgnoreTimestamp(), metricdatatest.IgnoreExemplars())
	w.Outcome(beckonwork.Outcome{Delivery: beckon.Delivery{Message: "a", Channel: beckon.Email}, Result: beckonwork.Made, Composed: true})
	metricdatatest.AssertEqual(t, metricdata.Metrics{
		Name: "beckon.worker.messages", Unit: "{message}", Description: "What became of deliveries in workers.",
		Data: sum(point(1, "beckon.message", "other", "beckon.channel", "email", "beckon.result", "made")),
	}, w.instruments(t)["beckon.worker.messages"], metricdatatest.IgnoreTimestamp(), metricdatatest.IgnoreExemplars())
	if _, err := opentelemetry.New(opentelemetry.WithMessages(-1)); err == nil {
		t.Error("a limit below zero is no error")
	}
	if _, err := opentelemetry.New(opentelemetry.WithMeterProvider(nil), opentelemetry.WithTracerProvider(nil)); err != nil {
		t.Errorf("the global providers: %v", err)
	}
}

// Steps are spans below that of the call, if it has one, and what is sent is an event of
// that.
func TestSpans(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		event := beckon.Event{Name: "login", UserID: "hostile-user", Email: "ada@h.example"}
		if spans := w.spans.GetSpans(); len(spans) > 0 {
			t.Errorf("without a span of the call there are %v", spans)
		}
		began := time.Now()
		ctx, host := w.tracer.Start(t.Context(), "POST /events")
		res, err := w.engine.Track(ctx, event)
		must(t, err)
		w.kept.fails = errors.New("hostile-text")
		if _, err := w.engine.Track(ctx, event); err == nil {
			t.Fatal("the store did not fail")
		}
		host.End()
		var got []string
		for _, s := range w.spans.GetSpans() {
			if s.Name != "POST /events" {
				if s.Parent.SpanID() != host.SpanContext().SpanID() || s.SpanContext.TraceID() != host.SpanContext().TraceID() || s.SpanKind != trace.SpanKindClient {
					t.Errorf("%s is a %v below %v", s.Name, s.SpanKind, s.Parent.SpanID())
				}
			}
			set := attribute.NewSet(s.Attributes...)
			got = append(got, fmt.Sprintf("%s from %v for %v: %s %v %s", s.Name, s.StartTime.Sub(began), s.EndTime.Sub(s.StartTime), set.Encoded(attribute.DefaultEncoder()), s.Status.Code, s.Status.Description))
			for _, e := range s.Events {
				set := attribute.NewSet(e.Attributes...)
				got = append(got, fmt.Sprintf("%s %s: %s", s.Name, e.Name, set.Encoded(attribute.DefaultEncoder())))
			}
		}
		if diff := cmp.Diff([]string{
			"beckon.step event from 0s for 30ms: beckon.call=event,beckon.records=1,beckon.reruns=0 Unset ",
			"beckon.step name from 30ms for 30ms: beckon.call=name,beckon.records=1,beckon.reruns=0 Unset ",
			"beckon.step event from 60ms for 30ms: beckon.call=event,beckon.records=1,beckon.reruns=0,error.type=_OTHER Error ",
			"POST /events from 0s for 90ms:  Unset ",
			"POST /events beckon.sent: beckon.channel=sms,beckon.delivery=" + res.Deliveries[0].ID + ",beckon.message=code,beckon.occasion=event",
		}, got); diff != "" {
			t.Error(diff)
		}
	})
}

// Each send of a worker is a span, within which the sender works.
func TestSender(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := beckon.Delivery{ID: "d1", Message: "code", Channel: beckon.SMS, Contact: beckon.Identity{Email: "ada@h.example"}}
	var within trace.SpanContext
	var fails error
	sender := w.Sender(beckonwork.SenderFunc(func(ctx context.Context, got beckon.Delivery) error {
		if within = trace.SpanContextFromContext(ctx); got.ID != d.ID {
			t.Errorf("delivery %q", got.ID)
		}
		if fails == nil {
			panic("the sender")
		}
		return errors.Unwrap(fails)
	}))
	send := func() (err error, panicked any) {
		defer func() { panicked = recover() }()
		return sender.Send(t.Context(), d), nil
	}
	for i, c := range []struct {
		fails  error
		status codes.Code
		more   string
	}{
		{fmt.Errorf("a: %w", error(nil)), codes.Unset, ""},
		{fmt.Errorf("a: %w", errors.New("to ada@h.example")), codes.Error, ",error.type=_OTHER"},
		{nil, codes.Error, ",error.type=_OTHER"},
	} {
		fails = c.fails
		err, panicked := send()
		if (err != nil) != (i == 1) || (panicked != nil) != (i == 2) {
			t.Errorf("%d: %v, %v", i, err, panicked)
		}
		spans := w.spans.GetSpans()
		w.spans.Reset()
		if len(spans) != 1 {
			t.Fatalf("%d: %d spans", i, len(spans))
		}
		s := spans[0]
		set := attribute.NewSet(s.Attributes...)
		want := "beckon.channel=sms,beckon.message=code" + c.more + ",messaging.message.id=d1,messaging.operation.name=send,messaging.operation.type=send,messaging.system=beckon"
		if got := set.Encoded(attribute.DefaultEncoder()); got != want || s.Name != "send sms" || s.SpanKind != trace.SpanKindProducer || s.Status.Code != c.status || s.Status.Description != "" {
			t.Errorf("%d: %s, a %v with %s, %+v", i, s.Name, s.SpanKind, got, s.Status)
		}
		if within.SpanID() != s.SpanContext.SpanID() {
			t.Errorf("%d: the sender works within another span", i)
		}
	}
}
