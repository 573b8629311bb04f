package beckon

import (
	"math"
	"strconv"
)

// trace begins the trace of a candidate.
func (d *decision) trace(cand *candidate) {
	t := MessageTrace{Message: cand.m.id, CompanyID: cand.company}
	if cand.m.where != nil {
		x := cand.m.where.explain(&d.scope)
		t.Where = &x
	}
	if cand.m.date != "" {
		t.Where = d.traceDate(cand)
	}
	if cand.m.audience != nil {
		x := cand.m.audience.explain(&d.scope)
		t.Audience = &x
	}
	var sends uint64
	var last int64
	d.eachSends(cand.m.id, func(s Sends) {
		if !s.Control {
			sends += uint64(s.Count)
			last = max(last, s.Last)
		}
	})
	t.Sends = intOf(sends, math.MaxInt)
	if last != 0 {
		at := unixMilli(last)
		t.LastSent = &at
	}
	d.out.traces = append(d.out.traces, t)
}

// traceDate tells how a date rule was judged, with the date that it saw.
func (d *decision) traceDate(cand *candidate) *RuleTrace {
	v := userAttribute(d.rec, cand.m.date)
	c := condition{source: fromStandard, test: testDayAgo, name: cand.m.date}
	t := &RuleTrace{Rule: `{"date":` + strconv.Quote(cand.m.date) + `,"offset":"` + Days(cand.m.offset).String() + `"}`, Matched: d.dateFits(cand)}
	c.seeValue(&v, d.scope.loc, t)
	return t
}

// traceHeld and traceSent end the trace of the candidate in front.
func (d *decision) traceHeld(m *messagePlan, reason reasonCode, retryAt int64) {
	if n := len(d.out.traces) - 1; n >= 0 && d.out.traces[n].Message == m.id {
		t := &d.out.traces[n]
		t.Reason = Reason(reason.text())
		if reason == heldNotLive {
			t.Note = d.in.st.live[m.place].notLive()
		}
		if retryAt != 0 {
			at := unixMilli(retryAt)
			t.RetryAt = &at
		}
	}
}

func (d *decision) traceSent(del *Delivery) {
	if n := len(d.out.traces) - 1; d.in.explain && n >= 0 && d.out.traces[n].Message == del.Message {
		t := &d.out.traces[n]
		t.Sent, t.Subject, t.Body = true, del.Subject, del.Body
	}
}
