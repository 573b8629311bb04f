package decide

import (
	"cmp"
	"math"
	"slices"

	"github.com/beckon-go/beckon/internal/hours"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/store"
)

// queue lets a message wait until the hour is one for it (S2, S4).
func (d *Decision) queue(cand *Candidate, s hours.Shut) {
	m, p := cand.Message, d.current()
	h := d.asHold(cand)
	if cand.hold != nil {
		// Up to when a Due on time would have sent it, it may be cancelled (T6); what Due
		// has missed is past.
		h.Absence = h.Absence && m.Wait != nil && d.In.Now < d.patience(p).until(&h, m)
	}
	h.Due, h.Until, h.Capped = s.Until, 0, false
	n := 0
	if p != nil {
		waiting := d.Reused.waiting.of(p.Holds, h.Message)
		if n = len(waiting); cand.hold == nil && (m.Dated || !m.Triggered) && slices.ContainsFunc(waiting, func(i int32) bool {
			return p.Holds[i].Company == h.Company && p.Holds[i].Event.At == h.Event.At
		}) {
			d.hold(m, cand.company, s.Reason, s.Until) // another sweep, or send, found that it waits
			return
		}
	}
	d.wait(cand, h, n, s.Reason)
}

// asHold returns a candidate as what waits. In the place of its event a date rule has
// nothing but the value for which it is decided.
func (d *Decision) asHold(cand *Candidate) store.Hold {
	h := store.Hold{Message: cand.Message.ID, Company: cand.company, Order: d.ordinal()}
	switch {
	case cand.hold != nil:
		return *cand.hold
	case cand.Message.Dated:
		h.Event.At = cand.date
	case cand.Message.Triggered:
		if cand.Message.Crossing == nil {
			h.Event = d.kept()
		} else {
			h.Event = d.logged()
			h.Event.Metadata = nil // it does not concern the message
		}
	}
	return h
}

func (d *Decision) wait(cand *Candidate, h store.Hold, waiting int, w plan.Reason) {
	if cand.Message.Composed {
		d.hold(cand.Message, cand.company, w, 0) // no program will know it: it is dropped (D14)
		return
	}
	if waiting >= d.In.Limits.Holds || !d.hasRoom(d.current(), &h, nil) {
		d.hold(cand.Message, cand.company, plan.HeldWaitingFull, 0)
		return
	}
	p := d.profile()
	p.Holds = append(p.Holds, h)
	d.Out.moved, d.Out.taken.of = true, p
	d.hold(cand.Message, cand.company, w, h.Due)
}

// outboxFull reports whether the contact has as many deliveries pending as it
// may have.
func (d *Decision) outboxFull() bool {
	return Alive(d.Record)-len(d.Changes.PendingDrop)+len(d.Changes.Pending) >= d.In.Limits.Pending // those of this occasion are new
}

// backlog holds a message because too much is pending. What had waited until
// now, or stands in a series, waits on: it is judged again when a worker may
// have come to it.
func (d *Decision) backlog(cand *Candidate) {
	var again int64
	waits := cand.hold != nil || cand.armed != nil
	if waits || cand.series != nil {
		again = d.In.Now + d.In.Limits.Lease
	}
	if waits {
		h := d.asHold(cand)
		h.Absence, h.Due = false, again
		p := d.profile()
		p.Holds = append(p.Holds, h) // it had its place
		d.Out.moved = true
	}
	d.hold(cand.Message, cand.company, plan.HeldOutboxFull, again)
}

// A holdIndex finds what waits by its message. Of few it looks at each.
type holdIndex struct {
	places map[string][]int32
	n      int // so many holds it has
	few    []int32
}

// of returns the places of a message's holds in a list, valid until the next call.
// Since the last one the list has only grown, or forget was called.
func (x *holdIndex) of(list []store.Hold, message string) []int32 {
	if len(list) <= rows.Few {
		x.few = x.few[:0]
		for i := range list {
			if list[i].Message == message {
				x.few = append(x.few, int32(i))
			}
		}
		return x.few
	}
	if x.places == nil {
		x.places = make(map[string][]int32, len(list))
	}
	for ; x.n < len(list); x.n++ {
		x.places[list[x.n].Message] = append(x.places[list[x.n].Message], int32(x.n))
	}
	return x.places[message]
}

// forget is for a list that something has left.
func (x *holdIndex) forget() {
	if x.n > 0 {
		x.places, x.n = nil, 0
	}
}

// sortHolds keeps what waits in the order in which Due judges it (K): due
// time, then arrival. Priority and id break the tie of one event's messages
// when they are judged, for both belong to the plan.
func sortHolds(list []store.Hold) {
	slices.SortStableFunc(list, func(a, b store.Hold) int {
		if n := cmp.Compare(a.Due, b.Due); n != 0 {
			return n
		}
		return byArrival(&a, &b)
	})
}

// byArrival compares holds by when they came to wait. By the number of the event, for a
// clock may step back; after a merge two may have one number, and an update has that of
// the next event: which was first, their instants say.
func byArrival(a, b *store.Hold) int {
	return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Event.Arrived, b.Event.Arrived))
}

// due judges what has waited until now, in order of due time, arrival,
// priority, id (K). One Due is one occasion: all of it sees the state from
// before.
func (d *Decision) due() error {
	p := d.Record.Profile
	if p == nil {
		return nil
	}
	if d.In.Explain && !d.isDue() {
		d.Out.Idle = true
		d.traceWaiting(p)
		return nil
	}
	var ready []ripe
	isReady := func(h store.Hold) bool { return h.Due <= d.In.Now && !d.In.State.leavesHold(&h, d.In.Now) }
	for _, h := range p.Holds {
		if isReady(h) {
			ready = append(ready, ripe{Hold: h})
		}
	}
	for i, x := range p.Rarely().Armed {
		if x.Due != 0 && x.Due <= d.In.Now && !d.In.State.leavesDate(&x, d.In.Now) {
			// No event has come for it: of what is due then it is the last.
			ready = append(ready, ripe{store.Hold{Message: x.Message, Due: x.Due, Order: math.MaxUint64}, &p.Rare.Armed[i]})
		}
	}
	if len(ready) > 0 {
		q := d.profile()
		d.Reused.waiting.forget()
		q.Holds = slices.DeleteFunc(q.Holds, isReady)
		slices.SortStableFunc(ready, func(a, b ripe) int {
			if n := cmp.Or(cmp.Compare(a.Due, b.Due), byArrival(&a.Hold, &b.Hold)); n != 0 {
				return n
			}
			return cmp.Compare(d.In.State.Plan.Rank(a.Message), d.In.State.Plan.Rank(b.Message))
		})
		for i := range ready {
			x, from, waiting := &ready[i], d.Out.Held.Count, len(d.profile().Holds)
			if x.armed != nil {
				d.occurs(x.armed)
			} else {
				d.reconsider(&x.Hold)
				d.noteEvent(from, &x.Hold)
			}
			d.holdBehind(from, x, waiting)
		}
	}
	if d.traces() {
		d.traceWaiting(p)
	}
	d.judgeEach(d.crossings(), nil)
	d.moveOn()
	return nil
}

// A ripe is what has fallen due: a hold, or a date that was armed.
type ripe struct {
	store.Hold
	armed *store.ArmedDate
}

// abandon notes what has waited too long for an engine that has its message: there is
// nothing to say of it but that it is not live any more (D12).
func (d *Decision) abandon(message, company string) {
	d.Out.Held.HoldNamed(HeldName{message, company}, plan.HeldNotLive)
	if d.traces() {
		t := d.newTrace(message, company)
		t.Reason, t.Note = store.ReasonNotLive, "the program does not have it, and it has waited too long for an engine that has"
		d.Out.Traces = append(d.Out.Traces, t)
	}
	d.Changes.Totals = append(d.Changes.Totals, store.Increment{Message: message, Name: plan.HeldNotLive.Total(), N: 1})
}

// reconsider judges one message that has waited: what was judged when its event
// arrived stands, everything else is judged as of now.
func (d *Decision) reconsider(h *store.Hold) {
	m := d.In.State.Plan.ByID[h.Message]
	if m == nil {
		d.abandon(h.Message, h.Company)
		return
	}
	if d.wasFollowed(h, m) {
		if d.traces() {
			t := d.newTrace(h.Message, h.Company)
			t.Waits, t.Note = d.waitOf(h, m), "an event that cancels it has followed: it is not sent"
			t.Never = t.Note
			d.Out.Traces = append(d.Out.Traces, t)
		}
		d.Changes.Totals = append(d.Changes.Totals, store.Increment{Message: h.Message, Name: TotalFollowed, N: 1})
		return
	}
	d.Safely(m, h.Company, func() {
		cand := Candidate{Message: m, company: h.Company, hold: h}
		if m.UsesCompany {
			cand.data = d.needCompany(h.Company)
		}
		fields, page := d.Scope.Fields, d.Scope.Page
		d.Scope.Company, d.Scope.Fields, d.Scope.Page = cand.data, h.Event.Metadata, h.Event.Page
		if d.traces() {
			d.trace(&cand)
		}
		switch {
		case d.In.Now < d.In.State.Since[m.Place]:
			d.hold(m, h.Company, plan.HeldNotLive, 0)
		case (m.Dated || !m.Triggered) && d.sentMeanwhile(&cand):
			d.hold(m, h.Company, plan.HeldAlreadySent, 0)
		case d.waitIsOver(h): // even if there was room before (F9)
			by := 0
			if h.Capped {
				by, _ = d.CapsAllow(m) // none if there is room by now (F10)
			}
			d.holdBy(m, h.Company, roomReason(h), 0, by)
		case d.stillMatches(m, h):
			d.judgeDelivery(&cand)
		default:
			d.hold(m, h.Company, plan.HeldAudience, 0)
		}
		d.Scope.Company, d.Scope.Fields, d.Scope.Page = nil, fields, page
	})
}

// stillMatches reports whether a message that has waited may go out as far as its
// audience goes: that is asked again where it says so, and as it goes out, not while
// it waits on (T6).
func (d *Decision) stillMatches(m *plan.Message, h *store.Hold) bool {
	if m.Wait == nil || !m.Wait.Recheck || m.Audience == nil {
		return true
	}
	return d.shut(m, d.current()).Waits(m) ||
		m.Frequency.Wait > 0 && d.In.State.freeFrom(d.Record, &d.Out.room, m, h, d.In.Now) > d.In.Now || d.eval(m.Audience)
}

// sentMeanwhile reports whether what goes out once, and waited, has gone out by another
// sweep or send meanwhile. It finds the date again that a date rule waited with.
func (d *Decision) sentMeanwhile(cand *Candidate) bool {
	if cand.Message.Dated {
		cand.date = cand.hold.Event.At
	}
	return d.alreadySent(cand)
}

// isDue reports whether something is due: else no run of Due comes to the contact.
func (d *Decision) isDue() bool {
	due := d.In.State.NextDue(d.Record, d.In.Now)
	return due != 0 && due <= d.In.Now
}
