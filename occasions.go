package beckon

import (
	"cmp"
	"slices"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// visit is the decision on a visit.
func (d *decision) visit() error {
	d.exist()
	d.candidates()
	d.c.LastSeen = max(d.rec.LastSeen, d.in.now)
	d.moveOn()
	return nil
}

// check is the decision on a check. A last check in the future, from before
// the clock stepped back, is set to now, so that it locks nothing for longer
// than its distance (as F6).
func (d *decision) check() error {
	if p := d.rec.Profile; p != nil && p.LastCheck != 0 {
		switch stepped := d.steppedBack(p.LastCheck); {
		case d.out.need.clock:
			return nil // the run is void
		case stepped:
			d.profile().LastCheck = d.in.now
			d.out.tooSoon = d.in.now + d.in.limits.checkEvery
			return nil
		case d.in.now < p.LastCheck+d.in.limits.checkEvery:
			return tooSoon(p.LastCheck + d.in.limits.checkEvery)
		}
	}
	d.exist()
	d.profile().LastCheck = d.in.now
	d.candidates()
	d.goals(false)
	return nil
}

func tooSoon(retryAt int64) fault.List {
	return fault.List{{
		Code: fault.ErrCheckTooSoon, RetryAt: retryAt,
		Message: "the contact was checked too recently; again at " + time.UnixMilli(retryAt).UTC().Format(time.RFC3339),
	}}
}

// sweep is the decision on one contact of a sweep or a send.
func (d *decision) sweep() error {
	if !d.rec.Exists {
		return nil
	}
	d.candidates()
	d.goals(false)
	return nil
}

// candidates judges the occasion's messages, in order. One that uses company
// data is judged for each company in the order in which the contact joined,
// and for no company, its data unknown, where there is none (D2). A date rule
// is a triggered message: it uses the first company.
func (d *decision) candidates() {
	var companies []string
	if p := d.rec.Profile; p != nil {
		companies = p.Companies
	}
	from := 0
	for i, m := range d.in.messages {
		if !m.UsesCompany || m.Triggered || len(companies) == 0 {
			continue // it is about the first company, or none
		}
		d.judgeEach(d.in.messages[from:i], nil)
		from = i + 1
		for _, id := range companies {
			d.safely(m, id, func() { d.consider(m, id) })
		}
	}
	d.judgeEach(d.in.messages[from:], nil)
}

// dateFits is T5: today, in the workspace's zone, is the day that lies so many
// days from the contact's date. It notes the value, for which the message
// goes out once.
func (d *decision) dateFits(cand *candidate) bool {
	sec, ok := rule.UserAttribute(d.rec, cand.m.Date).ConditionDate(d.in.st.plan.Loc)
	if !ok {
		return false
	}
	at := time.Unix(sec, 0).In(d.in.st.plan.Loc)
	day := time.Date(at.Year(), at.Month(), at.Day()+cand.m.Offset, 12, 0, 0, 0, time.UTC)
	now := time.UnixMilli(d.in.now).In(d.in.st.plan.Loc)
	cand.date = sec
	return day.Year() == now.Year() && day.YearDay() == now.YearDay()
}

// markDate remembers that a date rule was decided for its value.
func (d *decision) markDate(cand *candidate) {
	if cand.m.Date == "" {
		return
	}
	p := d.profile()
	p.Dates = append(p.Dates, store.DateMark{Message: cand.m.ID, Company: cand.company, Value: cand.date})
	slices.SortStableFunc(p.Dates, func(a, b store.DateMark) int {
		return cmp.Or(cmp.Compare(a.Message, b.Message), cmp.Compare(a.Company, b.Company))
	})
	// A value matters on one day only; the newest few of a message stand for
	// all that a contact's date can take within it.
	n := 0
	for i := len(p.Dates) - 1; i >= 0; i-- {
		if p.Dates[i].Message == cand.m.ID && p.Dates[i].Company == cand.company {
			if n++; n > maxDateMarks {
				p.Dates = slices.Delete(p.Dates, i, i+1)
			}
		}
	}
}

// maxDateMarks is how many values of a date rule are remembered per message
// and company.
const maxDateMarks = 50

// An aloneRule is a rule that belongs to no program, with the counters that
// only it may need.
type aloneRule struct {
	rule     *rule.Compiled
	counters []*rule.CounterDef
}

// match is the decision on one contact and one rule.
func (d *decision) match() error {
	var companies []string
	if p := d.rec.Profile; p != nil && d.in.rule.rule.UsesCompany {
		companies = p.Companies
	}
	d.out.matched = len(companies) == 0 && d.eval(d.in.rule.rule)
	for _, id := range companies {
		d.scope.Company = d.needCompany(id)
		d.out.matched = d.out.matched || d.eval(d.in.rule.rule)
	}
	return nil
}

// prefilter returns a filter for the contacts for whom a run over the decision's
// messages has something to decide or to write, and what is held of each
// contact that the filter leaves out, so that totals are the same with and
// without it (Z2). It is nil where that cannot be told beforehand.
//
// Besides the audiences of its messages, a sweep of a contact builds counters
// that a rule asked for. So it must meet those contacts too, or what is recorded
// would depend on the store.
func (d *decision) prefilter() (f *store.Filter, held []lookedAt) {
	var list []*store.Filter
	asked := 0
	counters, segments := map[*rule.CounterDef]bool{}, map[*rule.Segment]bool{}
	for _, m := range d.in.messages {
		reason := plan.HeldAudience
		switch {
		case m.UsesCompany && m.Mode != plan.Triggered:
			return nil, nil // held once for each company of the contact
		case d.in.now < d.in.st.since[m.Place]:
			reason = plan.HeldNotLive
		case m.Date != "":
			// Its audience is no part of the filter: anyone who it leaves out was
			// held for the date, which is judged first.
			list = append(list, rule.DateFilter(m.Date, m.Offset, d.in.now, d.in.st.plan.Loc))
			reason = plan.HeldFilter
		default:
			f := rule.FilterOf(m.Audience, d.in.now, d.in.st.plan.Loc)
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
		held = append(held, lookedAt{m.Index, reason})
	}
	f, _ = rule.BoundFilter(rule.FilterAny(list...), rule.MaxFilterLeaves)
	return f, held
}
