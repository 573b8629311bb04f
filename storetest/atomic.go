package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// atomicCases are about steps being all or nothing, and in one order, when many
// run at once and some are cancelled.
func atomicCases() []testCase {
	return []testCase{
		{name: "atomic/one is first", run: oneIsFirst},
		{name: "atomic/one order", run: func(e *env) { oneOrder(e, e.store) }},
		{name: "atomic/hot records", run: hotRecords},
		{name: "atomic/calls in any order of keys", run: anyOrderOfKeys},
		{name: "atomic/removed and written", run: removedAndWritten},
		{name: "atomic/totals are there when Step returns", run: totalsAtOnce},
		{name: "atomic/some are cancelled", run: someCancelled},
	}
}

// add is a step that counts itself in every section and in the totals. Steps
// differ in the second of their event, so that one which was not to be there
// is beside the others in the log.
func add(at int) decide {
	return func(r *store.Record, c *store.Changes) error { return addTo(r, c, int64(at)) }
}

func addTo(r *store.Record, c *store.Changes, at int64) error {
	s, _ := r.Stat(name("e"))
	s.Count++
	c.Stats = append(c.Stats, s)
	c.LastSeen, c.EventSeq = r.LastSeen+1, r.EventSeq+1
	c.Events = append(c.Events, store.LoggedEvent{Seq: c.EventSeq, Name: name("e"), At: at})
	c.KeepEvents = 1 << 20
	c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "judged", N: 1})
	return nil
}

// whole returns how often add was committed on a record, and reports one that was
// committed in part.
func (e *env) whole(key store.Key) int64 {
	e.Helper()
	r := e.read(key)
	s, _ := r.Stat(name("e"))
	log := len(e.events(key, store.EventCursor{}, 1<<20))
	if r.LastSeen != int64(s.Count) || r.EventSeq != s.Count || log != int(s.Count) {
		e.Errorf("%q: LastSeen %d, EventSeq %d, a count of %d and %d events; they are written together", key.ID, r.LastSeen, r.EventSeq, s.Count, log)
	}
	return int64(s.Count)
}

// Of all that race to be a record's first step one is, as when a rule asks for
// those who never did something before.
func oneIsFirst(e *env) {
	for lap := range 2 * laps {
		key := user(fmt.Sprint("new", lap))
		var first atomic.Int64
		race(func(racer int) {
			saw := false
			steps := []store.Step{{Key: key, Decider: decide(func(r *store.Record, c *store.Changes) error {
				saw = !r.Exists
				return addTo(r, c, int64(racer))
			})}}
			if err := errors.Join(e.store.Step(e.ctx, steps), steps[0].Err); err != nil {
				e.Errorf("Step: %v", err)
			}
			if saw {
				first.Add(1)
			}
		})
		if n := first.Load(); n != 1 {
			e.Fatalf("%d steps found that there was no record, want 1", n)
		}
		if n := e.whole(key); n != racers {
			e.Fatalf("%d steps are recorded of %d", n, racers)
		}
	}
}

// The steps and reads of one record are as if done one after the other, each at
// some instant between its call and its return: the numbers that steps take are
// all different and without gaps; whatever begins after another has returned
// sees no smaller one.
func oneOrder(e *env, readFrom beckon.Store) {
	const each = 40
	key := user("u")
	var highest atomic.Int64 // that a step or read which has returned saw
	seen := make([][]int64, racers)
	note := func(what string, atLeast, n int64) {
		if n < atLeast {
			e.Errorf("%s saw %d, although one that had returned before it began saw %d", what, n, atLeast)
		}
		for old := highest.Load(); n > old && !highest.CompareAndSwap(old, n); old = highest.Load() {
		}
	}
	race(func(racer int) {
		for range each {
			before := highest.Load()
			if racer%4 == 3 {
				err := readFrom.Read(e.ctx, []store.Key{key}, func(r *store.Record) error {
					note("a read", before, r.LastSeen)
					return nil
				})
				if err != nil {
					e.Errorf("Read: %v", err)
				}
				continue
			}
			var n int64
			kept := e.store
			if racer%2 == 1 {
				kept = readFrom
			}
			steps := []store.Step{{Key: key, Decider: decide(func(r *store.Record, c *store.Changes) error {
				n = r.LastSeen + 1
				c.LastSeen = n
				return nil
			})}}
			if err := errors.Join(kept.Step(e.ctx, steps), steps[0].Err); err != nil {
				e.Errorf("Step: %v", err)
			}
			note("a step", before+1, n)
			seen[racer] = append(seen[racer], n)
		}
	})
	all := slices.Sorted(slices.Values(slices.Concat(seen...)))
	for i, n := range all {
		if n != int64(i+1) {
			e.Fatalf("the %d. step took the number %d", i+1, n)
		}
	}
	if got := e.read(key).LastSeen; got != int64(len(all)) {
		e.Errorf("after %d steps the record says %d", len(all), got)
	}
}

// Many callers on few records fail nobody, however often they lose.
func hotRecords(e *env) {
	const callers, each, records = 64, 10, 4
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range callers {
		done.Go(func() {
			start.Wait()
			for lap := range each {
				steps := []store.Step{{Key: user(fmt.Sprint("hot", (i+lap)%records)), Decider: add(i*each + lap)}}
				if err := errors.Join(e.store.Step(e.ctx, steps), steps[0].Err); err != nil {
					e.Errorf("Step: %v", err)
				}
			}
		})
	}
	start.Done()
	done.Wait()
	e.wantSteps(callers*each, "hot", records)
}

// wantSteps checks that so many steps by add are recorded on the records of a
// name, and in the totals.
func (e *env) wantSteps(want int64, name string, records int) {
	e.Helper()
	var n int64
	for i := range records {
		n += e.whole(user(fmt.Sprint(name, i)))
	}
	if t := e.totals("m")["judged"]; n != want || t != want {
		e.Errorf("%d steps: %d are recorded, the totals have %d", want, n, t)
	}
}

// Calls that name the same records in other orders, and some twice, do not wait
// for each other in a circle.
func anyOrderOfKeys(e *env) {
	const records, each = 6, 12
	race(func(racer int) {
		random := rand.New(rand.NewPCG(uint64(racer), 7))
		for lap := range each {
			var steps []store.Step
			for _, i := range append(random.Perm(records), random.IntN(records)) {
				steps = append(steps, store.Step{Key: user(fmt.Sprint("r", i)), Decider: add(racer*each + lap)})
			}
			if err := e.store.Step(e.ctx, steps); err != nil {
				e.Errorf("Step: %v", err)
			}
			for _, s := range steps {
				if s.Err != nil {
					e.Errorf("Err is %v", s.Err)
				}
			}
		}
	})
	e.wantSteps(racers*each*(records+1), "r", records)
}

// What a removal took away and what is left is all that was written.
func removedAndWritten(e *env) {
	key := user("u")
	var taken atomic.Int64
	race(func(racer int) {
		for lap := range laps {
			var gone int64
			steps := []store.Step{{Key: key, Decider: add(racer*laps + lap)}}
			if racer%4 == 0 {
				steps[0].Decider = decide(func(r *store.Record, c *store.Changes) error {
					s, _ := r.Stat(name("e"))
					gone, c.Delete = int64(s.Count), true
					return nil
				})
			}
			if err := errors.Join(e.store.Step(e.ctx, steps), steps[0].Err); err != nil {
				e.Errorf("Step: %v", err)
			}
			taken.Add(gone)
		}
	})
	const written = racers * 3 / 4 * laps
	if left := e.whole(key); taken.Load()+left != written || e.totals("m")["judged"] != written {
		e.Errorf("%d were written: %d went, %d are left, the totals have %v", written, taken.Load(), left, e.totals("m"))
	}
}

// A caller that asks for totals after a step has returned sees that step in them.
func totalsAtOnce(e *env) {
	var returned atomic.Int64
	race(func(racer int) {
		for lap := range laps {
			steps := []store.Step{{Key: user(fmt.Sprint("t", racer)), Decider: add(lap)}}
			if err := errors.Join(e.store.Step(e.ctx, steps), steps[0].Err); err != nil {
				e.Errorf("Step: %v", err)
			}
			returned.Add(1)
			before := returned.Load()
			list, err := e.store.Totals(e.ctx, "m")
			if err != nil || len(list) != 1 || list[0].Count < before {
				e.Errorf("after %d steps the totals are %v, %v", before, list, err)
			}
		}
	})
	e.wantSteps(racers*laps, "t", racers)
}

// Callers that give up while others work are let go, leave nothing locked and
// nothing half done: each step is there whole or not at all, and those told that
// they succeeded are there. What is written is what was decided, although who gives up uses
// the memory of its events again.
func someCancelled(e *env) {
	const records = 3
	var sure, unsure atomic.Int64
	race(func(racer int) {
		random := rand.New(rand.NewPCG(uint64(racer), 8))
		for lap := range laps {
			ctx, cancel := context.WithCancel(e.ctx)
			steps, at := make([]store.Step, 3), racer*laps+lap
			within := racer%2 == 0 && random.IntN(3) > 0 // it gives up when it has decided
			fields := value.Fields{{Key: "at", Value: value.String(strconv.Itoa(at))}}
			for i := range steps {
				steps[i] = store.Step{Key: user(fmt.Sprint("c", random.IntN(records))), Decider: decide(func(r *store.Record, c *store.Changes) error {
					err := addTo(r, c, int64(at))
					c.Events[0].Metadata = fields
					if within {
						cancel()
					}
					runtime.Gosched() // so that who has decided before and has given up is gone
					return err
				})}
			}
			var other sync.WaitGroup
			if racer%2 == 0 && !within {
				// As it begins, or a while later: whenever the other gets to run.
				if random.IntN(2) == 0 {
					cancel()
				} else {
					other.Go(cancel)
				}
			}
			var err error
			returned := e.returns("Step whose context ends", func() { err = e.store.Step(ctx, steps) })
			other.Wait()
			cancel()
			if !returned {
				return
			}
			fields[0] = value.Field{Key: "changed", Value: value.String("by the caller")}
			if err != nil && (racer%2 == 1 || !errors.Is(err, context.Canceled)) {
				e.Errorf("Step: %v", err)
			}
			for _, s := range steps {
				switch {
				case err == nil && s.Err == nil:
					sure.Add(1)
				case err != nil && s.Err == nil:
					unsure.Add(1)
				case err == nil || !errors.Is(s.Err, context.Canceled):
					e.Errorf("Err is %v, Step returned %v", s.Err, err)
				}
			}
		}
	})
	var n int64
	for i := range records {
		key := user(fmt.Sprint("c", i))
		e.step(key, add(0)) // nobody holds it
		n += e.whole(key) - 1
		for _, event := range e.events(key, store.EventCursor{}, 1<<20) {
			if v, _ := event.Metadata.Get("at"); event.At > 0 && v.Text() != strconv.FormatInt(event.At, 10) {
				e.Errorf("an event at %d has the metadata %v", event.At, event.Metadata)
			}
		}
	}
	if t := e.totals("m")["judged"] - records; n < sure.Load() || n > sure.Load()+unsure.Load() || t != n {
		e.Errorf("%d steps surely and %d perhaps: %d are recorded, the totals have %d", sure.Load(), unsure.Load(), n, t)
	}
}
