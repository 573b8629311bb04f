package beckon

import (
	"context"
	"math"
	"time"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// A MessageTrace says what was decided of one candidate and why. Note says that
// a message that is not_live is a draft, paused or stopped, or from when on it
// is live. A trace with nothing but a Note says why there is no candidate: no
// program was published, no message listens to the event (and which was
// probably meant), or its name is archived. (Z2)
type MessageTrace struct {
	Message   string     `json:"message"`
	CompanyID string     `json:"company_id,omitempty"`
	Sent      bool       `json:"sent"`
	Reason    Reason     `json:"reason,omitempty"` // why it was held; empty if it is sent
	RetryAt   *time.Time `json:"retry_at,omitempty"`
	Cap       string     `json:"cap,omitempty"`      // as that of [Held]
	Where     *RuleTrace `json:"where,omitempty"`    // the trigger's rule, or its date (T5); nil if it has none
	Audience  *RuleTrace `json:"audience,omitempty"` // nil if it has none
	Sends     int        `json:"sends"`              // of this message to the contact, before
	LastSent  *time.Time `json:"last_sent,omitempty"`
	Subject   string     `json:"subject,omitempty"` // as it would be sent
	Body      string     `json:"body,omitempty"`
	Text      string     `json:"text,omitempty"`
	Note      string     `json:"note,omitempty"` // what Reason and rules do not say, in words
}

// A RuleTrace says how a rule was judged, down to each condition and the value
// seen, also where the group was decided already. (Z2)
type RuleTrace struct {
	Rule    string      `json:"rule"` // of a condition: its JSON; of a group: all, any, not, or "segment" and its name
	Matched bool        `json:"matched"`
	Seen    string      `json:"seen,omitempty"`    // of a condition: the value in its plain form, a date as RFC 3339 in the workspace's zone
	Against string      `json:"against,omitempty"` // of a condition on a field: the value of that; empty if it is unknown (A11)
	Unknown bool        `json:"unknown,omitempty"` // of a condition: there is no value
	Problem string      `json:"problem,omitempty"` // of a condition: why the value counts as unknown, such as: the text "99" is not a number (A5)
	Since   time.Time   `json:"since,omitzero"`    // of a condition on counted events: exact from then on only (A7)
	Of      []RuleTrace `json:"of,omitempty"`      // of a group: its rules
}

// Explain decides an event as Track would now and says why, but records and
// takes nothing. A repeat is explained as if it were new. Traces stand in the
// order of judging. If no message listens to the event, its name is archived,
// or no program was published, there is one trace, whose Note says so. Errors
// are those of Track. (Z2)
func (e *Engine) Explain(ctx context.Context, ev Event) ([]MessageTrace, error) {
	if err := e.open(); err != nil {
		return nil, err
	}
	d := e.newDecision(decide.OnTrack, e.clock())
	defer e.putDecision(d)
	var form event.Event
	ev.lower(&form)
	if _, err := e.admit(d, &form, event.Options{}); err != nil {
		return nil, err
	}
	if d.In.State.Archived[d.In.Name] {
		return []MessageTrace{{Note: "the event name " + fault.Quote(d.In.Name.Value()) + " is archived: it triggers nothing"}}, nil
	}
	traces, err := e.traced(ctx, d, form.Identity(), e.resolve)
	if err != nil || len(traces) > 0 {
		return traces, err
	}
	if note := d.In.State.Unheard(d.In.Name); note != "" {
		traces = []MessageTrace{{Note: note}}
	}
	return traces, nil
}

// ExplainVisit is [Engine.Explain] for a visit, with the errors of Visit.
func (e *Engine) ExplainVisit(ctx context.Context, visit Visit) ([]MessageTrace, error) {
	return e.explainFor(ctx, decide.OnVisit, visit.identity(), visit.Page)
}

// ExplainSweep is [Engine.Explain] for what a sweep would decide of a contact
// now. An unknown contact has no trace: no sweep would meet it.
func (e *Engine) ExplainSweep(ctx context.Context, who Identity) ([]MessageTrace, error) {
	return e.explainFor(ctx, decide.OnSweep, who, nil)
}

func (e *Engine) explainFor(ctx context.Context, what decide.Occasion, who Identity, page *Page) ([]MessageTrace, error) {
	if err := e.open(); err != nil {
		return nil, err
	}
	var errs fault.List
	identity.AddFaults(who, &errs)
	event.AddPageFaults(page, &errs)
	if err := raise(errs); err != nil {
		return nil, err
	}
	d := e.newDecision(what, e.clock())
	defer e.putDecision(d)
	d.In.Page = page
	d.In.Messages = d.In.State.Plan.Sweeps
	if what == decide.OnVisit {
		d.In.Messages = d.In.State.Plan.Visits
	}
	return e.traced(ctx, d, who, e.resolve)
}

// ExplainUpdate is [Engine.Explain] for an update, with the errors of Update. Data of
// companies is as it is without it. (T7)
func (e *Engine) ExplainUpdate(ctx context.Context, contact Contact) ([]MessageTrace, error) {
	if err := e.open(); err != nil {
		return nil, err
	}
	u, errs := e.checkContact(&contact, e.states.load().Plan.Loc, false)
	if err := raise(errs); err != nil {
		return nil, err
	}
	d := e.newDecision(decide.OnUpdate, e.clock())
	defer e.putDecision(d)
	d.In.Update = u
	return e.traced(ctx, d, contact.identity(), e.reach)
}

func (e *Engine) traced(ctx context.Context, d *decide.Decision, who Identity, find func(context.Context, Identity) (store.Key, error)) ([]MessageTrace, error) {
	d.In.Explain, d.In.Email = true, who.Email
	key, err := find(ctx, who)
	if err != nil {
		return nil, err
	}
	if _, err := e.view(ctx, key, d); err != nil {
		return nil, err
	}
	if d.In.State.Plan.Missing {
		return []MessageTrace{{Note: "no program was published"}}, nil
	}
	return raiseTraces(d.Out.Traces), nil
}

// raiseTraces returns traces in the form of the caller's.
func raiseTraces(list []decide.Trace) []MessageTrace {
	var out []MessageTrace
	instant := func(ms int64) *time.Time {
		if ms == 0 {
			return nil
		}
		at := unixMilli(ms)
		return &at
	}
	rules := ruleTraces{}
	for i := range list {
		t := &list[i]
		out = append(out, MessageTrace{
			Message: t.Message, CompanyID: t.Company, Sent: t.Sent, Reason: Reason(t.Reason.Text()), RetryAt: instant(t.RetryAt), Cap: t.Cap,
			Where: rules.raise(t.Where), Audience: rules.raise(t.Audience), Sends: intOf(t.Sends, math.MaxInt), LastSent: instant(t.LastSent),
			Subject: t.Subject, Body: t.Body, Text: t.Text, Note: t.Note,
		})
	}
	return out
}

// ruleTraces are the parts of traces in the form of the caller's. What traces share,
// as they do those of a segment, stays shared.
type ruleTraces map[*rule.Trace][]RuleTrace

func (m ruleTraces) raise(t *rule.Trace) *RuleTrace {
	if t == nil {
		return nil
	}
	out := m.one(t)
	return &out
}

func (m ruleTraces) one(t *rule.Trace) RuleTrace {
	return RuleTrace{
		Rule: t.Rule, Matched: t.Matched, Seen: t.Seen, Against: t.Against, Unknown: t.Unknown, Problem: t.Problem, Since: t.Since, Of: m.parts(t.Of),
	}
}

func (m ruleTraces) parts(list []rule.Trace) []RuleTrace {
	if len(list) == 0 {
		return nil
	}
	if known := m[&list[0]]; known != nil {
		return known
	}
	out := make([]RuleTrace, len(list))
	for i := range list {
		out[i] = m.one(&list[i])
	}
	m[&list[0]] = out
	return out
}
