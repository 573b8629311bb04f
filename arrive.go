package beckon

import (
	"math"
	"slices"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
)

// The default limits of what a contact's record keeps.
const (
	// DefaultEventNames is how many distinct active event names a contact
	// may have (E6).
	DefaultEventNames = 500
	// DefaultRecentEvents is how many of a contact's events are kept to be
	// read and to build counters from (E9).
	DefaultRecentEvents = 1000
	// RecentEventsFor is how long they are kept at most (E9).
	RecentEventsFor = 90 * 24 * time.Hour
	// DefaultRepeats is how many events of a contact are remembered, so that
	// a repeat is known (E7); when it is full the oldest is forgotten.
	DefaultRepeats = 1000
	// RepeatsKnownFor is how long a repeat is known after the first arrival by
	// default.
	RepeatsKnownFor = 24 * time.Hour
)

// track is the decision on an event that arrives.
func (d *decision) track() error {
	d.result.EventID = d.event.EventID
	if d.hashed && d.isRepeat() && !d.explain {
		d.result.Duplicate = true
		if d.outbox {
			d.again()
		}
		return nil
	}
	if err := d.nameFits(); err != nil {
		return err
	}
	d.exist()
	if d.foreign = d.isForeign(); d.foreign {
		d.result.Warnings = append(d.result.Warnings, Warning{
			Code: WarnCompanyNotMember, Field: "company_id", Message: "the contact is no member of the company: rules and content see no company",
		})
	}
	if d.event.Import {
		d.result.Warnings = append(d.result.Warnings, Warning{
			Code: WarnEventImported, Field: "import", Message: "the event is history: it was recorded and triggers nothing",
		})
	} else {
		// The follower cancels before its own messages are judged: an event
		// that both follows and triggers restarts the clock.
		d.follow()
		candidates := d.concerns.candidates
		d.result.held.expect(len(candidates))
		d.c.Totals = slices.Grow(d.c.Totals, len(candidates))
		d.considerEach(candidates, d.concerns)
	}
	d.record()
	d.moveOn()
	return nil
}

// again returns what is still pending of a repeat to its caller, and the lease
// with it: who repeats an event has not seen what became of it. It does so once,
// for what nobody but the first caller has had. What a worker has is the
// worker's, and an event that is repeated again and again is not kept from the
// workers.
func (d *decision) again() {
	old := d.rec.Profile
	if old == nil {
		return
	}
	for i := range old.Pending {
		p := &old.Pending[i]
		switch {
		case p.Event != d.hash || p.Delivery.Attempt > 1:
		case p.refused(old):
			drop(d.rec, d.c, p)
			d.result.held.holdNamed(heldName{p.Delivery.Message, p.Delivery.CompanyID, ReasonUnsubscribed}, whyUnsubscribed, 0)
		default:
			own := d.profile()
			d.result.Deliveries = append(d.result.Deliveries, d.rec.addressed(own.Pending[own.pendingAt(p.Delivery.ID)].take(d.until)))
		}
	}
}

// isForeign reports whether the event names a company that the contact is no
// member of as it arrives, and that counts all the same only by an option (E11).
func (d *decision) isForeign() bool {
	id := d.event.CompanyID
	if id == "" || d.cfg.foreign {
		return false
	}
	p := d.rec.Profile
	return p == nil || !slices.Contains(p.Companies, id)
}

// eventCompany is the company whose data a triggered message uses: the
// event's, else the contact's first (D2). One that the event names and that
// does not count is not replaced by another.
func (d *decision) eventCompany(m *messagePlan) string {
	if !m.usesCompany || d.foreign {
		return ""
	}
	if d.event != nil && d.event.CompanyID != "" {
		return d.event.CompanyID
	}
	if p := d.rec.Profile; p != nil && len(p.Companies) > 0 {
		return p.Companies[0]
	}
	return ""
}

// isRepeat reports whether the event was taken within the last day (E7).
func (d *decision) isRepeat() bool {
	for i := len(d.rec.Seen) - 1; i >= 0; i-- {
		s := &d.rec.Seen[i]
		if s.Hash == d.hash && s.At > d.now-d.cfg.repeatsFor {
			return true
		}
	}
	return false
}

// nameFits is E6: at most so many distinct active names; known names keep
// counting.
func (d *decision) nameFits() error {
	if d.stat, d.counted = d.rec.Stat(d.name); d.counted || len(d.rec.Stats) < d.cfg.eventNames {
		return nil
	}
	active := len(d.rec.Stats)
	for i := range d.rec.Stats {
		if d.st.archived[d.rec.Stats[i].Name] {
			active--
		}
	}
	if active < d.cfg.eventNames {
		return nil
	}
	return ErrorList{{
		Code: ErrEventNamesLimit, Field: "event_name",
		Message: "the contact has as many event names as it may have; known names keep counting",
	}}
}

// record writes the event into the statistics, counters, the memory of
// repeats and the log (E4, E7, E9, A7).
func (d *decision) record() {
	s := d.stat
	if !d.counted {
		s.First, s.Last = d.at, d.at
	}
	s.First, s.Last = min(s.First, d.at), max(s.Last, d.at) // E4
	if s.Count < math.MaxUint64 {
		s.Count++
	}
	d.c.Stats = append(d.c.Stats, s)
	d.count()
	d.miss()
	if d.hashed {
		drop := 0
		for drop < len(d.rec.Seen) && d.rec.Seen[drop].At <= d.now-d.cfg.repeatsFor {
			drop++
		}
		if len(d.rec.Seen)-drop >= d.cfg.repeats { // a merge may have made them more
			drop++
		}
		d.c.SeenDrop = drop
		d.c.Seen = append(d.c.Seen, Seen{Hash: d.hash, At: d.now})
	}
	d.c.EventSeq = d.rec.EventSeq + 1
	d.c.KeepEvents = d.cfg.recentEvents
	d.c.EventsFrom = d.cfg.recentFrom(d.now)
	if d.cfg.recentEvents > 0 {
		d.c.Events = append(d.c.Events, d.logged())
	}
}

// ordinal is the place of the occasion among those of the contact.
func (d *decision) ordinal() uint64 { return d.rec.EventSeq + 1 }

// logged is the event as it is kept. It shares the metadata with the event,
// which was copied at the door.
func (d *decision) logged() LoggedEvent {
	return LoggedEvent{
		Seq: d.rec.EventSeq + 1, Name: d.name, At: d.at, Arrived: d.now, EventID: d.event.EventID,
		CompanyID: d.event.CompanyID, Source: d.event.Source, Import: d.event.Import,
		Page: d.event.Page, Metadata: d.scope.fields,
	}
}

// miss notes in the counters of the event's name that the plan does not need
// that they have missed it: a rule that comes back, or another process with
// another program, may need them.
func (d *decision) miss() {
	for i := range d.rec.Counters {
		k := &d.rec.Counters[i]
		if k.Missed != 0 || !k.counts(d.name.Value()) || slices.ContainsFunc(d.concerns.counters, func(def *counterDef) bool { return def.def == k.Def }) {
			continue
		}
		row := *k
		row.Missed = d.ordinal()
		d.c.Counters = append(d.c.Counters, row)
	}
}

// count adds the event to the counters that the plan needs of its name.
func (d *decision) count() {
	n := 0
	for _, def := range d.concerns.counters {
		if !def.admits(&d.scope) {
			continue
		}
		row := d.counterRow(def)
		// The row's times belong to the record: the step works on a copy, in
		// memory that the decision keeps for the next event.
		if n == len(d.times) {
			d.times = append(d.times, nil)
		}
		d.times[n] = append(d.times[n][:0], row.Times...)
		row.Times = d.times[n]
		row.add(d.at, def.keep)
		d.times[n] = row.Times
		n++
		if i := slices.IndexFunc(d.c.Counters, func(x Counter) bool { return x.Def == row.Def }); i >= 0 {
			d.c.Counters[i] = row
		} else {
			d.c.Counters = append(d.c.Counters, row)
		}
	}
}

func (d *decision) counterRow(def *counterDef) Counter {
	for i := range d.scope.built {
		if d.scope.built[i].Def == def.def {
			return d.scope.built[i]
		}
	}
	for i := range d.rec.Counters {
		if d.rec.Counters[i].Def == def.def {
			return d.rec.Counters[i]
		}
	}
	return Counter{Def: def.def}
}

// buildCounters makes, from the event log, the counters that the plan needs
// and the contact lacks: those of the event that arrives, before it counts,
// and, once a condition has asked, those of every name (A7). Counters of names
// that the contact never had start empty and exact.
func (d *decision) buildCounters() error {
	if !d.hasEvents {
		if d.what == onTrack {
			for _, def := range d.concerns.counters {
				if d.lacksCounter(def) {
					d.need.events, d.need.seq = true, d.rec.EventSeq
					return errNeed
				}
			}
		}
		return nil
	}
	since := d.logSince()
	for _, def := range d.defs() {
		if d.lacksCounter(def) {
			d.scope.built = append(d.scope.built, d.built(def, since))
		}
	}
	// What was built is kept: the next occasion finds it.
	d.c.Counters = append(d.c.Counters, d.scope.built...)
	return nil
}

// logSince returns the second from which on the event log that was fetched is
// complete; zero if it has all that were ever recorded.
func (d *decision) logSince() int64 {
	switch {
	case d.complete:
		return 0
	case len(d.events) > 0:
		return d.events[len(d.events)-1].At + 1
	}
	return calendar.FloorSeconds(d.now)
}

// defs are the counters that the decision may ask for.
func (d *decision) defs() []*counterDef {
	if d.rule != nil {
		return d.rule.counters
	}
	return d.st.plan.counters
}

// built makes one counter from the log; what the record already counts stays
// where the log reaches less far back.
func (d *decision) built(def *counterDef, since int64) Counter {
	for i := range d.rec.Counters {
		if old := &d.rec.Counters[i]; old.Def == def.def {
			k := caughtUp(*old, def, d.events, d.rec.EventSeq, since, d.st.plan.loc)
			if k.lacks(def.keep) {
				k = growCounter(k, def, d.events, since, d.st.plan.loc)
			}
			return k
		}
	}
	return buildCounter(def, d.events, since, d.st.plan.loc)
}

// lacksCounter reports whether the contact has events of the counter's name
// but no such counter, or one that missed some of them, or that keeps fewer times
// than the plan now needs while there were more.
func (d *decision) lacksCounter(def *counterDef) bool {
	for i := range d.rec.Counters {
		if k := &d.rec.Counters[i]; k.Def == def.def {
			return k.lacks(def.keep)
		}
	}
	st, ok := d.rec.Stat(def.event)
	return ok && st.Count > 0
}
