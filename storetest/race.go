package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/beckon-go/beckon/store"
)

// raceCases are about steps that run at the same time.
func raceCases() []testCase {
	return []testCase{
		{name: "race/one cap", run: oneCap},
		{name: "race/many records", run: manyRecords},
		{name: "race/whole records are seen", run: wholeRecords},
	}
}

const (
	racers = 16
	laps   = 25
)

// race runs fn in several goroutines at once and waits for them.
func race(fn func(racer int)) {
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range racers {
		done.Go(func() {
			start.Wait()
			fn(i)
		})
	}
	start.Done()
	done.Wait()
}

var errCapped = errors.New("capped")

// takeOf is a step that takes one of so many.
func takeOf(limit uint32) decide {
	return func(r *store.Record, c *store.Changes) error {
		var row store.SendStats
		if len(r.SendStats) > 0 {
			row = r.SendStats[0]
		}
		if row.Count >= limit {
			return errCapped
		}
		row.Message = "m"
		row.Count++
		c.SendStats = append(c.SendStats, row)
		c.SendLog = append(c.SendLog, store.SendLogEntry{ID: fmt.Sprint(row.Count), Message: "m", Sequence: row.Count})
		c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "sent", N: 1})
		return nil
	}
}

// However many race for one cap, exactly as many as it allows win (F3): those
// told so, those counted in the record and those in the totals are the same.
func oneCap(e *env) {
	const limit = 100
	key := user("u")
	var won atomic.Int64
	race(func(int) {
		for range laps {
			steps := []store.Step{{Key: key, Decider: takeOf(limit)}}
			if err := e.store.Step(e.ctx, steps); err != nil {
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
	r := e.read(key)
	if n := won.Load(); n != limit || len(r.SendStats) != 1 || r.SendStats[0].Count != limit || len(r.SendLog) != limit || e.totals("m")["sent"] != limit {
		e.Errorf("a cap of %d: %d won, the record has %+v and %d in its log, the totals %v", limit, n, r.SendStats, len(r.SendLog), e.totals("m"))
	}
}

// Every step counts, in its record and in the totals, whatever else runs: two
// steps on one record in one call too.
func manyRecords(e *env) {
	const records = 7
	addTwo := decide(func(r *store.Record, c *store.Changes) error {
		s, _ := r.Stat(name("e"))
		s.Count++
		c.Stats = append(c.Stats, s)
		c.Events = append(c.Events, store.LoggedEvent{Seq: r.EventSeq + 1, Name: name("e"), At: 1})
		c.EventSeq, c.KeepEvents = r.EventSeq+1, 10_000
		c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "judged", N: 1}, store.Increment{Message: "m", Name: "held.filter", N: 2})
		return nil
	})
	race(func(racer int) {
		for lap := range laps {
			first, second := user(fmt.Sprint((racer+lap)%records)), user(fmt.Sprint(lap%records))
			steps := []store.Step{{Key: first, Decider: addTwo}, {Key: second, Decider: addTwo}, {Key: first, Decider: addTwo}}
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
	const steps = 3 * racers * laps
	var counted uint64
	logged := 0
	for i := range records {
		key := user(fmt.Sprint(i))
		s, _ := e.read(key).Stat(name("e"))
		counted += s.Count
		logged += len(e.events(key, store.EventCursor{}, 10_000))
	}
	if t := e.totals("m"); counted != steps || logged != steps || t["judged"] != steps || t["held.filter"] != 2*steps {
		e.Errorf("%d steps: %d counted, %d logged, totals %v", steps, counted, logged, t)
	}
}

// A record is seen as it was between two steps, never in the middle of one.
func wholeRecords(e *env) {
	key := user("u")
	check := func(who string, r *store.Record) {
		s, _ := r.Stat(name("e"))
		if n := r.LastSeen; uint64(n) != r.EventSeq || uint64(n) != s.Count || int(n) != len(r.SendLog) {
			e.Errorf("%s saw LastSeen %d, EventSeq %d, a count of %d and %d in the log; they are written together", who, n, r.EventSeq, s.Count, len(r.SendLog))
		}
	}
	write := decide(func(r *store.Record, c *store.Changes) error {
		check("Decide", r)
		n := r.LastSeen + 1
		c.LastSeen, c.EventSeq = n, uint64(n)
		c.Stats = append(c.Stats, store.Stats{Name: name("e"), Count: uint64(n)})
		c.SendLog = append(c.SendLog, store.SendLogEntry{ID: fmt.Sprint(n)})
		return nil
	})
	race(func(racer int) {
		for range laps {
			var err error
			switch racer % 3 {
			case 0:
				steps := []store.Step{{Key: key, Decider: write}}
				err = errors.Join(e.store.Step(e.ctx, steps), steps[0].Err)
			case 1:
				err = e.store.Read(e.ctx, []store.Key{key}, func(r *store.Record) error { check("Read", r); return nil })
			case 2:
				_, err = e.store.Scan(e.ctx, store.Query{Kinds: []store.Kind{store.KindUser}}, "", 10, func(r *store.Record) error { check("Scan", r); return nil })
			}
			if err != nil {
				e.Errorf("%v", err)
			}
		}
	})
}
