package decide

import (
	"fmt"
	"math"
	"strconv"
	"time"
	"unique"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/hours"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/internal/standing"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// traces reports whether what is judged is traced (Z2).
func (d *Decision) traces() bool { return d.In.Traces || d.In.Explain && !d.In.Foresees }

// occasions are the occasions as hosts read them.
var occasions = [...]explain.Occasion{ //nolint:gochecknoglobals // a table that nothing writes to
	OnTrack: explain.OnEvent, OnVisit: explain.OnVisit, OnSweep: explain.OnSweep, OnCheck: explain.OnSweep, OnSend: explain.OnSend,
	OnSendTo: explain.OnSend, OnDue: explain.OnDue, OnUpdate: explain.OnUpdate, OnMerge: explain.OnUpdate, OnEve: explain.OnUpdate, OnMatch: "", OnConsent: "", OnLook: explain.OnDue,
}

// newTrace returns a trace that says nothing but what it is about.
func (d *Decision) newTrace(message, company string) explain.Message {
	return explain.Message{Message: message, CompanyID: company, Occasion: occasions[d.In.Occasion], At: standing.Instant(d.In.Now), Unknown: !d.Record.Exists}
}

// trace begins the trace of a candidate. That it breaks must not change what is decided.
func (d *Decision) trace(cand *Candidate) {
	d.Out.Traces = append(d.Out.Traces, d.newTrace(cand.Message.ID, cand.company))
	defer func() {
		if p := recover(); p != nil {
			d.note(fmt.Sprintf("what it depends on could not be told: %v", p))
		}
	}()
	m, t := cand.Message, &d.Out.Traces[len(d.Out.Traces)-1]
	t.Name, t.Channel = m.Name, m.Channel
	if !m.Composed {
		t.Live = d.In.State.Live[m.Place].told()
	}
	if m.Series != nil {
		t.Series = m.Series.ID
	}
	d.traceRules(cand, t)
	d.needsMore() // what the trees have asked for, also where nothing else does
	d.traceLimits(cand, t)
	if cand.hold != nil {
		t.Waits = d.waitOf(cand.hold, m)
		d.Out.Waiting = put(d.Out.Waiting, len(d.Out.Traces)-1, *cand.hold)
	}
	d.traceContent(cand, t)
}

func put[K comparable, V any](m map[K]V, k K, v V) map[K]V {
	if m == nil {
		m = make(map[K]V)
	}
	m[k] = v
	return m
}

// WaitOf tells what waits with a hold.
func (d *Decision) WaitOf(h *store.Hold) *explain.Wait {
	return d.waitOf(h, d.In.State.Plan.ByID[h.Message])
}

// ChangeFields returns what rules see of the change that triggers a message (T7).
func (d *Decision) ChangeFields(c *plan.Change) value.Fields { return changeFields(d.change(c)) }

// Lacks reports whether something was found lacking since the decision was made.
func (d *Decision) Lacks() bool { return d.needsMore() }

// ExplainRule tells how a rule stands, of the contact and its first company, in a walk that
// was entered at a second; nil if there is no rule.
func (d *Decision) ExplainRule(r *rule.Compiled, entered int64) *rule.Trace {
	if r == nil {
		return nil
	}
	s := &d.Scope
	if p := d.Record.Profile; r.UsesCompany && p != nil && len(p.Companies) > 0 {
		s.Company = d.needCompany(p.Companies[0])
	}
	s.Entry = entered
	t := r.Explain(s)
	s.Entry, s.Company = 0, nil
	return &t
}

// TraceOf tells how a message stands at which a walk waits.
func (d *Decision) TraceOf(m *plan.Message, s *plan.Series, w *store.SeriesState) *explain.Message {
	cand := Candidate{Message: m, company: d.companyOf(m), series: s, walk: w}
	if m.UsesCompany {
		cand.data = d.needCompany(cand.company)
	}
	d.Scope.Company = cand.data
	d.trace(&cand)
	d.Scope.Company = nil
	return &d.Out.Traces[len(d.Out.Traces)-1]
}

// traceRules tells how the rules of a candidate were judged. Those of what has waited were
// judged when its event came, and stand.
func (d *Decision) traceRules(cand *Candidate, t *explain.Message) {
	m := cand.Message
	if m.Audience != nil && (cand.hold == nil || m.Wait != nil && m.Wait.Recheck) {
		x := m.Audience.Explain(&d.Scope)
		t.Audience = &x
	}
	switch {
	case cand.hold != nil:
	case m.Where != nil:
		x := m.Where.Explain(&d.Scope)
		t.Where = &x
	case m.Date != "":
		t.Where = d.traceDate(cand)
	case m.Crossing != nil:
		t.Where = d.traceCrossing(m.Crossing.Segment)
	case m.Change != nil:
		t.Where = traceChange(m.Change, d.Scope.Fields)
	}
}

// traceLimits tells how all stands that limits a message. Nothing is noticed by it (F6).
func (d *Decision) traceLimits(cand *Candidate, t *explain.Message) {
	m, p, pair := cand.Message, d.current(), cand.Message.UsesCompany && !cand.Message.Triggered
	var count, sends uint64
	var last, sent int64
	d.eachSends(m.ID, func(s *store.SendStats) {
		if !s.Control {
			sends, sent = sends+uint64(s.Count), max(sent, s.Last)
		}
		if !pair || s.Company == cand.company {
			count, last = count+uint64(s.Count), max(last, s.Last)
		}
	})
	t.Sends = int(min(sends, math.MaxInt))
	if sent != 0 {
		at := standing.Instant(sent)
		t.LastSent = &at
	}
	value := ""
	if m.Frequency.Per != "" {
		row, _ := d.valueRow(m)
		count, last = uint64(row.Count), row.Last
		if i := d.Scope.Fields.Index(m.Frequency.Per); i >= 0 {
			value = rule.Describe(peek.Of(&d.Scope.Fields[i].Value), d.Scope.Loc)
		}
	}
	t.Frequency = standing.Frequency(m, count, last, value, d.In.Now)
	t.Caps = standing.Caps(&d.In.State.Plan.Caps, m, d.Record.SendLog, d.sentNow(), d.In.Now)
	t.Hours = standing.Hours(d.In.State.Plan, m, d.In.State.HoursOf(p), d.In.Now)
	t.Consent = standing.Consent(p, m)
	if program := d.In.State.Plan.Control; m.Control > 0 || program > 0 && !m.Transactional && !m.Composed {
		t.Control = &explain.Control{Message: m.Control}
		if !m.Transactional && !m.Composed {
			t.Control.Program = program
		}
		switch {
		case d.heldOut(m):
			t.Control.Held, t.Control.Of = true, "program"
		case m.Control > 0 && d.isControl(cand):
			t.Control.Held, t.Control.Of = true, "message"
		}
	}
}

// traceContent tells what would be sent.
func (d *Decision) traceContent(cand *Candidate, t *explain.Message) {
	rec := d.Scope.Rec
	if cand.series != nil {
		d.Scope.Rec = d.Outcome()
	}
	defer func() { d.Scope.Rec = rec }()
	c := cand.Message.Content
	t.Missing = c.Missing((*shownScope)(&d.Scope))
	if says, err := c.Render((*shownScope)(&d.Scope)); err == nil {
		t.Subject, t.Body, t.Text, t.Data, t.Parameters = says.Subject, says.Body, says.Text, says.Data, says.Parameters
	}
}

// waitOf tells what waits with h, of a message that may be nil.
func (d *Decision) waitOf(h *store.Hold, m *plan.Message) *explain.Wait {
	w := &explain.Wait{For: store.Reason(d.waitsFor(h, m).Text()), Since: standing.Instant(h.Event.Arrived), Until: standing.Instant(h.Due), GivesUp: standing.Instant(h.Until)}
	w.Due = d.In.Occasion == OnDue && !d.Out.Idle && h.Due <= d.In.Now && m != nil
	if h.Event.Name != (unique.Handle[string]{}) {
		w.Event = h.Event.Name.Value()
	}
	if h.Absence && m != nil && m.Wait != nil {
		for _, f := range m.Wait.Followers {
			w.Unless = append(w.Unless, f.Event.Value())
		}
		w.Same = m.Wait.Same
	}
	return w
}

// waitsFor returns for what a hold was held.
func (d *Decision) waitsFor(h *store.Hold, m *plan.Message) plan.Reason {
	switch {
	case h.Until != 0:
		return roomReason(h)
	case m == nil:
		return plan.HeldWaiting
	case m.Wait != nil && holdDeadline(h, m, d.In.State.ZoneOf(d.current())) >= h.Due:
		return plan.HeldWaiting
	}
	if s := hours.At(m, d.In.State.HoursOf(d.current()), max(h.Due-1, 0)); s.Reason != plan.NotHeld {
		return s.Reason // of the hour that ends when it is due
	}
	return plan.HeldOutboxFull
}

// traceWaiting tells what waits in the contact and is not due yet.
func (d *Decision) traceWaiting(p *store.Profile) {
	for i := range p.Holds {
		h := &p.Holds[i]
		if h.Due <= d.In.Now && !d.In.State.leavesHold(h, d.In.Now) {
			continue
		}
		m := d.In.State.Plan.ByID[h.Message]
		if m == nil {
			t := d.newTrace(h.Message, h.Company)
			t.Waits, t.Reason, t.Note = d.waitOf(h, nil), store.ReasonWaiting, "the program does not have it: it is left to an engine that has"
			d.Out.Traces = append(d.Out.Traces, t)
			continue
		}
		cand := Candidate{Message: m, company: h.Company, hold: h}
		if m.UsesCompany {
			cand.data = d.needCompany(h.Company)
		}
		fields, page := d.Scope.Fields, d.Scope.Page
		d.Scope.Company, d.Scope.Fields, d.Scope.Page = cand.data, h.Event.Metadata, h.Event.Page
		d.trace(&cand)
		d.traceHeld(m, d.waitsFor(h, m), h.Due, 0)
		d.Scope.Company, d.Scope.Fields, d.Scope.Page = nil, fields, page
	}
	for _, x := range p.Rarely().Armed {
		m := d.In.State.Plan.ByID[x.Message]
		if m == nil || !m.ByDue || x.Due <= d.In.Now {
			continue
		}
		cand := Candidate{Message: m, company: d.eventCompany(m)}
		if m.UsesCompany {
			cand.data = d.needCompany(cand.company)
		}
		d.Scope.Company = cand.data
		d.trace(&cand)
		d.traceHeld(m, plan.HeldFilter, x.Due, 0)
		t := &d.Out.Traces[len(d.Out.Traces)-1]
		t.Waits, t.Note = &explain.Wait{For: store.ReasonFilter, Until: standing.Instant(x.Due)}, "its date is due at "+time.UnixMilli(x.Due).UTC().Format(time.RFC3339)
		d.Scope.Company = nil
	}
	d.needsMore()
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
		s.Rec, s.Built = d.Outcome(), nil
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
		if t.Reason, t.Cap = store.Reason(reason.Text()), d.In.State.Plan.Caps.ID(by); retryAt != 0 {
			at := standing.Instant(retryAt)
			t.RetryAt = &at
		}
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
	if n := len(d.Out.Traces) - 1; d.traces() && n >= 0 && d.Out.Traces[n].Message == del.Message {
		t := &d.Out.Traces[n]
		t.Sent, t.Subject, t.Body, t.Text, t.Data, t.Parameters = true, del.Subject, del.Body, del.Text, del.Data, del.Parameters
	}
}
