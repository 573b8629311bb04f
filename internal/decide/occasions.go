package decide

import (
	"math"
	"strconv"
	"time"

	"github.com/beckon-go/beckon/internal/attribute"
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/dates"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// visit is the decision on a visit.
func (d *Decision) visit() error {
	d.exist()
	d.session()
	d.Changes.LastSeen = max(d.Record.LastSeen, d.In.Now)
	d.candidates(together(d.In.Messages, d.crossings())) // audiences see what was before (A3)
	d.moveOn()
	return nil
}

// check is the decision on a check. A last check in the future, from before
// the clock stepped back, is set to now, so that it locks nothing for longer
// than its distance (as F6).
func (d *Decision) check() error {
	if p := d.Record.Profile; p != nil && p.LastCheck != 0 {
		switch stepped := d.steppedBack(p.LastCheck); {
		case d.Out.Need.Clock:
			return nil // the run is void
		case stepped:
			d.profile().LastCheck = d.In.Now
			d.Out.TooSoon = d.In.Now + d.In.Limits.CheckEvery
			return nil
		case d.In.Now < p.LastCheck+d.In.Limits.CheckEvery:
			return TooSoon(p.LastCheck + d.In.Limits.CheckEvery)
		}
	}
	d.exist()
	d.profile().LastCheck = d.In.Now
	d.candidates(together(d.In.Messages, d.crossings()))
	d.crossAgain()
	d.goals(false)
	return nil
}

// TooSoon returns the refusal of a check before the instant retryAt, in Unix
// milliseconds (D4).
func TooSoon(retryAt int64) fault.List {
	return fault.List{{
		Code: fault.ErrCheckTooSoon, RetryAt: retryAt,
		Message: "the contact was checked too recently; again at " + time.UnixMilli(retryAt).UTC().Format(time.RFC3339),
	}}
}

// sweep is the decision on one contact of a sweep or a send.
func (d *Decision) sweep() error {
	if !d.Record.Exists {
		return nil
	}
	if d.In.Occasion == OnSweep {
		d.candidates(together(d.In.Messages, d.crossings()))
		d.crossAgain()
	} else if d.candidates(d.In.Messages); len(d.Reused.Sent) > 0 {
		d.seeBefore() // to have been sent the message may be what a segment asks
	}
	d.goals(false)
	return nil
}

// sendTo is the decision on a composed message, of a contact that must be known.
func (d *Decision) sendTo() error {
	if !d.Record.Exists {
		return UnknownContact()
	}
	d.candidates(d.In.Messages)
	return nil
}

// candidates judges messages, in order. One that uses company
// data is judged for each company in the order in which the contact joined,
// and for no company, its data unknown, where there is none (D2). A date rule
// is a triggered message: it uses the first company, and so does a composed one.
func (d *Decision) candidates(list []*plan.Message) {
	var companies []string
	if p := d.Record.Profile; p != nil {
		companies = p.Companies
	}
	if d.In.Again != nil {
		d.candidatesAgain(list, companies)
		return
	}
	from := 0
	for i, m := range list {
		if !m.UsesCompany || m.Triggered || m.Composed || len(companies) == 0 {
			continue // it is about the first company, or none
		}
		d.judgeEach(list[from:i], nil)
		from = i + 1
		for _, id := range companies {
			d.Safely(m, id, func() { d.consider(m, id) })
		}
	}
	d.judgeEach(list[from:], nil)
}

// A Repeated is a candidate whose delivery was taken back. The others of its occasion
// are judged for good.
type Repeated struct{ Message, Company string }

// RepeatedOf returns the candidates of deliveries.
func RepeatedOf(list []store.Delivery) []Repeated {
	again := make([]Repeated, len(list))
	for i := range list {
		again[i] = Repeated{list[i].Message, list[i].CompanyID}
	}
	return again
}

// candidatesAgain is candidates for those that are judged again.
func (d *Decision) candidatesAgain(list []*plan.Message, companies []string) {
	again := rows.Set(d.In.Again)
	messages := make(map[string]struct{}, len(again))
	for _, x := range d.In.Again {
		messages[x.Message] = struct{}{}
	}
	for i, m := range list {
		isNew := d.In.AgainOf != nil && d.In.AgainOf.ByID[m.ID] == nil
		if _, is := messages[m.ID]; !is && !isNew && m.Crossing == nil { // one that a segment triggers was not seen before
			continue
		}
		if !m.UsesCompany || m.Triggered || len(companies) == 0 {
			d.judgeEach(list[i:i+1], nil)
			continue
		}
		for _, id := range companies {
			if _, is := again[Repeated{m.ID, id}]; is || isNew {
				d.Safely(m, id, func() { d.consider(m, id) })
			}
		}
	}
}

// dateFits reports whether now is the day that a date rule names, or the time for
// which visits show it (T5, T9). It notes the value, for which the message goes out
// once.
func (d *Decision) dateFits(cand *Candidate) bool {
	if cand.armed != nil {
		return true // its instant has come
	}
	o, ok := d.latestDate(cand.Message)
	cand.date = o.Value
	return ok && calendar.FloorSeconds(d.In.Now) < o.Until
}

// latestDate returns the latest occurrence of a date rule, in the state before the
// occasion; false if there is none yet.
func (d *Decision) latestDate(m *plan.Message) (o dates.Occurrence, ok bool) {
	v := rule.UserAttribute(d.Record, m.Date)
	date, ok := dates.DateOf(&v)
	if !ok {
		return o, false
	}
	return m.Dates.Latest(date, calendar.FloorSeconds(d.In.Now), m.Dates.In(d.In.State.ZoneOf(d.Record.Profile)))
}

// An AloneRule is a rule that belongs to no program, with the counters that
// only it may need.
type AloneRule struct {
	Rule     *rule.Compiled
	Counters []*rule.CounterDef
}

// match is the decision on one contact and one rule.
func (d *Decision) match() error {
	var companies []string
	if p := d.Record.Profile; p != nil && d.In.Rule.Rule.UsesCompany {
		companies = p.Companies
	}
	d.Out.Matched = len(companies) == 0 && d.eval(d.In.Rule.Rule)
	for _, id := range companies {
		d.Scope.Company = d.needCompany(id)
		d.Out.Matched = d.Out.Matched || d.eval(d.In.Rule.Rule)
	}
	return nil
}

// Prefilter returns a filter for the contacts for whom a run over the decision's
// messages has something to decide or to write, and what is held of each
// contact that the filter leaves out, so that totals are the same with and
// without it (Z2). It is nil where that cannot be told beforehand.
//
// Besides the audiences of its messages, a sweep of a contact builds counters
// that a rule asked for, and arms dates. So it must meet those contacts too, or what
// is recorded would depend on the store.
func (d *Decision) Prefilter() (f *store.Filter, held []LookedAt) {
	if len(d.In.State.Plan.Crossings) > 0 && d.In.Occasion == OnSweep {
		return nil, nil // a segment that is no more matched triggers, too
	}
	var list []*store.Filter
	asked := 0
	counters, segments := map[*rule.CounterDef]bool{}, map[*rule.Segment]bool{}
	for _, m := range d.In.Messages {
		reason := plan.HeldAudience
		switch {
		case m.UsesCompany && m.Mode != plan.Triggered:
			return nil, nil // held once for each company of the contact
		case d.In.Now < d.In.State.Since[m.Place]:
			reason = plan.HeldNotLive
		case m.Date != "":
			// Its audience is no part of the filter: anyone who it leaves out was
			// held for the date, which is judged first.
			from, to := m.Dates.Span(calendar.FloorSeconds(d.In.Now))
			list = append(list, rule.DateFilter(m.Date, from, to))
			reason = plan.HeldFilter
		default:
			f := rule.FilterOf(m.Audience, d.In.Now, d.In.State.Plan.Loc)
			if !rule.HoldsNever(f) {
				asked++
			}
			if f == nil || asked > rule.MaxFilterLeaves {
				return nil, nil // one of any that is not known, or too many
			}
			list = append(list, f)
		}
		if reason != plan.HeldNotLive {
			list = append(list, rule.LacksFilters(m.Audience, counters, segments)...)
		}
		held = append(held, LookedAt{m.Index, reason})
	}
	for _, m := range d.In.State.Plan.Instants { // those whom Due is to find are armed
		from, to := m.Dates.SpanAhead(calendar.FloorSeconds(d.In.Now))
		list = append(list, rule.DateFilter(m.Date, from, to))
	}
	f, _ = rule.BoundFilter(rule.FilterAny(list...), rule.MaxFilterLeaves)
	return f, held
}

// A visits is what is known of a contact's visits: when the first was, in Unix
// seconds, and in how many sessions they came; count 0: there was none.
type visits struct{ first, count int64 }

// visitsOf reads them. A contact that was seen before sessions were counted has had
// one, since then.
func visitsOf(rec *store.Record) (v visits) {
	seen := rec.LastSeen != 0
	if rec.Profile == nil && !seen {
		return v
	}
	first, counted := rec.Profile.Attribute(attribute.FirstSeenAt), rec.Profile.Attribute(attribute.SessionCount)
	v.count, _ = strconv.ParseInt(counted.Text(), 10, 64)
	if seen {
		v.first, v.count = calendar.FloorSeconds(rec.LastSeen), max(v.count, 1)
	}
	if !first.IsUnknown() {
		v.first = peek.Of(&first).Num
	}
	return v
}

// write sets them in a profile, which must be a copy.
func (v visits) write(p *store.Profile) {
	SetAttribute(p, attribute.FirstSeenAt, peek.Value(repr.NewDate(v.first)))
	SetAttribute(p, attribute.SessionCount, value.Number(v.count))
}

// session counts a visit: one more than so long after the last begins a session.
func (d *Decision) session() {
	last := d.Record.LastSeen
	if last != 0 && d.In.Now-last <= d.In.Limits.SessionGap {
		return
	}
	v := visitsOf(d.Record)
	if v.count == 0 || last == 0 && d.Record.Profile.Attribute(attribute.FirstSeenAt).IsUnknown() {
		v.first = calendar.FloorSeconds(d.In.Now)
	}
	v.count = min(v.count, math.MaxInt64-1) + 1
	v.write(d.profile())
}

// joined is what is known of the visits of two contacts that become one.
func (v visits) joined(o visits) visits {
	switch {
	case v.count == 0:
		return o
	case o.count == 0:
		return v
	}
	return visits{min(v.first, o.first), min(v.count, math.MaxInt64-o.count) + o.count}
}
