package storetest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// collect returns copies of all that q chooses.
func collect(s *memstore.Store, ctx context.Context, q store.Query) ([]*store.Record, error) {
	var all []*store.Record
	_, err := s.Scan(ctx, q, "", 1<<30, func(r *store.Record) error {
		all = append(all, clone(r))
		return nil
	})
	return all, err
}

// listing returns a scan that pages through a list by number, and so must not be
// right when the list changes meanwhile. list returns it, from the sound one.
func listing(list func(q store.Query, all []*store.Record) []*store.Record) func(*memstore.Store, context.Context, store.Query, store.Cursor, int, func(*store.Record) error) (store.Cursor, error) {
	return func(s *memstore.Store, ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
		if err := q.Validate(limit); err != nil {
			return "", err
		}
		all, err := collect(s, ctx, q)
		if err != nil {
			return "", err
		}
		all = list(q, all)
		at := 0
		if after != "" {
			if _, err := fmt.Sscan(string(after), &at); err != nil {
				return "", &beckon.Error{Code: store.ErrQueryInvalid}
			}
		}
		for n := 0; at < len(all); at, n = at+1, n+1 {
			if n == limit {
				return store.Cursor(fmt.Sprint(at)), nil
			}
			if err := fn(all[at]); err != nil {
				return "", err
			}
		}
		return "", nil
	}
}

// leaving returns a scan that leaves out what keep does not hold for, and counts
// it, if at all, whether it leads elsewhere or not.
func leaving(keep func(*store.Filter, *store.Record) bool, counts bool) func(*memstore.Store, context.Context, store.Query, store.Cursor, int, func(*store.Record) error) (store.Cursor, error) {
	return func(s *memstore.Store, ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
		return s.Scan(ctx, q, after, limit, func(r *store.Record) error {
			if q.Filter == nil || keep(q.Filter, r) {
				return fn(r)
			}
			if counts && q.LeftOut != nil {
				*q.LeftOut++
			}
			return nil
		})
	}
}

// keeping returns a scan that keeps to the filter that it began with.
func keeping() func(*memstore.Store, context.Context, store.Query, store.Cursor, int, func(*store.Record) error) (store.Cursor, error) {
	var begun sync.Map // the filter, by store
	return func(s *memstore.Store, ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
		if after == "" {
			begun.Store(s, q.Filter)
		}
		f, _ := begun.Load(s)
		return s.Scan(ctx, q, after, limit, func(r *store.Record) error {
			if len(q.Kinds) == 0 || f.(*store.Filter).Holds(r) {
				return fn(r)
			}
			return nil
		})
	}
}

func brokenScans() []broken {
	type scan = func(*memstore.Store, context.Context, store.Query, store.Cursor, int, func(*store.Record) error) (store.Cursor, error)
	// asking returns a scan that asks the sound store for something else.
	asking := func(change func(q *store.Query, after *store.Cursor, limit *int)) scan {
		return func(s *memstore.Store, ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
			change(&q, &after, &limit)
			return s.Scan(ctx, q, after, limit, fn)
		}
	}
	byKey := func(_ store.Query, all []*store.Record) []*store.Record {
		slices.SortFunc(all, func(a, b *store.Record) int { return a.Key.Compare(b.Key) })
		return all
	}
	none := func(matches func(store.Query) bool) scan {
		return listing(func(q store.Query, all []*store.Record) []*store.Record {
			if matches(q) {
				return nil
			}
			return all
		})
	}
	return []broken{
		{name: "pages by number while records go", by: "index/due while it is done", scan: listing(func(_ store.Query, all []*store.Record) []*store.Record { return all })},
		{name: "pages by number while records come and go", by: "scan/records come and go", scan: listing(byKey)},
		{name: "leaves out what is moving", by: "filter/nothing that it holds for is left out", scan: leaving(func(f *store.Filter, r *store.Record) bool {
			return f.Holds(&store.Record{Key: r.Key, Profile: &store.Profile{}, Stats: r.Stats, LastSeen: r.LastSeen})
		}, true)},
		{name: "a filter that needs nothing holds for nothing", by: "filter/nothing that it holds for is left out", scan: leaving(func(f *store.Filter, r *store.Record) bool {
			return len(f.Of) > 0 && f.Holds(r)
		}, true)},
		{name: "does not count what it leaves out", by: "filter/what is left out is counted", scan: leaving((*store.Filter).Holds, false)},
		{name: "counts what leads elsewhere", by: "filter/what is left out is counted", scan: leaving(func(f *store.Filter, r *store.Record) bool {
			return f.Holds(r)
		}, true)},
		{name: "keeps to its first filter", by: "filter/another one goes on", scan: keeping()},
		{name: "due by key", by: "index/due in order", scan: listing(byKey)},
		{name: "due includes a second more", by: "index/due in order", scan: asking(func(q *store.Query, _ *store.Cursor, _ *int) {
			if q.Due != 0 {
				q.Due += 1000
			}
		})},
		{name: "pending by key", by: "index/pending in order", scan: listing(byKey)},
		{name: "leased or not is all one", by: "index/pending in order", scan: asking(func(q *store.Query, _ *store.Cursor, _ *int) {
			if q.Pending != 0 {
				q.Pending = math.MaxInt64
			}
		})},
		{name: "pages of the pending by number", by: "index/pending while it is done", scan: listing(func(_ store.Query, all []*store.Record) []*store.Record { return all })},
		{name: "every page is the first", by: "scan/pages", scan: asking(func(_ *store.Query, after *store.Cursor, _ *int) { *after = "" })},
		{name: "goes on behind Until", by: "scan/until", scan: asking(func(q *store.Query, _ *store.Cursor, _ *int) { q.Until = "" })},
		{name: "skips to the end", by: "scan/skip", skip: func(*memstore.Store, context.Context, store.Query, store.Cursor, int) (store.Cursor, error) {
			return "", nil
		}},
		{name: "skips from the beginning each time", by: "scan/skip", skip: func(s *memstore.Store, ctx context.Context, q store.Query, _ store.Cursor, n int) (store.Cursor, error) {
			return s.Skip(ctx, q, "", n)
		}},
		{name: "ignores the limit", by: "scan/pages", scan: asking(func(_ *store.Query, _ *store.Cursor, limit *int) { *limit *= 2 })},
		{name: "takes any limit", by: "scan/queries without sense", scan: asking(func(_ *store.Query, _ *store.Cursor, limit *int) { *limit = max(*limit, 1) })},
		{name: "ends after one page", by: "scan/pages", scan: func(s *memstore.Store, ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
			_, err := s.Scan(ctx, q, after, limit, fn)
			return "", err
		}},
		{name: "all kinds of contacts are one", by: "scan/kinds", scan: asking(func(q *store.Query, _ *store.Cursor, _ *int) {
			if len(q.Kinds) > 0 && q.Kinds[0].IsContact() {
				q.Kinds = []store.Kind{store.KindUser, store.KindContact, store.KindEmail, store.KindAnonymous}
			}
		})},
		{name: "the first kind only", by: "scan/kinds", scan: asking(func(q *store.Query, _ *store.Cursor, _ *int) { q.Kinds = q.Kinds[:min(1, len(q.Kinds))] })},
		{name: "scans show keys only", by: "scan/kinds", scan: func(s *memstore.Store, ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
			return s.Scan(ctx, q, after, limit, func(r *store.Record) error { return fn(&store.Record{Key: r.Key, Exists: true}) })
		}},
		{name: "a projection shows the first attribute alone", by: "scan/projection", scan: projecting(func(r *store.Record, _ *store.Projection) {
			p := *r.Profile
			p.Attributes = p.Attributes[:min(1, len(p.Attributes))]
			r.Profile = &p
		})},
		{name: "a projection takes statistics for sends", by: "scan/projection", scan: projecting(func(r *store.Record, only *store.Projection) {
			if !only.Sends {
				r.Stats = nil
			}
		})},
		{name: "a projection of nothing has no profile", by: "scan/projection", scan: projecting(func(r *store.Record, _ *store.Projection) { r.Profile = nil })},
		{name: "drops errors of fn", by: "scan/error ends it", scan: func(s *memstore.Store, ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
			return s.Scan(ctx, q, after, limit, func(r *store.Record) error { _ = fn(r); return nil })
		}},
		{name: "has no index by email", by: "index/email", scan: none(func(q store.Query) bool { return q.Email != "" })},
		{name: "an address has letter case", by: "index/email", scan: listing(func(q store.Query, all []*store.Record) []*store.Record {
			return slices.DeleteFunc(all, func(r *store.Record) bool { return q.Email != "" && r.Profile.Attribute("email").Text() != q.Email })
		})},
		{name: "a question has letter case", by: "index/email", scan: none(func(q store.Query) bool { return q.Email != store.FoldEmail(q.Email) })},
		{name: "has no index of pending", by: "index/pending and moving", scan: none(func(q store.Query) bool { return q.Pending != 0 })},
		{name: "has no index of moving", by: "index/pending and moving", scan: none(func(q store.Query) bool { return q.Moving })},
		{name: "an index that never forgets", by: "index/follows every change", scan: neverForgets()},
	}
}

// projecting returns a scan that, under a projection, shows something else of each record.
func projecting(change func(*store.Record, *store.Projection)) func(*memstore.Store, context.Context, store.Query, store.Cursor, int, func(*store.Record) error) (store.Cursor, error) {
	return func(s *memstore.Store, ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
		return s.Scan(ctx, q, after, limit, func(r *store.Record) error {
			if q.Only != nil {
				shown := *r
				change(&shown, q.Only)
				r = &shown
			}
			return fn(r)
		})
	}
}

// neverForgets returns a scan that finds whatever was ever found by a query.
func neverForgets() func(*memstore.Store, context.Context, store.Query, store.Cursor, int, func(*store.Record) error) (store.Cursor, error) {
	found := make(map[string]map[store.Key]*store.Record)
	return func(s *memstore.Store, ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
		id := fmt.Sprintf("%p%+v", s, q)
		if found[id] == nil {
			found[id] = make(map[store.Key]*store.Record)
		}
		return listing(func(_ store.Query, all []*store.Record) []*store.Record {
			for _, r := range all {
				found[id][r.Key] = r
			}
			all = all[:0]
			for _, r := range found[id] {
				all = append(all, r)
			}
			slices.SortFunc(all, func(a, b *store.Record) int { return a.Key.Compare(b.Key) })
			return all
		})(s, ctx, q, after, limit, fn)
	}
}

func brokenLogs() []broken {
	type events = func(*memstore.Store, context.Context, store.Key, store.EventCursor, int) ([]store.LoggedEvent, error)
	// showing returns an events that changes what the sound one returns.
	showing := func(change func([]store.LoggedEvent) []store.LoggedEvent) events {
		return func(s *memstore.Store, ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
			list, err := s.Events(ctx, key, before, limit)
			return change(list), err
		}
	}
	compare := func(a, b store.LoggedEvent) int { return int(a.Seq) - int(b.Seq) }
	return []broken{
		{name: "oldest first", by: "events/newest first", events: showing(func(l []store.LoggedEvent) []store.LoggedEvent { slices.Reverse(l); return l })},
		{name: "by arrival", by: "events/newest first", events: showing(func(l []store.LoggedEvent) []store.LoggedEvent {
			slices.SortFunc(l, compare)
			slices.Reverse(l)
			return l
		})},
		{name: "every page of the log is the first", by: "events/pages", events: func(s *memstore.Store, ctx context.Context, key store.Key, _ store.EventCursor, limit int) ([]store.LoggedEvent, error) {
			return s.Events(ctx, key, store.EventCursor{}, limit)
		}},
		{name: "pages of the log end with their second", by: "events/pages", events: func(s *memstore.Store, ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
			before.Seq = 0
			return s.Events(ctx, key, before, limit)
		}},
		{name: "forgets the metadata", by: "events/whole", events: showing(func(l []store.LoggedEvent) []store.LoggedEvent {
			for i := range l {
				l[i].Metadata = nil
			}
			return l
		})},
		{name: "forgets events", by: "events/newest first", decide: changing(func(_ *store.Record, c *store.Changes) { c.Events = nil })},
		{name: "never trims the log", by: "events/at the limit", decide: changing(func(_ *store.Record, c *store.Changes) { c.KeepEvents = 1 << 30 })},
		{name: "ignores EventsFrom", by: "events/limits", decide: changing(func(_ *store.Record, c *store.Changes) { c.EventsFrom = 0 })},
		loggingTwice(),
		{name: "a log that stays when its record goes", by: "delete/nothing stays", events: func(s *memstore.Store, ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
			list, err := s.Events(ctx, key, before, limit)
			if len(list) == 0 && err == nil && before == (store.EventCursor{}) {
				list = append(list, store.LoggedEvent{Seq: 1})
			}
			return list, err
		}},
	}
}

// loggingTwice is a store in which an event gets a new number each time it
// is written.
func loggingTwice() broken {
	written := make(map[string]uint64)
	return broken{name: "logs twice what is written twice", by: "events/written twice", decide: changing(func(r *store.Record, c *store.Changes) {
		for i := range c.Events {
			id := fmt.Sprint(r.Key, c.Events[i].Seq)
			c.Events[i].Seq += 100 * written[id]
			written[id]++
		}
	})}
}
