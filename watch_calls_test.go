package beckon_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/observe"
	"github.com/beckon-go/beckon/store"
)

// A closed is a store that knows whether a call of it is under way.
type closed struct {
	*memstore.Store
	inside atomic.Int64
}

func (s *closed) Step(ctx context.Context, steps []store.Step) error {
	defer s.inside.Add(-1)
	s.inside.Add(1)
	return s.Store.Step(ctx, steps)
}

func (s *closed) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	defer s.inside.Add(-1)
	s.inside.Add(1)
	return s.Store.Read(ctx, keys, fn)
}

func (s *closed) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	defer s.inside.Add(-1)
	s.inside.Add(1)
	return s.Store.Scan(ctx, q, after, limit, fn)
}

// The traces that a call asks for are its own: not those of calls that an observer makes, with
// the context that it is given.
func TestTracesOfTheCallAlone(t *testing.T) {
	t.Parallel()
	var engine *beckon.Engine
	calls, inside := 0, true
	call := func(ctx context.Context) {
		if inside {
			return
		}
		inside, calls = true, calls+1
		if _, err := engine.Track(ctx, beckon.Event{Name: "told", UserID: "u2"}); err != nil {
			t.Error(err)
		}
		inside = false
	}
	on := func(id, event string) beckon.Message {
		return beckon.Message{ID: id, Status: beckon.Live, Trigger: beckon.On(event), Frequency: beckon.EachTime(), Content: beckon.Content{Body: "x"}}
	}
	engine, err := beckon.New(memstore.New(), beckon.WithObserver(observe.Observer{
		Decided: func(ctx context.Context, _ observe.Decision) { call(ctx) },
		Stepped: func(ctx context.Context, _ observe.Step) { call(ctx) },
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{on("m", "go"), on("n", "told")}}); err != nil {
		t.Fatal(err)
	}
	inside = false
	var traces []beckon.MessageTrace
	if _, err := engine.Track(beckon.WithTraces(t.Context(), &traces), beckon.Event{Name: "go", UserID: "u1"}); err != nil {
		t.Fatal(err)
	}
	if len(traces) != 1 || traces[0].Message != "m" || calls < 2 {
		t.Errorf("%d calls, traces %+v", calls, traces)
	}
}

// No observer is called while a call of the store is open, or under a lock: each may call
// the engine, about the same contact, and what is published.
func TestObserverMayCall(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]beckon.Option{"plain": nil, "outbox": {beckon.WithOutbox()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kept, clock := &closed{Store: memstore.New()}, &hand{}
			clock.set(noon)
			var engine *beckon.Engine
			var busy atomic.Bool
			told := 0
			call := func(ctx context.Context, who beckon.Identity) {
				if kept.inside.Load() != 0 {
					t.Error("an observer is called while the store's step is open")
				}
				if engine == nil || !busy.CompareAndSwap(false, true) {
					return
				}
				told++
				for _, err := range []error{
					engine.Pause(ctx, "2 audience"), engine.Resume(ctx, "2 audience"), engine.Refresh(ctx), engine.Archive(ctx, "old"),
					second(engine.Track(ctx, beckon.Event{Name: "seen", UserID: who.UserID})), second(engine.Track(ctx, beckon.Event{Name: "seen", UserID: "u1"})),
				} {
					if err != nil {
						t.Error(err)
					}
				}
				busy.Store(false)
			}
			e, err := beckon.New(kept, append(opts, beckon.WithClock(clock.now), beckon.WithObserver(observe.Observer{
				Decided: func(ctx context.Context, d observe.Decision) { call(ctx, d.Contact) },
				Counted: func(ctx context.Context, c observe.Count) { call(ctx, user("u2")) },
				Stepped: func(ctx context.Context, s observe.Step) { call(ctx, user("u3")) },
			}))...)
			if err != nil {
				t.Fatal(err)
			}
			engine = e
			ctx := t.Context()
			if err := e.Publish(ctx, watchedProgram()); err != nil {
				t.Fatal(err)
			}
			for i := range 6 {
				id := fmt.Sprintf("u%d", i)
				for _, err := range []error{
					second(e.Track(ctx, beckon.Event{Name: "go", UserID: id})),
					second(e.Update(ctx, beckon.Contact{UserID: id, Attributes: beckon.Attributes{"plan": beckon.String("free")}, Companies: []beckon.Membership{{CompanyID: "c", Name: "C"}}})),
				} {
					if err != nil {
						t.Fatal(err)
					}
				}
			}
			clock.add(2 * time.Hour)
			sent := 0
			for _, run := range []func(func(beckon.Delivery, error) bool){e.Sweep(ctx), e.Due(ctx), e.Pending(ctx)} {
				for d, err := range run {
					if err != nil {
						t.Fatal(err)
					}
					if sent++; sent%3 == 0 {
						break
					}
					if name == "outbox" && d.Attempt > 1 {
						if err := e.Acknowledge(ctx, d); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			if told == 0 || sent == 0 {
				t.Errorf("told %d, sent %d", told, sent)
			}
		})
	}
}

// What an observer does when it is told of the step of a run finds what is decided ahead:
// it is taken back, and decided or leased anew.
func TestObserverMayActOnRuns(t *testing.T) {
	t.Parallel()
	const contacts = 20
	for _, c := range []struct {
		name, call string
		act        func(ctx context.Context, e *beckon.Engine, who string) error
		run        func(*beckon.Engine) func(func(beckon.Delivery, error) bool)
	}{
		{"a sweep, and they do not match any more", "sweep", func(ctx context.Context, e *beckon.Engine, who string) error {
			return second(e.Update(ctx, beckon.Contact{UserID: who, Attributes: beckon.Attributes{"plan": beckon.String("free")}}))
		}, func(e *beckon.Engine) func(func(beckon.Delivery, error) bool) { return e.Sweep(t.Context()) }},
		{"a worker, and they have unsubscribed", "delivery", func(ctx context.Context, e *beckon.Engine, who string) error {
			return e.Unsubscribe(ctx, user(who), "email")
		}, func(e *beckon.Engine) func(func(beckon.Delivery, error) bool) { return e.Pending(t.Context()) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var engine *beckon.Engine
			steps, begun := 0, false
			engine, _, clock := aheadWorld(t, contacts, beckon.WithOutbox(), beckon.WithObserver(observe.Observer{
				Stepped: func(ctx context.Context, s observe.Step) {
					if !begun || s.Call != c.call || s.Records < 2 {
						return
					}
					begun = false
					for i := range contacts {
						if err := c.act(ctx, engine, fmt.Sprintf("u%03d", i)); err != nil {
							t.Error(err)
						}
					}
					steps++
				},
			}))
			if c.call == "delivery" {
				if err := last(engine.Sweep(t.Context())); err != nil {
					t.Fatal(err)
				}
				clock.add(time.Hour)
			}
			begun = true
			got := 0
			for _, err := range c.run(engine) {
				if err != nil {
					t.Fatal(err)
				}
				got++
			}
			if steps != 1 || got != 1 { // the first batch is of one contact
				t.Errorf("%d deliveries, and %d steps told", got, steps)
			}
		})
	}
}

// Nobody waits for what an observer is told of: deliveries that are being taken back are of
// contacts that it may ask about.
func TestObserverOfWhatIsGivenBack(t *testing.T) {
	t.Parallel()
	var engine *beckon.Engine
	asked, begun := 0, false
	engine, _, _ = aheadWorld(t, 20, beckon.WithObserver(observe.Observer{
		Stepped: func(ctx context.Context, s observe.Step) {
			if !begun || s.Call != "delivery" {
				return
			}
			begun = false
			for i := range 20 {
				if err := second(engine.Track(ctx, beckon.Event{Name: "seen", UserID: fmt.Sprintf("u%03d", i)})); err != nil {
					t.Error(err)
				}
				asked++
			}
		},
	}))
	got := 0
	for _, err := range engine.Sweep(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if got++; got == 4 { // the first of a batch of four
			begun = true
			break
		}
	}
	if asked != 20 {
		t.Errorf("asked about %d", asked)
	}
}

// Of a view steps are told, and no decisions: the host's transaction may be rolled back.
func TestObserverOfViews(t *testing.T) {
	t.Parallel()
	clock, kept := &hand{}, memstore.New()
	engine, w := watchedEngine(t, kept, clock)
	w.steps = nil
	view := engine.Using(kept)
	if res, err := view.Track(t.Context(), beckon.Event{Name: "go", UserID: "u"}); err != nil || len(res.Deliveries) != 1 {
		t.Fatal(res, err)
	}
	if err := last(view.Sweep(t.Context())); err != nil {
		t.Fatal(err)
	}
	if len(w.steps) == 0 || len(w.decisions) > 0 || len(w.counts) > 0 {
		t.Errorf("told of %d steps, %+v, %+v", len(w.steps), w.decisions, w.counts)
	}
}
