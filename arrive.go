package beckon

import (
	"crypto/sha256"
	"math"
	"slices"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// track is the decision on an event that arrives.
func (d *decision) track() error {
	if d.in.hashed && d.isRepeat() && !d.in.explain {
		d.out.duplicate = true
		if d.in.outbox {
			d.again()
		}
		return nil
	}
	if err := d.nameFits(); err != nil {
		return err
	}
	d.exist()
	d.out.foreign = d.isForeign()
	if !d.in.event.imported {
		// The follower cancels before its own messages are judged: an event
		// that both follows and triggers restarts the clock.
		d.follow()
		candidates := d.in.concerns.Candidates
		d.out.held.expect(len(candidates))
		d.c.Totals = slices.Grow(d.c.Totals, len(candidates))
		d.judgeEach(candidates, d.in.concerns)
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
		case p.Event != d.in.hash || p.Delivery.Attempt > 1:
		case refusedBy(p, old):
			drop(d.rec, d.c, p)
			d.out.held.holdNamed(heldName{p.Delivery.Message, p.Delivery.CompanyID}, plan.HeldUnsubscribed, 0)
		default:
			own := d.profile()
			d.out.deliveries = append(d.out.deliveries, addressed(d.rec, takeLease(&own.Pending[pendingIndex(own, p.Delivery.ID)], d.in.until)))
		}
	}
}

// isForeign reports whether the event names a company that the contact is no
// member of as it arrives, and that counts all the same only by an option (E11).
func (d *decision) isForeign() bool {
	id := d.in.event.company
	if id == "" || d.in.limits.foreign {
		return false
	}
	p := d.rec.Profile
	return p == nil || !slices.Contains(p.Companies, id)
}

// isRepeat reports whether the event was taken within the last day (E7).
func (d *decision) isRepeat() bool {
	for i := len(d.rec.Seen) - 1; i >= 0; i-- {
		s := &d.rec.Seen[i]
		if s.Hash == d.in.hash && s.At > d.in.now-d.in.limits.repeatsFor {
			return true
		}
	}
	return false
}

// nameFits is E6: at most so many distinct active names; known names keep
// counting.
func (d *decision) nameFits() error {
	if d.out.stat, d.out.counted = d.rec.Stat(d.in.name); d.out.counted || len(d.rec.Stats) < d.in.limits.eventNames {
		return nil
	}
	active := len(d.rec.Stats)
	for i := range d.rec.Stats {
		if d.in.st.archived[d.rec.Stats[i].Name] {
			active--
		}
	}
	if active < d.in.limits.eventNames {
		return nil
	}
	return fault.List{{
		Code: fault.ErrEventNamesLimit, Field: "event_name",
		Message: "the contact has as many event names as it may have; known names keep counting",
	}}
}

// record writes the event into the statistics, counters, the memory of
// repeats and the log (E4, E7, E9, A7).
func (d *decision) record() {
	s := d.out.stat
	if !d.out.counted {
		s.First, s.Last = d.in.at, d.in.at
	}
	s.First, s.Last = min(s.First, d.in.at), max(s.Last, d.in.at) // E4
	if s.Count < math.MaxUint64 {
		s.Count++
	}
	d.c.Stats = append(d.c.Stats, s)
	d.count()
	d.miss()
	if d.in.hashed {
		drop := 0
		for drop < len(d.rec.Seen) && d.rec.Seen[drop].At <= d.in.now-d.in.limits.repeatsFor {
			drop++
		}
		if len(d.rec.Seen)-drop >= d.in.limits.repeats { // a merge may have made them more
			drop++
		}
		d.c.SeenDrop = drop
		d.c.Seen = append(d.c.Seen, store.Seen{Hash: d.in.hash, At: d.in.now})
	}
	d.c.EventSeq = d.rec.EventSeq + 1
	d.c.KeepEvents = d.in.limits.recentEvents
	d.c.EventsFrom = d.in.limits.recentFrom(d.in.now)
	if d.in.limits.recentEvents > 0 {
		d.c.Events = append(d.c.Events, d.logged())
	}
}

// ordinal is the place of the occasion among those of the contact.
func (d *decision) ordinal() uint64 { return d.rec.EventSeq + 1 }

// logged is the event as it is kept. It shares the metadata with the event,
// which was copied at the door.
func (d *decision) logged() store.LoggedEvent {
	return store.LoggedEvent{
		Seq: d.rec.EventSeq + 1, Name: d.in.name, At: d.in.at, Arrived: d.in.now, EventID: d.in.event.id,
		CompanyID: d.in.event.company, Source: d.in.event.source, Import: d.in.event.imported,
		Page: d.in.page, Metadata: d.scope.Fields,
	}
}

// identify finds the event's identity, by which a repeat is known (E7): its
// id, whatever the name; else, if its time was given, name, second and the
// metadata that counts. One with neither is always new.
func (d *decision) identify(canonical string) {
	var scratch [512]byte
	switch {
	case d.in.event.id != "":
		d.in.hash, d.in.hashed = hash16(scratch[:], "id", d.in.event.id), true
	case d.in.event.dated:
		body := d.reused.text[:0]
		fields := d.in.event.fields
		for i := range fields {
			key := fold.Key(fields[i].Key)
			body = appendUint32(body, len(key))
			body = append(body, key...)
			body = peek.Of(&fields[i].Value).AppendIdentity(body)
		}
		d.reused.text = body
		var at [8]byte
		for i := range at {
			at[i] = byte(d.in.event.created >> (8 * i))
		}
		d.in.hash, d.in.hashed = hash16(scratch[:], "at", canonical, string(at[:]), string(body)), true
	}
}

func appendUint32(b []byte, n int) []byte {
	return append(b, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

// hash16 is the hash behind delivery ids, repeats and control groups: SHA-256,
// cut to 16 bytes, over parts that carry their length, so that no two lists of
// parts run together.
func hash16(scratch []byte, parts ...string) [16]byte {
	b := scratch[:0]
	for _, p := range parts {
		n := len(p)
		b = append(b, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
		b = append(b, p...)
	}
	sum := sha256.Sum256(b)
	return [16]byte(sum[:16])
}
