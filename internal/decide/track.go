package decide

import (
	"crypto/sha256"
	"math"
	"slices"
	"unique"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// track is the decision on an event that arrives.
func (d *Decision) track() error {
	if d.In.hashed && d.isRepeat() && !d.In.Explain {
		d.Out.Duplicate = true
		if d.In.Outbox && !d.In.Records {
			d.again()
		}
		return nil
	}
	if err := d.nameFits(); err != nil {
		return err
	}
	d.exist()
	d.Out.Foreign = d.isForeign()
	d.record() // messages are judged over the record, which is from before it
	if d.In.Event.Imported {
		d.crossings() // what is seen is noted
	} else {
		// The follower cancels before its own messages are judged: an event
		// that both follows and triggers restarts the clock.
		d.follow()
		candidates, quick := d.In.Concerns.Candidates, d.In.Concerns
		if crossed := d.crossings(); len(crossed) > 0 {
			candidates, quick = together(candidates, crossed), nil
		}
		d.Out.Held.Expect(len(candidates))
		d.Changes.Totals = slices.Grow(d.Changes.Totals, len(candidates))
		d.judgeEach(candidates, quick)
	}
	d.moveOn()
	return nil
}

// again returns what is still pending of a repeat to its caller, and the lease
// with it: who repeats an event has not seen what became of it. It does so once,
// for what nobody but the first caller has had. What a worker has is the
// worker's, and an event that is repeated again and again is not kept from the
// workers.
func (d *Decision) again() {
	for p := range d.Record.Pending.All() {
		switch {
		case p.Event != d.In.hash || p.Delivery.Attempt > 1:
		case RefusedBy(p, d.Record.Profile):
			Drop(d.Record, d.Changes, d.In.Now, p)
			d.Out.Held.HoldNamed(HeldName{p.Delivery.Message, p.Delivery.CompanyID}, plan.HeldUnsubscribed)
		case p.Delivery.IsQueued(): // it is told, and stays with the workers
			d.Out.Deliveries = append(d.Out.Deliveries, Addressed(d.Record, OwnDelivery(p.Delivery)))
		default:
			d.Out.Deliveries = append(d.Out.Deliveries, Addressed(d.Record, TakeLease(d.Changes, p, d.In.until)))
		}
	}
}

// isForeign reports whether the event names a company that the contact is no
// member of as it arrives, and that counts all the same only by an option (E11).
func (d *Decision) isForeign() bool {
	id := d.In.Event.Company
	if id == "" || d.In.Limits.Foreign {
		return false
	}
	p := d.Record.Profile
	return p == nil || !slices.Contains(p.Companies, id)
}

// isRepeat reports whether the event was taken within the last day (E7).
func (d *Decision) isRepeat() bool {
	for i := len(d.Record.Dedup) - 1; i >= 0; i-- {
		s := &d.Record.Dedup[i]
		if s.Hash == d.In.hash && s.At > d.In.Now-d.In.Limits.RepeatsFor {
			return true
		}
	}
	return false
}

// nameFits is E6: at most so many distinct active names; known names keep
// counting.
func (d *Decision) nameFits() error {
	if d.Out.stat, d.Out.counted = d.Record.Stat(d.In.Name); d.Out.counted || len(d.Record.Stats) < d.In.Limits.EventNames {
		return nil
	}
	active := len(d.Record.Stats)
	for i := range d.Record.Stats {
		if d.In.State.Archived[d.Record.Stats[i].Name] {
			active--
		}
	}
	if active < d.In.Limits.EventNames {
		return nil
	}
	return fault.List{{
		Code: fault.ErrEventNamesLimit, Field: "event_name",
		Message: "the contact has as many event names as it may have; known names keep counting",
	}}
}

// record writes the event into the statistics, counters, the memory of
// repeats and the log (E4, E7, E9, A7).
func (d *Decision) record() {
	s := d.Out.stat
	if !d.Out.counted {
		s.First, s.Last = d.In.at, d.In.at
	}
	s.First, s.Last = min(s.First, d.In.at), max(s.Last, d.In.at) // E4
	if s.Count < math.MaxUint64 {
		s.Count++
	}
	d.Changes.Stats = append(d.Changes.Stats, s)
	d.count()
	d.miss()
	if d.In.hashed {
		drop := 0
		for drop < len(d.Record.Dedup) && d.Record.Dedup[drop].At <= d.In.Now-d.In.Limits.RepeatsFor {
			drop++
		}
		if len(d.Record.Dedup)-drop >= d.In.Limits.Repeats { // a merge may have made them more
			drop++
		}
		d.Changes.DedupDrop = drop
		d.Changes.Dedup = append(d.Changes.Dedup, store.Dedup{Hash: d.In.hash, At: d.In.Now})
	}
	d.Changes.EventSeq = d.Record.EventSeq + 1
	d.Changes.KeepEvents = d.In.Limits.RecentEvents
	d.Changes.EventsFrom = d.In.Limits.RecentFrom(d.In.Now)
	if d.In.Limits.RecentEvents > 0 {
		d.Changes.Events = append(d.Changes.Events, store.LoggedEvent{})
		d.log(&d.Changes.Events[len(d.Changes.Events)-1])
	}
}

// ordinal is the place of the occasion among those of the contact.
func (d *Decision) ordinal() uint64 { return d.Record.EventSeq + 1 }

// logged is the event as a store is to keep it, which copies the metadata: they are in
// memory of the decision's. What keeps them by itself takes kept.
func (d *Decision) logged() (e store.LoggedEvent) {
	d.log(&e)
	return e
}

// log writes what logged returns, in its place.
func (d *Decision) log(e *store.LoggedEvent) {
	of := &d.In.Event
	e.Seq, e.Name, e.At, e.Arrived = d.Record.EventSeq+1, d.In.Name, d.In.at, d.In.Now
	e.EventID, e.CompanyID, e.Source, e.Import = of.ID, of.Company, of.Source, of.Imported
	e.Page, e.Metadata = d.In.Page, d.Scope.Fields
}

// kept is logged with metadata that stay, for what waits: all that waits with the event
// shares one copy. What other occasions show as metadata is nobody else's.
func (d *Decision) kept() store.LoggedEvent {
	e := d.logged()
	if own := d.In.Event.Fields; len(own) > 0 && len(e.Metadata) > 0 && &own[0] == &e.Metadata[0] {
		if d.Out.waitsWith == nil {
			d.Out.waitsWith = slices.Clone(own)
		}
		e.Metadata = d.Out.waitsWith
	}
	return e
}

// Identify finds the event's identity, by which a repeat is known (E7): its
// id, whatever the name; else, if its time was given, name, second and the
// metadata that counts. One with neither is always new.
func (d *Decision) Identify(canonical string) {
	var scratch [512]byte
	switch {
	case d.In.Event.ID != "":
		d.In.hash, d.In.hashed = Hash16(scratch[:], "id", d.In.Event.ID), true
	case d.In.Event.Dated:
		body := d.Reused.text[:0]
		fields := d.In.Event.Fields
		for i := range fields {
			key := fold.Key(fields[i].Key)
			body = appendUint32(body, len(key))
			body = append(body, key...)
			body = peek.Of(&fields[i].Value).AppendIdentity(body)
		}
		d.Reused.text = body
		var at [8]byte
		for i := range at {
			at[i] = byte(d.In.Event.Created >> (8 * i))
		}
		d.In.hash, d.In.hashed = Hash16(scratch[:], "at", canonical, string(at[:]), string(body)), true
	}
}

func appendUint32(b []byte, n int) []byte {
	return append(b, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

// Hash16 is the hash behind delivery ids, repeats and control groups: SHA-256,
// cut to 16 bytes, over parts that carry their length, so that no two lists of
// parts run together.
func Hash16(scratch []byte, parts ...string) [16]byte {
	b := scratch[:0]
	for _, p := range parts {
		n := len(p)
		b = append(b, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
		b = append(b, p...)
	}
	sum := sha256.Sum256(b)
	return [16]byte(sum[:16])
}

// Recount raises the statistics of a record to rows that were counted elsewhere, sorted by
// name. Nothing is written if the names are more than the contact may have. (E4, E6)
func Recount(rec *store.Record, c *store.Changes, rows []store.Stats, archived map[unique.Handle[string]]bool, names int) error {
	active := 0
	for i := range rec.Stats {
		if !archived[rec.Stats[i].Name] {
			active++
		}
	}
	for _, s := range rows {
		have, known := rec.Stat(s.Name)
		if known {
			s = JoinCounted(s, have)
		} else if active++; active > names {
			return fault.List{{
				Code: fault.ErrEventNamesLimit, Field: "event_name",
				Message: "the contact has as many event names as it may have; known names keep counting",
			}}
		}
		if s != have {
			c.Stats = append(c.Stats, s)
		}
	}
	return nil
}

// JoinCounted returns what two have counted of one name.
func JoinCounted(a, b store.Stats) store.Stats {
	a.Count, a.First, a.Last = max(a.Count, b.Count), min(a.First, b.First), max(a.Last, b.Last)
	return a
}
