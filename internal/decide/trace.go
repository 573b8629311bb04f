package decide

import (
	"slices"
	"strconv"
	"unique"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A Trace says of one candidate what was decided and why (Z2).
type Trace struct {
	Message, Company string
	Sent             bool
	Reason           plan.Reason // why it was held; notHeld if it is sent
	RetryAt          int64       // Unix milliseconds; 0: never, or not known
	Cap              string      // the ID of the cap that held it (F10)
	Note             string      // what reason does not say
	Where, Audience  *rule.Trace // nil if there are none
	Sends            uint64      // of this message to the contact, before
	LastSent         int64       // Unix milliseconds; 0: never
	Subject          string      // as it would be sent
	Body, Text       string
}

// trace begins the trace of a candidate.
func (d *Decision) trace(cand *Candidate) {
	t := Trace{Message: cand.Message.ID, Company: cand.company}
	if cand.Message.Where != nil {
		x := cand.Message.Where.Explain(&d.Scope)
		t.Where = &x
	}
	if cand.Message.Date != "" {
		t.Where = d.traceDate(cand)
	}
	if cand.Message.Crossing != nil {
		t.Where = d.traceCrossing(cand.Message.Crossing.Segment)
	}
	if c := cand.Message.Change; c != nil && t.Where == nil {
		t.Where = traceChange(c, d.Scope.Fields)
	}
	if cand.Message.Audience != nil {
		x := cand.Message.Audience.Explain(&d.Scope)
		t.Audience = &x
	}
	d.eachSends(cand.Message.ID, func(s store.SendStats) {
		if !s.Control {
			t.Sends += uint64(s.Count)
			t.LastSent = max(t.LastSent, s.Last)
		}
	})
	d.Out.Traces = append(d.Out.Traces, t)
}

// traceDate tells how a date rule was judged, with the date that it saw.
func (d *Decision) traceDate(cand *Candidate) *rule.Trace {
	v := rule.UserAttribute(d.Record, cand.Message.Date)
	t := rule.DateTrace(cand.Message.DateText, d.dateFits(cand), &v, d.Scope.Loc)
	return &t
}

// traceCrossing tells how a segment that triggers is judged after the occasion.
func (d *Decision) traceCrossing(segment *rule.Compiled) *rule.Trace {
	s := &d.Scope
	before, data, built := s.Rec, s.Company, s.Built
	if !d.isStill() {
		s.Rec, s.Built = d.outcome(), nil
	}
	if p := s.Rec.Profile; segment.UsesCompany && p != nil && len(p.Companies) > 0 {
		s.Company = d.needCompany(p.Companies[0])
	}
	t := segment.Explain(s)
	s.Rec, s.Company, s.Built = before, data, built
	return &t
}

// traceChange tells which change triggered a message: without one there is no candidate.
func traceChange(c *plan.Change, f value.Fields) *rule.Trace {
	shown := func(key string) string {
		if v, known := f.Get(key); known {
			return v.String()
		}
		return "unknown"
	}
	return &rule.Trace{Rule: `{"attribute":` + strconv.Quote(c.Attribute) + `}`, Matched: true, Seen: shown("from") + " → " + shown("to")}
}

// traceHeld and traceSent end the trace of the candidate in front.
func (d *Decision) traceHeld(m *plan.Message, reason plan.Reason, retryAt int64, by int) {
	if n := len(d.Out.Traces) - 1; n >= 0 && d.Out.Traces[n].Message == m.ID {
		t := &d.Out.Traces[n]
		t.Reason, t.RetryAt, t.Cap = reason, retryAt, d.In.State.Plan.Caps.ID(by)
		if reason == plan.HeldNotLive {
			t.Note = d.In.State.Live[m.Place].notLive()
		}
		if reason == plan.HeldControl && d.heldOut(m) {
			t.Note = "it is in the control group of the program"
		}
	}
}

// note adds to the trace of the candidate in front what its reason does not say.
func (d *Decision) note(text string) {
	if n := len(d.Out.Traces) - 1; n >= 0 {
		d.Out.Traces[n].Note = text
	}
}

func (d *Decision) traceSent(del *store.Delivery) {
	if n := len(d.Out.Traces) - 1; d.In.Explain && n >= 0 && d.Out.Traces[n].Message == del.Message {
		t := &d.Out.Traces[n]
		t.Sent, t.Subject, t.Body, t.Text = true, del.Subject, del.Body, del.Text
	}
}

// Unheard says that no message listens to an event, and which event was
// probably meant; empty if one listens, or a series, or a message that the event
// would cancel.
func (st *State) Unheard(name unique.Handle[string]) string {
	p := st.Plan
	if of := p.Events[name.Value()]; of != nil && len(of.Candidates) > 0 || p.Triggers[name] ||
		slices.ContainsFunc(p.Messages, func(m *plan.Message) bool { return m.Wait.Follows(name) }) {
		return ""
	}
	var heard []string
	for event, of := range p.Events {
		if slices.ContainsFunc(of.Candidates, func(m *plan.Message) bool { return st.Live[m.Place].status == plan.Live }) {
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
