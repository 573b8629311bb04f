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
	for i := range list {
		if list[i].gone(f.d.In.State, rec) {
			list[i].over, open = true, open-1
			list[i].t.Never = gaveUp(list[i].t.Reason, list[i].walks)
		}
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
		for i := range list {
			if x := &list[i]; !x.over && x.sentBy(f.at) {
				x.over, open = true, open-1
				sends(x.t, at, explain.OnDue)
			}
		}
		c.take()
		for i := range list {
			if x := &list[i]; !x.over && x.gone(f.d.In.State, rec) {
				x.over, open = true, open-1
				x.t.Never = gaveUp(store.Reason(f.verdicts()[pair{x.t.Message, x.t.CompanyID}].reason.Text()), x.walks)
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

// sentBy reports whether a run of Due has sent it.
func (x *waiting) sentBy(d *decide.Decision) bool {
	for i := range d.Out.Deliveries {
		del := &d.Out.Deliveries[i]
		if x.next && del.Series == x.t.Series {
			x.t.Message = del.Message
			return true
		}
		if x.next || del.Message != x.t.Message || del.CompanyID != x.t.CompanyID {
			continue
		}
		switch hold, armed := d.SentFrom(i); {
		case x.walks && del.Series == x.t.Series, x.armed && armed != nil, !x.walks && !x.armed && hold != nil && x.is(hold):
			return true
		}
	}
	return false
}

func (x *waiting) is(h *store.Hold) bool {
	return h.Message == x.hold.Message && h.Company == x.hold.Company && h.Order == x.hold.Order && h.Event.Arrived == x.hold.Event.Arrived &&
		h.Event.At == x.hold.Event.At
}

// gone reports whether it does not wait any more.
func (x *waiting) gone(s *decide.State, rec *store.Record) bool {
	p := rec.Profile
	switch {
	case p == nil:
		return true
	case x.next:
		return !slices.ContainsFunc(p.SeriesStates, func(w store.SeriesState) bool { return w.Series == x.t.Series && !w.Done })
	case x.walks:
		series := s.Plan.SeriesByID[x.t.Series]
		return series == nil || !slices.ContainsFunc(p.SeriesStates, func(w store.SeriesState) bool {
			i := series.Block(w.Block)
			return w.Series == series.ID && i >= 0 && series.Blocks[i].Message != nil && series.Blocks[i].Message.ID == x.t.Message
		})
	case x.armed:
		return !slices.ContainsFunc(p.Rarely().Armed, func(a store.ArmedDate) bool { return a.Message == x.t.Message && a.Due != 0 })
	}
	return !slices.ContainsFunc(p.Holds, func(h store.Hold) bool { return x.is(&h) })
}
