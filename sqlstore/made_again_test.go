package sqlstore_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// F3: a record that is removed and made again while somebody decides on the one that was is
// another, however often each was changed: what was decided is decided again.
func TestMadeAgainMeanwhile(t *testing.T) {
	url := postgresURL(t)
	one, two := openPostgres(t, url), openPostgres(t, url)
	for name, change := range map[string]func(*store.Changes, int64){
		"an event":        func(c *store.Changes, at int64) { c.LastSeen = at },
		"a whole profile": func(c *store.Changes, at int64) { c.LastSeen, c.Profile = at, &store.Profile{Created: 1} },
		"what is pending": func(c *store.Changes, at int64) {
			c.LastSeen, c.Pending = at, append(c.Pending, store.Pending{Until: 5, Delivery: beckon.Delivery{ID: "a", Channel: beckon.Email}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			step := func(s *sqlstore.Store, fn func(*store.Record, *store.Changes)) {
				t.Helper()
				steps := []store.Step{{Key: user("again"), Decider: decide(func(r *store.Record, c *store.Changes) error { fn(r, c); return nil })}}
				if err := errors.Join(s.Step(t.Context(), steps), steps[0].Err); err != nil {
					t.Fatal(err)
				}
			}
			made := func(s *sqlstore.Store, at int64) {
				step(s, func(_ *store.Record, c *store.Changes) { c.LastSeen, c.Profile = at, &store.Profile{Created: at} })
			}
			made(one, 10)
			var saw []int64
			step(one, func(r *store.Record, c *store.Changes) {
				if saw = append(saw, r.LastSeen); len(saw) == 1 {
					step(two, func(_ *store.Record, c *store.Changes) { c.Delete = true })
					made(two, 20)
				}
				change(c, r.LastSeen+1)
			})
			if !slices.Equal(saw, []int64{10, 20}) {
				t.Errorf("decided on %v, want what was, and then what is", saw)
			}
			step(two, func(_ *store.Record, c *store.Changes) { c.Delete = true })
		})
	}
}
