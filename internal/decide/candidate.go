package decide

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A Candidate is one message in front of one contact: the unit that is judged.
type Candidate struct {
	Message *plan.Message
	company string           // the company it is judged for; empty unless m.UsesCompany
	data    *store.Record    // that company's data; nil if unknown
	date    int64            // the value for which a date rule is decided (T5)
	hold    *store.Hold      // what had waited, on Due
	armed   *store.ArmedDate // what a date rule was armed by, on Due (T9)
	series  *plan.Series
	walk    *store.SeriesState // through series, at the message's block
}

// consider judges a candidate from the beginning, for a company or for none.
func (d *Decision) consider(m *plan.Message, company string) {
	cand := Candidate{Message: m, company: company}
	if m.UsesCompany {
		cand.data = d.needCompany(company)
		d.Scope.Company = cand.data
	}
	d.judge(&cand)
	d.Scope.Company = nil
}

// judgeEach judges messages in order, each for the company that a triggered
// message is about. It is contained: a panic costs only the message that it
// comes from.
//
// quick is the event that has the messages as its candidates, or nil.
func (d *Decision) judgeEach(list []*plan.Message, quick *plan.Event) {
	if d.traces() || d.Out.limited || quick != nil && quick.Quick == nil {
		quick = nil // something stands before the audience
	}
	for done := 0; done < len(list); {
		done, quick = d.judgeFrom(list, done, quick)
	}
}

// judgeFrom judges messages from one on until one panics. It returns how many
// are done, and quick if their rules may still be asked together.
func (d *Decision) judgeFrom(list []*plan.Message, from int, quick *plan.Event) (done int, still *plan.Event) {
	var before snapshot
	before.take(d)
	rules := false
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
	d.Scope.Begin()
	for done, still = from, quick; done < len(list); done++ {
		eligible := false
		if quick != nil {
			rules = true
			at, holds := quick.Prejudge(&d.Scope, d.In.State.Since, done)
			rules = false
			d.needsMore()
			d.heldByAudience(quick, done, at)
			if done, eligible = at, holds; done == len(list) {
				break
			}
		}
		m := list[done]
		before.decided.take(d) // what is decided so far stays
		d.Out.progress = progress{judged: done, left: len(list) - done - 1}
		if eligible {
			d.afterAudience(&Candidate{Message: m})
		} else {
			d.consider(m, d.eventCompany(m))
		}
	}
	d.Out.progress = progress{}
	return done, still
}

// heldByAudience notes candidates of an event, from one on and before another.
func (d *Decision) heldByAudience(e *plan.Event, from, to int) {
	if from < to {
		d.Out.Held.HoldMany(e.First+from, to-from, plan.HeldAudience)
		d.Changes.Totals = append(d.Changes.Totals, e.Audience[from:to]...)
	}
}

// Safely runs one message's judgement so that a panic in it costs only that
// message, which is held failed; the others go on.
func (d *Decision) Safely(m *plan.Message, company string, judge func()) {
	var before snapshot
	before.take(d)
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

func (s *snapshot) take(d *Decision) {
	s.rec, s.data, s.fields, s.page = d.Scope.Rec, d.Scope.Company, d.Scope.Fields, d.Scope.Page
	s.decided.take(d)
}

func (n *counts) take(d *Decision) {
	n.sends, n.log, n.totals = len(d.Changes.SendStats), len(d.Changes.SendLog), len(d.Changes.Totals)
	n.sent, n.deliveries, n.origins = len(d.Reused.Sent), len(d.Out.Deliveries), len(d.Out.Origins)
}

// undo takes back what a message that panicked has decided, which is held,
// failed. What it was judged over is its own; the next one finds the event's.
func (d *Decision) undo(to *snapshot, m *plan.Message, company string, p any) {
	n, s := &to.decided, &d.Scope
	for range d.Reused.Sent[n.sent:] {
		d.takeCaps(m, -1)
	}
	d.Reused.Rows.reset()
	d.Out.aheadKnown, d.Out.after = false, nil
	d.Changes.SendStats, d.Changes.SendLog, d.Changes.Totals = d.Changes.SendStats[:n.sends], d.Changes.SendLog[:n.log], d.Changes.Totals[:n.totals]
	d.Reused.Sent, d.Out.Deliveries, d.Out.Origins = d.Reused.Sent[:n.sent], d.Out.Deliveries[:n.deliveries], d.Out.Origins[:n.origins]
	s.Rec, s.Company, s.Fields, s.Page = to.rec, to.data, to.fields, to.page
	for i := range d.Reused.Caps.List {
		d.setBack(&d.In.State.Plan.Caps.Groups[d.Reused.Caps.List[i].group]) // as it was, before the message broke
	}
	d.hold(m, company, plan.HeldFailed, 0)
	d.Out.Failures = append(d.Out.Failures, Failure{Err: fmt.Errorf("beckon: message %q: panic: %v", m.ID, p)})
}

// eventCompany is the company whose data a triggered message uses: the
// event's, else the contact's first (D2). One that the event names and that
// does not count is not replaced by another.
func (d *Decision) eventCompany(m *plan.Message) string {
	if m.Crossing != nil {
		return d.companyOf(m)
	}
	if !m.UsesCompany || d.Out.Foreign {
		return ""
	}
	if d.In.Event.Company != "" {
		return d.In.Event.Company
	}
	if p := d.Record.Profile; p != nil && len(p.Companies) > 0 {
		return p.Companies[0]
	}
	return ""
}

// crossings returns the messages that the occasion triggers because the contact begins or
// ceases to match a segment, in judging order, and notes what was seen (T8). An import
// triggers none.
func (d *Decision) crossings() (crossed []*plan.Message) {
	for _, m := range d.In.State.Plan.Crossings {
		live := d.In.State.Live[m.Place]
		if live.comes(d.In.Now) {
			d.forgetCrossing(m.ID) // it is to begin anew
		}
		was, noted := d.matchedBefore(m)
		matches, went := d.matchesNow(m.Crossing.Segment), live.went(d.In.Now)
		if was == matches && (noted || d.isStill()) {
			continue
		}
		if noted || went {
			d.noteCrossing(store.Crossing{Message: m.ID, Matched: matches})
		}
		if was != matches && matches != m.Crossing.Leaves && !d.In.Records && !d.In.Event.Imported {
			crossed = append(crossed, m)
		}
	}
	return crossed
}

// crossAgain judges what the contact has begun or ceased to match by what the occasion has
// brought about itself: sends, and what walks have set.
func (d *Decision) crossAgain() {
	if len(d.Reused.Sent) == 0 && !d.Out.set || len(d.In.State.Plan.Crossings) == 0 {
		return
	}
	var before []store.Crossing
	if p := d.current(); p != nil && d.streamed() {
		before = slices.Clone(p.Rarely().Crossings)
	}
	crossed := d.crossings()
	d.crossBehind(before)
	switch d.In.Occasion {
	case OnUpdate:
		d.judgeChanges(crossed)
	default:
		d.judgeEach(crossed, nil)
	}
}

// matchedBefore reports whether the contact matched the segment of a message when that was
// last seen. If nobody has seen it since the message went live, that is how it stood before
// the occasion, as of then; a contact that did not exist matched nothing.
func (d *Decision) matchedBefore(m *plan.Message) (matched, noted bool) {
	live := d.In.State.Live[m.Place]
	x, noted := crossingAt(d.current(), m.ID)
	switch {
	case noted:
		return x.Matched, true
	case !d.Record.Exists:
		return false, false
	case live.went(d.In.Now):
		return d.asOf(m.Crossing.Segment, d.Record, live.at), false
	}
	return d.asOf(m.Crossing.Segment, d.Record, d.In.Now), false
}

// matchesNow reports whether the contact matches a segment after the occasion.
func (d *Decision) matchesNow(segment *rule.Compiled) bool {
	if d.isStill() {
		return d.asOf(segment, d.Record, d.In.Now)
	}
	return d.over(segment)
}

// isStill reports whether the occasion changes nothing that a rule may ask of the contact.
func (d *Decision) isStill() bool {
	return (d.In.Occasion == OnSweep || d.In.Occasion == OnCheck && d.Record.Exists) && len(d.Reused.Sent) == 0
}

// seeBefore notes what nobody has seen yet, as it was before the occasion: that is to
// change by what triggers nothing.
func (d *Decision) seeBefore() {
	for _, m := range d.In.State.Plan.Crossings {
		if matched, noted := d.matchedBefore(m); !noted && d.In.State.Live[m.Place].went(d.In.Now) {
			d.noteCrossing(store.Crossing{Message: m.ID, Matched: matched})
		}
	}
}

func (d *Decision) noteCrossing(x store.Crossing) {
	r := d.profile().Own()
	r.Crossings = rows.Upsert(r.Crossings, x, compareCrossings)
}

func (d *Decision) forgetCrossing(message string) {
	if _, noted := crossingAt(d.current(), message); noted {
		r := d.profile().Own()
		r.Crossings = slices.DeleteFunc(r.Crossings, func(x store.Crossing) bool { return x.Message == message })
	}
}

// crossingAt returns what was seen of the segment of a message; false if it was not.
func crossingAt(p *store.Profile, message string) (store.Crossing, bool) {
	if p == nil || p.Rare == nil {
		return store.Crossing{}, false
	}
	i, found := slices.BinarySearchFunc(p.Rare.Crossings, store.Crossing{Message: message}, compareCrossings)
	if !found {
		return store.Crossing{}, false
	}
	return p.Rare.Crossings[i], true
}

func compareCrossings(a, b store.Crossing) int { return strings.Compare(a.Message, b.Message) }

// together returns two lists of messages as one, in judging order.
func together(a, b []*plan.Message) []*plan.Message {
	if len(b) == 0 {
		return a
	}
	list := slices.Concat(a, b)
	slices.SortFunc(list, func(x, y *plan.Message) int { return cmp.Compare(x.Index, y.Index) })
	return list
}
