package decide

import (
	"slices"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// await lets a message wait until it is sure that another event does not
// follow (T6). Without a key, and for the same keyed value, a later trigger
// restarts the clock; one without the key waits by itself. What is overdue
// stands: its time was up, only nobody has run Due yet.
func (d *Decision) await(cand *Candidate) {
	u := cand.Message.Unless
	h := store.Hold{
		Message: cand.Message.ID, Company: cand.company, Absence: true, Keyed: u.Same != "",
		Due: d.In.Now + u.Within, Order: d.ordinal(), Event: d.logged(),
	}
	if h.Keyed {
		if v, ok := d.Scope.Fields.Get(u.Same); ok {
			h.Same, h.HasSame = sameValue(v), true
		}
	}
	p := d.profile()
	waiting := d.Reused.waiting.of(p.Holds, h.Message)
	for _, i := range waiting {
		x := &p.Holds[i]
		if restarts(&h, x, u, d.In.Now) {
			if !d.hasRoom(p, &h, x) {
				d.hold(cand.Message, cand.company, plan.HeldWaitingFull, 0) // the earlier one stands
				return
			}
			p.Holds[i] = h
			d.Out.moved = true
			d.hold(cand.Message, cand.company, plan.HeldWaiting, h.Due)
			return
		}
	}
	d.wait(cand, h, len(waiting), plan.HeldWaiting)
}

// restarts reports whether h, at an instant, takes the place of x: both wait to
// be sure of the same, and x is not past its deadline. u is what their message
// waits for; nil if it is not known.
func restarts(h, x *store.Hold, u *plan.Unless, at int64) bool {
	return h.Absence && x.Absence && h.Message == x.Message && holdDeadline(x, u) >= at &&
		(!h.Keyed && !x.Keyed || h.Keyed && x.Keyed && h.HasSame && x.HasSame && h.Same == x.Same)
}

// holdDeadline returns until when h waits to be sure. Behind it what is not yet sent
// waits for its window.
func holdDeadline(h *store.Hold, u *plan.Unless) int64 {
	if u == nil {
		return h.Due
	}
	return min(h.Due, h.Event.Arrived+u.Within)
}

// cancellable returns the last instant at which a follower cancels h: its deadline
// or, if the window is shut then, the end of the second in which it opens. It is by
// what is due and not by when Due comes.
func cancellable(h *store.Hold, m *plan.Message, zone *time.Location) int64 {
	last := h.Due
	if m.Schedule != nil && m.Schedule.Hold {
		if at, ok := m.Schedule.NextOpen(last, zone); ok {
			last = at
		}
	}
	if last > holdDeadline(h, m.Unless) {
		last = calendar.FloorSeconds(last)*1000 + 999
	}
	return last
}

// followedBy reports whether an event that arrives at an instant is the one
// that h, of a message that waits for absence, waits to be sure does not follow.
// zone is the contact's own, nil if it has none.
func followedBy(h *store.Hold, m *plan.Message, zone *time.Location, name unique.Handle[string], fields value.Fields, at int64) bool {
	if !h.Absence || m.Unless.Event != name || at > h.Due && at > cancellable(h, m, zone) {
		return false
	}
	if !h.Keyed {
		return true
	}
	v, ok := fields.Get(m.Unless.Same)
	return ok && h.HasSame && sameValue(v) == h.Same
}

// followedIn reports whether an event in the contact's log is one that h waits
// to be sure does not follow, and came after the event that waits.
func followedIn(h *store.Hold, log []store.LoggedEvent, m *plan.Message, zone *time.Location) bool {
	return slices.ContainsFunc(log, func(x store.LoggedEvent) bool {
		after := x.Arrived > h.Event.Arrived || x.Arrived == h.Event.Arrived && x.Seq > h.Order
		return after && !x.Import && followedBy(h, m, zone, x.Name, x.Metadata, x.Arrived)
	})
}

// follow cancels what waits to be sure that the event, which has just
// arrived, does not follow (T6): silently, except for the totals.
func (d *Decision) follow() {
	p := d.current()
	if p == nil || len(p.Holds) == 0 || d.In.Event.Imported {
		return
	}
	zone := d.In.State.zoneOf(p)
	cancelled := func(h *store.Hold) bool {
		m := d.In.State.Plan.ByID[h.Message]
		return m != nil && m.Unless != nil && followedBy(h, m, zone, d.In.Name, d.Scope.Fields, d.In.Now)
	}
	if !slices.ContainsFunc(p.Holds, func(h store.Hold) bool { return cancelled(&h) }) {
		return
	}
	p = d.profile()
	d.Reused.waiting.forget()
	p.Holds = slices.DeleteFunc(p.Holds, func(h store.Hold) bool {
		if !cancelled(&h) {
			return false
		}
		d.Changes.Totals = append(d.Changes.Totals, store.Increment{Message: h.Message, Name: TotalFollowed, N: 1})
		return true
	})
}

// wasFollowed reports whether the event that an absence waits for came in time, to
// an engine whose program did not have the message and so left it waiting (T6,
// D12). It is looked for among the contact's recent events.
func (d *Decision) wasFollowed(h *store.Hold, m *plan.Message) bool {
	if !h.Absence || m.Unless == nil {
		return false
	}
	if _, ever := d.Record.Stat(m.Unless.Event); !ever {
		return false
	}
	if !d.Fetched.hasEvents {
		d.Out.Need.Events = true
		return false
	}
	return followedIn(h, d.Fetched.events, m, d.In.State.zoneOf(d.current()))
}

// sameValue is a keyed value as absence compares it: type and value.
func sameValue(v value.Value) string {
	var scratch [64]byte
	return string(peek.Of(&v).AppendIdentity(scratch[:0]))
}
