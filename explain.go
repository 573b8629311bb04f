package beckon

import (
	"context"
	"errors"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/attribute"
	"github.com/beckon-go/beckon/internal/consent"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/foresee"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/store"
)

// A MessageTrace says what was decided of one message for a contact, and why. Its fields are
// those of [explain.Message]. (Z2)
type MessageTrace = explain.Message

// A RuleTrace says how a rule was judged, each condition too: [explain.Rule].
type RuleTrace = explain.Rule

// A Moment is what [Engine.Explain] decides: an [Event], a [Visit], a [Contact], which stands
// for its update, or what [AtSweep], [AtSend], [AtSendTo] and [AtDue] return.
type Moment interface {
	// begin returns the decision of the moment, which is the caller's to put back.
	begin(ctx context.Context, e *Engine) (asked, error)
}

// An asked is a decision that is to be explained, and of whom.
type asked struct {
	d    *decide.Decision
	who  Identity
	find func(context.Context, Identity) (store.Key, error)
	note string // why there is nothing to decide
	late error  // that the call returns if the decision returns none
}

// Explain decides a moment as Track, Visit, Update, Sweep, Send, SendTo or Due would now and
// says why, but records and takes nothing. A repeat is explained as if it were new. Traces
// stand in the order of judging; without a candidate there is one, whose Note says why. Errors
// are those of the call that the moment stands for; a nil moment, or a nil pointer, names no
// contact. Where nobody is known, it is about the contact that the call would make, if it
// makes one. (Z2)
func (e *Engine) Explain(ctx context.Context, moment Moment) ([]MessageTrace, error) {
	if err := e.open(); err != nil {
		return nil, err
	}
	if isNil(moment) {
		return nil, checkIdentity(Identity{})
	}
	q, err := moment.begin(ctx, e)
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
	if err == nil {
		err = q.late
	}
	if err != nil {
		return nil, err
	}
	if len(traces) > 0 || q.d.In.Occasion != decide.OnTrack {
		return traces, nil
	}
	if q.d.In.Event.Imported {
		return []MessageTrace{{Note: "the event is history: it triggers nothing"}}, nil
	}
	if note := q.d.In.State.Unheard(q.d.In.Name); note != "" {
		traces = []MessageTrace{{Note: note}}
	}
	return traces, nil
}

// isNil reports whether there is no moment.
func isNil(m Moment) bool {
	switch m := m.(type) {
	case *Event:
		return m == nil
	case *Visit:
		return m == nil
	case *Contact:
		return m == nil
	}
	return m == nil
}

func (ev Event) begin(_ context.Context, e *Engine) (asked, error) {
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

func (v Visit) begin(_ context.Context, e *Engine) (asked, error) {
	q, err := e.beginFor(decide.OnVisit, v.identity(), v.Page)
	q.d.In.Messages = q.d.In.State.Plan.Visits
	return q, err
}

func (c Contact) begin(ctx context.Context, e *Engine) (asked, error) {
	d := e.newDecision(decide.OnUpdate, e.clock())
	u, errs := checkContact(&c, attribute.Checker{Zones: e.zones, Loc: d.In.State.Plan.Loc}, false)
	d.In.Update = u
	q := asked{d: d, who: c.identity(), find: e.reach}
	err := raise(errs)
	if err == nil {
		d.Fetched.Companies, q.late, err = e.companiesAfter(ctx, c.Companies)
	}
	return q, err
}

// companiesAfter returns the data of companies as an update leaves them that it sets something
// of, and what is refused of them.
func (e *Engine) companiesAfter(ctx context.Context, list []Membership) (after map[string]*store.Record, refused, err error) {
	for i := range list {
		m := &list[i]
		if m.onlyLeaves() {
			continue
		}
		if after == nil {
			after = make(map[string]*store.Record, len(list))
		}
		rec := after[m.CompanyID]
		if rec == nil {
			if err := e.readCompanies(ctx, []string{m.CompanyID}, func(_ string, data *store.Record) { rec = data }); err != nil {
				return nil, nil, err
			}
		}
		var c store.Changes
		if err := e.companyUpdate(m)(rec, &c); err != nil {
			return after, stepError(err), nil
		}
		if c.Profile != nil {
			rec = &store.Record{Key: rec.Key, Exists: true, Profile: c.Profile}
		}
		after[m.CompanyID] = rec
	}
	return after, nil, nil
}

// A passMoment is what a run decides of one contact.
type passMoment struct {
	what    decide.Occasion
	who     Identity
	message string
}

// AtSweep is what a sweep decides of a contact.
func AtSweep(who Identity) Moment { return passMoment{decide.OnSweep, who, ""} }

// AtSend is what [Engine.Send] of a one-off decides of a contact.
func AtSend(who Identity, message string) Moment { return passMoment{decide.OnSend, who, message} }

// AtDue is what waits in a contact: what is due now as [Engine.Due] decides it, and all else
// with what it waits for. For walks see [Engine.ExplainSeries].
func AtDue(who Identity) Moment { return passMoment{decide.OnDue, who, ""} }

func (m passMoment) begin(_ context.Context, e *Engine) (asked, error) {
	if err := e.programmed(); err != nil {
		return asked{}, err
	}
	q, err := e.beginFor(m.what, m.who, nil)
	switch p := q.d.In.State.Plan; {
	case m.what == decide.OnSweep:
		q.d.In.Messages = p.Sweeps
	case m.what == decide.OnSend && err == nil:
		q.d.In.Messages, err = oneOff(p, m.message)
	}
	return q, err
}

// A sendToMoment is what is decided of a composed message.
type sendToMoment struct {
	who     Identity
	message Message
}

// AtSendTo is what [Engine.SendTo] of a message decides of a contact. Like that it needs no
// program, and an unknown contact is contact_unknown.
func AtSendTo(who Identity, message Message) Moment { return sendToMoment{who, message} }

func (m sendToMoment) begin(ctx context.Context, e *Engine) (asked, error) {
	d, err := e.newSendTo(ctx, m.who, m.message)
	return asked{d: d, who: m.who, find: e.resolve}, err
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
	err := e.foresee(ctx, d, who, find, foresee.Explained)
	if err == nil && d.In.State.Plan.Missing {
		return []MessageTrace{{Note: "no program was published"}}, nil
	}
	if err != nil || d.Out.Kept.Exists {
		return d.Out.Traces, err
	}
	if nobody, passes := passesBy[d.In.Occasion]; passes {
		return []MessageTrace{{Unknown: true, Note: nobody}}, nil
	}
	return d.Out.Traces, nil
}

// passesBy are the occasions that an unknown contact does not have, and what is said of them.
var passesBy = map[decide.Occasion]string{ //nolint:gochecknoglobals // a table that nothing writes to
	decide.OnSweep: "nobody is known by that id: no sweep meets them",
	decide.OnSend:  "nobody is known by that id: a one-off does not reach them",
	decide.OnDue:   "nobody is known by that id: nothing waits for them",
}

// foresee explains a decision, and asks it what would be decided at other instants, until
// nothing is lacking.
func (e *Engine) foresee(ctx context.Context, d *decide.Decision, who Identity, find func(context.Context, Identity) (store.Key, error), ask func(d, ahead *decide.Decision) error) error {
	d.In.Explain, d.In.Email = true, who.Email
	key, err := find(ctx, who)
	if err != nil {
		return err
	}
	ahead := e.newDecision(d.In.Occasion, d.In.Now)
	defer e.putDecision(ahead)
	for t := (tries{}); t.again(d); {
		if key, err = e.view(ctx, key, d); err != nil || d.In.State.Plan.Missing {
			return err
		}
		if err = ask(d, ahead); !errors.Is(err, decide.ErrNeed) {
			return stepError(err)
		}
		if key, err = e.fetch(ctx, key, d); err != nil {
			return err
		}
	}
	return storeError(errNoEnd)
}

// ExplainSeries says where a contact stands in each series of the program, in its order: what
// a walk waits for and until when, or why none has begun. The error is about the identity,
// program_missing, or a [StoreError]. (X1, X3, X4)
func (e *Engine) ExplainSeries(ctx context.Context, who Identity) (list []explain.Walk, err error) {
	if err := e.programmed(); err != nil {
		return nil, err
	}
	q, err := e.beginFor(decide.OnLook, who, nil)
	defer e.putDecision(q.d)
	if err != nil {
		return nil, err
	}
	err = e.foresee(ctx, q.d, who, q.find, func(d, ahead *decide.Decision) (err error) {
		list, err = foresee.Walks(d, ahead)
		return err
	})
	return list, err
}

// A tracesKey is that under which a context has the traces that are wanted.
type tracesKey struct{}

// WithTraces returns a context by which one call of Track, TrackJSON, Visit, Update, Check or
// SendTo appends to into the traces of its own decision: what [Engine.Explain] would have said
// just before, without when a message could be sent: SendsAt, SendsBy, DueBefore, Never,
// Unsure, and Waits of what begins to wait, are zero. A call that fails, or a repeat, appends
// nothing. A context without it costs nothing. Calls at once must not share one. (Z2)
func WithTraces(ctx context.Context, into *[]MessageTrace) context.Context {
	return context.WithValue(ctx, tracesKey{}, into)
}

// apart returns a context without what concerns its call alone, for calls that an observer
// makes in turn: they have other traces, may be about contacts that are not known, and name
// topics of the program.
func apart(ctx context.Context) context.Context {
	if into, _ := ctx.Value(tracesKey{}).(*[]MessageTrace); into != nil {
		ctx = WithTraces(ctx, nil)
	}
	return consent.Unsaid(consent.Unsigned(identity.AnyContact(ctx)))
}
