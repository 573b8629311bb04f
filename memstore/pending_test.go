package memstore_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// lease makes a record whose delivery is leased until an instant.
func lease(t *testing.T, s *memstore.Store, id string, until int64) {
	t.Helper()
	if err := try(t, s, user(id), func(c *store.Changes) {
		c.Pending = append(c.Pending, store.Pending{Until: until, Delivery: beckon.Delivery{ID: id, Message: "m"}})
	}); err != nil {
		t.Fatal(err)
	}
}

// A scan ends with the last record that it is about: a worker does not go
// through all that others have leased.
func TestScanEndsWithTheBound(t *testing.T) {
	s := memstore.New()
	for i := range 100 {
		id := fmt.Sprint(i)
		lease(t, s, id, int64(i+1))
		if err := try(t, s, user("h"+id), func(c *store.Changes) {
			c.Profile = &store.Profile{Holds: []store.Hold{{Message: "m", Due: int64(i + 1)}}}
		}); err != nil {
			t.Fatal(err)
		}
	}
	for name, q := range map[string]store.Query{"pending": {Pending: 3}, "due": {Due: 3}} {
		n := 0
		next, err := s.Scan(t.Context(), q, "", 3, func(*store.Record) error { n++; return nil })
		if err != nil || n != 3 || next != "" {
			t.Errorf("%s: %d records, the next page at %q, %v; want 3 and none", name, n, next, err)
		}
	}
}

// A meddling context has something done each time that it is asked.
type meddling struct {
	context.Context
	asked int
	do    func(asked int)
}

func (m *meddling) Err() error {
	m.asked++
	m.do(m.asked)
	return nil
}

// A record that a page would have, and that is leased before the scan comes to
// it, is left out.
func TestScanLeavesOutWhatWasLeased(t *testing.T) {
	for k := 1; ; k++ {
		s := memstore.New()
		for _, id := range []string{"a", "b", "c"} {
			lease(t, s, id, 5)
		}
		leased := false
		ctx := &meddling{Context: t.Context()}
		ctx.do = func(asked int) {
			if asked == k {
				leased = true
				lease(t, s, "b", 500)
			}
		}
		var seen []string
		if _, err := s.Scan(ctx, store.Query{Pending: 10}, "", 10, func(r *store.Record) error {
			if until := r.Pending.Find(r.Key.ID).Until; until > 10 {
				t.Errorf("leased at %d: %s is shown, which is leased until %d", k, r.Key.ID, until)
			}
			seen = append(seen, r.Key.ID)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if !leased {
			if k < 4 || !slices.Equal(seen, []string{"a", "b", "c"}) {
				t.Errorf("the context was asked %d times, seen %q", k-1, seen)
			}
			return
		}
	}
}
