package beckon

import (
	"cmp"
	"slices"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/calendar"
)

// DefaultHolds is how many messages wait per contact and message by default
// (T6, S2); one
// more is held ReasonWaitingFull.
const DefaultHolds = 50

// await lets a message wait until it is sure that another event does not
// follow (T6). Without a key, and for the same keyed value, a later trigger
// restarts the clock; one that lacks the key waits by itself. What is overdue
// stands: its time was up, only nobody has run Due yet.
func (d *decision) await(cand *candidate) {
	u := cand.m.unless
	h := Hold{
		Message: cand.m.id, Company: cand.company, Absence: true, Keyed: u.same != "",
		Due: d.now + u.within, Ord: d.ordinal(), Event: d.logged(),
	}
	if h.Keyed {
		if v, ok := d.scope.fields.Get(u.same); ok {
			h.Same, h.HasSame = sameValue(v), true
		}
	}
	p := d.profile()
	waiting := d.waiting.of(p.Holds, h.Message)
	for _, i := range waiting {
		x := &p.Holds[i]
		if h.restarts(x, u, d.now) {
			if !d.hasRoom(p, &h, x) {
				d.held(cand.m, cand.company, whyWaitingFull, 0) // the earlier one stands
				return
			}
			p.Holds[i] = h
			d.moved = true
			d.held(cand.m, cand.company, whyWaiting, h.Due)
			return
		}
	}
	d.wait(cand, h, len(waiting), whyWaiting)
}

// restarts reports whether h, at an instant, takes the place of x: both wait to
// be sure of the same, and x is not past its deadline. u is what their message
// waits for; nil if it is not known.
func (h *Hold) restarts(x *Hold, u *unlessPlan, at int64) bool {
	return h.Absence && x.Absence && h.Message == x.Message && x.deadline(u) >= at &&
		(!h.Keyed && !x.Keyed || h.Keyed && x.Keyed && h.HasSame && x.HasSame && h.Same == x.Same)
}

// deadline returns until when h waits to be sure. Behind it what is not yet sent
// waits for its window.
func (h *Hold) deadline(u *unlessPlan) int64 {
	if u == nil {
		return h.Due
	}
	return min(h.Due, h.Event.Arrived+u.within)
}

// cancellable returns the last instant at which a follower cancels h: its deadline
// or, if the window is shut then, the end of the second in which it opens. It is by
// what is due and not by when Due comes.
func (h *Hold) cancellable(m *messagePlan, zone *time.Location) int64 {
	last := h.Due
	if m.schedule != nil && m.schedule.hold {
		if at, ok := m.schedule.nextOpen(last, zone); ok {
			last = at
		}
	}
	if last > h.deadline(m.unless) {
		last = calendar.FloorSeconds(last)*1000 + 999
	}
	return last
}

// followedBy reports whether an event that arrives at an instant is the one
// that h, of a message that waits for absence, waits to be sure does not follow.
// zone is the contact's own, nil if it has none.
func (h *Hold) followedBy(m *messagePlan, zone *time.Location, name unique.Handle[string], fields Fields, at int64) bool {
	if !h.Absence || m.unless.event != name || at > h.Due && at > h.cancellable(m, zone) {
		return false
	}
	if !h.Keyed {
		return true
	}
	v, ok := fields.Get(m.unless.same)
	return ok && h.HasSame && sameValue(v) == h.Same
}

// followedIn reports whether an event in the contact's log is one that h waits
// to be sure does not follow, and came after the event that waits.
func (h *Hold) followedIn(log []LoggedEvent, m *messagePlan, zone *time.Location) bool {
	return slices.ContainsFunc(log, func(x LoggedEvent) bool {
		after := x.Arrived > h.Event.Arrived || x.Arrived == h.Event.Arrived && x.Seq > h.Ord
		return after && !x.Import && h.followedBy(m, zone, x.Name, x.Metadata, x.Arrived)
	})
}

// queue lets a message wait for its window to open (S2, hold).
func (d *decision) queue(cand *candidate, opening int64) {
	var h Hold
	if cand.hold != nil {
		h = *cand.hold
		// Up to the opening that followed its deadline it may be cancelled (T6); one
		// that Due has missed is past.
		next, _ := cand.m.schedule.nextOpen(h.Due, d.st.zoneOf(d.current()))
		h.Absence = h.Absence && cand.m.unless != nil && next == opening
		h.Due = opening
	} else {
		h = Hold{Message: cand.m.id, Company: cand.company, Due: opening, Ord: d.ordinal(), Event: d.logged()}
	}
	n := 0
	if p := d.current(); p != nil {
		n = len(d.waiting.of(p.Holds, h.Message))
	}
	d.wait(cand, h, n, whySchedule)
}

func (d *decision) wait(cand *candidate, h Hold, waiting int, w why) {
	if waiting >= d.cfg.holds || !d.hasRoom(d.current(), &h, nil) {
		d.held(cand.m, cand.company, whyWaitingFull, 0)
		return
	}
	p := d.profile()
	p.Holds = append(p.Holds, h)
	d.moved, d.taken.of = true, p
	d.held(cand.m, cand.company, w, h.Due)
}

// outboxFull reports whether the contact has as many deliveries pending as it
// may have.
func (d *decision) outboxFull() bool {
	p := d.current()
	return p != nil && len(p.Pending) >= d.cfg.pending
}

// backlog holds a message because too much is pending. What had waited until
// now, or stands in a series, waits on: it is judged again when a worker may
// have come to it.
func (d *decision) backlog(cand *candidate) {
	var again int64
	if cand.hold != nil || cand.series != nil {
		again = d.now + d.cfg.lease
	}
	if cand.hold != nil {
		h := *cand.hold
		h.Absence, h.Due = false, again
		p := d.profile()
		p.Holds = append(p.Holds, h) // it had its place
		d.moved = true
	}
	d.held(cand.m, cand.company, whyOutboxFull, again)
}

// A holdIndex finds what waits by its message. Of few it looks at each.
type holdIndex struct {
	places map[string][]int32
	n      int // so many holds it has
	few    []int32
}

// of returns the places of a message's holds in a list, valid until the next call.
// Since the last one the list has only grown, or forget was called.
func (x *holdIndex) of(list []Hold, message string) []int32 {
	if len(list) <= fewRows {
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
func sortHolds(list []Hold) {
	slices.SortStableFunc(list, func(a, b Hold) int {
		if n := cmp.Compare(a.Due, b.Due); n != 0 {
			return n
		}
		return cmp.Compare(a.Ord, b.Ord)
	})
}

// follow cancels what waits to be sure that the event, which has just
// arrived, does not follow (T6): silently, except for the totals.
func (d *decision) follow() {
	p := d.current()
	if p == nil || len(p.Holds) == 0 || d.event.Import {
		return
	}
	zone := d.st.zoneOf(p)
	cancelled := func(h *Hold) bool {
		m := d.st.plan.byID[h.Message]
		return m != nil && m.unless != nil && h.followedBy(m, zone, d.name, d.scope.fields, d.now)
	}
	if !slices.ContainsFunc(p.Holds, func(h Hold) bool { return cancelled(&h) }) {
		return
	}
	p = d.profile()
	d.waiting.forget()
	p.Holds = slices.DeleteFunc(p.Holds, func(h Hold) bool {
		if !cancelled(&h) {
			return false
		}
		d.c.Totals = append(d.c.Totals, Increment{Message: h.Message, Name: totalFollowed, N: 1})
		return true
	})
}

// wasFollowed reports whether the event that an absence waits for came in time, to
// an engine whose program did not have the message and so left it waiting (T6,
// D12). It is looked for among the contact's recent events.
func (d *decision) wasFollowed(h *Hold, m *messagePlan) bool {
	if !h.Absence || m.unless == nil {
		return false
	}
	if _, ever := d.rec.Stat(m.unless.event); !ever {
		return false
	}
	if !d.hasEvents {
		d.need.events = true
		return false
	}
	return h.followedIn(d.events, m, d.st.zoneOf(d.current()))
}

// sameValue is a keyed value as absence compares it: type and value.
func sameValue(v Value) string {
	var scratch [64]byte
	return string(v.appendIdentity(scratch[:0]))
}

// due judges what has waited until now, in order of due time, arrival,
// priority, id (K). One Due is one occasion: all of it sees the state from
// before.
func (d *decision) due() error {
	p := d.rec.Profile
	if p == nil {
		return nil
	}
	var ready []Hold
	isReady := func(h Hold) bool { return h.Due <= d.now && !d.st.leavesHold(&h, d.now) }
	for _, h := range p.Holds {
		if isReady(h) {
			ready = append(ready, h)
		}
	}
	if len(ready) > 0 {
		q := d.profile()
		d.waiting.forget()
		q.Holds = slices.DeleteFunc(q.Holds, isReady)
		slices.SortStableFunc(ready, func(a, b Hold) int {
			if n := cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Ord, b.Ord)); n != 0 {
				return n
			}
			return cmp.Compare(d.st.plan.rank(a.Message), d.st.plan.rank(b.Message))
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
func (d *decision) reconsider(h *Hold) {
	m := d.st.plan.byID[h.Message]
	if m == nil {
		// No engine that has it came in time: there is nothing to say of it but
		// that it is not live any more (D12).
		d.result.held.holdNamed(heldName{h.Message, h.Company, ReasonNotLive}, whyNotLive, 0)
		d.c.Totals = append(d.c.Totals, Increment{Message: h.Message, Name: whyNotLive.total(), N: 1})
		return
	}
	if d.wasFollowed(h, m) {
		d.c.Totals = append(d.c.Totals, Increment{Message: h.Message, Name: totalFollowed, N: 1})
		return
	}
	d.safely(m, h.Company, func() {
		cand := candidate{m: m, company: h.Company, hold: h}
		if m.usesCompany {
			cand.data = d.needCompany(h.Company)
		}
		fields, page := d.scope.fields, d.scope.page
		d.scope.company, d.scope.fields, d.scope.page = cand.data, h.Event.Metadata, h.Event.Page
		if d.now < d.st.since[m.place] {
			d.held(m, h.Company, whyNotLive, 0)
		} else {
			d.finish(&cand)
		}
		d.scope.company, d.scope.fields, d.scope.page = nil, fields, page
	})
}
