package beckon

import (
	"slices"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// count adds the event to the counters that the plan needs of its name.
func (d *decision) count() {
	n := 0
	for _, def := range d.in.concerns.Counters {
		if !def.Admits(&d.scope) {
			continue
		}
		row := d.counterRow(def)
		// The row's times belong to the record: the step works on a copy, in
		// memory that the decision keeps for the next event.
		if n == len(d.reused.times) {
			d.reused.times = append(d.reused.times, nil)
		}
		d.reused.times[n] = append(d.reused.times[n][:0], row.Times...)
		row.Times = d.reused.times[n]
		rule.AddToCounter(&row, d.in.at, def.Keep)
		d.reused.times[n] = row.Times
		n++
		if i := slices.IndexFunc(d.c.Counters, func(x store.Counter) bool { return x.Def == row.Def }); i >= 0 {
			d.c.Counters[i] = row
		} else {
			d.c.Counters = append(d.c.Counters, row)
		}
	}
}

func (d *decision) counterRow(def *rule.CounterDef) store.Counter {
	for i := range d.scope.Built {
		if d.scope.Built[i].Def == def.Def {
			return d.scope.Built[i]
		}
	}
	for i := range d.rec.Counters {
		if d.rec.Counters[i].Def == def.Def {
			return d.rec.Counters[i]
		}
	}
	return store.Counter{Def: def.Def}
}

// buildCounters makes, from the event log, the counters that the plan needs
// and the contact does not have: those of the event that arrives, before it counts,
// and, once a condition has asked, those of every name (A7). Counters of names
// that the contact never had start empty and exact.
func (d *decision) buildCounters() error {
	if !d.fetched.hasEvents {
		if d.in.what == onTrack {
			for _, def := range d.in.concerns.Counters {
				if d.missesCounter(def) {
					d.out.need.events, d.out.need.seq = true, d.rec.EventSeq
					return errNeed
				}
			}
		}
		return nil
	}
	since := d.logSince()
	for _, def := range d.defs() {
		if d.missesCounter(def) {
			d.scope.Built = append(d.scope.Built, d.built(def, since))
		}
	}
	// What was built is kept: the next occasion finds it.
	d.c.Counters = append(d.c.Counters, d.scope.Built...)
	return nil
}

// logSince returns the second from which on the event log that was fetched is
// complete; zero if it has all that were ever recorded.
func (d *decision) logSince() int64 {
	switch {
	case d.fetched.complete:
		return 0
	case len(d.fetched.events) > 0:
		return d.fetched.events[len(d.fetched.events)-1].At + 1
	}
	return calendar.FloorSeconds(d.in.now)
}

// defs are the counters that the decision may ask for.
func (d *decision) defs() []*rule.CounterDef {
	if d.in.rule != nil {
		return d.in.rule.counters
	}
	return d.in.st.plan.Counters
}

// built makes one counter from the log; what the record already counts stays
// where the log reaches less far back.
func (d *decision) built(def *rule.CounterDef, since int64) store.Counter {
	for i := range d.rec.Counters {
		if old := &d.rec.Counters[i]; old.Def == def.Def {
			k := rule.CaughtUp(*old, def, d.fetched.events, d.rec.EventSeq, since, d.in.st.plan.Loc)
			if k.Lacks(def.Keep) {
				k = rule.GrowCounter(k, def, d.fetched.events, since, d.in.st.plan.Loc)
			}
			return k
		}
	}
	return rule.BuildCounter(def, d.fetched.events, since, d.in.st.plan.Loc)
}

// missesCounter reports whether the contact has events of the counter's name
// but no such counter, or one that missed some of them, or that keeps fewer times
// than the plan now needs while there were more.
func (d *decision) missesCounter(def *rule.CounterDef) bool {
	for i := range d.rec.Counters {
		if k := &d.rec.Counters[i]; k.Def == def.Def {
			return k.Lacks(def.Keep)
		}
	}
	st, ok := d.rec.Stat(def.Event)
	return ok && st.Count > 0
}

// miss notes in the counters of the event's name that the plan does not need
// that they have missed it: a rule that comes back, or another process with
// another program, may need them.
func (d *decision) miss() {
	for i := range d.rec.Counters {
		k := &d.rec.Counters[i]
		if k.Missed != 0 || !rule.CountsEvent(k, d.in.name.Value()) || slices.ContainsFunc(d.in.concerns.Counters, func(def *rule.CounterDef) bool { return def.Def == k.Def }) {
			continue
		}
		row := *k
		row.Missed = d.ordinal()
		d.c.Counters = append(d.c.Counters, row)
	}
}
