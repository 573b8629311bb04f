package decide

import (
	"slices"
	"strings"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// count adds the event to the counters that the plan needs of its name.
func (d *Decision) count() {
	n := 0
	for _, def := range d.In.Concerns.Counters {
		if !def.Admits(&d.Scope) {
			continue
		}
		row := d.counterRow(def)
		// The row's times belong to the record: the step works on a copy, in
		// memory that the decision keeps for the next event.
		if n == len(d.Reused.times) {
			d.Reused.times = append(d.Reused.times, nil)
		}
		d.Reused.times[n] = append(d.Reused.times[n][:0], row.Times...)
		row.Times = d.Reused.times[n]
		def.Add(&row, d.In.at, d.Scope.Fields)
		d.Reused.times[n] = row.Times
		n++
		if i, found := rule.FindCounter(d.Scope.Built, row.Def); found {
			d.Changes.Counters[i] = row // what was built stands in front
		} else {
			d.Changes.Counters = append(d.Changes.Counters, row)
		}
	}
}

func (d *Decision) counterRow(def *rule.CounterDef) store.Counter {
	if i, found := rule.FindCounter(d.Scope.Built, def.Def); found {
		return d.Scope.Built[i]
	}
	if i, found := rule.FindCounter(d.Record.Counters, def.Def); found {
		return d.Record.Counters[i]
	}
	return store.Counter{Def: def.Def}
}

// buildCounters makes, from the event log, the counters that the plan needs
// and the contact does not have: those of the event that arrives, before it counts,
// and, once a condition has asked, those of every name (A7). Counters of names
// that the contact never had start empty and exact.
func (d *Decision) buildCounters() error {
	if !d.Fetched.hasEvents {
		if d.In.Occasion == OnTrack {
			for _, def := range d.In.Concerns.Counters {
				if d.missesCounter(def) {
					d.Out.Need.Events, d.Out.Need.Seq = true, d.Record.EventSeq
					return ErrNeed
				}
			}
		}
		return nil
	}
	since := d.logSince()
	for _, def := range d.defs() {
		if d.missesCounter(def) {
			d.Scope.Built = append(d.Scope.Built, d.built(def, since))
		}
	}
	// What was built is kept: the next occasion finds it.
	d.Changes.Counters = append(d.Changes.Counters, d.Scope.Built...)
	return nil
}

// logSince returns the second from which on the event log that was fetched is
// complete; zero if it has all that were ever recorded.
func (d *Decision) logSince() int64 {
	switch {
	case d.Fetched.Complete:
		return 0
	case len(d.Fetched.log.Events) > 0:
		return d.Fetched.log.Events[len(d.Fetched.log.Events)-1].At + 1
	}
	return calendar.FloorSeconds(d.In.Now)
}

// defs are the counters that the decision may ask for.
func (d *Decision) defs() []*rule.CounterDef {
	if d.In.Rule != nil {
		return d.In.Rule.Counters
	}
	return d.In.State.Plan.Counters
}

// built makes one counter from the log; what the record already counts stays
// where the log reaches less far back.
func (d *Decision) built(def *rule.CounterDef, since int64) store.Counter {
	log, loc := &d.Fetched.log, d.In.State.Plan.Loc
	if i, found := rule.FindCounter(d.Record.Counters, def.Def); found {
		k := rule.CaughtUp(d.Record.Counters[i], def, log, d.Record.EventSeq, since, loc)
		if k.Lacks(def.Keep) {
			k = rule.GrowCounter(k, def, log, since, loc)
		}
		return k
	}
	return rule.BuildCounter(def, log, since, loc)
}

// missesCounter reports whether the contact has events of the counter's name
// but no such counter, or one that missed some of them, or that keeps fewer times
// than the plan now needs while there were more.
func (d *Decision) missesCounter(def *rule.CounterDef) bool {
	if i, found := rule.FindCounter(d.Record.Counters, def.Def); found {
		return d.Record.Counters[i].Lacks(def.Keep)
	}
	st, ok := d.Record.Stat(def.Event)
	return ok && st.Count > 0
}

// miss notes in the counters of the event's name that the plan does not need
// that they have missed it: a rule that comes back, or another process with
// another program, may need them.
func (d *Decision) miss() {
	for i := range d.Record.Counters {
		k := &d.Record.Counters[i]
		if k.Missed != 0 || !rule.CountsEvent(k, d.In.Name.Value()) || d.needsCounter(k.Def) {
			continue
		}
		row := *k
		row.Missed = d.ordinal()
		d.Changes.Counters = append(d.Changes.Counters, row)
	}
}

// needsCounter reports whether the plan counts the event that arrives by a
// definition. A plan has them in order.
func (d *Decision) needsCounter(def string) bool {
	list := d.In.Concerns.Counters
	if len(list) > rows.Few {
		_, found := slices.BinarySearchFunc(list, def, func(x *rule.CounterDef, def string) int { return strings.Compare(x.Def, def) })
		return found
	}
	return slices.ContainsFunc(list, func(x *rule.CounterDef) bool { return x.Def == def })
}
