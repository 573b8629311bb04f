package beckon

import (
	"slices"
	"strconv"
	"unique"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// A trace says of one candidate what was decided and why (Z2).
type trace struct {
	message, company string
	sent             bool
	reason           plan.Reason // why it was held; notHeld if it is sent
	retryAt          int64       // Unix milliseconds; 0: never, or not known
	note             string      // what reason does not say
	where, audience  *rule.Trace // nil if there are none
	sends            uint64      // of this message to the contact, before
	lastSent         int64       // Unix milliseconds; 0: never
	subject, body    string      // as it would be sent
}

// trace begins the trace of a candidate.
func (d *decision) trace(cand *candidate) {
	t := trace{message: cand.m.ID, company: cand.company}
	if cand.m.Where != nil {
		x := cand.m.Where.Explain(&d.scope)
		t.where = &x
	}
	if cand.m.Date != "" {
		t.where = d.traceDate(cand)
	}
	if cand.m.Audience != nil {
		x := cand.m.Audience.Explain(&d.scope)
		t.audience = &x
	}
	d.eachSends(cand.m.ID, func(s store.Sends) {
		if !s.Control {
			t.sends += uint64(s.Count)
			t.lastSent = max(t.lastSent, s.Last)
		}
	})
	d.out.traces = append(d.out.traces, t)
}

// traceDate tells how a date rule was judged, with the date that it saw.
func (d *decision) traceDate(cand *candidate) *rule.Trace {
	v := rule.UserAttribute(d.rec, cand.m.Date)
	t := &rule.Trace{Rule: `{"date":` + strconv.Quote(cand.m.Date) + `,"offset":"` + daysText(cand.m.Offset) + `"}`, Matched: d.dateFits(cand)}
	t.SeeDate(&v, d.scope.Loc)
	return t
}

// daysText returns a number of days as programs write it.
func daysText(n int) string {
	if n == 0 {
		return "0s"
	}
	return strconv.Itoa(n) + "d"
}

// traceHeld and traceSent end the trace of the candidate in front.
func (d *decision) traceHeld(m *plan.Message, reason plan.Reason, retryAt int64) {
	if n := len(d.out.traces) - 1; n >= 0 && d.out.traces[n].message == m.ID {
		t := &d.out.traces[n]
		t.reason, t.retryAt = reason, retryAt
		if reason == plan.HeldNotLive {
			t.note = d.in.st.live[m.Place].notLive()
		}
	}
}

func (d *decision) traceSent(del *store.Delivery) {
	if n := len(d.out.traces) - 1; d.in.explain && n >= 0 && d.out.traces[n].message == del.Message {
		t := &d.out.traces[n]
		t.sent, t.subject, t.body = true, del.Subject, del.Body
	}
}

// unheard says that no message listens to an event, and which event was
// probably meant; empty if one listens, or a series, or a message that the event
// would cancel.
func (st *state) unheard(name unique.Handle[string]) string {
	p := st.plan
	if of := p.Events[name.Value()]; of != nil && len(of.Candidates) > 0 || p.Triggers[name] ||
		slices.ContainsFunc(p.Messages, func(m *plan.Message) bool { return m.Unless != nil && m.Unless.Event == name }) {
		return ""
	}
	var heard []string
	for event, of := range p.Events {
		if slices.ContainsFunc(of.Candidates, func(m *plan.Message) bool { return st.live[m.Place].status == plan.Live }) {
			heard = append(heard, event)
		}
	}
	for event := range p.Triggers {
		heard = append(heard, event.Value())
	}
	slices.Sort(heard) // of several that are as near, always the same
	note := "no message listens to " + fault.Shown(name.Value())
	if near := fault.Meant(name.Value(), heard); near != "" {
		note += "; did you mean " + fault.Shown(near) + "?"
	}
	return note
}
