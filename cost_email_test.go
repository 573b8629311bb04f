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

// toShared is what is done to a contact that is named by the address of [sharing].
func toShared(tb testing.TB, engine *beckon.Engine) map[string]func() error {
	tb.Helper()
	ctx, who := tb.Context(), beckon.Identity{Email: "A@b.example"}
	return map[string]func() error{
		"Update":       func() error { return second(engine.Update(ctx, beckon.Contact{Email: who.Email})) },
		"Unsubscribe":  func() error { return engine.Unsubscribe(ctx, who, "email") },
		"RecentEvents": func() error { return second(engine.RecentEvents(ctx, who, nil, 0)) },
		"Contact":      func() error { return second(engine.Contact(ctx, who)) },
		"Export":       func() error { _, _, err := engine.Export(ctx, who); return err },
		"Merge":        func() error { return second(engine.Merge(ctx, who, beckon.Identity{UserID: "into"})) },
		"Delete":       func() error { return engine.Delete(ctx, who) },
	}
}

// E1: where all that go by an address would count, so many are looked at as may
// share one, and no more.
func TestSharedAddressIsBounded(t *testing.T) {
	engine, store := sharing(t, 3*beckon.MaxSharing)
	calls := toShared(t, engine)
	calls["Acknowledge"] = func() error {
		return engine.Acknowledge(t.Context(), beckon.Delivery{ID: "x", Contact: beckon.Identity{Email: "A@b.example"}})
	}
	for name, do := range calls {
		store.seen = 0
		if err := do(); !errors.Is(err, beckon.ErrContactAmbiguous) {
			t.Errorf("%s: got %v", name, err)
		}
		if store.seen > beckon.MaxSharing {
			t.Errorf("%s: %d contacts were looked at", name, store.seen)
		}
	}
}

// E1: the contact that an address made is reached by it at once, however many go by
// that address as well.
func TestMadeByASharedAddress(t *testing.T) {
	engine, store := sharing(t, 0)
	if _, err := engine.Track(t.Context(), beckon.Event{Name: "e", Email: "a@b.example"}); err != nil {
		t.Fatal(err)
	}
	for i := range 3 * beckon.MaxSharing {
		if _, err := engine.Update(t.Context(), beckon.Contact{UserID: fmt.Sprint("u", i), Email: "a@b.example"}); err != nil {
			t.Fatal(err)
		}
	}
	calls := toShared(t, engine)
	for _, name := range []string{"Update", "Unsubscribe", "RecentEvents", "Contact", "Export", "Delete"} {
		store.seen = 0
		if err := calls[name](); err != nil {
			t.Errorf("%s: got %v", name, err)
		}
		if store.seen > 0 {
			t.Errorf("%s: %d contacts were looked at", name, store.seen)
		}
	}
	if err := calls["Export"](); !errors.Is(err, beckon.ErrContactAmbiguous) {
		t.Errorf("after it was deleted: got %v", err)
	}
}

// Z1, E1: a delivery says whose it is, and is found by that, however many go by the
// contact's address. What is repeated is no error.
func TestDeliveriesOfASharedAddress(t *testing.T) {
	shared := &pagesStore{Store: memstore.New()}
	engine, err := beckon.New(shared, beckon.WithOutbox())
	if err == nil {
		err = engine.Publish(t.Context(), beckon.Program{Messages: liveMessages(1)})
	}
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 * beckon.MaxSharing {
		if _, err := engine.Update(t.Context(), beckon.Contact{AnonymousID: fmt.Sprint("v", i), Attributes: beckon.Attributes{"email": beckon.String("a@b.example")}}); err != nil {
			t.Fatal(err)
		}
	}
	res, err := engine.Track(t.Context(), beckon.Event{Name: "go", AnonymousID: "v1500"})
	if err != nil || len(res.Deliveries) != 1 || res.Deliveries[0].Contact.Email == "" {
		t.Fatal(res.Deliveries, err)
	}
	shared.seen = 0
	if err := engine.Acknowledge(t.Context(), res.Deliveries[0]); err != nil {
		t.Error(err)
	}
	if shared.seen > 0 {
		t.Errorf("%d contacts were looked at", shared.seen)
	}
	for _, err := range engine.Outbox(t.Context()) {
		t.Errorf("one is pending, or %v", err)
	}
	if err := engine.Acknowledge(t.Context(), res.Deliveries[0]); err != nil {
		t.Errorf("again: %v", err)
	}
}

// E1: who sends one address in ever other letters makes no event cost more than a
// bound, where letters count.
func TestSpellingsAreBounded(t *testing.T) {
	if raceEnabled {
		t.Skip("one goroutine, for ten seconds")
	}
	spelled := &pagesStore{Store: memstore.New()}
	engine, err := beckon.New(spelled, beckon.WithExactEmail())
	if err != nil {
		t.Fatal(err)
	}
	most, refused := 0, 0
	for i := range 2 * beckon.MaxSharing {
		name := []byte("abcdefghijkl")
		for bit := range name {
			if i>>bit&1 != 0 {
				name[bit] -= 'a' - 'A'
			}
		}
		spelled.seen = 0
		switch _, err := engine.Track(t.Context(), beckon.Event{Name: "e", Email: string(name) + "@b.example"}); {
		case errors.Is(err, beckon.ErrContactAmbiguous):
			refused++
		case err != nil:
			t.Fatal(err)
		}
		most = max(most, spelled.seen)
	}
	if most > beckon.MaxSharing || refused != beckon.MaxSharing {
		t.Errorf("%d contacts were looked at, %d events were refused", most, refused)
	}
	if _, err := engine.Track(t.Context(), beckon.Event{Name: "e", Email: "Abcdefghijkl@b.example"}); err != nil {
		t.Errorf("one that was there before: %v", err)
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
