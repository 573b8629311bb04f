package foresee

import (
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/dates"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/hours"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// An earliest is the earliest of the instants that it is offered, behind one; 0: none.
type earliest struct{ after, at int64 }

func (e *earliest) offer(at int64) {
	if at > e.after && (e.at == 0 || at < e.at) {
		e.at = at
	}
}

// next returns the first instant at which time alone may change why a message is held; 0 if
// there is none. It may return one at which nothing changes, and passes none over at which
// something does.
func (f *foresight) next(m *plan.Message, company string, v verdict) int64 {
	s := f.at
	now := s.In.Now
	e := &earliest{after: now}
	switch v.reason {
	case plan.NotHeld:
		if m.Crossing != nil {
			f.offerRule(e, m.Crossing.Segment, m, company)
		}
		f.offerDate(e, m)
	case plan.HeldNotLive:
		if status, at := s.In.State.Live[m.Place].Status(); status == plan.Live {
			e.offer(at)
		}
	case plan.HeldFilter:
		f.offerRule(e, m.Where, m, company)
		f.offerDate(e, m)
	case plan.HeldAudience:
		f.offerRule(e, m.Audience, m, company)
	case plan.HeldAlreadySent:
		f.offerDate(e, m)
	case plan.HeldSchedule, plan.HeldQuiet, plan.HeldSnoozed:
		e.offer(hours.Ends(m, f.contact(), now))
	case plan.HeldThrottled:
		// One that lies in the future holds it until its own distance is over (F6).
		last := int64(0)
		for _, row := range rule.SendsOf(s.Record, m.ID) {
			last = max(last, row.Last)
		}
		e.offer(v.retryAt)
		if last > now && m.Frequency.Per == "" && !m.UsesCompany {
			e.at = calendar.AddMillis(last, m.Frequency.Every)
		}
		f.offerPatience(e, m)
	case plan.HeldCapped:
		e.offer(v.retryAt)
		if len(s.Reused.Sent) > 0 {
			f.offerRivals(e, m)
		}
		f.offerPatience(e, m)
	}
	return e.at
}

// offerPatience offers when those give up that wait for the same room and came before (F9):
// behind the second in which their time is over.
func (f *foresight) offerPatience(e *earliest, m *plan.Message) {
	p := f.at.Record.Profile
	if m.Frequency.Wait == 0 || p == nil {
		return
	}
	for i := range p.Holds {
		if h := &p.Holds[i]; h.Message == m.ID && h.Until != 0 {
			e.offer((calendar.FloorSeconds(h.Until) + 1) * 1000)
		}
	}
}

// offerRivals offers when time alone may change what the occasion decides of the others,
// which take the room that a message finds none of.
func (f *foresight) offerRivals(e *earliest, m *plan.Message) {
	s := f.at
	for i := range s.Out.Deliveries {
		x := &s.Out.Deliveries[i]
		if m := s.In.State.Plan.ByID[x.Message]; m != nil {
			f.offerRule(e, m.Where, m, x.CompanyID)
			f.offerRule(e, m.Audience, m, x.CompanyID)
			if m.Crossing != nil {
				f.offerRule(e, m.Crossing.Segment, m, x.CompanyID)
			}
			f.offerDate(e, m)
			e.offer(hours.Shuts(m, f.contact(), s.In.Now))
		}
	}
	s.Out.Held.Each(func(h decide.HeldOne) {
		if other := s.In.State.Plan.ByID[h.Message]; other != nil && other != m && h.Reason != plan.HeldCapped {
			e.offer(f.next(other, h.Company, verdict{reason: h.Reason, retryAt: h.RetryAt}))
		}
	})
}

func (f *foresight) contact() hours.Contact { return f.at.In.State.HoursOf(f.profile()) }

// profile is the contact's after the occasion; nil if it has none.
func (f *foresight) profile() *store.Profile { return f.at.Outcome().Profile }

// offerRule offers when time alone may change what a rule says: of the state before the
// occasion or after it, for audiences see something of both.
func (f *foresight) offerRule(e *earliest, r *rule.Compiled, m *plan.Message, company string) {
	if r == nil {
		return
	}
	d, s := f.at, &f.at.Scope
	rec, data, fields := s.Rec, s.Company, s.Fields
	s.Company = d.Fetched.Companies[company]
	if m.Change != nil {
		s.Fields = d.ChangeFields(m.Change)
	}
	for _, x := range [...]*store.Record{d.Record, d.Outcome()} {
		s.Rec = x
		e.offer(r.NextTurn(s, d.In.Now))
	}
	if s.NeedEvents {
		d.Out.Need.Events = true
	}
	s.Rec, s.Company, s.Fields = rec, data, fields
}

// offerDate offers when the date of a date rule next is due, and when it is over.
func (f *foresight) offerDate(e *earliest, m *plan.Message) {
	if m.Date == "" {
		return
	}
	s := f.at
	v := rule.UserAttribute(s.Record, m.Date)
	date, ok := dates.DateOf(&v)
	if !ok {
		return
	}
	now, zone := calendar.FloorSeconds(s.In.Now), m.Dates.In(s.In.State.ZoneOf(s.Record.Profile))
	if o, ok := m.Dates.Latest(date, now, zone); ok {
		e.offer(o.Until * 1000)
	}
	if o, ok := m.Dates.Next(date, now+1, zone, func(dates.Occurrence) bool { return true }); ok {
		e.offer(o.From * 1000)
	}
}
