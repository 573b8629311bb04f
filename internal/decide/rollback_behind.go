package decide

import (
	"slices"

	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A setBehind is what a walk has set on its way, and sets again if a delivery of the walk is
// taken back.
type setBehind struct {
	delivery int // that one; -1 if there is none
	name     string
	was, is  value.Value
}

// An anchored is the place at which a walk begins to set things since its last delivery. From
// there it goes on if the next one is taken back: what is set would end it by an exit rule, or
// be seen by others, before that is sent.
type anchored struct {
	is           bool
	walk         store.SeriesState
	sets, behind int // so many there were
}

// anchor notes that a walk is about to set something.
func (d *Decision) anchor(w *store.SeriesState) {
	if d.streamed() && !d.Out.anchored.is {
		d.Out.anchored = anchored{true, *w, len(d.Out.sets), len(d.Out.behind)}
	}
}

// setBehind notes that a walk has set an attribute, which was another value before.
func (d *Decision) setBehind(name string, was value.Value) {
	if !d.streamed() {
		return
	}
	if is := d.current().Attribute(name); !is.Equal(was) {
		d.Out.sets = append(d.Out.sets, setBehind{d.lastOfWalk(), name, was, is})
	}
}

// lastOfWalk returns the latest delivery of the walk that moves; -1 if there is none.
func (d *Decision) lastOfWalk() int {
	if n := len(d.Out.Origins); n > d.Out.walkFrom {
		return n - 1
	}
	return -1
}

// adopt has a walk that has sent something, the delivery at that place, go on from its anchor
// if that is taken back.
func (d *Decision) adopt(place int) {
	a := d.Out.anchored
	if !a.is || place == len(d.Out.Origins) {
		return
	}
	from := &d.Out.Origins[place].walk
	due := from.Due
	*from = a.walk
	from.Due = due
	for i := range d.Out.sets[a.sets:] {
		d.Out.sets[a.sets+i].delivery = place
	}
	for i := range d.Out.behind[a.behind:] {
		d.Out.behind[a.behind+i].delivery = place
	}
	d.Out.anchored = anchored{}
}

// unset takes back what walks will set again, where nobody has set anything else since.
func (g *Rollback) unset(c *store.Changes, again map[string]int) {
	for _, x := range slices.Backward(g.sets) {
		if g.comesAgain(x.delivery, again) && c.Profile.Attribute(x.name).Equal(x.is) {
			SetAttribute(c.Profile, x.name, x.was)
		}
	}
}

// comesAgain reports whether a walk comes again to what goes with a delivery of the decision.
func (g *Rollback) comesAgain(delivery int, again map[string]int) bool {
	i := delivery - g.from
	if i < 0 {
		return false
	}
	first, is := again[g.origins[i].walk.Series]
	return is && i >= first
}

// A crossedBehind is what was noted of the segment of a message because of what the decision
// itself has brought about.
type crossedBehind struct {
	was   store.Crossing // if noted
	noted bool
	is    store.Crossing
}

// crossBehind notes what has been noted of segments since.
func (d *Decision) crossBehind(before []store.Crossing) {
	p := d.current()
	if p == nil || !d.streamed() {
		return
	}
	for _, x := range p.Rarely().Crossings {
		was := crossedBehind{is: x}
		if i, noted := slices.BinarySearchFunc(before, x, compareCrossings); noted {
			was.was, was.noted = before[i], true
		}
		if !was.noted || was.was != x {
			d.Out.crossed = append(d.Out.crossed, was)
		}
	}
}

// uncross has the next occasion see anew what the decision has brought about, if something
// of that is taken back: whether it is so still is not known here. What was sent for it, and
// is not taken back, was so.
func (g *Rollback) uncross(c *store.Changes) {
	if len(g.Back) == 0 || len(g.crossed) == 0 {
		return
	}
	stands := make(map[string]struct{}, len(g.handed))
	for i := range g.handed {
		stands[g.handed[i].Message] = struct{}{}
	}
	for i := range g.deliveries {
		if _, back := slices.BinarySearch(g.Back, g.from+i); !back {
			stands[g.deliveries[i].Message] = struct{}{}
		}
	}
	for _, x := range g.crossed {
		now, noted := crossingAt(c.Profile, x.is.Message)
		if _, sent := stands[x.is.Message]; sent || !noted || now != x.is {
			continue
		}
		own := c.Profile.Own()
		if x.noted {
			own.Crossings = rows.Upsert(own.Crossings, x.was, compareCrossings)
		} else {
			own.Crossings = slices.DeleteFunc(own.Crossings, func(y store.Crossing) bool { return y.Message == x.is.Message })
		}
	}
}

// holdBehind notes that what has fallen due was held, at a place among all held, for what the
// decision has sent before it. So many waited before it was judged.
func (d *Decision) holdBehind(held int, of *ripe, waiting int) {
	if len(d.Out.Origins) == 0 || d.Out.Held.Count == held || !d.streamed() {
		return
	}
	reason := d.Out.Held.row(d.Out.Held.Rows - 1).reason
	switch store.Reason(reason.Text()) {
	case store.ReasonThrottled, store.ReasonCapped, store.ReasonMaxReached, store.ReasonOutboxFull:
	default:
		return
	}
	x := behind{delivery: len(d.Out.Origins) - 1, held: held, message: of.Message, company: of.Company, reason: reason, armed: of.armed}
	if x.armed == nil {
		x.hold = &of.Hold
	} else {
		x.company = d.eventCompany(d.In.State.Plan.ByID[of.Message])
	}
	if list := d.profile().Holds; len(list) > waiting {
		h := list[len(list)-1]
		x.waits = &h
	}
	d.Out.behind = append(d.Out.behind, x)
}

// A HoldName tells what waits apart.
type HoldName struct {
	message, company string
	order            uint64
	arrived, at      int64
}

// NameOfHold returns the name of a hold.
func NameOfHold(h *store.Hold) HoldName {
	return HoldName{h.Message, h.Company, h.Order, h.Event.Arrived, h.Event.At}
}

// waitsAgain has what was held for a delivery that is taken back wait as it did before, and
// reports whether it does.
func (g *Rollback) waitsAgain(x *behind, c *store.Changes) bool {
	if _, back := slices.BinarySearch(g.Back, x.delivery); !back {
		return false
	}
	if g.waiting == nil {
		g.waiting = make(map[HoldName]int, len(c.Profile.Holds))
		for i := range c.Profile.Holds {
			g.waiting[NameOfHold(&c.Profile.Holds[i])] = i
		}
	}
	i := -1
	if x.waits != nil {
		var still bool
		if i, still = g.waiting[NameOfHold(x.waits)]; !still {
			return false // it was cancelled, or sent, meanwhile
		}
	}
	switch list := c.Profile.Holds; {
	case x.armed == nil && i >= 0:
		list[i] = *x.hold
	case x.armed == nil:
		c.Profile.Holds = append(list, *x.hold)
	default:
		if i >= 0 {
			list[i] = store.Hold{} // others have their places, see leaveOut
		}
		own := c.Profile.Own()
		own.Armed = rearm(own.Armed, *x.armed)
	}
	return true
}

// leaveOut drops what waitsAgain has emptied.
func (g *Rollback) leaveOut(c *store.Changes) {
	if g.waiting != nil {
		c.Profile.Holds = slices.DeleteFunc(c.Profile.Holds, func(h store.Hold) bool { return h.Message == "" })
	}
}
