package decide

import (
	"math"
	"slices"

	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// merged reports whether a merge has made the record what it is and no occasion
// has followed: the first one decides what the merge has brought.
func (d *Decision) merged() bool {
	p := d.Record.Profile
	return p != nil && p.Merged != 0
}

// merge is the decision on a contact that two have just become: the occasion
// that a merge is (X3, D9). If another came before, that one was it.
func (d *Decision) merge() {
	if d.merged() {
		d.moveOn()
	}
}

// metThen reports whether a goal had been reached when its message was sent, if
// both contacts of a merge had been one then (C2): it is asked of the joined
// contact as it stood at that instant. What an attribute was then is not kept;
// those of either contact count as always had.
func (d *Decision) metThen(g store.GoalState, goal *plan.Goal) bool {
	if !d.Fetched.hasEvents {
		d.Out.Need.Events = true
		return false // the run is void
	}
	sent := g.Sent
	if sent == 0 { // not kept by version 1 of the persisted form
		sent = g.Until - goal.Within
	}
	built := d.Scope.Built
	then := d.stood(sent)
	d.Scope.Built = nil
	met := d.asOf(goal.Rule, then, sent)
	d.Scope.Built = built
	return met
}

// stood returns the record as it was at an instant, as far as the event log and
// the log of sends tell: events that arrived later and sends that were made later
// are taken out.
func (d *Decision) stood(at int64) *store.Record {
	rec := *d.Record
	rec.SendLog, rec.Dedup, rec.Stats, rec.SendStats, rec.Counters = nil, nil, nil, nil, nil
	rec.LastSeen = min(rec.LastSeen, at)
	var stayed []store.LoggedEvent
	for i := range d.Fetched.events {
		if d.Fetched.events[i].Arrived <= at {
			stayed = append(stayed, d.Fetched.events[i])
		}
	}
	for _, s := range d.Record.Stats {
		if s = d.statAt(s, at, stayed); s.Count > 0 {
			rec.Stats = append(rec.Stats, s)
		}
	}
	for _, s := range d.Record.SendStats {
		if s = d.sendsAt(s, at); s.Count > 0 {
			rec.SendStats = append(rec.SendStats, s)
		}
	}
	since := d.logSince()
	for _, def := range d.In.State.Plan.Counters {
		k := rule.BuildCounter(def, stayed, since, d.In.State.Plan.Loc)
		if old := d.counterRow(def); !d.Fetched.Complete && old.Count > k.Count {
			later := uint64(0)
			for i := range d.Fetched.events {
				if d.Fetched.events[i].Arrived > at && def.AdmitsLogged(&d.Fetched.events[i], d.In.State.Plan.Loc) {
					later++
				}
			}
			if n := old.Count - min(later, old.Count); n > k.Count { // more than the log has
				k.Count, k.First, k.Last = n, old.First, max(k.Last, old.First)
			}
		}
		if k.Count > 0 {
			rec.Counters = append(rec.Counters, k)
		}
	}
	slices.SortFunc(rec.Counters, store.Counter.Compare)
	return &rec
}

// statAt returns a row of statistics without the events that arrived after an
// instant; stayed are those in the log that arrived until then.
func (d *Decision) statAt(s store.Stats, at int64, stayed []store.LoggedEvent) store.Stats {
	kept, later := store.Stats{Name: s.Name}, uint64(0)
	for i := range d.Fetched.events {
		if e := &d.Fetched.events[i]; e.Name == s.Name && e.Arrived > at {
			later++
		}
	}
	if later == 0 {
		return s
	}
	for i := range stayed {
		e := &stayed[i]
		if e.Name != s.Name {
			continue
		}
		if kept.Count == 0 {
			kept.First, kept.Last = e.At, e.At
		}
		kept.Count++
		kept.First, kept.Last = min(kept.First, e.At), max(kept.Last, e.At)
	}
	if n := s.Count - min(later, s.Count); n > kept.Count { // more than the log has
		kept.Count, kept.First = n, s.First
		kept.Last = max(kept.Last, s.First)
	}
	return kept
}

// sendsAt returns a row of sends without those made after an instant.
func (d *Decision) sendsAt(s store.SendStats, at int64) store.SendStats {
	if s.Last <= at || s.Control {
		return s
	}
	last := min(s.Prior, at)
	for i := range d.Record.SendLog {
		switch x := &d.Record.SendLog[i]; {
		case x.Message != s.Message || x.Company != s.Company:
		case x.At <= at:
			last = max(last, x.At)
		case s.Count > 0:
			s.Count--
		}
	}
	s.Last = last
	return s
}

// MergeCounters returns the counter of two contacts that become one (C2). b
// missed nothing. Its newest times are exact as far back as both sides kept
// theirs.
func MergeCounters(a, b store.Counter) store.Counter {
	switch {
	case a.Missed != 0: // what b counted cannot be told from what a missed
		return store.Counter{Def: a.Def, Missed: 1}
	case a.Count == 0:
		return b
	case b.Count == 0:
		return a
	}
	most := max(a.Keep, b.Keep)
	m := store.Counter{
		Def: a.Def, Keep: most, Since: max(a.Since, b.Since),
		Count: a.Count + b.Count, First: min(a.First, b.First), Last: max(a.Last, b.Last),
	}
	if m.Count < a.Count {
		m.Count = math.MaxUint64
	}
	for _, k := range []store.Counter{a, b} {
		if uint64(len(k.Times)) < k.Count { // it has forgotten some
			m.Keep = min(m.Keep, k.Keep)
		}
	}
	m.Times = append(slices.Clone(a.Times), b.Times...)
	slices.Sort(m.Times)
	if over := len(m.Times) - m.Keep; over > 0 {
		m.Times = slices.Delete(m.Times, 0, over)
	}
	return m
}
