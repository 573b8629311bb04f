package beckon_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// E1, D12: how addresses are compared belongs to the store. The first engine says
// so for all others, and one that was told otherwise is refused, whatever it is
// called for.
func TestExactEmailBelongsToTheStore(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	open := func(store beckon.Store, exact bool) *beckon.Engine {
		var opts []beckon.Option
		if exact {
			opts = append(opts, beckon.WithExactEmail())
		}
		engine, err := beckon.New(store, opts...)
		if err != nil {
			t.Fatal(err)
		}
		return engine
	}
	who := beckon.Identity{Email: "Ada@x.test"}
	calls := map[string]func(*beckon.Engine) error{
		"Publish": func(e *beckon.Engine) error { return e.Publish(ctx, beckon.Program{}) },
		"Refresh": func(e *beckon.Engine) error { return e.Refresh(ctx) },
		"Track":   func(e *beckon.Engine) error { return second(e.Track(ctx, beckon.Event{Name: "e", UserID: "u"})) },
		"Update":  func(e *beckon.Engine) error { return second(e.Update(ctx, beckon.Contact{Email: who.Email})) },
		"Merge": func(e *beckon.Engine) error {
			return second(e.Merge(ctx, who, beckon.Identity{UserID: "u"}))
		},
		"Export": func(e *beckon.Engine) error {
			_, _, err := e.Export(ctx, who)
			return err
		},
		"Delete":      func(e *beckon.Engine) error { return e.Delete(ctx, who) },
		"Unsubscribe": func(e *beckon.Engine) error { return e.Unsubscribe(ctx, who, "email") },
	}
	for _, exact := range []bool{true, false} {
		for _, by := range []string{"Publish", "Refresh", "Track", "Update", "Unsubscribe"} {
			store := memstore.New()
			if err := calls[by](open(store, exact)); err != nil {
				t.Fatalf("%s: %v", by, err)
			}
			for name, do := range calls {
				before := store.Snapshot()
				if err := do(open(store, !exact)); !errors.Is(err, beckon.ErrOptionConflict) {
					t.Errorf("%s after %s, exactly %v: got %v", name, by, exact, err)
				}
				if string(store.Snapshot()) != string(before) {
					t.Errorf("%s after %s, exactly %v: the store has changed", name, by, exact)
				}
			}
			for name, do := range calls {
				if err := do(open(store, exact)); err != nil {
					t.Errorf("%s after %s, exactly %v: %v", name, by, exact, err)
				}
			}
		}
	}
}

// Two engines that say different things at once do not both say them.
func TestExactEmailIsSaidOnce(t *testing.T) {
	t.Parallel()
	for range 50 {
		store := memstore.New()
		said := make(chan error, 2)
		for _, opts := range [][]beckon.Option{nil, {beckon.WithExactEmail()}} {
			engine, err := beckon.New(store, opts...)
			if err != nil {
				t.Fatal(err)
			}
			go func() { said <- engine.Publish(context.Background(), beckon.Program{}) }()
		}
		if a, b := <-said, <-said; (a == nil) == (b == nil) || !errors.Is(errors.Join(a, b), beckon.ErrOptionConflict) {
			t.Fatalf("%v, %v", a, b)
		}
	}
}

// D12: whether there is an outbox is the store's: a process that was not told of
// it uses it, whatever it does first.
func TestOutboxOfTheStore(t *testing.T) {
	ctx := context.Background()
	text := beckon.Content{Body: "x"}
	live := func(id string, ch beckon.Channel, mode beckon.Mode) beckon.Message {
		return beckon.Message{ID: id, Channel: ch, Mode: mode, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Content: text}
	}
	program := often()
	program.Messages = append(program.Messages, live("v", beckon.Chat, beckon.Ongoing), live("s", beckon.Email, beckon.Ongoing), live("o", beckon.Email, beckon.OneOff))
	for name, do := range map[string]func(w *outboxWorld) int{
		"Track": func(w *outboxWorld) int { return len(w.track(beckon.Event{Name: "e", UserID: "u"}).Deliveries) },
		"Visit": func(w *outboxWorld) int {
			res, err := w.Visit(ctx, beckon.Visit{UserID: "u"})
			w.must(err)
			return len(res.Deliveries)
		},
		"Check": func(w *outboxWorld) int {
			res, err := w.Check(ctx, user("u"))
			w.must(err)
			return len(res.Deliveries)
		},
		"Sweep": func(w *outboxWorld) int { return w.drain(w.Sweep(ctx)) },
		"Send":  func(w *outboxWorld) int { return w.drain(w.Send(ctx, "o", beckon.Only(user("u")))) },
	} {
		for _, late := range []bool{false, true} {
			f := newFleet(t)
			var w *outboxWorld
			if late { // it was there before the outbox was
				w = f.process(&program)
			}
			told := f.process(&program, beckon.WithOutbox())
			if _, err := told.Update(ctx, beckon.Contact{UserID: "u"}); err != nil {
				t.Fatal(err)
			}
			if late {
				w.must(w.Refresh(ctx))
			} else {
				w = f.process(&program)
			}
			n := do(w)
			if ids := told.pending(); n == 0 || len(ids) != n {
				t.Errorf("%s (there before: %v): %d deliveries, %d pending", name, late, n, len(ids))
			}
		}
	}
	// One that was there before learns of it by its next run, and one that has
	// published nothing by a repeat.
	f := newFleet(t)
	old := f.process(&program)
	before := f.process(&program, beckon.WithOutbox()).track(beckon.Event{Name: "e", UserID: "u", EventID: "1"})
	if n := old.drain(old.Sweep(ctx)); n != 1 || len(old.pending()) != 2 {
		t.Errorf("%d swept, %d pending", n, len(old.pending()))
	}
	if res := f.process(nil).track(beckon.Event{Name: "e", UserID: "u", EventID: "1"}); len(res.Deliveries) != 1 || res.Deliveries[0].ID != before.Deliveries[0].ID {
		t.Errorf("the repeat: %+v", res)
	}
	// One that was told so and has published nothing, and a view of it.
	f = newFleet(t)
	told := f.process(nil, beckon.WithOutbox())
	if _, err := told.Using(f.store).Track(ctx, beckon.Event{Name: "e", UserID: "u"}); err != nil {
		t.Fatal(err)
	}
	told.track(beckon.Event{Name: "e", UserID: "u"})
	w := f.process(&program)
	w.one("u")
	if ids := w.pending(); len(ids) != 1 {
		t.Errorf("pending: %v", ids)
	}
}

// The store is asked for its settings once, not at every call.
func TestSettingsAreReadOnce(t *testing.T) {
	f := newFleet(t)
	w := f.process(nil)
	w.track(beckon.Event{Name: "e", UserID: "u"})
	f.store.reads.Store(0)
	for range 10 {
		w.track(beckon.Event{Name: "e", UserID: "u"})
	}
	if n := f.store.reads.Load(); n != 0 {
		t.Errorf("%d reads by 10 events", n)
	}
}

// A store that fails when its settings are to be read decides nothing.
func TestSettingsFail(t *testing.T) {
	ctx := context.Background()
	store := newFaultStore()
	engine, err := beckon.New(store)
	if err != nil {
		t.Fatal(err)
	}
	store.arm(1, failBefore)
	_, err = engine.Track(ctx, beckon.Event{Name: "e", UserID: "u"})
	var storeErr *beckon.StoreError
	if !errors.As(err, &storeErr) || store.Store.Len() != 0 {
		t.Errorf("%v, and %d records", err, store.Store.Len())
	}
}
