package beckon

import (
	"fmt"

	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A candidate is one message in front of one contact: the unit that is judged.
type candidate struct {
	m       *plan.Message
	company string        // the company it is judged for; empty unless m.usesCompany
	data    *store.Record // that company's data; nil if unknown
	date    int64         // the value of the date attribute, for a date rule (T5)
	hold    *store.Hold   // what had waited, on Due
	series  *plan.Series
	walk    *store.Walk // through series, at the message's block
}

// consider judges a candidate from the beginning, for a company or for none.
func (d *decision) consider(m *plan.Message, company string) {
	cand := candidate{m: m, company: company}
	if m.UsesCompany {
		cand.data = d.needCompany(company)
		d.scope.Company = cand.data
	}
	d.judge(&cand)
	d.scope.Company = nil
}

// judgeEach judges messages in order, each for the company that a triggered
// message is about. It is contained: a panic costs only the message that it
// comes from.
//
// quick is the event that has the messages as its candidates, or nil.
func (d *decision) judgeEach(list []*plan.Message, quick *plan.Event) {
	if d.in.explain || d.out.limited || quick != nil && quick.Quick == nil {
		quick = nil // something stands before the audience
	}
	for done := 0; done < len(list); {
		done, quick = d.judgeFrom(list, done, quick)
	}
}

// judgeFrom judges messages from one on until one panics. It returns how many
// are done, and quick if their rules may still be asked together.
func (d *decision) judgeFrom(list []*plan.Message, from int, quick *plan.Event) (done int, still *plan.Event) {
	before, rules := d.before(), false
	defer func() {
		if p := recover(); p != nil {
			if rules {
				still = nil // nothing is decided yet; whose rule it is shows when each is judged by itself
				return
			}
			d.undo(&before, list[done], d.eventCompany(list[done]), p)
			done++
		}
	}()
	d.scope.Begin()
	for done, still = from, quick; done < len(list); done++ {
		eligible := false
		if quick != nil {
			rules = true
			at, holds := quick.Prejudge(&d.scope, d.in.st.since, done)
			rules = false
			d.needsMore()
			d.heldByAudience(quick, done, at)
			if done, eligible = at, holds; done == len(list) {
				break
			}
		}
		m := list[done]
		before.decided = d.counts() // what is decided so far stays
		if eligible {
			d.afterAudience(&candidate{m: m})
		} else {
			d.consider(m, d.eventCompany(m))
		}
	}
	return done, still
}

// heldByAudience notes candidates of an event, from one on and before another.
func (d *decision) heldByAudience(e *plan.Event, from, to int) {
	if from < to {
		d.out.held.holdMany(e.First+from, to-from, plan.HeldAudience)
		d.c.Totals = append(d.c.Totals, e.Audience[from:to]...)
	}
}

// safely runs one message's judgement so that a panic in it costs only that
// message, which is held failed; the others go on.
func (d *decision) safely(m *plan.Message, company string, judge func()) {
	before := d.before()
	defer func() {
		if p := recover(); p != nil {
			d.undo(&before, m, company, p)
		}
	}()
	judge()
}

// A snapshot is what a decision was before a message was judged.
type snapshot struct {
	rec, data *store.Record
	fields    value.Fields
	page      *store.Page
	decided   counts
}

// counts are how much a decision has decided.
type counts struct{ sends, log, totals, sent, deliveries, origins int }

func (d *decision) before() snapshot {
	s := &d.scope
	return snapshot{s.Rec, s.Company, s.Fields, s.Page, d.counts()}
}

func (d *decision) counts() counts {
	return counts{len(d.c.Sends), len(d.c.Log), len(d.c.Totals), len(d.reused.sent), len(d.out.deliveries), len(d.out.origins)}
}

// undo takes back what a message that panicked has decided, which is held,
// failed. What it was judged over is its own; the next one finds the event's.
func (d *decision) undo(to *snapshot, m *plan.Message, company string, p any) {
	n, s := &to.decided, &d.scope
	for range d.reused.sent[n.sent:] {
		d.takeCaps(m, -1)
	}
	d.reused.rows.reset()
	d.out.aheadKnown, d.out.after = false, nil
	d.c.Sends, d.c.Log, d.c.Totals = d.c.Sends[:n.sends], d.c.Log[:n.log], d.c.Totals[:n.totals]
	d.reused.sent, d.out.deliveries, d.out.origins = d.reused.sent[:n.sent], d.out.deliveries[:n.deliveries], d.out.origins[:n.origins]
	s.Rec, s.Company, s.Fields, s.Page = to.rec, to.data, to.fields, to.page
	for i := range d.reused.caps.list {
		d.setBack(&d.in.st.plan.Caps.Groups[d.reused.caps.list[i].group]) // as it was, before the message broke
	}
	d.hold(m, company, plan.HeldFailed, 0)
	d.out.failures = append(d.out.failures, failure{err: fmt.Errorf("beckon: message %q: panic: %v", m.ID, p)})
}

// eventCompany is the company whose data a triggered message uses: the
// event's, else the contact's first (D2). One that the event names and that
// does not count is not replaced by another.
func (d *decision) eventCompany(m *plan.Message) string {
	if !m.UsesCompany || d.out.foreign {
		return ""
	}
	if d.in.event.company != "" {
		return d.in.event.company
	}
	if p := d.rec.Profile; p != nil && len(p.Companies) > 0 {
		return p.Companies[0]
	}
	return ""
}
