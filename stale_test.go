package beckon_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// A staleStore has the first decision about a record made on one that is there no more, as a
// store may that has kept it.
type staleStore struct {
	*memstore.Store
	was *store.Record
}

func (s *staleStore) Step(ctx context.Context, steps []store.Step) error {
	again := slices.Clone(steps)
	for i := range again {
		own := steps[i].Decider
		if s.was == nil || steps[i].Key != s.was.Key {
			continue
		}
		was := *s.was
		again[i].Decider = decider(func(rec *store.Record, c *store.Changes) error {
			_ = own.Decide(&was, new(store.Changes))
			return own.Decide(rec, c)
		})
	}
	err := s.Store.Step(ctx, again)
	for i := range steps {
		steps[i].Err = again[i].Err
	}
	return err
}

// What a call learns from a decision that was made again is forgotten: whether a contact is
// known, and which names are archived.
func TestDecidedOnWhatIsThereNoMore(t *testing.T) {
	t.Parallel()
	kept := &staleStore{Store: memstore.New()}
	engine, err := beckon.New(kept, beckon.WithOutbox())
	if err != nil {
		t.Fatal(err)
	}
	const shared = "a@b.example"
	for i := range 1001 { // more than are looked through
		if _, err := engine.Update(t.Context(), beckon.Contact{UserID: "u" + strconv.Itoa(i), Email: shared}); err != nil {
			t.Fatal(err)
		}
	}
	kept.was = &store.Record{Key: store.Key{Kind: store.KindEmail, ID: shared}, Exists: true, Profile: &store.Profile{Created: 1}}
	err = engine.Release(t.Context(), beckon.Delivery{ID: "d", Contact: beckon.Identity{Email: shared}})
	if !errors.Is(err, beckon.ErrContactAmbiguous) {
		t.Errorf("one that is gone, by the address of many: %v", err)
	}

	if err := second(engine.Track(t.Context(), beckon.Event{Name: "looked", UserID: "u1"})); err != nil {
		t.Fatal(err)
	}
	if err := engine.Archive(t.Context(), "looked"); err != nil {
		t.Fatal(err)
	}
	list := store.Key{Kind: store.KindStore, ID: "archived"}
	steps := []store.Step{{Key: list, Decider: decider(func(_ *store.Record, c *store.Changes) error { c.Delete = true; return nil })}}
	if err := errors.Join(kept.Step(t.Context(), steps), steps[0].Err); err != nil {
		t.Fatal(err)
	}
	kept.was = &store.Record{Key: list, Exists: true, Profile: &store.Profile{Created: 1}}
	other, err := beckon.New(kept, beckon.WithOutbox())
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Publish(t.Context(), beckon.Program{}); err != nil {
		t.Fatal(err)
	}
	res, err := other.Track(t.Context(), beckon.Event{Name: "looked", UserID: "u1"})
	if err != nil || len(res.Warnings) != 1 || res.Warnings[0].Code != beckon.WarnEventArchived {
		t.Errorf("a name that was archived: %+v, %v", res.Warnings, err)
	}
}
