package beckon

import (
	"cmp"
	"slices"

	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/store"
)

// queue lets a message wait for its window to open (S2, hold).
func (d *decision) queue(cand *candidate, opening int64) {
	var h store.Hold
	if cand.hold != nil {
		h = *cand.hold
		// Up to the opening that followed its deadline it may be cancelled (T6); one
		// that Due has missed is past.
		next, _ := cand.m.Schedule.NextOpen(h.Due, d.in.st.zoneOf(d.current()))
		h.Absence = h.Absence && cand.m.Unless != nil && next == opening
		h.Due = opening
	} else {
		h = store.Hold{Message: cand.m.ID, Company: cand.company, Due: opening, Ord: d.ordinal(), Event: d.logged()}
	}
	n := 0
	if p := d.current(); p != nil {
		n = len(d.reused.waiting.of(p.Holds, h.Message))
	}
	d.wait(cand, h, n, plan.HeldSchedule)
}

func (d *decision) wait(cand *candidate, h store.Hold, waiting int, w plan.Reason) {
	if waiting >= d.in.limits.holds || !d.hasRoom(d.current(), &h, nil) {
		d.hold(cand.m, cand.company, plan.HeldWaitingFull, 0)
		return
	}
	p := d.profile()
	p.Holds = append(p.Holds, h)
	d.out.moved, d.out.taken.of = true, p
	d.hold(cand.m, cand.company, w, h.Due)
}

// outboxFull reports whether the contact has as many deliveries pending as it
// may have.
func (d *decision) outboxFull() bool {
	p := d.current()
	return p != nil && len(p.Pending) >= d.in.limits.pending
}

// backlog holds a message because too much is pending. What had waited until
// now, or stands in a series, waits on: it is judged again when a worker may
// have come to it.
func (d *decision) backlog(cand *candidate) {
	var again int64
	if cand.hold != nil || cand.series != nil {
		again = d.in.now + d.in.limits.lease
	}
	if cand.hold != nil {
		h := *cand.hold
		h.Absence, h.Due = false, again
		p := d.profile()
		p.Holds = append(p.Holds, h) // it had its place
		d.out.moved = true
	}
	d.hold(cand.m, cand.company, plan.HeldOutboxFull, again)
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
		return cmp.Compare(a.Ord, b.Ord)
	})
}

// due judges what has waited until now, in order of due time, arrival,
// priority, id (K). One Due is one occasion: all of it sees the state from
// before.
func (d *decision) due() error {
	p := d.rec.Profile
	if p == nil {
		return nil
	}
	var ready []store.Hold
	isReady := func(h store.Hold) bool { return h.Due <= d.in.now && !d.in.st.leavesHold(&h, d.in.now) }
	for _, h := range p.Holds {
		if isReady(h) {
			ready = append(ready, h)
		}
	}
	if len(ready) > 0 {
		q := d.profile()
		d.reused.waiting.forget()
		q.Holds = slices.DeleteFunc(q.Holds, isReady)
		slices.SortStableFunc(ready, func(a, b store.Hold) int {
			if n := cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Ord, b.Ord)); n != 0 {
				return n
			}
			return cmp.Compare(d.in.st.plan.Rank(a.Message), d.in.st.plan.Rank(b.Message))
		})
		for i := range ready {
			d.reconsider(&ready[i])
		}
	}
	d.moveOn()
	return nil
}

// reconsider judges one message that has waited: what was judged when its event
// arrived stands, everything else is judged as of now.
func (d *decision) reconsider(h *store.Hold) {
	m := d.in.st.plan.ByID[h.Message]
	if m == nil {
		// No engine that has it came in time: there is nothing to say of it but
		// that it is not live any more (D12).
		d.out.held.holdNamed(heldName{h.Message, h.Company}, plan.HeldNotLive, 0)
		d.c.Totals = append(d.c.Totals, store.Increment{Message: h.Message, Name: plan.HeldNotLive.Total(), N: 1})
		return
	}
	if d.wasFollowed(h, m) {
		d.c.Totals = append(d.c.Totals, store.Increment{Message: h.Message, Name: totalFollowed, N: 1})
		return
	}
	d.safely(m, h.Company, func() {
		cand := candidate{m: m, company: h.Company, hold: h}
		if m.UsesCompany {
			cand.data = d.needCompany(h.Company)
		}
		fields, page := d.scope.Fields, d.scope.Page
		d.scope.Company, d.scope.Fields, d.scope.Page = cand.data, h.Event.Metadata, h.Event.Page
		if d.in.now < d.in.st.since[m.Place] {
			d.hold(m, h.Company, plan.HeldNotLive, 0)
		} else {
			d.judgeDelivery(&cand)
		}
		d.scope.Company, d.scope.Fields, d.scope.Page = nil, fields, page
	})
}
