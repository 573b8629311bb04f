package beckon

import (
	"context"
	"math"
	"time"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/render"
	"github.com/beckon-go/beckon/internal/rule"
)

// SendTo sends a message that the host has composed to one contact, at once. It needs no
// program; caps, zone, office and quiet hours and segments of one hold for it. Consent, hours
// and caps are judged as ever; what is held is dropped, and in [Result.Held]. Company data is
// that of the first company.
//
// History, totals, pauses and stops belong to the id, also where a message of the program has
// the same one. Take ids that no program has, such as order-123: one id reaches a contact
// once, and what is sent again is already_sent. The newest 1,000 of a contact are known
// ([WithComposedLimit]).
//
// Trigger, Frequency, Goal and the mode triggered are faults; ongoing is taken as one_off.
// Status, LiveAt and Priority do not count. Variables of an event are faults: put values into
// attributes, or into the text yourself, escaped if the body is HTML, and without "{{", "{%"
// and "{#".
//
// The error is an [ErrorList] of program_invalid, with paths from the message on, or about the
// identity, also contact_unknown; or a [StoreError]. (D14)
func (e *Engine) SendTo(ctx context.Context, who Identity, message Message) (Result, error) {
	if err := e.open(); err != nil {
		return Result{}, err
	}
	d, err := e.newSendTo(ctx, who, message)
	defer e.putDecision(d)
	if err != nil {
		return Result{}, err
	}
	key, err := e.resolve(ctx, who)
	if err != nil {
		return Result{}, err
	}
	if _, err := e.step(ctx, key, d); err != nil {
		return Result{}, err
	}
	var res Result
	res.raise(d)
	e.tell(ctx, d)
	return res, nil
}

// newSendTo returns the decision of a composed message, which is the caller's to put back.
func (e *Engine) newSendTo(ctx context.Context, who Identity, message Message) (*decide.Decision, error) {
	d := e.newDecision(decide.OnSendTo, e.clock())
	p, faults := e.composed(d.In.State.Plan, message)
	identity.AddFaults(who, &faults)
	if err := raise(faults); err != nil {
		return d, err
	}
	states, err := e.loadMessageStates(ctx, p, nil)
	if err != nil {
		return d, storeError(err)
	}
	st := *d.In.State
	st.Plan, st.Live, st.Since = p, make([]decide.Liveness, 1), make([]int64, 1)
	st.SetLive(p.Messages[0], states[message.ID])
	d.In.State, d.In.Messages, d.In.Email = &st, p.Messages, who.Email
	return d, nil
}

// IsComposed reports whether a delivery is of [Engine.SendTo], or of no message of the engine's
// program, if it has one: a program before had it.
func (e *Engine) IsComposed(d Delivery) bool {
	if d.Composed || e.shared == nil {
		return d.Composed
	}
	p := e.states.Load().Plan
	return !p.Missing && p.ByID[d.Message] == nil
}

// composed returns a plan that has one composed message, under all else that a
// program says.
func (e *Engine) composed(under *plan.Plan, message Message) (*plan.Plan, fault.List) {
	var faults fault.List
	refuse := func(given bool, path, text string) {
		if given {
			faults.Fault(path, text)
		}
	}
	refuse(message.Trigger != nil, "trigger", "a composed message goes out at once: it has no trigger")
	refuse(message.Frequency != nil, "frequency", "a composed message goes out once: it has no frequency")
	refuse(message.Goal != nil, "goal", "a composed message is not in the program, which counts goals: it has none")
	message.Trigger, message.Frequency, message.Goal = nil, nil, nil
	if message.Mode == "" || message.Mode == Ongoing {
		message.Mode = OneOff
	}
	p := *under
	p.Missing = false // it needs none
	p.ByID, p.Messages, p.Slots = map[string]*plan.Message{}, nil, *under.Slots.More()
	k := &compiler{plan: &p, cfg: &e.cfg, faults: &faults, filters: render.Filters{}}
	k.schedules = &scheduleCompiler{workspace: p.Loc, office: p.Office, zones: map[string]*time.Location{}}
	k.rules = &rule.Compiler{Segments: p.Segments, Loc: p.Loc, Counters: &rule.CounterSet{}, Slots: &p.Slots, Faults: &faults, Values: e.cfg.WindowValues, Set: p.SegmentSet.Alone()}
	m := k.message(&message, "", nil)
	for _, f := range faults {
		f.ID = message.ID
		if len(f.Path) > 0 && f.Path[0] == '.' {
			f.Path = f.Path[1:]
		}
	}
	m.Composed, m.Status, m.LiveAt = true, plan.Live, math.MinInt64
	p.Alone(m, k.rules.Counters.List())
	return &p, faults
}
