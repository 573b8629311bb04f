package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// streamedStore has contacts of several kinds, more than are handed over at once, and
// n companies.
func streamedStore(t *testing.T, contacts, companies int) *Store {
	t.Helper()
	s, err := OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	var steps []store.Step
	add := func(key store.Key, name string) {
		steps = append(steps, store.Step{Key: key, Decider: decide(func(_ *store.Record, c *store.Changes) error {
			c.Touch, c.Profile = true, &store.Profile{Attributes: []store.Attribute{store.NewAttribute("name", beckon.String(name))}}
			return nil
		})})
	}
	for i := range contacts {
		add(store.Key{Kind: store.KindUser + store.Kind(i%3), ID: fmt.Sprintf("%06d", (i*7919)%contacts)}, fmt.Sprintf("a name of some length, which takes room: %090d", i))
	}
	for i := range companies {
		add(store.Key{Kind: store.KindCompany, ID: fmt.Sprint(i)}, "company")
	}
	if err := s.Step(t.Context(), steps); err != nil {
		t.Fatal(err)
	}
	return s
}

type decide func(*store.Record, *store.Changes) error

func (d decide) Decide(r *store.Record, c *store.Changes) error { return d(r, c) }

// A walk shows each record once, by pages where the kinds are few of the table's rows.
func TestWalkInTableOrder(t *testing.T) {
	const contacts = 2500 // more than two chunks
	s := streamedStore(t, contacts, 30)
	lite := s.db.(*lite)
	for _, c := range []struct {
		kinds []store.Kind
		want  int
		most  bool
	}{
		{[]store.Kind{store.KindUser, store.KindContact, store.KindEmail}, contacts, true},
		{[]store.Kind{store.KindUser}, (contacts + 2) / 3, true},
		{[]store.Kind{store.KindCompany}, 30, false},
		{[]store.Kind{store.KindThrottle}, 0, false},
	} {
		if most, err := lite.most(t.Context(), c.kinds); err != nil || most != c.most {
			t.Errorf("%v are most rows: %v, want %v; %v", c.kinds, most, c.most, err)
		}
		seen := map[store.Key]int{}
		inOrder, last := true, ""
		if err := s.Walk(t.Context(), store.Query{Kinds: c.kinds}, func(r *store.Record) error {
			seen[r.Key]++
			inOrder, last = inOrder && r.Key.ID > last, r.Key.ID
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for key, n := range seen {
			if n != 1 {
				t.Errorf("%v is shown %d times", key, n)
			}
		}
		if len(seen) != c.want || c.most == inOrder && c.want > 0 {
			t.Errorf("%v: %d are shown, want %d; in the order of keys: %v", c.kinds, len(seen), c.want, inOrder)
		}
	}
}

// However a walk ends, it ends with its goroutine, and another one goes well.
func TestWalkEnds(t *testing.T) {
	s := streamedStore(t, 2500, 0)
	q := store.Query{Kinds: []store.Kind{store.KindUser, store.KindContact, store.KindEmail}}
	stopped := errors.New("stopped")
	for _, after := range []int{1, 900, 2500} {
		n := 0
		if err := s.Walk(t.Context(), q, func(*store.Record) error {
			if n++; n == after {
				return stopped
			}
			return nil
		}); err != stopped || n != after { //nolint:errorlint // it itself
			t.Errorf("stopped after %d records: %v, after %d", after, err, n)
		}
		n = 0
		ctx, cancel := context.WithCancel(t.Context())
		err := s.Walk(ctx, q, func(*store.Record) error {
			if n++; n == after {
				cancel()
			}
			return nil
		})
		cancel()
		if after < 900 && !errors.Is(err, context.Canceled) || err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("ended after %d records: %v, after %d", after, err, n)
		}
		n = 0
		func() {
			defer func() {
				if v := recover(); v != "panic" {
					t.Errorf("%v was recovered", v)
				}
			}()
			_ = s.Walk(t.Context(), q, func(*store.Record) error {
				if n++; n == after {
					panic("panic")
				}
				return nil
			})
		}()
	}
	n := 0
	if err := s.Walk(t.Context(), q, func(*store.Record) error { n++; return nil }); err != nil || n != 2500 {
		t.Errorf("%d records, %v", n, err)
	}
	if open := s.db.(*lite).reading.Stats().InUse; open != 0 {
		t.Errorf("%d connections are in use", open)
	}
}

// A walk that is under way sees nothing that is written meanwhile, and keeps nobody from
// writing.
func TestWalkIsASnapshot(t *testing.T) {
	s := streamedStore(t, 2500, 0)
	n := 0
	if err := s.Walk(t.Context(), store.Query{Kinds: []store.Kind{store.KindUser, store.KindContact, store.KindEmail}}, func(*store.Record) error {
		if n++; n == 1 {
			return s.Step(t.Context(), []store.Step{{Key: store.Key{Kind: store.KindUser, ID: "new"}, Decider: decide(func(_ *store.Record, c *store.Changes) error {
				c.Touch = true
				return nil
			})}})
		}
		return nil
	}); err != nil || n != 2500 {
		t.Errorf("%d records, %v", n, err)
	}
}
