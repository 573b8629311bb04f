package beckon

import (
	"context"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/identity"
)

// Visit decides what a login or a page view shows: ongoing messages of the
// in-app channels, those waiting for their window included. It judges before
// the visit updates last seen, and creates an unknown contact. Walks of series
// move too, and may send over any channel. Before the first [Engine.Publish] a
// visit is recorded and no message is a candidate. The error is an [ErrorList],
// such as source_unknown, or contact_unknown under [WithKnownContactsOnly]; or
// a [StoreError]. Nothing was decided then. (A3, D3, S3)
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
	return res, nil
}

// Check decides now, for one contact, what the next sweep would. Sooner after
// the last check than [WithCheckEvery] says it is check_too_soon, with RetryAt.
// It creates an unknown contact; under [WithKnownContactsOnly] that is
// contact_unknown. Before the first [Engine.Publish] the error is
// program_missing, and the contact was not checked. Others are an [ErrorList]
// about the identity, or a [StoreError]. (D4, D12)
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
	return res, nil
}
