package decide

import (
	"slices"

	"github.com/beckon-go/beckon/internal/ledger"
	"github.com/beckon-go/beckon/internal/perkey"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/store"
)

// Release takes one send out of a record. It may be called several times for
// one step.
func Release(rec *store.Record, c *store.Changes, id string, now int64) bool {
	r := newReleasing(rec, c, 1)
	taken := r.take(id)
	r.end()
	if taken {
		askForRoom(c.Profile.Holds, now)
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
	if p := r.find(id); p != nil {
		c.PendingDrop = append(c.PendingDrop, id)
		if p.Dead != nil { // what is given up counts as sent too, and this does not any more
			c.Totals = append(c.Totals, store.Increment{Message: s.Message, Name: TotalGivenUp, N: -1})
		}
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
