package decide

import (
	"slices"

	"github.com/beckon-go/beckon/internal/ledger"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/internal/walk"
	"github.com/beckon-go/beckon/store"
)

// An origin is what a delivery came out of, if that was used up by it: given
// back, it waits there again.
type origin struct {
	hold  *store.Hold       // what had waited until now
	armed *store.ArmedDate  // the date that had come
	walk  store.SeriesState // the walk at the message's block; its Series is empty if there is none

	crossing *plan.Crossing // that triggered it now; nil: none did
}

// A behind is a message that a walk has held, and comes to again if a delivery of the walk is
// taken back.
type behind struct {
	delivery int // that one; -1 if there is none
	held     int // its place in the list of held candidates
	message  string
	company  string
	reason   plan.Reason

	// No walk has held it: it had waited until now, or was to come now.
	hold  *store.Hold
	armed *store.ArmedDate
	waits *store.Hold // as which it waits on; nil: it does not
}

// walked reports whether a walk has held it.
func (x *behind) walked() bool { return x.hold == nil && x.armed == nil }

// A Rollback is the decision to take back what was decided and not yielded.
type Rollback struct {
	deliveries []store.Delivery
	origins    []origin            // of the deliveries
	walks      []store.SeriesState // as the decision left them
	behind     []behind
	sets       []setBehind
	crossed    []crossedBehind
	handed     []store.Delivery // what stays
	waiting    map[HoldName]int // in the profile; nil: not asked for yet
	from       int              // of what was decided, the first delivery that is taken back

	// Undone has the places, in the list of held candidates, of those that will be
	// judged again with what was taken back, in order.
	Undone []int

	// Back has the places, among all deliveries of the decision, of those that were taken
	// back, in order.
	Back []int
}

// Rollback returns what takes back the deliveries of the decision of a run, except for
// the first so many.
func (d *Decision) Rollback(handedOut int) *Rollback {
	return &Rollback{
		deliveries: d.Out.Deliveries[handedOut:], origins: d.Out.Origins[handedOut:], walks: d.Out.Walked,
		behind: d.Out.behind, sets: d.Out.sets, crossed: d.Out.crossed, handed: d.Out.Deliveries[:handedOut], from: handedOut,
	}
}

// Decide implements [store.Decider].
func (g *Rollback) Decide(rec *store.Record, c *store.Changes) error {
	r, left := newReleasing(rec, c, len(g.deliveries)), rows.Set(g.walks)
	g.Undone, g.Back, g.waiting = g.Undone[:0], g.Back[:0], nil
	queued, again := g.queuedLast(), make(map[string]int) // by series: the first delivery that its walk comes to again
	for i := range g.deliveries {
		d := &g.deliveries[i]
		if d.Attempt != 0 && r.leased(d) == nil { // another has it by now
			continue
		}
		if at, is := queued[g.origins[i].walk.Series]; d.IsQueued() || is && at > i {
			continue // workers have it, or would have what follows it twice
		}
		if !r.take(d.ID) {
			continue
		}
		g.Back = append(g.Back, g.from+i)
		p, from := c.Profile, g.origins[i]
		if from.hold != nil {
			p.Holds = append(p.Holds, *from.hold)
		}
		if from.armed != nil {
			own := p.Own()
			own.Armed = rearm(own.Armed, *from.armed)
		}
		if from.crossing != nil {
			uncross(p, d.Message, from.crossing)
		}
		if from.walk.Series == "" {
			continue
		}
		// A walk that has gone on since would send twice what comes after.
		if k, found := slices.BinarySearchFunc(p.SeriesStates, from.walk, compareWalks); found {
			if _, same := left[p.SeriesStates[k]]; same {
				p.SeriesStates[k] = from.walk
				again[from.walk.Series] = i
			}
		}
	}
	g.undo(r, again)
	g.leaveOut(c)
	g.unset(c, again)
	g.uncross(c)
	r.end()
	if c.Profile != nil {
		sortHolds(c.Profile.Holds)
		c.Totals = walk.Tally(c.Totals, walksOf(rec), c.Profile.SeriesStates)
	}
	return nil
}

// uncross has the next occasion see anew what triggered a delivery, unless it is otherwise
// by now.
func uncross(p *store.Profile, message string, c *plan.Crossing) {
	if x, noted := crossingAt(p, message); noted && x.Matched != c.Leaves {
		p.Own().Crossings = rows.Upsert(p.Own().Crossings, store.Crossing{Message: message, Matched: !x.Matched}, compareCrossings)
	}
}

// queuedLast returns, by series, the last delivery of its walk that was left to the workers.
func (g *Rollback) queuedLast() (last map[string]int) {
	for i := range g.deliveries {
		if series := g.origins[i].walk.Series; series != "" && g.deliveries[i].IsQueued() {
			if last == nil {
				last = make(map[string]int)
			}
			last[series] = i
		}
	}
	return last
}

// undo takes back what walks have held behind the deliveries that they come to again.
func (g *Rollback) undo(r *releasing, again map[string]int) {
	for _, x := range g.behind {
		if x.walked() && !g.comesAgain(x.delivery, again) || !x.walked() && !g.waitsAgain(&x, r.c) {
			continue
		}
		g.Undone = append(g.Undone, x.held)
		r.c.Totals = append(r.c.Totals, store.Increment{Message: x.message, Name: x.reason.Total(), N: -1})
		if list := r.c.Profile.Rarely().Decided; len(list) > 0 {
			r.c.Profile.Rare.Decided = ledger.List(list).Withdraw(x.message, x.company, store.Reason(x.reason.Text()))
		}
		if x.reason != plan.HeldControl {
			continue
		}
		if row := &r.c.SendStats[r.row(x.message, x.company, true)]; row.Count > 0 { // the contact stays in the control group by its hash
			row.Count--
			r.c.Totals = append(r.c.Totals, store.Increment{Message: x.message, Name: TotalControl, N: -1})
		}
	}
}
