package foresee

import (
	"slices"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/standing"
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
	now, open := f.d.In.Now, len(list)
	for i := range list {
		if list[i].gone(f.d.In.State, rec) {
			list[i].over, open = true, open-1
			list[i].t.Never = gaveUp(list[i].t.Reason, list[i].walks)
		}
	}
	first := true
	for range MaxLooks {
		if open == 0 {
			return nil
		}
		due := f.d.In.State.NextDue(rec, now)
		if due == 0 {
			break
		}
		now = max(now, due)
		if err := f.decide(rec, now, func(s *decide.Decision) {
			if first {
				s.GoOnFrom(f.d)
			}
			was := s.In
			s.In = decide.Given{
				State: was.State, Limits: was.Limits, Occasion: decide.OnDue, Outbox: was.Outbox, Explain: true, Foresees: true, Readings: was.Readings, Email: was.Email,
			}
		}); err != nil {
			return err
		}
		first = false
		for i := range list {
			if x := &list[i]; !x.over && x.sentBy(f.at) {
				x.over, open = true, open-1
				x.t.SendsAt, x.t.SendsBy = standing.Instant(now), explain.OnDue
			}
		}
		rec.Apply(&f.c)
		for i := range list {
			if x := &list[i]; !x.over && x.gone(f.d.In.State, rec) {
				x.over, open = true, open-1
				v := f.verdict(x.t.Message, x.t.CompanyID)
				x.t.Never = gaveUp(store.Reason(v.reason.Text()), x.walks)
			}
		}
	}
	for i := range list {
		if x := &list[i]; !x.over {
			x.t.Never = "it is not known: nothing that is due brings it about, or too much is due before"
		}
	}
	return nil
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

// gaveUp says why what has waited is not sent.
func gaveUp(reason store.Reason, walks bool) string {
	if walks {
		return "its walk has passed it by: " + string(reason)
	}
	if reason == "" {
		return "the event that it waits to be sure of has followed"
	}
	return "when it is due it is dropped: " + string(reason)
}
