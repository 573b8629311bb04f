package beckon

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
)

// CheckEvery is the least time between two checks of one contact by default
// (D4).
const CheckEvery = 15 * time.Minute

// Visit decides what a login or a page view shows: ongoing messages of the
// in-app channels (D3), those waiting for their window included (S3). All its
// candidates that are not sent are listed as held. It is judged before the
// visit updates last seen (A3), and creates a contact that is not known. The
// walks of series move on as well, and may send over any channel. Before the first
// [Engine.Publish] a visit is recorded and no message is a candidate, which is no
// error.
//
// The error is an [ErrorList] of all that is wrong with the visit, such as
// contact_missing, contact_ambiguous or source_unknown, or contact_unknown under
// [WithKnownContactsOnly]; or a [StoreError]. Nothing was decided then.
func (e *Engine) Visit(ctx context.Context, visit Visit) (Result, error) {
	if err := e.open(); err != nil {
		return Result{}, err
	}
	var errs fault.List
	visit.identity().addFaults(&errs)
	visit.Page.addFaults(&errs)
	if _, ok := visit.Source.canonical(); !ok {
		errs.Add(ErrSourceUnknown, "source", "unknown source "+fault.Quote(string(visit.Source)))
	}
	if err := raise(errs); err != nil {
		return Result{}, err
	}
	key, err := e.resolve(ctx, visit.identity())
	if err != nil {
		return Result{}, err
	}
	d := e.newDecision(onVisit, e.clock())
	defer e.putDecision(d)
	if visit.Page != nil {
		page := *visit.Page
		d.page = &page
	}
	d.messages, d.email = d.st.plan.visits, visit.Email
	if _, err := e.step(ctx, key, d); err != nil {
		return Result{}, err
	}
	return d.result, nil
}

// visit is the decision on a visit.
func (d *decision) visit() error {
	d.exist()
	d.candidates()
	d.c.LastSeen = max(d.rec.LastSeen, d.now)
	d.moveOn()
	return nil
}

// Check decides now, for one contact, what the next sweep would: ongoing
// email, push and SMS, and date rules. A contact can be checked once in
// CheckEvery, or what [WithCheckEvery] says; sooner is refused with check_too_soon, which carries RetryAt
// (D4). It creates a contact that is not known, but for
// [WithKnownContactsOnly], where that is contact_unknown. Before the first
// [Engine.Publish] it is program_missing (D12), and the contact was not checked.
// Other errors are an [ErrorList] about the identity, or a [StoreError].
func (e *Engine) Check(ctx context.Context, who Identity) (Result, error) {
	if err := e.programmed(); err != nil {
		return Result{}, err
	}
	if err := who.check(); err != nil {
		return Result{}, err
	}
	key, err := e.resolve(ctx, who)
	if err != nil {
		return Result{}, err
	}
	d := e.newDecision(onCheck, e.clock())
	defer e.putDecision(d)
	d.messages, d.email = d.st.plan.sweeps, who.Email
	if _, err := e.step(ctx, key, d); err != nil {
		return Result{}, err
	}
	if d.tooSoon != 0 {
		return Result{}, tooSoon(d.tooSoon)
	}
	return d.result, nil
}

func tooSoon(retryAt int64) error {
	return ErrorList{{
		Code: ErrCheckTooSoon, RetryAt: unixMilli(retryAt),
		Message: "the contact was checked too recently; again at " + unixMilli(retryAt).Format(time.RFC3339),
	}}
}

// check is the decision on a check. A last check in the future, from before
// the clock stepped back, is set to now, so that it locks nothing for longer
// than its distance (as F6).
func (d *decision) check() error {
	if p := d.rec.Profile; p != nil && p.LastCheck != 0 {
		switch stepped := d.steppedBack(p.LastCheck); {
		case d.need.clock:
			return nil // the run is void
		case stepped:
			d.profile().LastCheck = d.now
			d.tooSoon = d.now + d.cfg.checkEvery
			return nil
		case d.now < p.LastCheck+d.cfg.checkEvery:
			return tooSoon(p.LastCheck + d.cfg.checkEvery)
		}
	}
	d.exist()
	d.profile().LastCheck = d.now
	d.candidates()
	d.goals(false)
	return nil
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
	for i, m := range d.messages {
		if !m.usesCompany || m.triggered || len(companies) == 0 {
			continue // it is about the first company, or none
		}
		d.considerEach(d.messages[from:i], nil)
		from = i + 1
		for _, id := range companies {
			d.safely(m, id, func() { d.consider(m, id) })
		}
	}
	d.considerEach(d.messages[from:], nil)
}

// dateFits is T5: today, in the workspace's zone, is the day that lies so many
// days from the contact's date. It notes the value, for which the message
// goes out once.
func (d *decision) dateFits(cand *candidate) bool {
	sec, ok := userAttribute(d.rec, cand.m.date).conditionDate(d.st.plan.loc)
	if !ok {
		return false
	}
	at := time.Unix(sec, 0).In(d.st.plan.loc)
	day := time.Date(at.Year(), at.Month(), at.Day()+cand.m.offset, 12, 0, 0, 0, time.UTC)
	now := unixMilli(d.now).In(d.st.plan.loc)
	cand.date = sec
	return day.Year() == now.Year() && day.YearDay() == now.YearDay()
}

// markDate remembers that a date rule was decided for its value.
func (d *decision) markDate(cand *candidate) {
	if cand.m.date == "" {
		return
	}
	p := d.profile()
	p.Dates = append(p.Dates, DateMark{Message: cand.m.id, Company: cand.company, Value: cand.date})
	slices.SortStableFunc(p.Dates, func(a, b DateMark) int {
		return cmp.Or(cmp.Compare(a.Message, b.Message), cmp.Compare(a.Company, b.Company))
	})
	// A value matters on one day only; the newest few of a message stand for
	// all that a contact's date can take within it.
	n := 0
	for i := len(p.Dates) - 1; i >= 0; i-- {
		if p.Dates[i].Message == cand.m.id && p.Dates[i].Company == cand.company {
			if n++; n > maxDateMarks {
				p.Dates = slices.Delete(p.Dates, i, i+1)
			}
		}
	}
}

// maxDateMarks is how many values of a date rule are remembered per message
// and company.
const maxDateMarks = 50
