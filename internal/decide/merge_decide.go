package decide

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strings"
	"unique"

	"github.com/beckon-go/beckon/internal/intern"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/internal/tally"
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
		d.judgeEach(d.crossings(), nil)
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
	then := d.stood(goal.Rule.Reading(), sent)
	d.Scope.Built = nil
	met := d.asOf(goal.Rule, then, sent)
	d.Scope.Built = built
	return met
}

// A past tells how a contact stood at an instant, as far as the event log and the log
// of sends tell. Goals ask for one instant after the other.
type past struct {
	events map[unique.Handle[string]][]pastEvent
	sends  map[rowName][]int64 // when the log's were made
}

// A pastEvent is an event of one name with what came until then: the events of a
// name are in order of arrival.
type pastEvent struct{ arrived, first, last int64 }

// eventsOf returns the events of a name.
func (d *Decision) eventsOf(name unique.Handle[string]) []pastEvent {
	x := &d.Out.past
	list, known := x.events[name]
	if known {
		return list
	}
	d.Fetched.log.Each(name, func(e *store.LoggedEvent) { list = append(list, pastEvent{e.Arrived, e.At, e.At}) })
	slices.SortFunc(list, func(a, b pastEvent) int { return cmp.Compare(a.arrived, b.arrived) })
	for i := 1; i < len(list); i++ {
		list[i].first, list[i].last = min(list[i].first, list[i-1].first), max(list[i].last, list[i-1].last)
	}
	if x.events == nil {
		x.events = make(map[unique.Handle[string]][]pastEvent)
	}
	x.events[name] = list
	return list
}

// stood returns what a rule reads of the record as it was at an instant: events that
// arrived later and sends that were made later are taken out.
func (d *Decision) stood(reads *rule.Reading, at int64) *store.Record {
	rec := *d.Record
	rec.SendLog, rec.Dedup, rec.Stats, rec.SendStats, rec.Counters = nil, nil, nil, nil, nil
	rec.LastSeen = min(rec.LastSeen, at)
	for _, name := range reads.Stats {
		if s, _ := d.Record.Stat(name); s.Count > 0 {
			if s = d.statAt(s, at); s.Count > 0 {
				rec.Stats = append(rec.Stats, s)
			}
		}
	}
	slices.SortFunc(rec.Stats, func(a, b store.Stats) int { return strings.Compare(intern.Text(a.Name), intern.Text(b.Name)) })
	rec.Stats = slices.Compact(rec.Stats)
	sends := d.Record.SendStats
	if !reads.AllSends {
		sends = nil
		slices.Sort(reads.Sends)
		for _, message := range slices.Compact(reads.Sends) {
			sends = append(sends, rule.SendsOf(d.Record, message)...)
		}
	}
	for _, s := range sends {
		if s = d.sendsAt(s, at); s.Count > 0 {
			rec.SendStats = append(rec.SendStats, s)
		}
	}
	for _, def := range reads.Counters {
		if k := d.counterAt(def, at); k.Count > 0 {
			rec.Counters = append(rec.Counters, k)
		}
	}
	slices.SortFunc(rec.Counters, store.Counter.Compare)
	rec.Counters = slices.CompactFunc(rec.Counters, func(a, b store.Counter) bool { return a.Def == b.Def })
	return &rec
}

// counterAt returns a counter without the events that arrived after an instant. What it
// has of values (A13) is that of the log alone: from a sum one could be taken out, but not
// from a greatest.
func (d *Decision) counterAt(def *rule.CounterDef, at int64) store.Counter {
	k, later := store.Counter{Def: def.Def, Keep: def.Keep, Since: d.logSince()}, uint64(0)
	d.Fetched.log.Each(def.Event, func(e *store.LoggedEvent) {
		switch {
		case !def.AdmitsLogged(e, d.In.State.Plan.Loc):
		case e.Arrived <= at:
			def.Add(&k, e.At, e.Metadata)
		default:
			later++
		}
	})
	if old := d.counterRow(def); !d.Fetched.Complete && old.Count > k.Count && def.Tally == tally.None {
		if n := old.Count - min(later, old.Count); n > k.Count { // more than the log has
			k.Count, k.First, k.Last = n, old.First, max(k.Last, old.First)
		}
	}
	return k
}

// statAt returns a row of statistics without the events that arrived after an
// instant.
func (d *Decision) statAt(s store.Stats, at int64) store.Stats {
	list := d.eventsOf(s.Name)
	n, _ := slices.BinarySearchFunc(list, at+1, func(e pastEvent, at int64) int { return cmp.Compare(e.arrived, at) })
	later := uint64(len(list) - n)
	if later == 0 {
		return s
	}
	kept := store.Stats{Name: s.Name, Count: uint64(n)}
	if n > 0 {
		kept.First, kept.Last = list[n-1].first, list[n-1].last
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
	if d.Out.past.sends == nil {
		d.Out.past.sends = make(map[rowName][]int64)
		for i := range d.Record.SendLog {
			x := &d.Record.SendLog[i]
			name := rowName{message: x.Message, company: x.Company}
			d.Out.past.sends[name] = append(d.Out.past.sends[name], x.At)
		}
	}
	last := min(s.Prior, at)
	for _, made := range d.Out.past.sends[nameOfRow(&s)] {
		switch {
		case made <= at:
			last = max(last, made)
		case s.Count > 0:
			s.Count--
		}
	}
	s.Last = last
	return s
}

// mergeTallies sets the values of a counter to those of two (A13).
func mergeTallies(m *store.Counter, kind tally.Kind, a, b store.Counter) {
	switch kind {
	case tally.Sums:
		m.Tally = tally.Join(a.Tally, b.Tally)
	case tally.Distinct:
		m.Tally = tally.Unite(a.Tally, b.Tally)
	default:
		w, gone, went := kind.Merge(tally.Window{Times: a.Times, Values: a.Tally}, tally.Window{Times: b.Times, Values: b.Tally}, m.Keep)
		rule.Entered(m, w, gone, went)
	}
}

// MergeCounters returns the counter of two contacts that become one (C2). b
// missed nothing. Its newest times are exact as far back as both sides kept
// theirs.
func MergeCounters(a, b store.Counter) store.Counter {
	switch {
	case a.Missed != 0: // what b counted cannot be told from what a missed
		return store.Counter{Def: a.Def, Missed: 1}
	case a.Count == 0:
		b.Since = max(a.Since, b.Since)
		return b
	case b.Count == 0:
		a.Since = max(a.Since, b.Since)
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
	if kind := rule.TallyOf(a.Def); kind != tally.None {
		mergeTallies(&m, kind, a, b)
		return m
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

// arrange puts what waits in one contact behind what came before it in the other, whose
// numbers are greater: what waits goes out in order of arrival (S2). A date rule's arrival
// is not kept.
func arrange(own, theirs []store.Hold) {
	list := slices.Clone(theirs)
	slices.SortFunc(list, func(a, b store.Hold) int { return cmp.Compare(a.Event.Arrived, b.Event.Arrived) })
	list = slices.DeleteFunc(list, func(h store.Hold) bool { return h.Event.Arrived == 0 })
	for i := 1; i < len(list); i++ {
		list[i].Order = max(list[i].Order, list[i-1].Order)
	}
	for i := range own {
		h := &own[i]
		if n := sort.Search(len(list), func(k int) bool { return list[k].Event.Arrived >= h.Event.Arrived }); n > 0 {
			h.Order = max(h.Order, list[n-1].Order)
		}
	}
}
