package beckon_test

import (
	"context"
	"errors"
	"testing"

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
