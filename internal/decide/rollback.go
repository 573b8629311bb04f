package decide

import (
	"slices"

	"github.com/beckon-go/beckon/internal/ledger"
	"github.com/beckon-go/beckon/internal/perkey"
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

// Release takes one send out of a record. It may be called several times for
// one step.
func Release(rec *store.Record, c *store.Changes, id string) bool {
	r := newReleasing(rec, c, 1)
	taken := r.take(id)
	r.end()
	if taken {
		askForRoom(c.Profile.Holds)
	}
	return taken
}

// A releasing takes sends out of a record. What it takes to find one, or to be rid of
// what stands elsewhere of it, is done once for many.
type releasing struct {
	rec *store.Record
	c   *store.Changes

	log     map[string]int            // places in the log of sends, if many are taken
	pending map[string]*store.Pending // and rows of the outbox
	dropped map[string]struct{}
	rows    map[rowName]int // of those in c.SendStats, nil if few are taken
	taken   []int           // places in the log
}

func newReleasing(rec *store.Record, c *store.Changes, n int) *releasing {
	r := &releasing{rec: rec, c: c}
	if n <= rows.Few {
		return r
	}
	r.log, r.rows, r.dropped = make(map[string]int, len(rec.SendLog)), make(map[rowName]int), rows.Set(c.SendLogDrop)
	for i := range slices.Backward(rec.SendLog) {
		r.log[rec.SendLog[i].ID] = i
	}
	for i := range c.SendStats {
		r.rows[nameOfRow(&c.SendStats[i])] = i
	}
	r.pending = make(map[string]*store.Pending, rec.Pending.Len())
	for p := range rec.Pending.All() {
		r.pending[p.Delivery.ID] = p
	}
	return r
}

// find returns the row of a delivery in the outbox, nil if it is not there.
func (r *releasing) find(id string) *store.Pending {
	if r.pending == nil {
		return r.rec.Pending.Find(id)
	}
	return r.pending[id]
}

// leased is Leased.
func (r *releasing) leased(d *store.Delivery) *store.Pending {
	if p := r.find(d.ID); p != nil && GivenOut(p, d) {
		return p
	}
	return nil
}

// place returns the place of a send in the log, -1 if it is not there.
func (r *releasing) place(id string) int {
	if r.log == nil {
		return slices.IndexFunc(r.rec.SendLog, func(s store.SendLogEntry) bool { return s.ID == id })
	}
	if i, found := r.log[id]; found {
		return i
	}
	return -1
}

// take takes one send out, if it is there. What end does is still to come.
func (r *releasing) take(id string) bool {
	rec, c := r.rec, r.c
	i, gone := r.place(id), false
	if r.log != nil {
		_, gone = r.dropped[id]
	} else {
		gone = slices.Contains(c.SendLogDrop, id)
	}
	if i < 0 || gone {
		return false
	}
	s := &rec.SendLog[i]
	c.SendLogDrop = append(c.SendLogDrop, id)
	if r.dropped != nil {
		r.dropped[id] = struct{}{}
	}
	row := &c.SendStats[r.row(s.Message, s.Company, false)]
	if row.Count > 0 {
		row.Count--
	}
	if c.Profile == nil {
		c.Profile = CloneProfile(rec.Profile)
	}
	c.Profile.FreeSequences = append(c.Profile.FreeSequences, store.FreeSequence{Message: s.Message, Sequence: s.Sequence})
	c.Totals = append(c.Totals, store.Increment{Message: s.Message, Name: TotalSent, N: -1})
	if list := c.Profile.Rarely().Decided; len(list) > 0 {
		c.Profile.Rare.Decided = ledger.List(list).Release(s.Message, s.Sequence)
	}
	if r.find(id) != nil {
		c.PendingDrop = append(c.PendingDrop, id)
	}
	r.taken = append(r.taken, i)
	return true
}

// row returns the place of a row among those that are changed.
func (r *releasing) row(message, company string, control bool) int {
	row := store.SendStats{Message: message, Company: company, Control: control}
	k := -1
	if r.rows == nil {
		k = slices.IndexFunc(r.c.SendStats, func(x store.SendStats) bool { return x.Compare(row) == 0 })
	} else if at, found := r.rows[nameOfRow(&row)]; found {
		k = at
	}
	if k >= 0 {
		return k
	}
	if j, found := slices.BinarySearchFunc(r.rec.SendStats, row, store.SendStats.Compare); found {
		row = r.rec.SendStats[j]
	}
	r.c.SendStats = append(r.c.SendStats, row)
	if r.rows != nil {
		r.rows[nameOfRow(&row)] = len(r.c.SendStats) - 1
	}
	return len(r.c.SendStats) - 1
}

// end leaves nothing elsewhere of what was taken out.
func (r *releasing) end() {
	if len(r.taken) == 0 {
		return
	}
	rec, c, p := r.rec, r.c, r.c.Profile
	ids, touched, dates := rows.Set(c.SendLogDrop), map[rowName]int{}, map[store.DateState]struct{}{}
	for _, i := range r.taken {
		s := &rec.SendLog[i]
		k := r.row(s.Message, s.Company, false)
		row := &c.SendStats[k]
		touched[nameOfRow(row)] = k
		row.Last = row.Prior // the latest that is left: in the log, or before it
		if row.Count == 0 {
			row.Last, row.Prior = 0, 0
		}
		if s.Date != 0 {
			dates[store.DateState{Message: s.Message, Company: s.Company, Value: s.Date}] = struct{}{}
		}
	}
	for i := range rec.SendLog {
		s := &rec.SendLog[i]
		k, is := touched[rowName{message: s.Message, company: s.Company}]
		if _, gone := ids[s.ID]; is && !gone && c.SendStats[k].Count > 0 {
			c.SendStats[k].Last = max(c.SendStats[k].Last, s.At)
		}
	}
	r.values()
	if len(dates) > 0 {
		p.Dates = slices.DeleteFunc(p.Dates, func(x store.DateState) bool { _, gone := dates[x]; return gone })
	}
	r.goals()
}

// goals leaves open the goals of the sends that are left: the span of a goal runs from the
// latest of them, of whatever company.
func (r *releasing) goals() {
	if len(r.c.Profile.Goals) == 0 {
		return
	}
	last, changed := make(map[string]int64, len(r.taken)), make(map[rowName]struct{}, len(r.c.SendStats))
	for _, i := range r.taken {
		last[r.rec.SendLog[i].Message] = 0
	}
	see := func(s *store.SendStats) {
		if at, taken := last[s.Message]; taken && !s.Control && s.Count > 0 {
			last[s.Message] = max(at, s.Last)
		}
	}
	for i := range r.c.SendStats {
		changed[nameOfRow(&r.c.SendStats[i])] = struct{}{}
		see(&r.c.SendStats[i])
	}
	for i := range r.rec.SendStats {
		if _, is := changed[nameOfRow(&r.rec.SendStats[i])]; !is {
			see(&r.rec.SendStats[i])
		}
	}
	r.c.Profile.Goals = slices.DeleteFunc(r.c.Profile.Goals, func(g store.GoalState) bool {
		at, taken := last[g.Message]
		return taken && at == 0 && !g.Control && !g.Converted
	})
	for i := range r.c.Profile.Goals {
		g := &r.c.Profile.Goals[i]
		if at, taken := last[g.Message]; taken && !g.Control && !g.Converted && g.Sent > at {
			g.Sent, g.Until = at, g.Until-(g.Sent-at)
		}
	}
}

// values takes what was taken out of what is known of values (F7).
func (r *releasing) values() {
	if len(r.c.Profile.Rarely().PerValue) == 0 {
		return
	}
	made, own := make(map[store.FreeSequence]int64, len(r.rec.SendLog)), r.c.Profile.Own()
	for i := range r.rec.SendLog {
		s := &r.rec.SendLog[i]
		made[store.FreeSequence{Message: s.Message, Sequence: s.Sequence}] = s.At
	}
	for _, i := range r.taken {
		s := &r.rec.SendLog[i]
		own.PerValue, _ = perkey.List(own.PerValue).Release(s.Message, s.Sequence, func(number uint32) int64 {
			return made[store.FreeSequence{Message: s.Message, Sequence: number}]
		})
	}
}
