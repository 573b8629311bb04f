package beckon_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/observe"
	"github.com/beckon-go/beckon/store"
)

// A watcher keeps what an observer is told.
type watcher struct {
	mu        sync.Mutex
	decisions []observe.Decision
	counts    []observe.Count
	steps     []observe.Step
}

func (w *watcher) observer() observe.Observer {
	return observe.Observer{
		Decided: func(_ context.Context, d observe.Decision) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.decisions = append(w.decisions, d)
		},
		Counted: func(_ context.Context, c observe.Count) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.counts = append(w.counts, c)
		},
		Stepped: func(_ context.Context, s observe.Step) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.steps = append(w.steps, s)
		},
	}
}

func (w *watcher) take() []observe.Decision {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.decisions
	w.decisions = nil
	return list
}

// of returns what an observer is to be told of a result.
func of(what observe.Occasion, res beckon.Result, who beckon.Identity, at time.Time) (list []observe.Decision) {
	for _, h := range res.Held() {
		list = append(list, observe.Decision{
			Occasion: what, Contact: who, Message: h.Message, CompanyID: h.CompanyID, Channel: beckon.Email, At: at.UTC(), Reason: h.Reason, RetryAt: h.RetryAt,
		})
	}
	for _, d := range res.Deliveries {
		list = append(list, observe.Decision{
			Occasion: what, Contact: d.Contact, Message: d.Message, CompanyID: d.CompanyID, Channel: d.Channel, At: d.At, Sent: true, Delivery: d.ID, Sequence: d.Sequence,
		})
	}
	return list
}

// watchedProgram has messages that an event, a visit, a check and an update send and hold.
func watchedProgram() beckon.Program {
	text := beckon.Content{Body: "hello"}
	message := func(id string, edit func(*beckon.Message)) beckon.Message {
		m := beckon.Message{ID: id, Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Content: text}
		edit(&m)
		return m
	}
	return beckon.Program{
		Caps: []beckon.Cap{
			{ID: "day", Tag: "capped", Max: 1, Within: beckon.Days(1)}, {ID: "week", Tag: "capped", Max: 1, Within: beckon.Days(7)}, {ID: "all", Max: 100, Within: beckon.Days(9)},
		},
		Messages: []beckon.Message{
			message("1 sent", func(m *beckon.Message) { m.Trigger, m.Tags = beckon.On("go"), []string{"capped"} }),
			message("2 audience", func(m *beckon.Message) { m.Trigger, m.Audience = beckon.On("go"), beckon.User("plan").Is("pro") }),
			message("3 capped", func(m *beckon.Message) { m.Trigger, m.Tags = beckon.On("go"), []string{"capped"} }),
			message("4 company", func(m *beckon.Message) { m.Trigger, m.Audience = beckon.On("go"), beckon.Company("seats").AtLeast(1) }),
			message("5 later", func(m *beckon.Message) { m.Trigger = beckon.On("go").Unless("stop", beckon.Hours(1), "") }),
			message("6 swept", func(m *beckon.Message) { m.Audience = beckon.User("plan").Is("free") }),
			message("7 not swept", func(m *beckon.Message) { m.Audience = beckon.User("plan").Is("pro") }),
			message("8 one-off", func(m *beckon.Message) { m.Mode = beckon.OneOff }),
		},
	}
}

func watchedEngine(t *testing.T, kept beckon.Store, clock *hand, opts ...beckon.Option) (*beckon.Engine, *watcher) {
	t.Helper()
	clock.set(noon)
	w := new(watcher)
	engine, err := beckon.New(kept, append([]beckon.Option{beckon.WithClock(clock.now), beckon.WithObserver(w.observer())}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), watchedProgram()); err != nil {
		t.Fatal(err)
	}
	return engine, w
}

// An observer is told of each candidate of each occasion, as the caller is.
func TestObserverSeesDecisions(t *testing.T) {
	t.Parallel()
	ctx, clock := t.Context(), &hand{}
	engine, w := watchedEngine(t, memstore.New(), clock)
	u, v := user("u"), user("v")
	expect := func(want []observe.Decision) {
		t.Helper()
		if diff := cmp.Diff(want, w.take()); diff != "" {
			t.Fatal(diff)
		}
	}
	run := func(what observe.Occasion, seq func(func(beckon.Delivery, error) bool)) (n int) {
		t.Helper()
		var want []observe.Decision
		for d, err := range seq {
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, of(what, beckon.Result{Deliveries: []beckon.Delivery{d}}, u, noon)...)
		}
		sent := slices.DeleteFunc(w.take(), func(d observe.Decision) bool { return !d.Sent && d.Occasion == what })
		if diff := cmp.Diff(want, sent); diff != "" {
			t.Fatal(diff)
		}
		return len(want)
	}
	res, err := engine.Track(ctx, beckon.Event{Name: "go", UserID: "u", CompanyID: "c", EventID: "e"})
	if err != nil || len(res.Deliveries) != 1 || len(res.Held()) != 4 {
		t.Fatal(res, err)
	}
	want := of(observe.OnEvent, res, u, noon)
	want[1].Cap = "week"
	expect(want)
	// Nobody is told of a repeat, nor of what is only looked at.
	for _, err := range []error{
		second(engine.Track(ctx, beckon.Event{Name: "go", UserID: "u", CompanyID: "c", EventID: "e"})),
		second(engine.Explain(ctx, beckon.Event{Name: "go", UserID: "u"})),
		second(engine.Explain(ctx, beckon.AtSweep(u))),
		second(engine.Count(ctx, beckon.User("plan").Is("pro"))),
		second(engine.Track(ctx, beckon.Event{Name: "go", UserID: "u", Import: true})),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	expect(nil)
	if res, err = engine.Update(ctx, beckon.Contact{UserID: "u", Attributes: beckon.Attributes{"plan": beckon.String("free")}}); err != nil {
		t.Fatal(err)
	}
	expect(of(observe.OnUpdate, res, u, noon))
	if res, err = engine.Visit(ctx, beckon.Visit{UserID: "u", Source: beckon.SourceJavaScript}); err != nil {
		t.Fatal(err)
	}
	expect(of(observe.OnVisit, res, u, noon))
	if n := run(observe.OnSweep, engine.Sweep(ctx)); n != 1 {
		t.Errorf("the sweep sent %d", n)
	}
	if res, err = engine.Check(ctx, u); err != nil || len(res.Held()) == 0 {
		t.Fatal(res, err)
	}
	expect(of(observe.OnCheck, res, u, noon))
	if err := second(engine.Check(ctx, u)); !errors.Is(err, beckon.ErrCheckTooSoon) {
		t.Fatal(err)
	}
	expect(nil)
	if n := run(observe.OnSend, engine.Send(ctx, "8 one-off")); n != 1 {
		t.Errorf("the send sent %d", n)
	}
	clock.add(2 * time.Hour)
	if n := run(observe.OnDue, engine.Due(ctx)); n != 1 {
		t.Errorf("the due sent %d", n)
	}
	if err := second(engine.Update(ctx, beckon.Contact{UserID: "v"})); err != nil {
		t.Fatal(err)
	}
	res, err = engine.Merge(ctx, v, u)
	if err != nil {
		t.Fatal(err)
	}
	expect(of(observe.OnMerge, res, u, clock.now()))
	for _, err := range engine.Import(ctx, func(yield func(beckon.ImportItem, error) bool) {
		yield(beckon.ImportItem{Contact: &beckon.Contact{UserID: "w", Companies: []beckon.Membership{{CompanyID: "c", Name: "C"}}}}, nil)
	}) {
		t.Fatal(err)
	}
	if err := errors.Join(engine.Unsubscribe(ctx, u, "email"), last(engine.Sweep(ctx)), engine.ReleaseLatest(ctx, u, "8 one-off")); err != nil {
		t.Fatal(err)
	}
	if want := (observe.Count{Occasion: observe.OnSweep, Message: "7 not swept", Channel: beckon.Email, Reason: beckon.ReasonAudience, N: 2}); !slices.Contains(w.counts, want) {
		t.Errorf("counts %+v", w.counts)
	}
	var calls []string
	for _, s := range w.steps {
		if s.Err != nil || s.Records < 1 || s.Duration < 0 || s.Again != 0 {
			t.Errorf("%+v", s)
		}
		calls = append(calls, s.Call)
	}
	slices.Sort(calls)
	if diff := cmp.Diff([]string{
		"check", "company", "consent", "contact", "delivery", "due", "event", "import", "merge", "name", "program", "run", "send", "sweep", "update", "visit",
	}, slices.Compact(calls)); diff != "" {
		t.Error(diff)
	}
}

// Nobody is told of a repeat that returns what is pending.
func TestObserverOfRepeats(t *testing.T) {
	t.Parallel()
	engine, w := watchedEngine(t, memstore.New(), &hand{}, beckon.WithOutbox())
	for i := range 2 {
		res, err := engine.Track(t.Context(), beckon.Event{Name: "go", UserID: "u", EventID: "e"})
		if err != nil || len(res.Deliveries) != 1 || res.Duplicate != (i == 1) {
			t.Fatal(res, err)
		}
		if got := w.take(); len(got) != 5*(1-i) {
			t.Errorf("call %d: told %+v", i, got)
		}
	}
}

// A step of the store that failed, or that had to be made again, is one decision at most:
// the one that the caller is told of.
func TestObserverOfFaults(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, kind := range []fault{failBefore, failAfter} {
		failed := 0
		for n, calls := 1, 1; n <= calls; n++ {
			clock, kept := &hand{}, newFaultStore()
			engine, w := watchedEngine(t, kept, clock)
			if err := second(engine.Update(ctx, beckon.Contact{UserID: "u", Companies: []beckon.Membership{{CompanyID: "c"}}})); err != nil {
				t.Fatal(err)
			}
			w.take()
			told := 0
			track := func() error {
				res, err := engine.Track(ctx, beckon.Event{Name: "go", UserID: "u", CompanyID: "c", EventID: "e"})
				var want []observe.Decision
				if err == nil && !res.Duplicate {
					want = of(observe.OnEvent, res, user("u"), noon)
					want[1].Cap = "week"
					told++
				}
				if diff := cmp.Diff(want, w.take()); diff != "" {
					t.Errorf("%v of call %d: %s", kind, n, diff)
				}
				return err
			}
			kept.arm(n, kind)
			_ = track() // what it returns was compared
			if calls = kept.heal(); calls >= n {
				calls++ // there may be one more
			}
			for _, s := range w.steps {
				if s.Err != nil {
					failed++
				}
			}
			if err := track(); err != nil {
				t.Fatal(err)
			}
			if told > 1 || told == 0 && kind == failBefore {
				t.Errorf("%v of call %d: told %d times", kind, n, told)
			}
		}
		if failed < 2 { // the event's, before and after the company was fetched, and the catalogue's
			t.Errorf("%v: %d steps failed", kind, failed)
		}
	}
}

// A twice is a store that decides everything twice, as one that loses a race does.
type twice struct{ *memstore.Store }

func (s twice) Step(ctx context.Context, steps []store.Step) error {
	again := slices.Clone(steps)
	for i := range again {
		own, first := steps[i].Decider, true
		again[i].Decider = decider(func(rec *store.Record, c *store.Changes) error {
			if first {
				first = false
				var lost store.Changes
				_ = own.Decide(rec, &lost)
			}
			return own.Decide(rec, c)
		})
	}
	time.Sleep(2 * time.Second)
	err := s.Store.Step(ctx, again)
	for i := range steps {
		steps[i].Err = again[i].Err
	}
	return err
}

// What a store decided twice is told once. How long it took is measured by a clock of its
// own.
func TestObserverOfRaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clock := &hand{}
		engine, w := watchedEngine(t, twice{memstore.New()}, clock)
		w.steps = nil
		res, err := engine.Track(t.Context(), beckon.Event{Name: "go", UserID: "u", CompanyID: "c"})
		if err != nil {
			t.Fatal(err)
		}
		want := of(observe.OnEvent, res, user("u"), noon)
		want[1].Cap = "week"
		if diff := cmp.Diff(want, w.take()); diff != "" {
			t.Error(diff)
		}
		if s := w.steps[0]; s.Call != "event" || s.Duration != 2*time.Second || s.Again != 1 || s.Records != 1 {
			t.Errorf("%+v", s)
		}
	})
}
