package beckon_test

import (
	"context"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// A writeStore counts the steps that change something.
type writeStore struct {
	*memstore.Store
	written map[store.Key]int
}

func (w *writeStore) Step(ctx context.Context, steps []store.Step) error {
	for i := range steps {
		key, d := steps[i].Key, steps[i].Decider
		steps[i].Decider = decider(func(rec *store.Record, c *store.Changes) error {
			err := d.Decide(rec, c)
			if err == nil && !c.IsEmpty() {
				w.written[key]++
			}
			return err
		})
	}
	return w.Store.Step(ctx, steps)
}

// The data of a company that is known already is not written again. What is written in
// another way is.
func TestCompanyWrittenOnce(t *testing.T) {
	kept := &writeStore{memstore.New(), map[store.Key]int{}}
	e, err := beckon.New(kept)
	if err != nil {
		t.Fatal(err)
	}
	acme := store.Key{Kind: store.KindCompany, ID: "acme"}
	for i, c := range []struct {
		name  string
		seats beckon.Value
		want  int
	}{
		{"Acme", beckon.Value{}, 1},
		{"Acme", beckon.Value{}, 1},
		{"", beckon.Value{}, 1},
		{"Acme", beckon.Number(5), 2},
		{"Acme", beckon.Number(5), 2},
		{"Acme", beckon.NumberLiteral("5.0"), 3},
		{"Acme", beckon.String("5.0"), 4},
		{"Acme", beckon.String("5.0"), 4},
		{"", beckon.Value{}, 5},
		{"Other", beckon.Value{}, 6},
	} {
		if _, err := e.Update(t.Context(), beckon.Contact{UserID: "u", Companies: []beckon.Membership{{CompanyID: "acme", Name: c.name, Attributes: beckon.Attributes{"seats": c.seats}}}}); err != nil {
			t.Fatal(err)
		}
		if got := kept.written[acme]; got != c.want {
			t.Errorf("%d: written %d times, want %d", i, got, c.want)
		}
	}
}
