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
// something does. take pays for conditions that are judged on the way, and reports whether
// there was enough: if not, nothing that is returned counts.
func (f *foresight) next(m *plan.Message, company string, v verdict, take func(conditions int) bool) int64 {
	s := f.at
	now := s.In.Now
	e := &earliest{after: now}
	switch v.reason {
	case plan.NotHeld:
		f.offerCrossing(e, m)
		f.offerDate(e, m)
	case plan.HeldNotLive:
		if status, at := s.In.State.Live[m.Place].Status(); status == plan.Live {
			e.offer(at)
		}
	case plan.HeldFilter:
		f.offerHolds(e, m.Where, m, company, take)
		f.offerDate(e, m)
	case plan.HeldAudience:
		f.offerHolds(e, m.Audience, m, company, take)
	case plan.HeldAlreadySent:
		f.offerDate(e, m)
	case plan.HeldSchedule, plan.HeldQuiet, plan.HeldSnoozed:
		e.offer(hours.Opens(m, f.contact(), now))
	case plan.HeldWaitingFull: // where it would not have to wait, that does not matter
		e.offer(hours.Opens(m, f.contact(), now))
		f.offerRoom(e, m)
		f.offerExpiry(e, m)
		f.offerPatience(e, m)
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
		if len(s.Reused.Sent) == 0 {
			e.offer(v.retryAt)
		} else { // what the occasion sends itself takes the room at each instant
			f.offerExpiry(e, m)
			f.offerRivals(e, m, take)
		}
		f.offerPatience(e, m)
	}
	return e.at
}

// offerRoom offers when the frequency of a message has room, by the sends of it that were made
// for whatever value and company.
func (f *foresight) offerRoom(e *earliest, m *plan.Message) {
	for _, row := range rule.SendsOf(f.at.Record, m.ID) {
		e.offer(calendar.AddMillis(row.Last, m.Frequency.Every))
	}
	if p := f.profile(); p != nil {
		for _, of := range p.Rarely().PerValue {
			for i := range of.Values {
				if of.Message == m.ID {
					e.offer(calendar.AddMillis(of.Values[i].Last, m.Frequency.Every))
				}
			}
		}
	}
}

// offerExpiry offers when the next send leaves the window of a cap that concerns a message.
func (f *foresight) offerExpiry(e *earliest, m *plan.Message) {
	if m.NotLimited {
		return
	}
	for _, place := range m.Caps {
		g := &f.at.In.State.Plan.Caps.Groups[place]
		for i := range f.at.Record.SendLog {
			if x := &f.at.Record.SendLog[i]; g.Takes(x) {
				for _, c := range g.Caps() {
					e.offer(calendar.AddMillis(x.At, c.Within))
				}
			}
		}
	}
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
func (f *foresight) offerRivals(e *earliest, m *plan.Message, take func(conditions int) bool) {
	s := f.at
	for i := range s.Out.Deliveries {
		x := &s.Out.Deliveries[i]
		if other := s.In.State.Plan.ByID[x.Message]; other != nil {
			f.offerRule(e, other.Where, other, x.CompanyID)
			f.offerRule(e, other.Audience, other, x.CompanyID)
			f.offerCrossing(e, other)
			f.offerDate(e, other)
			e.offer(f.openAlone(m, other, take))
		}
	}
	s.Out.Held.Each(func(h decide.HeldOne) {
		if other := s.In.State.Plan.ByID[h.Message]; other != nil && other != m && h.Reason != plan.HeldCapped {
			e.offer(f.next(other, h.Company, verdict{reason: h.Reason, retryAt: h.RetryAt}, take))
		}
	})
}

// openAlone returns an instant until which no hour is one for a message and not for another,
// for which it is now; 0 if there is none within a year.
func (f *foresight) openAlone(m, other *plan.Message, take func(conditions int) bool) int64 {
	c, now := f.contact(), f.at.In.Now
	const year = 366 * calendar.DaySeconds * 1000
	at := hours.Shuts(other, c, now)
	for at != 0 && at <= now+year {
		if !take(1) {
			return 0
		}
		if hours.At(m, c, at).Reason != plan.NotHeld {
			if at = hours.Opens(m, c, at); at == 0 || hours.At(other, c, at).Reason != plan.NotHeld {
				return at
			}
		} else if hours.At(other, c, at).Reason != plan.NotHeld {
			return at
		}
		at = hours.Shuts(other, c, at)
	}
	return 0
}

func (f *foresight) contact() hours.Contact { return f.at.In.State.HoursOf(f.profile()) }

// profile is the contact's after the occasion; nil if it has none.
func (f *foresight) profile() *store.Profile { return f.at.Outcome().Profile }

// over has the scope show what a rule of a message sees of a record, while fn runs.
func (f *foresight) over(rec *store.Record, m *plan.Message, company string, fn func(*rule.Scope)) {
	d, s := f.at, &f.at.Scope
	before, data, fields := s.Rec, s.Company, s.Fields
	s.Rec, s.Company = rec, d.Fetched.Companies[company]
	if m.Change != nil {
		s.Fields = d.ChangeFields(m.Change)
	}
	fn(s)
	s.Rec, s.Company, s.Fields = before, data, fields
}

// offerRule offers when time alone may change what a rule of a message says, which sees what
// audiences see.
func (f *foresight) offerRule(e *earliest, r *rule.Compiled, m *plan.Message, company string) {
	if r == nil {
		return
	}
	f.over(f.at.AudienceSees(), m, company, func(s *rule.Scope) {
		e.offer(r.NextTurnBut(s, f.ownOfUpdate(), f.at.In.Now))
	})
}

// offerHolds offers when time alone makes a rule of a message true that is not.
func (f *foresight) offerHolds(e *earliest, r *rule.Compiled, m *plan.Message, company string, take func(conditions int) bool) {
	if r == nil {
		return
	}
	if f.ownOfUpdate() != nil { // the state itself is another then
		f.offerRule(e, r, m, company)
		return
	}
	price := plan.Conditions(r, f.at.EventsFetched())
	f.over(f.at.AudienceSees(), m, company, func(s *rule.Scope) {
		now, from := s.Now, s.LogFrom
		for _, at := range r.TurnsAfter(s, now) {
			if !take(price) {
				break
			}
			s.Now, s.LogFrom = at, f.at.In.Limits.RecentFrom(at)
			if r.Eval(s) {
				e.offer(at)
				break
			}
		}
		s.Now, s.LogFrom = now, from
	})
}

// ownOfUpdate returns what an update writes of its own instant that audiences see: that it has
// made the contact. Of other occasions they see the state before; nil.
func (f *foresight) ownOfUpdate() *rule.Own {
	if f.at.In.Occasion == decide.OnUpdate && !f.at.Record.Exists {
		return f.own
	}
	return nil
}

// offerCrossing offers when time alone may change whether an occasion has a contact cross into
// a segment that triggers a message, or out of it: by the state before the occasion or by that
// after it.
func (f *foresight) offerCrossing(e *earliest, m *plan.Message) {
	if m.Crossing == nil {
		return
	}
	d, r := f.at, m.Crossing.Segment
	if _, at := d.In.State.Live[m.Place].Status(); at != 0 {
		e.offer(at)
	}
	if d.In.Occasion == decide.OnVisit && d.Record.LastSeen != 0 {
		e.offer(d.Record.LastSeen + d.In.Limits.SessionGap + 1)
	}
	if x := &d.In.Event; d.In.Occasion == decide.OnTrack && x.Dated {
		e.offer(x.Created * 1000)
	}
	for i, rec := range [...]*store.Record{d.Record, d.Outcome()} {
		company, own, built := "", (*rule.Own)(nil), d.Scope.Built
		if p := rec.Profile; p != nil && len(p.Companies) > 0 {
			company = p.Companies[0]
		}
		if i == 1 {
			own, d.Scope.Built = f.own, nil
		}
		f.over(rec, m, company, func(s *rule.Scope) { e.offer(r.NextTurnBut(s, own, d.In.Now)) })
		d.Scope.Built = built
	}
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
