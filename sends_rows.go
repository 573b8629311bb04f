package beckon

import (
	"cmp"
	"slices"

	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// A rowIndex finds rows among those that an occasion has changed.
type rowIndex struct {
	latest map[string]int32 // of each message, its latest row
	before []int32          // of each row, the one before it of the same message; -1: none
	places map[rowName]int32
	sent   map[string]uint32 // of messages that were asked about, how often they were sent
}

// A rowName is what one row counts.
type rowName struct {
	message, company string
	control          bool
}

func nameOfRow(s *store.Sends) rowName { return rowName{s.Message, s.Company, s.Control} }

// extend takes in the rows that are new.
func (x *rowIndex) extend(list []store.Sends) {
	for i := len(x.before); i < len(list); i++ {
		at, known := x.latest[list[i].Message]
		if !known {
			at = -1
		}
		if x.latest == nil {
			x.latest, x.places = make(map[string]int32), make(map[rowName]int32)
		}
		x.before = append(x.before, at)
		x.latest[list[i].Message] = int32(i)
		x.places[nameOfRow(&list[i])] = int32(i)
	}
}

// reset forgets all rows.
func (x *rowIndex) reset() {
	if len(x.before) > 0 || x.sent != nil {
		*x = rowIndex{}
	}
}

// changedRow returns the place of a row among those that the occasion has changed,
// -1 if it has not.
func (d *decision) changedRow(name rowName) int {
	list := d.c.Sends
	if len(list) > rows.Few {
		d.reused.rows.extend(list)
		if at, known := d.reused.rows.places[name]; known {
			return int(at)
		}
		return -1
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
func (d *decision) latestRow(message string) int {
	list := d.c.Sends
	if len(list) <= rows.Few {
		return lastRow(list, message)
	}
	d.reused.rows.extend(list)
	if at, known := d.reused.rows.latest[message]; known {
		return int(at)
	}
	return -1
}

func (d *decision) rowBefore(at int) int {
	if list := d.c.Sends; len(list) <= rows.Few {
		return lastRow(list[:at], list[at].Message)
	}
	return int(d.reused.rows.before[at])
}

func lastRow(list []store.Sends, message string) int {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Message == message {
			return i
		}
	}
	return -1
}

// sendsRow returns the row of a message as it is after what was decided so far.
func (d *decision) sendsRow(message, company string, control bool) (store.Sends, bool) {
	if i := d.changedRow(rowName{message, company, control}); i >= 0 {
		return d.c.Sends[i], true
	}
	row := store.Sends{Message: message, Company: company, Control: control}
	if i, found := slices.BinarySearchFunc(d.rec.Sends, row, store.Sends.Compare); found {
		return d.rec.Sends[i], true
	}
	return row, false
}

func (d *decision) putSends(s store.Sends) {
	if sent, known := d.reused.rows.sent[s.Message]; known && !s.Control {
		before, _ := d.sendsRow(s.Message, s.Company, false)
		d.reused.rows.sent[s.Message] = sent - before.Count + s.Count
	}
	if d.out.after != nil {
		d.out.after.Sends = rows.Upsert(d.out.after.Sends, s, store.Sends.Compare)
		d.scope.ForgetSegmentsOf(d.out.after)
	}
	if i := d.changedRow(nameOfRow(&s)); i >= 0 {
		d.c.Sends[i] = s
		return
	}
	d.c.Sends = append(d.c.Sends, s)
}

// sentOf returns how often a message was sent and not given back, over all companies,
// after what was decided so far.
func (d *decision) sentOf(message string) (n uint32) {
	if n, known := d.reused.rows.sent[message]; known {
		return n
	}
	d.eachSends(message, func(s store.Sends) {
		if !s.Control {
			n += s.Count
		}
	})
	if len(d.c.Sends) > rows.Few { // many companies, perhaps: each asks
		if d.reused.rows.sent == nil {
			d.reused.rows.sent = make(map[string]uint32)
		}
		d.reused.rows.sent[message] = n
	}
	return n
}

// eachSends calls fn for every row of a message as it is after what was
// decided so far.
func (d *decision) eachSends(message string, fn func(store.Sends)) {
	before := rule.SendsOf(d.rec, message)
	for i := range before {
		row := before[i]
		if len(d.c.Sends) > 0 {
			row, _ = d.sendsRow(message, row.Company, row.Control)
		}
		fn(row)
	}
	for i := d.latestRow(message); i >= 0; i = d.rowBefore(i) {
		if _, known := slices.BinarySearchFunc(before, d.c.Sends[i], store.Sends.Compare); !known {
			fn(d.c.Sends[i])
		}
	}
}

// frequencyState returns how often a message's frequency was taken, by sends and
// by decisions for the control group (D10), and the latest. A latest in the
// future is written back as now: a clock that stepped back locks nothing for
// longer than the distance (F6). One that another caller has just made is not:
// it lies ahead of a reading that is a little older, not of the clock.
func (d *decision) frequencyState(message string) (count uint32, last int64) {
	future := false
	d.eachSends(message, func(s store.Sends) {
		count += s.Count
		if d.steppedBack(s.Last) || d.steppedBack(s.Prior) {
			future = true
		}
		last = max(last, s.Last)
	})
	if !future {
		return count, last
	}
	d.clamp(message)
	return count, d.in.now
}

// ahead returns the places in the log of the sends that lie in the future, by
// message; -1 stands for those that were set back. Most clocks do not step
// back: then the rows say so, and the log need not be looked at.
func (d *decision) ahead() []int32 {
	if d.out.aheadKnown {
		return d.reused.ahead
	}
	d.out.aheadKnown, d.reused.ahead = true, d.reused.ahead[:0]
	if !slices.ContainsFunc(d.rec.Sends, func(s store.Sends) bool { return s.Last > d.in.now || s.Prior > d.in.now }) {
		return d.reused.ahead
	}
	for i := range d.rec.Log {
		if d.steppedBack(d.rec.Log[i].At) {
			d.reused.ahead = append(d.reused.ahead, int32(i))
		}
	}
	slices.SortStableFunc(d.reused.ahead, func(a, b int32) int {
		return cmp.Compare(d.rec.Log[a].Message, d.rec.Log[b].Message)
	})
	return d.reused.ahead
}

// clamp sets the sends of a message that lie in the future to now (F6, K).
func (d *decision) clamp(message string) {
	var list []store.Sends
	d.eachSends(message, func(s store.Sends) {
		last, prior := d.steppedBack(s.Last), d.steppedBack(s.Prior)
		if last {
			s.Last = d.in.now
		}
		if prior {
			s.Prior = d.in.now
		}
		if last || prior {
			list = append(list, s)
		}
	})
	for _, s := range list {
		d.putSends(s)
	}
	for k, i := range d.ahead() {
		if i >= 0 && d.rec.Log[i].Message == message {
			row := d.rec.Log[i]
			row.At = d.in.now
			d.c.Log = append(d.c.Log, row)
			d.reused.ahead[k] = -1
		}
	}
}
