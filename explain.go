package beckon

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/foresee"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// A MessageTrace says what was decided of one message for a contact, and why. Its fields
// are those of [explain.Message]: Message, Sent, Reason, Where, Audience, Caps, SendsAt,
// Note and more. (Z2)
type MessageTrace = explain.Message

// A RuleTrace says how a rule was judged, down to each condition; see [explain.Rule].
type RuleTrace = explain.Rule

// A Moment is what [Engine.Explain] decides: an [Event], a [Visit], a [Contact], which
// stands for its update, or what [AtSweep], [AtSend], [AtSendTo] and [AtDue] return.
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

// Explain decides a moment as Track, Visit, Update, Sweep, Send, SendTo or Due would now and says
// why, but records and takes nothing. A repeat is explained as if it were new. Traces stand
// in the order of judging. If no message listens to an event, its name is archived, or no
// program was published (SendTo needs none), there is one trace, whose Note says so. Errors are those of the
// call that the moment stands for; a nil moment names no contact. (Z2)
func (e *Engine) Explain(ctx context.Context, moment Moment) ([]MessageTrace, error) {
	if err := e.open(); err != nil {
		return nil, err
	}
	if moment == nil {
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
	if note := q.d.In.State.Unheard(q.d.In.Name); note != "" {
		traces = []MessageTrace{{Note: note}}
	}
	return traces, nil
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
	u, errs := e.checkContact(&c, d.In.State.Plan.Loc, false)
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

func (m passMoment) begin(_ context.Context, e *Engine) (asked, error) {
	q, err := e.beginFor(m.what, m.who, nil)
	switch p := q.d.In.State.Plan; {
	case m.what == decide.OnSweep:
		q.d.In.Messages = p.Sweeps
	case m.what == decide.OnSend && err == nil && !p.Missing:
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
	return d.Out.Traces, err
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

// ExplainSeries says where a contact stands in each series of the program, in its order:
// what the walk waits for and until when, or why it has not begun. The error is about the
// identity, or a [StoreError]. (X1, X3, X4)
func (e *Engine) ExplainSeries(ctx context.Context, who Identity) (list []explain.Walk, err error) {
	if err := e.open(); err != nil {
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

// Why says of one message, or of one series, what it does for a contact and why: by the
// occasion that decides it. An event that triggers it is taken to come again now as it
// last came, or, if it never has, without metadata. What waits of the message in the contact
// is told, too. An id that the program does not have is message_unknown; other errors are
// those of [Engine.Explain]. (Z2)
func (e *Engine) Why(ctx context.Context, who Identity, id string) (why explain.Why, err error) {
	if err := e.programmed(); err != nil {
		return why, err
	}
	p := e.states.load().Plan
	m, series := p.ByID[id], id
	switch {
	case m == nil && p.SeriesByID[id] == nil:
		return why, ErrorList{{Code: ErrMessageUnknown, Field: "message", Message: "no message or series " + fault.Quote(id) + " is in the program"}}
	case m != nil && m.Series == nil:
		return e.whyMessage(ctx, who, m)
	case m != nil:
		series = m.Series.ID
	}
	walks, err := e.ExplainSeries(ctx, who)
	why.Walks = slices.DeleteFunc(walks, func(w explain.Walk) bool { return w.Series != series })
	return why, err
}

func (e *Engine) whyMessage(ctx context.Context, who Identity, m *plan.Message) (why explain.Why, err error) {
	moment := AtSweep(who)
	switch {
	case m.Mode == plan.OneOff:
		moment = AtSend(who, m.ID)
	case m.ByDue:
		moment = AtDue(who)
	case m.Change != nil:
		why.Note = "it is triggered when " + m.Change.Attribute + " of a contact changes: explain an update"
		return why, nil
	case m.Triggered && m.Date == "" && m.Crossing == nil:
		ev, at, err := e.lastEvent(ctx, who, m.Event.Value())
		if err != nil {
			return why, err
		}
		moment, why.Event, why.EventAt = ev, ev.Name, at
	case !plan.Sweeps(m.Channel) && m.Crossing == nil:
		moment = Visit{UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID}
	}
	for _, at := range []Moment{moment, AtDue(who)} {
		list, err := e.Explain(ctx, at)
		if err != nil {
			return why, err
		}
		why.Messages = append(why.Messages, slices.DeleteFunc(list, func(t MessageTrace) bool { return t.Message != m.ID })...)
		if m.ByDue {
			break
		}
	}
	if len(why.Messages) == 0 {
		why.Note = "nothing triggers it now"
		if m.ByDue {
			why.Note = "its date is not ahead, or the contact has none"
		}
	}
	return why, nil
}

// lastEvent returns the last event of a name that is kept of a contact, as if it came now, and
// when it came; without one, an event without metadata.
func (e *Engine) lastEvent(ctx context.Context, who Identity, name string) (ev Event, at time.Time, err error) {
	ev = Event{Name: name, UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID}
	var after *PastEvent
	for {
		events, err := e.RecentEvents(ctx, who, after, lastEventPage)
		if err != nil {
			return ev, at, err
		}
		for i := range events {
			if x := &events[i]; x.Name == name {
				ev.Metadata, ev.Source, ev.Page, ev.CompanyID = x.Metadata, x.Source, x.Page, x.CompanyID
				return ev, x.CreatedAt, nil
			}
		}
		if len(events) < lastEventPage {
			return ev, at, nil
		}
		after = &events[len(events)-1]
	}
}

// lastEventPage is how many events are read at once in search of one.
const lastEventPage = 200

// A tracesKey is that under which a context has the traces that are wanted.
type tracesKey struct{}

// WithTraces returns a context by which one call of Track, TrackJSON, Visit, Update, Check or
// SendTo appends to into the traces of its very own decision, in the order of judging: what
// [Engine.Explain] would have said just before it, except for SendsAt. A call that fails, or
// a repeat, appends nothing. A context without it costs nothing. Calls at the same time must
// not share one. (Z2)
func WithTraces(ctx context.Context, into *[]MessageTrace) context.Context {
	return context.WithValue(ctx, tracesKey{}, into)
}
