package foresee

import (
	"slices"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/hours"
	"github.com/beckon-go/beckon/store"
)

// A waiting is a message that waits in the contact.
type waiting struct {
	t     *explain.Message
	hold  store.Hold // as which it waits, if it does not wait for a date or in a walk
	armed bool       // for its date
	walks bool       // in a walk that has come to it
	next  bool       // it is whatever a walk sends next
	over  bool       // it is known what becomes of it
}

// due runs Due over a record whenever something is due, until it is known what becomes of all
// that waits.
func (f *foresight) due(rec *store.Record, list []waiting) error {
	open := len(list)
	there := whatWaits(rec)
	for i := range list {
		if list[i].gone(f.d.In.State, there) {
			list[i].over, open = true, open-1
			list[i].t.Never = gaveUp(list[i].t.Reason, list[i].walks)
		}
	}
	byName := make(map[string][]*waiting, len(list)) // by message, or by series if it is whatever that sends next
	for i := range list {
		x := &list[i]
		byName[x.name()] = append(byName[x.name()], x)
	}
	setUp := func(s *decide.Decision) { s.GoOnFrom(f.d) }
	for c := f.newCourse(rec); open > 0 && c.runs > 0; {
		at := c.due()
		if at == 0 {
			break
		}
		if err := c.run(at, setUp); err != nil {
			return err
		}
		setUp = func(*decide.Decision) {}
		for i := range f.at.Out.Deliveries {
			del := &f.at.Out.Deliveries[i]
			for _, name := range [...]string{del.Message, nextOf(del.Series)} {
				for _, x := range byName[name] {
					if !x.over && x.sentBy(f.at, i) {
						x.over, open = true, open-1
						sends(x.t, at, explain.OnDue)
					}
				}
			}
		}
		c.take()
		there = whatWaits(rec)
		var verdicts map[pair]verdict
		for i := range list {
			if x := &list[i]; !x.over && x.gone(f.d.In.State, there) {
				if verdicts == nil {
					verdicts = f.verdicts()
				}
				x.over, open = true, open-1
				x.t.Never = gaveUp(store.Reason(verdicts[pair{x.t.Message, x.t.CompanyID}].reason.Text()), x.walks)
			}
		}
	}
	for i := range list {
		if x := &list[i]; !x.over && !f.opens(x.t.Message, rec.Profile) {
			x.t.Never = neverOpen
		} else if !x.over {
			notKnown(x.t, "nothing that is due brings it about, or too much is due before")
		}
	}
	return nil
}

// opens reports whether any hour to come is one for a message.
func (f *foresight) opens(message string, p *store.Profile) bool {
	m := f.message(message)
	return m == nil || hours.Opens(m, f.d.In.State.HoursOf(p), f.d.In.Now) != 0
}

// name is that of its message, or what nextOf says.
func (x *waiting) name() string {
	if x.next {
		return nextOf(x.t.Series)
	}
	return x.t.Message
}

// nextOf names whatever a series sends next: no id of a message is so.
func nextOf(series string) string { return "\x00" + series }

// sentBy reports whether it is a delivery that a run of Due has decided.
func (x *waiting) sentBy(d *decide.Decision, i int) bool {
	del := &d.Out.Deliveries[i]
	if x.next && del.Series == x.t.Series {
		x.t.Message = del.Message
		return true
	}
	if x.next || del.Message != x.t.Message || del.CompanyID != x.t.CompanyID {
		return false
	}
	hold, armed := d.SentFrom(i)
	return x.walks && del.Series == x.t.Series || x.armed && armed != nil || !x.walks && !x.armed && hold != nil && decide.NameOfHold(hold) == decide.NameOfHold(&x.hold)
}

// A waitingRoom is what waits in a record.
type waitingRoom struct {
	holds map[decide.HoldName]bool
	walks map[string][]*store.SeriesState // by series
	armed map[string]bool                 // messages
}

func whatWaits(rec *store.Record) (there waitingRoom) {
	p := rec.Profile
	if p == nil {
		return there
	}
	there.holds, there.walks, there.armed = make(map[decide.HoldName]bool, len(p.Holds)), make(map[string][]*store.SeriesState, len(p.SeriesStates)), map[string]bool{}
	for i := range p.Holds {
		there.holds[decide.NameOfHold(&p.Holds[i])] = true
	}
	for i := range p.SeriesStates {
		w := &p.SeriesStates[i]
		there.walks[w.Series] = append(there.walks[w.Series], w)
	}
	for _, a := range p.Rarely().Armed {
		there.armed[a.Message] = there.armed[a.Message] || a.Due != 0
	}
	return there
}

// gone reports whether it does not wait any more.
func (x *waiting) gone(s *decide.State, there waitingRoom) bool {
	switch {
	case x.next:
		return !slices.ContainsFunc(there.walks[x.t.Series], func(w *store.SeriesState) bool { return !w.Done })
	case x.walks:
		series := s.Plan.SeriesByID[x.t.Series]
		return series == nil || !slices.ContainsFunc(there.walks[x.t.Series], func(w *store.SeriesState) bool {
			i := series.Block(w.Block)
			return i >= 0 && series.Blocks[i].Message != nil && series.Blocks[i].Message.ID == x.t.Message
		})
	case x.armed:
		return !there.armed[x.t.Message]
	}
	return !there.holds[decide.NameOfHold(&x.hold)]
}
