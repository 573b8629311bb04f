package beckon

import (
	"context"
	"io"
	"unique"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/definition"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/identity"
)

// Track records an event and decides, in one atomic step, the messages that it triggers: those
// to send are the result's Deliveries, rendered; all other candidates are its Held, each with
// the reason. An error is an [ErrorList] of all that is wrong with the event, or a
// [StoreError]; such an event records and triggers nothing. A repeat succeeds with Duplicate
// set. Of archived names see [Engine.Archive]. An event whose messages are all held allocates
// nothing, given a known contact and name and a store in memory. (E3, E7, E10, Z2)
func (e *Engine) Track(ctx context.Context, ev Event) (res Result, err error) {
	if err := e.open(); err != nil {
		return res, err
	}
	var form event.Event
	ev.lower(&form)
	err = e.track(ctx, e.newDecision(decide.OnTrack, e.clock()), &form, event.Options{}, &res)
	return res, err
}

// track is Track, into res, by a decision that has begun, which it puts back; known is what
// the decoder has seen of the event.
func (e *Engine) track(ctx context.Context, d *decide.Decision, event *event.Event, known event.Options, res *Result) error {
	defer e.putDecision(d)
	warnings, err := e.admit(d, event, known)
	if err != nil {
		return err
	}
	if d.In.State.Archived[d.In.Name] {
		archived := []Warning{{
			Code: WarnEventArchived, Field: "event_name", Message: "the event name is archived: nothing was recorded",
		}}
		res.EventID, res.Warnings = event.EventID, told(warnings, archived, event.Unwarned)
		return nil
	}
	d.In.Email = event.Email
	key, err := e.resolve(ctx, event.Identity())
	if err != nil {
		return err
	}
	if _, err := e.step(ctx, key, d); err != nil {
		return err
	}
	res.raise(d)
	e.tell(ctx, d)
	if len(warnings) > 0 {
		res.Warnings = told(warnings, res.Warnings, event.Unwarned)
	}
	if !res.Duplicate {
		// The event is taken and its messages are decided: that the catalogue
		// could not be written must not lose them. The next event of the name
		// writes it.
		if err := e.define(ctx, d, event.Name); err != nil {
			res.failures = append(res.failures, err)
			e.cfg.watch.Failed(ctx, "the catalogue of event names could not be written", err)
		}
	}
	return nil
}

// TrackJSON tracks one posted event, read as by [ParseEvent], and reports all that is wrong
// together. For a sender that you do not trust see [As]. (E3)
func (e *Engine) TrackJSON(ctx context.Context, body io.Reader, opts ...TrackOption) (res Result, err error) {
	if err := e.open(); err != nil {
		return res, err
	}
	if len(opts) > 0 {
		return e.trackAs(ctx, body, opts)
	}
	d := e.decision()
	in := event.Decoder{Room: d.Reused.Fields}
	d.Reused.Body = in.Read(d.Reused.Body, body)
	e.begin(d, decide.OnTrack, e.clock())
	var shape *event.Shape
	concerns := d.In.State.Plan.Events[in.LeadName()]
	if concerns != nil {
		shape, _ = concerns.Shape.Load().(*event.Shape)
	}
	known := in.DecodeRead(shape)
	if known.Shape != nil {
		d.In.Concerns = concerns
	}
	if in.Event.Metadata != nil {
		d.Reused.Fields = in.Event.Metadata
	}
	err = e.track(ctx, d, &in.Event, known, &res)
	return res, err
}

// trackAs is TrackJSON with options, which may keep the event: this one is no longer on
// the stack.
func (e *Engine) trackAs(ctx context.Context, body io.Reader, opts []TrackOption) (res Result, err error) {
	var d event.Decoder
	known := d.Decode(body)
	for _, o := range opts {
		if o != nil {
			o.applyTrack(&d.Event)
		}
	}
	err = e.track(ctx, e.newDecision(decide.OnTrack, e.clock()), &d.Event, known, &res)
	return res, err
}

// A TrackOption sets up one TrackJSON.
type TrackOption interface{ applyTrack(*event.Event) }

type trackFunc func(*event.Event)

func (f trackFunc) applyTrack(e *event.Event) { f(e) }

// As says who sent a body, such as the browser of a logged-in user. What the body says of
// contact, company_id, import, source and created_at does not count, right or wrong: these are
// yours, and each host sets what it knows of them. The sender chooses name, event_id, page and
// metadata. (E1, E11)
func As(who Identity, host ...func(*Event)) TrackOption {
	return trackFunc(func(e *event.Event) {
		e.ForgetSender()
		ev := raisedEvent(e)
		ev.UserID, ev.ID, ev.Email, ev.AnonymousID = who.UserID, who.ID, who.Email, who.AnonymousID
		for _, set := range host {
			set(&ev)
		}
		ev.lower(e)
	})
}

// admit checks an event and copies it into the decision.
func (e *Engine) admit(d *decide.Decision, ev *event.Event, known event.Options) ([]Warning, error) {
	known.StrictMetadata, known.LenientMetadata = e.cfg.strict, e.cfg.lenient
	canonical := ev.Name
	if known.Shape == nil { // else it is the program's own
		name, code := fold.EventName(ev.Name)
		if code == "" {
			known.Known |= event.KnownName
		}
		canonical, d.In.Concerns = name, d.In.State.Plan.Events[name]
	}
	warnings, errs := ev.Validate(unixMilli(d.In.Now), known)
	if d.In.Concerns != nil && d.In.Concerns.Declared != nil {
		warnings, errs = e.judgeDeclared(d.In.Concerns.Declared, ev, warnings, errs)
	}
	if known.Borrowed != "" && len(warnings)+len(errs) > 0 {
		d.Reused.Body = nil // who knows what quotes it
		known.Borrowed = ""
	}
	if err := raise(errs); err != nil {
		return nil, err
	}
	if d.In.Concerns != nil {
		d.In.Name = d.In.Concerns.Name
	} else {
		d.In.Name, d.In.Concerns = unique.Make(canonical), &d.In.State.Plan.Other
	}
	if known.Borrowed != "" {
		own(d, ev, canonical, known)
	}
	of := &d.In.Event
	of.ID, of.Company, of.Source, of.Imported = ev.EventID, ev.CompanyID, ev.Source, ev.Import
	of.Created, of.Dated = event.Seconds(ev.CreatedAt)
	d.TakeFields(event.Counted(ev.Metadata))
	if ev.Page != nil {
		page := *ev.Page
		d.In.Page = &page
	}
	d.SetNow(d.In.Now)
	d.Identify(canonical)
	return raisedWarnings(warnings), nil
}

// own puts texts of its own into an event in place of those that are parts of its body, whose
// memory the next event is read into. It learns the shape of the body while that is there.
func own(d *decide.Decision, ev *event.Event, canonical string, known event.Options) {
	concerns := d.In.Concerns
	if ev.Name == canonical {
		ev.Name = d.In.Name.Value()
	}
	defined := concerns.Defined.Load()
	switch {
	case defined == nil:
	case known.Known.Has(event.KnownKinds) && known.Shape.Covering.Load() == defined:
		d.In.Covering = defined
	default:
		if keys := defined.(*definition.Keys); keys != nil && keys.Adopt(ev.Metadata) { //nolint:errcheck // nothing else is stored
			d.In.Covering = defined
			if known.Known.Has(event.KnownKinds) {
				known.Shape.Covering.Store(defined) // the next event need not be compared with it
			}
		}
	}
	if !ev.Own(known.Borrowed) {
		d.Reused.Body = nil
		return
	}
	if d.In.Covering != nil && known.Shape == nil {
		if before, _ := concerns.Shape.Load().(*event.Shape); before.Learns() {
			concerns.Shape.Store(event.Learn(known.Borrowed, ev, defined, before))
		}
	}
}

// Visit decides what a login or a page view shows: ongoing messages of in-app channels, also
// those that wait for a window. It judges before the visit updates last seen, and creates an
// unknown contact. Walks move too, and may send over any channel. The error is an [ErrorList],
// such as source_unknown, or contact_unknown ([WithKnownContactsOnly]); or a [StoreError].
// (A3, D3, S3)
func (e *Engine) Visit(ctx context.Context, visit Visit) (Result, error) {
	if err := e.open(); err != nil {
		return Result{}, err
	}
	var errs fault.List
	identity.AddFaults(visit.identity(), &errs)
	event.AddPageFaults(visit.Page, &errs)
	if _, ok := event.SourceOf(visit.Source); !ok {
		errs.Add(ErrSourceUnknown, "source", "unknown source "+fault.Quote(string(visit.Source)))
	}
	if err := raise(errs); err != nil {
		return Result{}, err
	}
	key, err := e.resolve(ctx, visit.identity())
	if err != nil {
		return Result{}, err
	}
	d := e.newDecision(decide.OnVisit, e.clock())
	defer e.putDecision(d)
	if visit.Page != nil {
		page := *visit.Page
		d.In.Page = &page
	}
	d.In.Messages, d.In.Email = d.In.State.Plan.Visits, visit.Email
	if _, err := e.step(ctx, key, d); err != nil {
		return Result{}, err
	}
	var res Result
	res.raise(d)
	e.tell(ctx, d)
	return res, nil
}

// Check decides now, for one contact, what the next sweep would. Sooner after
// the last check than [WithCheckEvery] says it is check_too_soon, with RetryAt.
// It creates an unknown contact; under [WithKnownContactsOnly] that is
// contact_unknown. Other errors are about the identity, or a [StoreError]. (D4)
func (e *Engine) Check(ctx context.Context, who Identity) (Result, error) {
	if err := e.programmed(); err != nil {
		return Result{}, err
	}
	if err := checkIdentity(who); err != nil {
		return Result{}, err
	}
	key, err := e.resolve(ctx, who)
	if err != nil {
		return Result{}, err
	}
	d := e.newDecision(decide.OnCheck, e.clock())
	defer e.putDecision(d)
	d.In.Messages, d.In.Email = d.In.State.Plan.Sweeps, who.Email
	if _, err := e.step(ctx, key, d); err != nil {
		return Result{}, err
	}
	if d.Out.TooSoon != 0 {
		return Result{}, raise(decide.TooSoon(d.Out.TooSoon))
	}
	var res Result
	res.raise(d)
	e.tell(ctx, d)
	return res, nil
}
