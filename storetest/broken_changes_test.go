package storetest

import (
	"context"
	"slices"

	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// Stores that forget a part of the changes, or carry it out wrongly.
func brokenChanges() []broken {
	drop := func(name, by string, change func(r *store.Record, c *store.Changes)) broken {
		return broken{name: name, by: by, decide: changing(change)}
	}
	return []broken{
		drop("forgets LastSeen", "step/changes are seen afterwards", func(_ *store.Record, c *store.Changes) { c.LastSeen = 0 }),
		drop("forgets EventSeq", "changes/all sections", func(_ *store.Record, c *store.Changes) { c.EventSeq = 0 }),
		drop("forgets statistics", "changes/all sections", func(_ *store.Record, c *store.Changes) { c.Stats = nil }),
		drop("forgets sends", "race/one cap", func(_ *store.Record, c *store.Changes) { c.SendStats = nil }),
		drop("forgets the send log", "changes/all sections", func(_ *store.Record, c *store.Changes) { c.SendLog = nil }),
		drop("forgets what leaves the log", "changes/as Apply does", func(_ *store.Record, c *store.Changes) { c.SendLogDrop = nil }),
		drop("forgets counters", "changes/all sections", func(_ *store.Record, c *store.Changes) { c.Counters = nil }),
		drop("forgets permits", "changes/all sections", func(_ *store.Record, c *store.Changes) { c.Permits = nil }),
		drop("forgets the permits of a throttle key", "changes/as Apply does", func(r *store.Record, c *store.Changes) {
			if r.Key.Kind == store.KindThrottle {
				c.Permits = nil
			}
		}),
		drop("keeps the permits as counters", "changes/all sections", func(_ *store.Record, c *store.Changes) {
			for _, p := range c.Permits {
				c.Counters = append(c.Counters, store.Counter{Def: p.Throttler, Count: p.Count, Last: p.Last})
			}
			c.Permits = nil
		}),
		drop("forgets repeats", "changes/all sections", func(_ *store.Record, c *store.Changes) { c.Dedup = nil }),
		drop("never lets repeats go", "changes/as Apply does", func(_ *store.Record, c *store.Changes) { c.DedupDrop = 0 }),
		drop("forgets what is pending", "changes/all sections", func(_ *store.Record, c *store.Changes) { c.Pending = nil }),
		drop("forgets what is pending no more", "index/pending and moving", func(_ *store.Record, c *store.Changes) { c.PendingDrop = nil }),
		drop("acknowledges nothing", "changes/as Apply does", func(_ *store.Record, c *store.Changes) { c.PendingDrop = nil }),
		drop("acknowledges what comes with it", "changes/as Apply does", func(_ *store.Record, c *store.Changes) {
			c.Pending = slices.DeleteFunc(c.Pending, func(p store.Pending) bool { return slices.Contains(c.PendingDrop, p.Delivery.ID) })
		}),
		drop("puts what is leased again at the end", "changes/as Apply does", func(_ *store.Record, c *store.Changes) {
			for i := range c.Pending {
				c.PendingDrop = append(c.PendingDrop, c.Pending[i].Delivery.ID)
			}
		}),
		drop("has 100 pending at most", "changes/many rows", func(r *store.Record, c *store.Changes) {
			if r.Pending.Len() >= 100 {
				c.Pending = nil
			}
		}),
		drop("forgets the profile", "changes/all sections", func(_ *store.Record, c *store.Changes) { c.Profile = nil }),
		drop("forgets Touch", "step/touch", func(_ *store.Record, c *store.Changes) { c.Touch = false }),
		drop("forgets Delete", "delete/nothing stays", func(_ *store.Record, c *store.Changes) { c.Delete = false }),
		drop("forgets Clear", "changes/clear", func(_ *store.Record, c *store.Changes) { c.Clear = false }),
		drop("clears only in a step that does nothing else", "changes/as Apply does", func(_ *store.Record, c *store.Changes) {
			if len(c.Stats) > 0 {
				c.Clear = false
			}
		}),
		drop("forgets SortSendLog", "changes/as Apply does", func(_ *store.Record, c *store.Changes) { c.SortSendLog = false }),
		drop("forgets totals", "totals/sums", func(_ *store.Record, c *store.Changes) { c.Totals = nil }),
		drop("counts totals twice", "totals/sums", func(_ *store.Record, c *store.Changes) { c.Totals = append(c.Totals, c.Totals...) }),
		drop("counts in 32 bits", "changes/extreme numbers", func(_ *store.Record, c *store.Changes) {
			for i := range c.Stats {
				c.Stats[i].Count = uint64(uint32(c.Stats[i].Count))
			}
		}),
		drop("has 100 rows at most", "changes/many rows", func(r *store.Record, c *store.Changes) {
			if len(r.Stats) >= 100 {
				c.Stats = nil
			}
		}),
		drop("merges profiles", "changes/as Apply does", func(r *store.Record, c *store.Changes) {
			if c.Profile != nil && r.Profile != nil {
				p := *c.Profile
				p.Companies = append(slices.Clone(r.Profile.Companies), p.Companies...)
				c.Profile = &p
			}
		}),
		sharing(),
		sharingPermits(),
		sharingFields(),
	}
}

// sharing is a store that keeps the slice of times it was given.
func sharing() broken {
	given := make(map[store.Key][]int64)
	return broken{
		name: "keeps the caller's memory", by: "changes/memory is not shared",
		decide: changing(func(r *store.Record, c *store.Changes) {
			for _, k := range c.Counters {
				given[r.Key] = k.Times
			}
		}),
		read: func(s *memstore.Store, ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
			return s.Read(ctx, keys, func(r *store.Record) error {
				c := clone(r)
				for i := range c.Counters {
					c.Counters[i].Times = given[r.Key]
				}
				return fn(c)
			})
		},
	}
}

// sharingFields is one that keeps the metadata of events.
func sharingFields() broken {
	given := make(map[store.Key]value.Fields)
	return broken{
		name: "keeps the caller's metadata", by: "changes/memory is not shared",
		decide: changing(func(r *store.Record, c *store.Changes) {
			for i := range c.Events {
				given[r.Key] = c.Events[i].Metadata
			}
		}),
		events: func(s *memstore.Store, ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
			list, err := s.Events(ctx, key, before, limit)
			for i := range list {
				list[i].Metadata = given[key]
			}
			return list, err
		},
	}
}

// sharingPermits is one that keeps the slice of permits.
func sharingPermits() broken {
	given := make(map[store.Key][]store.Permit)
	return broken{
		name: "keeps the caller's permits", by: "changes/memory is not shared",
		decide: changing(func(r *store.Record, c *store.Changes) {
			for _, p := range c.Permits {
				given[r.Key] = p.Newest
			}
		}),
		read: func(s *memstore.Store, ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
			return s.Read(ctx, keys, func(r *store.Record) error {
				c := clone(r)
				for i := range c.Permits {
					c.Permits[i].Newest = given[r.Key]
				}
				return fn(c)
			})
		},
	}
}
