package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// reopenCases are about what is left after a crash: all that a Step which
// returned has done, and nothing in part.
func reopenCases() []testCase {
	all := []testCase{
		{name: "reopen/nothing is lost", run: nothingLost},
		{name: "reopen/the last step", run: lastStep},
		{name: "reopen/removed stays removed", run: removedStays},
		{name: "reopen/after many at once", run: afterMany},
		{name: "reopen/goes on with a scan", run: reopenedScan},
		{name: "reopen/an engine goes on", run: engineGoesOn},
	}
	for i := range all {
		all[i].needs = aReopen
	}
	return all
}

// everything writes something under a key of every kind, and returns the keys.
func (e *env) everything() []store.Key {
	e.Helper()
	var all []store.Key
	for kind := store.KindUser; kind <= store.KindStore; kind++ {
		for i, id := range []string{"a", "b\x00c", "日本"} {
			key := store.Key{Kind: kind, ID: id}
			e.step(key, always(func(c *store.Changes) { changeAll(c, int64(i+1)) }))
			all = append(all, key)
		}
	}
	return all
}

// A snapshot is what a store held, to compare with later.
type snapshot struct {
	records map[store.Key]*store.Record
	logs    map[store.Key][]string
	totals  map[string]map[string]int64
	found   [][]string // by query
}

func (e *env) snapshot(all []store.Key, messages ...string) snapshot {
	e.Helper()
	s := snapshot{map[store.Key]*store.Record{}, map[store.Key][]string{}, map[string]map[string]int64{}, nil}
	for _, key := range all {
		s.records[key] = e.read(key)
		s.logs[key] = logged(e.events(key, store.EventCursor{}, 1000))
	}
	for _, m := range messages {
		s.totals[m] = e.totals(m)
	}
	for _, q := range queries() {
		s.found = append(s.found, e.found(q))
	}
	return s
}

// wantSnapshot reports what is otherwise now.
func (e *env) wantSnapshot(want snapshot) {
	e.Helper()
	for key, r := range want.records {
		if got := e.read(key); !same(got, r) {
			e.Errorf("the record of %v is\n %+v, was\n %+v", key, got, r)
		}
		if got := logged(e.events(key, store.EventCursor{}, 1000)); !slices.Equal(got, want.logs[key]) {
			e.Errorf("the log of %v is %v, was %v", key, got, want.logs[key])
		}
	}
	for m, was := range want.totals {
		if got := e.totals(m); fmt.Sprint(got) != fmt.Sprint(was) {
			e.Errorf("the totals of %q are %v, were %v", m, got, was)
		}
	}
	for i, q := range queries() {
		if got := e.found(q); !slices.Equal(got, want.found[i]) {
			e.Errorf("%+v finds %v, found %v", q, got, want.found[i])
		}
	}
}

func nothingLost(e *env) {
	all := e.everything()
	before := e.snapshot(all, "m1", "m2", "m3", "none")
	for range 2 {
		e.store = e.reopen(e.store)
		e.wantSnapshot(before)
	}
	// And it is a store like any other.
	e.step(all[0], always(func(c *store.Changes) { changeAll(c, 9) }))
	if got := e.read(all[0]).LastSeen; got != 9 {
		e.Errorf("a step after that wrote %d, want 9", got)
	}
}

// The very last thing before a crash counts, whatever it was.
func lastStep(e *env) {
	key := user("u")
	for i, last := range []func(c *store.Changes){
		func(c *store.Changes) { c.Touch = true },
		func(c *store.Changes) { c.LastSeen = 3 },
		func(c *store.Changes) { changeAll(c, 7) },
		func(c *store.Changes) { c.SendLogDrop = append(c.SendLogDrop, "d7") },
		func(c *store.Changes) { c.DedupDrop = 1 },
		func(c *store.Changes) { p := withEmail("b@x.test"); c.Profile = &p },
		func(c *store.Changes) {
			c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "sent", N: 1})
		},
		func(c *store.Changes) { c.Clear = true },
		func(c *store.Changes) { c.Delete = true },
	} {
		e.step(key, always(last))
		before := e.snapshot([]store.Key{key}, "m", "m7")
		e.store = e.reopen(e.store)
		e.wantSnapshot(before)
		if i == 1 && e.read(key).LastSeen != 3 {
			e.Errorf("the step was not there before either")
		}
	}
}

func removedStays(e *env) {
	for _, id := range []string{"gone", "stays"} {
		e.step(user(id), always(func(c *store.Changes) { changeAll(c, 7) }))
	}
	e.store = e.reopen(e.store)
	e.remove(user("gone"))
	e.store = e.reopen(e.store)
	if r := e.read(user("gone")); r.Exists || len(e.events(user("gone"), store.EventCursor{}, 10)) != 0 {
		e.Errorf("what was removed is there again: %+v", r)
	}
	for _, q := range queries() {
		if got := e.found(q); !slices.Equal(got, []string{"stays"}) {
			e.Errorf("%+v finds %v, want what was not removed", q, got)
		}
	}
}

// Steps of many callers are all there, each whole.
func afterMany(e *env) {
	const records, rounds = 5, 3
	var done int64
	for range rounds {
		var won atomic.Int64
		race(func(racer int) {
			for lap := range laps / 5 {
				steps := []store.Step{
					{Key: user(fmt.Sprint("s", (racer+lap)%records)), Decider: add(racer*laps + lap)},
					{Key: user(fmt.Sprint("s", lap%records)), Decider: add(racer*laps + lap)},
				}
				if err := errors.Join(e.store.Step(e.ctx, steps), steps[0].Err, steps[1].Err); err != nil {
					e.Errorf("Step: %v", err)
				}
				won.Add(2)
			}
		})
		done += won.Load()
		e.store = e.reopen(e.store)
		e.wantSteps(done, "s", records)
	}
}

func reopenedScan(e *env) {
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
	// Pages before the crash and after it: the cursor is what the host kept.
	for _, q := range queries() {
		seen := make(map[store.Key]int)
		at := store.Cursor("")
		for {
			next, err := e.store.Scan(e.ctx, q, at, 11, func(r *store.Record) error { seen[clone(r).Key]++; return nil })
			if err != nil {
				e.Fatalf("%+v: %v", q, err)
			}
			if at = next; at == "" {
				break
			}
			e.store = e.reopen(e.store)
		}
		for i := range records {
			if n := seen[user(fmt.Sprint(i))]; n != 1 {
				e.Errorf("%+v: record %d was seen %d times", q, i, n)
			}
		}
	}
}
