package beckon

import (
	"context"
	"math"
	"time"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/store"
)

// A MessageTrace says what was decided of one message for a contact, and why. Its fields
// are those of [explain.Message]: Message, Sent, Reason, Where, Audience, Caps, SendsAt,
// Note and more. (Z2)
type MessageTrace = explain.Message

// A RuleTrace says how a rule was judged, down to each condition; see [explain.Rule].
type RuleTrace = explain.Rule

// A Moment is what [Engine.Explain] decides: an [Event], a [Visit], a [Contact], which
// stands for its update, or what [AtSweep] and [AtSend] return.
type Moment interface {
	// begin returns the decision of the moment, which is the caller's to put back.
	begin(e *Engine) (asked, error)
}

// An asked is a decision that is to be explained, and of whom.
type asked struct {
	d    *decide.Decision
	who  Identity
	find func(context.Context, Identity) (store.Key, error)
	note string // why there is nothing to decide
}

// Explain decides a moment as Track, Visit, Update, Sweep, Send or Due would now and says
// why, but records and takes nothing. A repeat is explained as if it were new. Traces stand
// in the order of judging. If no message listens to an event, its name is archived, or no
// program was published, there is one trace, whose Note says so. Errors are those of the
// call that the moment stands for; a nil moment names no contact. (Z2)
func (e *Engine) Explain(ctx context.Context, moment Moment) ([]MessageTrace, error) {
	if err := e.open(); err != nil {
		return nil, err
	}
	if moment == nil {
		return nil, checkIdentity(Identity{})
	}
	q, err := moment.begin(e)
	if q.d != nil {
		defer e.putDecision(q.d)
	}
	if err != nil {
		return nil, err
	}
	if q.note != "" {
		return []MessageTrace{{Note: q.note}}, nil
	}
	traces, err := e.traced(ctx, q.d, q.who, q.find)
	if err != nil || len(traces) > 0 || q.d.In.Occasion != decide.OnTrack {
		return traces, err
	}
	if note := q.d.In.State.Unheard(q.d.In.Name); note != "" {
		traces = []MessageTrace{{Note: note}}
	}
	return traces, nil
}

func (ev Event) begin(e *Engine) (asked, error) {
	d := e.newDecision(decide.OnTrack, e.clock())
	var form event.Event
	ev.lower(&form)
	_, err := e.admit(d, &form, event.Options{})
	q := asked{d: d, who: form.Identity(), find: e.resolve}
	if err == nil && d.In.State.Archived[d.In.Name] {
		q.note = "the event name " + fault.Quote(d.In.Name.Value()) + " is archived: it triggers nothing"
	}
	return q, err
}

func (v Visit) begin(e *Engine) (asked, error) {
	q, err := e.beginFor(decide.OnVisit, v.identity(), v.Page)
	q.d.In.Messages = q.d.In.State.Plan.Visits
	return q, err
}

func (c Contact) begin(e *Engine) (asked, error) {
	d := e.newDecision(decide.OnUpdate, e.clock())
	u, errs := e.checkContact(&c, d.In.State.Plan.Loc, false)
	d.In.Update = u
	return asked{d: d, who: c.identity(), find: e.reach}, raise(errs)
}

// A passMoment is what a run decides of one contact.
type passMoment struct {
	what    decide.Occasion
	who     Identity
	message string
}

// AtSweep is what a sweep decides of a contact. An unknown one has no trace: no sweep
// would meet it.
func AtSweep(who Identity) Moment { return passMoment{decide.OnSweep, who, ""} }

// AtSend is what [Engine.Send] of a one-off decides of a contact. An unknown one has no
// trace.
func AtSend(who Identity, message string) Moment { return passMoment{decide.OnSend, who, message} }

func (m passMoment) begin(e *Engine) (asked, error) {
	q, err := e.beginFor(m.what, m.who, nil)
	p := q.d.In.State.Plan
	if q.d.In.Messages = p.Sweeps; m.what == decide.OnSend && err == nil && !p.Missing {
		q.d.In.Messages, err = oneOff(p, m.message)
	}
	return q, err
}

func (e *Engine) beginFor(what decide.Occasion, who Identity, page *Page) (asked, error) {
	d := e.newDecision(what, e.clock())
	var errs fault.List
	identity.AddFaults(who, &errs)
	event.AddPageFaults(page, &errs)
	d.In.Page = page
	return asked{d: d, who: who, find: e.resolve}, raise(errs)
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
	for i := range list {
		t := &list[i]
		out = append(out, MessageTrace{
			Message: t.Message, CompanyID: t.Company, Sent: t.Sent, Reason: Reason(t.Reason.Text()), RetryAt: instant(t.RetryAt), Cap: t.Cap,
			Where: t.Where, Audience: t.Audience, Sends: intOf(t.Sends, math.MaxInt), LastSent: instant(t.LastSent),
			Subject: t.Subject, Body: t.Body, Text: t.Text, Note: t.Note,
		})
	}
	return out
}
