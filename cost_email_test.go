package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// sharing returns a store of n users that go by one address, and an engine over it.
func sharing(tb testing.TB, n int) (*beckon.Engine, *pagesStore) {
	tb.Helper()
	store := &pagesStore{Store: memstore.New()}
	engine, err := beckon.New(store)
	for i := 0; i < n && err == nil; i++ {
		_, err = engine.Update(context.Background(), beckon.Contact{UserID: fmt.Sprint("u", i), Email: "a@b.example"})
	}
	if err != nil {
		tb.Fatal(err)
	}
	return engine, store
}

// A pagesStore counts the records that scans by an address come upon.
type pagesStore struct {
	beckon.Store
	seen int
}

func (s *pagesStore) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	return s.Store.Scan(ctx, q, after, limit, func(rec *store.Record) error {
		if q.Email != "" {
			s.seen++
		}
		return fn(rec)
	})
}

// E1: that several go by an address is known when two are.
func TestAmbiguousIsSoonKnown(t *testing.T) {
	engine, store := sharing(t, 500)
	for name, do := range map[string]func() error{
		"Track": func() error { return second(engine.Track(t.Context(), beckon.Event{Name: "e", Email: "A@b.example"})) },
		"Visit": func() error { return second(engine.Visit(t.Context(), beckon.Visit{Email: "A@b.example"})) },
		"Matches": func() error {
			return second(engine.Matches(t.Context(), beckon.All(), beckon.Identity{Email: "A@b.example"}))
		},
	} {
		store.seen = 0
		if err := do(); !errors.Is(err, beckon.ErrContactAmbiguous) {
			t.Errorf("%s: got %v", name, err)
		}
		if store.seen > 10 {
			t.Errorf("%s: %d contacts were looked at", name, store.seen)
		}
	}
}

// E1: contacts that lead to one are one, however many they are, and the one that
// is not among them is found behind them.
func TestMergedAreOneContact(t *testing.T) {
	kept := memstore.New()
	to := store.Key{Kind: store.KindUser, ID: "z"}
	for i := range 300 { // merges that are not finished: their addresses are still in the index
		put(t, kept, store.Key{Kind: store.KindContact, ID: fmt.Sprintf("l%03d", i)}, store.Profile{Created: 1, Moving: to, Generation: uint64(i) + 1, Attributes: address("a@b.example")})
	}
	put(t, kept, to, store.Profile{Created: 1, Attributes: address("a@b.example")})
	engine, err := beckon.New(kept)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Track(t.Context(), beckon.Event{Name: "e", Email: "a@b.example"}); err != nil {
		t.Fatal(err)
	}
	if _, known, err := engine.Export(t.Context(), beckon.Identity{UserID: "z"}); !known || err != nil {
		t.Errorf("%v, %v", known, err)
	}
	put(t, kept, store.Key{Kind: store.KindAnonymous, ID: "v"}, store.Profile{Created: 1, Attributes: address("a@b.example")})
	if _, err := engine.Track(t.Context(), beckon.Event{Name: "e", Email: "a@b.example"}); !errors.Is(err, beckon.ErrContactAmbiguous) {
		t.Errorf("got %v", err)
	}
}

// Contacts of one address cost what they are where all of them count, and nothing
// where two do.
func TestCostOfSharedEmail(t *testing.T) {
	ctx := context.Background()
	for name, do := range map[string]func(*beckon.Engine) error{
		"track": func(e *beckon.Engine) error {
			return second(e.Track(ctx, beckon.Event{Name: "e", Email: "a@b.example"}))
		},
		"update": func(e *beckon.Engine) error { return second(e.Update(ctx, beckon.Contact{Email: "a@b.example"})) },
		"acknowledge": func(e *beckon.Engine) error {
			err := e.Acknowledge(ctx, beckon.Delivery{ID: "x", Contact: beckon.Identity{Email: "a@b.example"}})
			if err == nil {
				return beckon.ErrContactAmbiguous
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			growsInProportion(t, 1000, func(tb testing.TB, n int) func() {
				tb.Helper()
				engine, _ := sharing(tb, n)
				return func() {
					if err := do(engine); !errors.Is(err, beckon.ErrContactAmbiguous) {
						tb.Fatal(err)
					}
				}
			})
		})
	}
}
