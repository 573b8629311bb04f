package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// secondCases are about two stores on the same data: two processes.
func secondCases() []testCase {
	all := []testCase{
		{name: "second/sees what was written", run: seesWritten},
		{name: "second/one cap", run: sharedCap},
		{name: "second/one order", run: func(e *env) { oneOrder(e, e.second(e.store)) }},
		{name: "second/goes on with a scan", run: scanGoesOn},
		{name: "second/totals add up", run: sharedTotals},
		{name: "second/due is done once", run: dueOnce},
	}
	for i := range all {
		all[i].needs = aSecond
	}
	return all
}

// queries are one of each kind, which find what changeAll writes.
func queries() []store.Query {
	return []store.Query{{Kinds: []store.Kind{store.KindUser}}, {Due: 1000}, {Pending: 1000}, {Moving: true}, {Email: "a@x.test"}}
}

// seesWritten has two stores take turns: what one wrote, also over what the
// other has seen before, is what the other sees.
func seesWritten(e *env) {
	stores := []*env{e, e.over(e.second(e.store))}
	all := []store.Key{user("u"), user("v"), user("absent")}
	stores[1].wantSnapshot(e.snapshot(all))
	for n := int64(1); n <= 6; n++ {
		writer := stores[n%2]
		key := all[n%3%2]
		writer.step(key, func(r *store.Record, c *store.Changes) error {
			changeAll(c, r.LastSeen+n)
			return nil
		})
		stores[1].wantSnapshot(e.snapshot(all, "m1", fmt.Sprint("m", n)))
		if !e.read(key).Exists {
			e.Errorf("write %d is not there", n)
		}
	}
	stores[1].remove(user("u"))
	stores[1].wantSnapshot(e.snapshot(all))
	stores[0].remove(user("v"))
	stores[1].wantSnapshot(e.snapshot(all))
	if e.read(user("u")).Exists || e.read(user("v")).Exists {
		e.Errorf("what the second has removed is still there")
	}
	// A decision sees it as well, not only Read.
	stores[0].step(user("w"), always(func(c *store.Changes) { c.LastSeen = 5 }))
	stores[1].step(user("w"), func(r *store.Record, c *store.Changes) error {
		c.LastSeen = r.LastSeen * 2
		return nil
	})
	stores[0].step(user("w"), func(r *store.Record, c *store.Changes) error {
		c.LastSeen = r.LastSeen + 1
		return nil
	})
	if n := stores[1].read(user("w")).LastSeen; n != 11 {
		e.Errorf("three steps by turns gave %d, want 11", n)
	}
}

// However many race for one cap from two processes, exactly as many as it
// allows win.
func sharedCap(e *env) {
	const limit = 50
	stores := []beckon.Store{e.store, e.second(e.store)}
	key := user("u")
	var won atomic.Int64
	race(func(racer int) {
		for range laps {
			steps := []store.Step{{Key: key, Decider: takeOf(limit)}}
			if err := stores[racer%2].Step(e.ctx, steps); err != nil {
				e.Errorf("Step: %v", err)
			}
			switch {
			case steps[0].Err == nil:
				won.Add(1)
			case !errors.Is(steps[0].Err, errCapped):
				e.Errorf("Err is %v", steps[0].Err)
			}
		}
	})
	for i, s := range stores {
		r, t := e.over(s).read(key), e.over(s).totals("m")["sent"]
		if n := won.Load(); n != limit || len(r.SendStats) != 1 || r.SendStats[0].Count != limit || len(r.SendLog) != limit || t != limit {
			e.Errorf("a cap of %d: %d won; store %d has %+v, %d in the log, totals of %d", limit, n, i, r.SendStats, len(r.SendLog), t)
		}
	}
}

// A cursor is a value: another process may go on with it.
func scanGoesOn(e *env) {
	const records = 40
	for i := range records {
		e.step(user(fmt.Sprint(i)), always(func(c *store.Changes) {
			c.Pending = append(c.Pending, leased("d", int64(i/5+1)))
			c.Profile = &store.Profile{
				Moving: user("x"), Holds: []store.Hold{{Due: int64(i/5 + 1)}},
				Attributes: []store.Attribute{store.NewAttribute("email", beckon.String("a@x.test"))},
			}
		}))
	}
	e.goesOn(e.second(e.store), records)
}

// goesOn reads each query's first pages from one store and the rest from the
// other.
func (e *env) goesOn(other beckon.Store, records int) {
	e.Helper()
	for _, q := range queries() {
		seen := make(map[store.Key]int)
		note := func(r *store.Record) error { seen[clone(r).Key]++; return nil }
		at, err := e.store.Scan(e.ctx, q, "", 7, note)
		if err != nil || at == "" {
			e.Fatalf("%+v: the first page ends with %q, %v", q, at, err)
		}
		for at != "" {
			if at, err = other.Scan(e.ctx, q, at, 7, note); err != nil {
				e.Fatalf("%+v: going on with a cursor of another store: %v", q, err)
			}
		}
		for key, n := range seen {
			if n != 1 {
				e.Errorf("%+v: %v was seen %d times", q, key, n)
			}
		}
		if len(seen) != records {
			e.Errorf("%+v: %d records were seen of %d", q, len(seen), records)
		}
	}
}

func sharedTotals(e *env) {
	const records = 5
	stores := []beckon.Store{e.store, e.second(e.store)}
	race(func(racer int) {
		for lap := range laps {
			steps := []store.Step{{Key: user(fmt.Sprint("s", (racer+lap)%records)), Decider: add(racer*laps + lap)}}
			if err := errors.Join(stores[racer%2].Step(e.ctx, steps), steps[0].Err); err != nil {
				e.Errorf("Step: %v", err)
			}
		}
	})
	for _, s := range stores {
		e.over(s).wantSteps(racers*laps, "s", records)
	}
}

// What is due is done by one of two workers that find it at the same time.
func dueOnce(e *env) {
	const records = 30
	stores := []beckon.Store{e.store, e.second(e.store)}
	for i := range records {
		e.time(user(fmt.Sprint(i)), due(), int64(i%7+1))
	}
	found := make([][]store.Key, racers)
	race(func(racer int) {
		for at := store.Cursor(""); ; {
			next, err := stores[racer%2].Scan(e.ctx, store.Query{Due: 100}, at, 7, func(r *store.Record) error {
				found[racer] = append(found[racer], clone(r).Key)
				return nil
			})
			if err != nil {
				e.Errorf("Scan: %v", err)
			}
			if at = next; at == "" || err != nil {
				return
			}
		}
	})
	var done atomic.Int64
	for i := range records {
		race(func(racer int) {
			if i >= len(found[racer]) {
				e.Errorf("of %d that are due one worker found %d", records, len(found[racer]))
				return
			}
			for range rand.IntN(4) {
				runtime.Gosched() // any of them may be first, also on one processor
			}
			did := false
			steps := []store.Step{{Key: found[racer][i], Decider: decide(func(r *store.Record, c *store.Changes) error {
				if did = r.NextDue() != 0 && r.NextDue() <= 100; did {
					c.Profile = &store.Profile{Created: 1}
				}
				return nil
			})}}
			if err := errors.Join(stores[racer%2].Step(e.ctx, steps), steps[0].Err); err != nil {
				e.Errorf("Step: %v", err)
			}
			if did {
				done.Add(1)
			}
		})
	}
	if n := done.Load(); n != records {
		e.Errorf("%d were due, done were %d", records, n)
	}
}
