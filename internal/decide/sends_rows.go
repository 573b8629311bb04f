package decide

import (
	"cmp"
	"slices"

	"github.com/beckon-go/beckon/internal/perkey"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// A rowIndex finds rows among those that an occasion has changed.
type rowIndex struct {
	of     map[string]rowsOf
	Before []int32           // of each row, the one before it of the same message; -1: none
	places map[rowName]int32 // of messages that have several rows
}

// A rowsOf is what is known of the rows of one message.
type rowsOf struct {
	latest int32  // of those changed, counted from 1; 0: there is none
	sent   uint32 // how often it was sent, if that was asked
	asked  bool
}

// A rowName is what one row counts.
type rowName struct {
	message, company string
	control          bool
}

func nameOfRow(s *store.SendStats) rowName { return rowName{s.Message, s.Company, s.Control} }

// extend takes in the rows that are new. There may come more of them.
func (x *rowIndex) extend(list []store.SendStats, more int) {
	if len(x.Before) == len(list) {
		return
	}
	if x.of == nil {
		x.of = make(map[string]rowsOf, len(list)+more)
	}
	if len(list) > cap(x.Before) {
		x.Before = slices.Grow(x.Before, len(list)-len(x.Before)+more)
	}
	for i := len(x.Before); i < len(list); i++ {
		of := x.of[list[i].Message]
		before := of.latest - 1
		if before >= 0 {
			if x.places == nil {
				x.places = make(map[rowName]int32)
			}
			if x.Before[before] < 0 { // the first, which was alone until now
				x.places[nameOfRow(&list[before])] = before
			}
			x.places[nameOfRow(&list[i])] = int32(i)
		}
		x.Before = append(x.Before, before)
		of.latest = int32(i) + 1
		x.of[list[i].Message] = of
	}
}

// find returns the place of a row in the list that the index has taken in, -1 if it is
// not there.
func (x *rowIndex) find(list []store.SendStats, name rowName) int {
	at := int(x.of[name.message].latest) - 1
	if at < 0 || nameOfRow(&list[at]) == name {
		return at
	}
	if x.Before[at] >= 0 {
		if at, known := x.places[name]; known {
			return int(at)
		}
	}
	return -1
}

// reset forgets all rows.
func (x *rowIndex) reset() {
	if len(x.Before) > 0 || x.of != nil {
		*x = rowIndex{}
	}
}

// changedRow returns the place of a row among those that the occasion has changed,
// -1 if it has not.
func (d *Decision) changedRow(name rowName) int {
	list := d.Changes.SendStats
	if len(list) > rows.Few {
		d.Reused.Rows.extend(list, d.moreSends(len(list)))
		return d.Reused.Rows.find(list, name)
	}
	for i := len(list) - 1; i >= 0; i-- {
		if nameOfRow(&list[i]) == name {
			return i
		}
	}
	return -1
}

// latestRow returns the place of the latest changed row of a message, -1 if there
// is none, and rowBefore the one before that.
func (d *Decision) latestRow(message string) int {
	list := d.Changes.SendStats
	if len(list) <= rows.Few {
		return lastRow(list, message)
	}
	d.Reused.Rows.extend(list, d.moreSends(len(list)))
	return int(d.Reused.Rows.of[message].latest) - 1
}

func (d *Decision) rowBefore(at int) int {
	if list := d.Changes.SendStats; len(list) <= rows.Few {
		return lastRow(list[:at], list[at].Message)
	}
	return int(d.Reused.Rows.Before[at])
}

func lastRow(list []store.SendStats, message string) int {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Message == message {
			return i
		}
	}
	return -1
}

// sendsRow returns the row of a message as it is after what was decided so far.
func (d *Decision) sendsRow(message, company string, control bool) (store.SendStats, bool) {
	if i := d.changedRow(rowName{message, company, control}); i >= 0 {
		return d.Changes.SendStats[i], true
	}
	row := store.SendStats{Message: message, Company: company, Control: control}
	list := rule.SendsOf(d.Record, message)
	if len(list) <= rows.Few {
		for i := range list {
			if list[i].Control == control && list[i].Company == company {
				return list[i], true
			}
		}
		return row, false
	}
	if i, found := slices.BinarySearchFunc(list, row, store.SendStats.Compare); found {
		return list[i], true
	}
	return row, false
}

func (d *Decision) putSends(s store.SendStats) {
	if !s.Control && d.Reused.Rows.of[s.Message].asked {
		before, _ := d.sendsRow(s.Message, s.Company, false)
		of := d.Reused.Rows.of[s.Message] // sendsRow may have put it there anew
		of.sent += s.Count - before.Count
		d.Reused.Rows.of[s.Message] = of
	}
	if d.Out.after != nil {
		d.Out.after.SendStats = rows.Upsert(d.Out.after.SendStats, s, store.SendStats.Compare)
		d.Scope.ForgetSegmentsOf(d.Out.after)
	}
	if i := d.changedRow(nameOfRow(&s)); i >= 0 {
		d.Changes.SendStats[i] = s
		return
	}
	d.Changes.SendStats = append(roomForSends(d, d.Changes.SendStats, 1), s)
}

// sentOf returns how often a message was sent and not given back, over all companies,
// after what was decided so far.
func (d *Decision) sentOf(message string) (n uint32) {
	if of := d.Reused.Rows.of[message]; of.asked {
		return of.sent
	}
	d.eachSends(message, func(s *store.SendStats) {
		if !s.Control {
			n += s.Count
		}
	})
	if len(d.Changes.SendStats) > rows.Few { // many companies, perhaps: each asks
		of := d.Reused.Rows.of[message] // eachSends has made the index
		of.sent, of.asked = n, true
		d.Reused.Rows.of[message] = of
	}
	return n
}

// eachSends calls fn for every row of a message as it is after what was
// decided so far. The rows are not fn's to change.
func (d *Decision) eachSends(message string, fn func(*store.SendStats)) {
	before := rule.SendsOf(d.Record, message)
	if len(d.Changes.SendStats) == 0 { // most occasions send nothing, or one message
		for i := range before {
			fn(&before[i])
		}
		return
	}
	for i := range before {
		row := &before[i]
		if at := d.changedRow(nameOfRow(row)); at >= 0 {
			row = &d.Changes.SendStats[at]
		}
		fn(row)
	}
	for i := d.latestRow(message); i >= 0; i = d.rowBefore(i) {
		if _, known := slices.BinarySearchFunc(before, d.Changes.SendStats[i], store.SendStats.Compare); !known {
			fn(&d.Changes.SendStats[i])
		}
	}
}

// frequencyState returns how often a message's frequency was taken, by sends and
// by decisions for the control group (D10), and the latest. A latest in the
// future is written back as now: a clock that stepped back locks nothing for
// longer than the distance (F6). One that another caller has just made is not:
// it lies ahead of a reading that is a little older, not of the clock.
//
// An ongoing message that uses company data has its own for each company (F1).
func (d *Decision) frequencyState(cand *Candidate) (count uint32, last int64) {
	future, pair := false, cand.Message.UsesCompany && !cand.Message.Triggered
	d.eachSends(cand.Message.ID, func(s *store.SendStats) {
		if max(s.Last, s.Prior) > d.In.Now && (d.steppedBack(s.Last) || d.steppedBack(s.Prior)) {
			future = true
		}
		if pair && s.Company != cand.company {
			return
		}
		count += s.Count
		last = max(last, s.Last)
	})
	if future {
		d.clamp(cand.Message.ID)
	}
	if cand.Message.Frequency.Per != "" {
		return d.valueState(cand.Message)
	}
	return count, last
}

// ahead returns the places in the log of the sends that lie in the future, by
// message; -1 stands for those that were set back. Most clocks do not step
// back: then the rows say so, and the log need not be looked at.
func (d *Decision) ahead() []int32 {
	if d.Out.aheadKnown {
		return d.Reused.ahead
	}
	d.Out.aheadKnown, d.Reused.ahead = true, d.Reused.ahead[:0]
	if !slices.ContainsFunc(d.Record.SendStats, func(s store.SendStats) bool { return s.Last > d.In.Now || s.Prior > d.In.Now }) {
		return d.Reused.ahead
	}
	for i := range d.Record.SendLog {
		if d.steppedBack(d.Record.SendLog[i].At) {
			d.Reused.ahead = append(d.Reused.ahead, int32(i))
		}
	}
	slices.SortStableFunc(d.Reused.ahead, func(a, b int32) int {
		return cmp.Compare(d.Record.SendLog[a].Message, d.Record.SendLog[b].Message)
	})
	return d.Reused.ahead
}

// clamp sets the sends of a message that lie in the future to now (F6, K).
func (d *Decision) clamp(message string) {
	var list []store.SendStats
	d.eachSends(message, func(s *store.SendStats) {
		row := *s
		last, prior := d.steppedBack(s.Last), d.steppedBack(s.Prior)
		if last {
			row.Last = d.In.Now
		}
		if prior {
			row.Prior = d.In.Now
		}
		if last || prior {
			list = append(list, row)
		}
	})
	for _, s := range list {
		d.putSends(s)
	}
	d.eachValue(func(l perkey.List) (perkey.List, bool) { return l.SetBack(message, d.In.Now, d.steppedBack) })
	for k, i := range d.ahead() {
		if i >= 0 && d.Record.SendLog[i].Message == message {
			row := d.Record.SendLog[i]
			row.At = d.In.Now
			d.Changes.SendLog = append(d.Changes.SendLog, row)
			d.Reused.ahead[k] = -1
		}
	}
}
