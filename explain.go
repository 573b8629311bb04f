package beckon

import (
	"context"
	"errors"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/foresee"
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
// stands for its update, or what [AtSweep], [AtSend] and [AtDue] return.
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

// AtDue is what waits in a contact: what is due now as [Engine.Due] decides it, and all else
// with what it waits for. An unknown contact has no trace. Where its walks through series
// stand, [Engine.ExplainSeries] tells.
func AtDue(who Identity) Moment { return passMoment{decide.OnDue, who, ""} }

func (m passMoment) begin(e *Engine) (asked, error) {
	q, err := e.beginFor(m.what, m.who, nil)
	switch p := q.d.In.State.Plan; {
	case m.what == decide.OnSweep:
		q.d.In.Messages = p.Sweeps
	case m.what == decide.OnSend && err == nil && !p.Missing:
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
	ahead := e.newDecision(d.In.Occasion, d.In.Now)
	defer e.putDecision(ahead)
	for t := (tries{}); t.again(d); {
		if key, err = e.view(ctx, key, d); err != nil {
			return nil, err
		}
		if d.In.State.Plan.Missing {
			return []MessageTrace{{Note: "no program was published"}}, nil
		}
		if err = foresee.Explained(d, ahead); !errors.Is(err, decide.ErrNeed) {
			return d.Out.Traces, stepError(err)
		}
		if key, err = e.fetch(ctx, key, d); err != nil {
			return nil, err
		}
	}
	return nil, storeError(errNoEnd)
}
