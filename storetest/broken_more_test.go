package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// Stores that are broken in what happens when calls meet, fail or are repeated.
func brokenCalls() []broken {
	return []broken{
		{name: "loses an update under contention", by: "atomic/one order", step: stepping(lostUpdate)},
		{name: "loses an update under contention, on hot records", by: "atomic/hot records", step: stepping(lostUpdate)},
		{name: "decides outside of the lock", by: "atomic/one is first", step: stepping(lostUpdate)},
		{name: "loses what races with a removal", by: "atomic/removed and written", step: stepping(lostUpdate)},
		{name: "gives up after a lost race", by: "atomic/hot records", step: givesUp()},
		{name: "locks in the order of the call", by: "atomic/calls in any order of keys", step: locking()},
		{name: "hangs after cancel", by: "step/cancelled", step: func(s *memstore.Store, ctx context.Context, steps []store.Step) error {
			if ctx.Err() != nil {
				wait()
			}
			return s.Step(ctx, steps)
		}},
		{name: "keeps its lock when cancelled", by: "atomic/some are cancelled", step: keepsLock()},
		{name: "says it was cancelled when it was written, and the other way round", by: "atomic/some are cancelled", step: func(s *memstore.Store, ctx context.Context, steps []store.Step) error {
			err := s.Step(ctx, steps)
			for i := range steps {
				if errors.Is(steps[i].Err, context.Canceled) {
					steps[i].Err = nil
				}
			}
			if err != nil {
				return nil
			}
			return ctx.Err()
		}},
		{name: "commits half a batch", by: "atomic/some are cancelled", step: stepping(func(s *memstore.Store, ctx context.Context, step *store.Step) error {
			var totals []store.Increment
			first := store.Step{Key: step.Key, Decider: decide(func(r *store.Record, c *store.Changes) error {
				err := step.Decider.Decide(r, c)
				totals, c.Totals = slices.Clone(c.Totals), nil
				return err
			})}
			if err := one(s, ctx, &first); err != nil || first.Err != nil || len(totals) == 0 {
				step.Err = first.Err
				return err
			}
			runtime.Gosched()
			return one(s, ctx, &store.Step{Key: step.Key, Decider: always(func(c *store.Changes) { c.Totals = totals })})
		})},
		{name: "applies totals twice on a retry", by: "race/one cap", step: retrying(false)},
		{name: "applies changes of a lost race as well", by: "atomic/hot records", step: retrying(true)},
		{name: "swallows the error of Decide", by: "race/one cap", step: stepping(func(s *memstore.Store, ctx context.Context, step *store.Step) error {
			err := one(s, ctx, step)
			step.Err = nil
			return err
		})},
		{name: "adds totals when it finds the time", by: "atomic/totals are there when Step returns", step: lateTotals()},
		{name: "takes 100 steps at most", by: "step/very many", step: func(s *memstore.Store, ctx context.Context, steps []store.Step) error {
			return s.Step(ctx, steps[:min(100, len(steps))])
		}},
		{name: "cannot do the same again", by: "engine/Track is repeated", decide: changing(func(_ *store.Record, c *store.Changes) { c.Dedup = nil })},
	}
}

// wait is how a store hangs: longer than any patience of a test, not forever.
func wait() {
	ctx, cancel := context.WithTimeout(context.Background(), patience/120)
	defer cancel()
	<-ctx.Done()
}

// givesUp is a store that fails a step which met another on the same record.
func givesUp() func(*memstore.Store, context.Context, []store.Step) error {
	var mu sync.Mutex
	busy := make(map[store.Key]int)
	return stepping(func(s *memstore.Store, ctx context.Context, step *store.Step) error {
		mu.Lock()
		busy[step.Key]++
		n := busy[step.Key]
		mu.Unlock()
		defer func() {
			mu.Lock()
			busy[step.Key]--
			mu.Unlock()
		}()
		runtime.Gosched()
		if n > 8 {
			step.Err = errors.New("lost the race too often")
			return nil
		}
		return one(s, ctx, step)
	})
}

// locking is a store that locks all records of a call one by one, and so
// deadlocks; like a server it notices, and fails the call.
func locking() func(*memstore.Store, context.Context, []store.Step) error {
	var mu sync.Mutex
	locks := make(map[store.Key]chan struct{})
	lock := func(key store.Key) chan struct{} {
		mu.Lock()
		defer mu.Unlock()
		if locks[key] == nil {
			locks[key] = make(chan struct{}, 1)
		}
		return locks[key]
	}
	return func(s *memstore.Store, ctx context.Context, steps []store.Step) error {
		held := make(map[store.Key]bool)
		defer func() {
			for key := range held {
				<-lock(key)
			}
		}()
		for _, step := range steps {
			if held[step.Key] {
				continue
			}
			tries := 0
			for got := false; !got; {
				select {
				case lock(step.Key) <- struct{}{}:
					got = true
				default:
					if tries++; tries > 1000 {
						return errors.New("deadlock detected")
					}
					runtime.Gosched()
				}
			}
			held[step.Key] = true
			runtime.Gosched()
		}
		return s.Step(ctx, steps)
	}
}

// keepsLock is a store that does not free a lock when its caller is gone.
func keepsLock() func(*memstore.Store, context.Context, []store.Step) error {
	lock := make(chan struct{}, 1)
	return func(s *memstore.Store, ctx context.Context, steps []store.Step) error {
		select {
		case lock <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := s.Step(ctx, steps); err != nil {
			return err
		}
		<-lock
		return nil
	}
}

// retrying is an optimistic store that decides again over a fresh record, as
// it may, but with used changes: their totals, or all of them.
func retrying(all bool) func(*memstore.Store, context.Context, []store.Step) error {
	return stepping(func(s *memstore.Store, ctx context.Context, step *store.Step) error {
		inner := *step
		inner.Decider = decide(func(r *store.Record, c *store.Changes) error {
			if err := step.Decider.Decide(r, c); err != nil {
				return err
			}
			totals := slices.Clone(c.Totals)
			if all { // the rows of before stay; the log of events shows it
				for i := range c.Events {
					c.Events[i].Seq += 1 << 30
				}
			} else {
				c.Reset()
				c.Totals = totals
			}
			return step.Decider.Decide(r, c)
		})
		err := one(s, ctx, &inner)
		step.Err = inner.Err
		return err
	})
}

// lateTotals is a store that writes totals with the next step.
func lateTotals() func(*memstore.Store, context.Context, []store.Step) error {
	var mu sync.Mutex
	var late []store.Increment
	return stepping(func(s *memstore.Store, ctx context.Context, step *store.Step) error {
		inner := *step
		inner.Decider = decide(func(r *store.Record, c *store.Changes) error {
			err := step.Decider.Decide(r, c)
			mu.Lock()
			defer mu.Unlock()
			now := slices.Clone(c.Totals)
			c.Totals, late = append(c.Totals[:0], late...), now
			return err
		})
		err := one(s, ctx, &inner)
		step.Err = inner.Err
		return err
	})
}

// Stores with an index that goes astray, or sections off by one.
func brokenIndices() []broken {
	type scan = func(*memstore.Store, context.Context, store.Query, store.Cursor, int, func(*store.Record) error) (store.Cursor, error)
	stale := func(of func(store.Query) bool) scan {
		memory := neverForgets()
		return func(s *memstore.Store, ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
			if of(q) {
				return memory(s, ctx, q, after, limit, fn)
			}
			return s.Scan(ctx, q, after, limit, fn)
		}
	}
	return []broken{
		{name: "due index stale", by: "index/due while it is done", scan: stale(func(q store.Query) bool { return q.Due != 0 })},
		{name: "pending index stale", by: "index/pending and moving", scan: stale(func(q store.Query) bool { return q.Pending != 0 })},
		{name: "moving index stale", by: "index/pending and moving", scan: stale(func(q store.Query) bool { return q.Moving })},
		{name: "email index stale after a removal", by: "delete/nothing stays", scan: stale(func(q store.Query) bool { return q.Email != "" })},
		{name: "scan sees some records twice", by: "scan/pages", scan: func(s *memstore.Store, ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
			var last *store.Record
			next, err := s.Scan(ctx, q, after, max(limit-1, 1), func(r *store.Record) error {
				last = clone(r)
				return fn(r)
			})
			if err == nil && next != "" && last != nil && limit > 1 {
				err = fn(last)
			}
			return next, err
		}},
		{name: "a scan goes on from the start elsewhere", by: "second/goes on with a scan", other: func(s *memstore.Store) beckon.Store {
			return &brokenStore{store: s, broken: broken{scan: func(s *memstore.Store, ctx context.Context, q store.Query, _ store.Cursor, _ int, fn func(*store.Record) error) (store.Cursor, error) {
				return s.Scan(ctx, q, "", 1<<30, fn)
			}}}
		}},
		{name: "Clear keeps the events", by: "changes/clear", events: keepsEvents()},
		{name: "DedupDrop off by one", by: "changes/as Apply does", decide: changing(func(_ *store.Record, c *store.Changes) {
			if c.DedupDrop > 0 {
				c.DedupDrop--
			}
		})},
		{name: "KeepEvents off by one", by: "events/limits", decide: changing(func(_ *store.Record, c *store.Changes) { c.KeepEvents++ })},
		{name: "EventsFrom off by one", by: "events/limits", decide: changing(func(_ *store.Record, c *store.Changes) {
			if c.EventsFrom != 0 {
				c.EventsFrom++
			}
		})},
	}
}

// keepsEvents returns an Events that goes on with what was there before a record
// was emptied.
func keepsEvents() func(*memstore.Store, context.Context, store.Key, store.EventCursor, int) ([]store.LoggedEvent, error) {
	var mu sync.Mutex
	ever := make(map[string]store.LoggedEvent)
	return func(s *memstore.Store, ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
		mu.Lock()
		defer mu.Unlock()
		list, err := s.Events(ctx, key, before, limit)
		for _, x := range list {
			ever[fmt.Sprint(key, x.At, x.Seq)] = x
		}
		if len(list) == 0 && before == (store.EventCursor{}) {
			for _, x := range ever {
				list = append(list, x)
			}
		}
		return list, err
	}
}

// Stores that are broken when the process ends, or when there is another.
func brokenProcesses() []broken {
	// restored returns the changes that make a record what it was.
	restored := func(r *store.Record) decide {
		return always(func(c *store.Changes) {
			if !r.Exists {
				c.Delete = true
				return
			}
			c.Clear, c.Touch = true, true
			c.LastSeen, c.EventSeq, c.Profile = r.LastSeen, r.EventSeq, r.Profile
			c.Stats, c.SendStats, c.SendLog = append(c.Stats, r.Stats...), append(c.SendStats, r.SendStats...), append(c.SendLog, r.SendLog...)
			c.Counters, c.Permits, c.Dedup = append(c.Counters, r.Counters...), append(c.Permits, r.Permits...), append(c.Dedup, r.Dedup...)
			for p := range r.Pending.All() {
				c.Pending = append(c.Pending, *p)
			}
		})
	}
	after := func(change func(r *store.Record, c *store.Changes)) func(s *memstore.Store, last []*store.Record) {
		return func(s *memstore.Store, _ []*store.Record) {
			var all []store.Key
			_, _ = s.Scan(context.Background(), store.Query{Kinds: []store.Kind{store.KindUser, store.KindMessage}}, "", 1<<30, func(r *store.Record) error {
				all = append(all, clone(r).Key)
				return nil
			})
			for _, key := range all {
				_ = s.Step(context.Background(), []store.Step{{Key: key, Decider: decide(func(r *store.Record, c *store.Changes) error { change(r, c); return nil })}})
			}
		}
	}
	lost := func(s *memstore.Store, last []*store.Record) {
		for _, r := range last {
			_ = s.Step(context.Background(), []store.Step{{Key: r.Key, Decider: restored(r)}})
		}
	}
	forgetsProfile := after(func(r *store.Record, c *store.Changes) {
		if r.Profile != nil {
			c.Profile = &store.Profile{}
		}
	})
	stale := func(s *memstore.Store) beckon.Store {
		cache := make(map[store.Key]*store.Record)
		var mu sync.Mutex
		cached := func(ctx context.Context, key store.Key) (*store.Record, error) {
			mu.Lock()
			r := cache[key]
			mu.Unlock()
			if r != nil {
				return r, nil
			}
			// Not under mu, which a decision takes under the store's own lock.
			err := s.Read(ctx, []store.Key{key}, func(read *store.Record) error { r = clone(read); return nil })
			mu.Lock()
			defer mu.Unlock()
			if err == nil && cache[key] == nil {
				cache[key] = r
			}
			return r, err
		}
		return &brokenStore{store: s, broken: broken{
			read: func(_ *memstore.Store, ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
				for _, key := range keys {
					r, err := cached(ctx, key)
					if err == nil {
						err = fn(r)
					}
					if err != nil {
						return err
					}
				}
				return nil
			},
			decide: func(d store.Decider, r *store.Record, c *store.Changes) error {
				mu.Lock()
				defer mu.Unlock()
				if cache[r.Key] == nil {
					cache[r.Key] = clone(r)
				}
				err := d.Decide(cache[r.Key], c)
				if err == nil {
					// Readers may have the one before.
					next := clone(cache[r.Key])
					next.Apply(c)
					cache[r.Key] = next
				}
				return err
			},
		}}
	}
	empty := func(*memstore.Store) beckon.Store { return broken{}.open() }
	slow := func(s *memstore.Store) beckon.Store {
		return &brokenStore{store: s, broken: broken{step: stepping(lostUpdate)}}
	}
	return []broken{
		{name: "reopen loses the last commit", by: "reopen/the last step", crash: lost},
		{name: "reopen loses the last commit of many", by: "reopen/after many at once", crash: lost},
		{name: "reopen finds the profile gone", by: "reopen/nothing is lost", crash: forgetsProfile},
		{name: "reopen finds nothing waiting", by: "reopen/an engine goes on", crash: forgetsProfile},
		{name: "reopen brings back what was removed", by: "reopen/removed stays removed", crash: func(s *memstore.Store, last []*store.Record) {
			if len(last) == 1 && last[0].Exists && last[0].Key == user("gone") {
				lost(s, last)
			}
		}},
		{name: "cursors die with their process", by: "reopen/goes on with a scan", crash: func(*memstore.Store, []*store.Record) {}, scan: mortalCursors()},
		{name: "second instance caches", by: "second/sees what was written", other: stale},
		{name: "second instance decides over its cache", by: "second/one order", other: stale},
		{name: "second instance has data of its own", by: "second/totals add up", other: empty},
		{name: "second instance does not lock the first out", by: "second/one cap", other: slow},
		{name: "second instance does what the first has done", by: "second/due is done once", other: slow},
	}
}

// mortalCursors returns a scan that knows how far it was only by itself: a cursor
// is good for one call.
func mortalCursors() func(*memstore.Store, context.Context, store.Query, store.Cursor, int, func(*store.Record) error) (store.Cursor, error) {
	return func(s *memstore.Store, ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
		if after == "" {
			return s.Scan(ctx, q, after, limit, fn)
		}
		return "", nil
	}
}
