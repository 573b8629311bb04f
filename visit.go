package beckon

import (
	"context"
	"time"

	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/identity"
)

// CheckEvery is the least time between two checks of one contact by default
// (D4).
const CheckEvery = 15 * time.Minute

// Visit decides what a login or a page view shows: ongoing messages of the
// in-app channels (D3), those waiting for their window included (S3). All its
// candidates that are not sent are listed as held. It is judged before the
// visit updates last seen (A3), and creates a contact that is not known. The
// walks of series move on as well, and may send over any channel. Before the first
// [Engine.Publish] a visit is recorded and no message is a candidate, which is no
// error.
//
// The error is an [ErrorList] of all that is wrong with the visit, such as
// contact_missing, contact_ambiguous or source_unknown, or contact_unknown under
// [WithKnownContactsOnly]; or a [StoreError]. Nothing was decided then.
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
	d := e.newDecision(onVisit, e.clock())
	defer e.putDecision(d)
	if visit.Page != nil {
		page := *visit.Page
		d.in.page = &page
	}
	d.in.messages, d.in.email = d.in.st.plan.visits, visit.Email
	if _, err := e.step(ctx, key, d); err != nil {
		return Result{}, err
	}
	return raiseResult(d), nil
}

// Check decides now, for one contact, what the next sweep would: ongoing
// email, push and SMS, and date rules. A contact can be checked once in
// CheckEvery, or what [WithCheckEvery] says; sooner is refused with check_too_soon, which carries RetryAt
// (D4). It creates a contact that is not known, except under
// [WithKnownContactsOnly], where that is contact_unknown. Before the first
// [Engine.Publish] it is program_missing (D12), and the contact was not checked.
// Other errors are an [ErrorList] about the identity, or a [StoreError].
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
	d := e.newDecision(onCheck, e.clock())
	defer e.putDecision(d)
	d.in.messages, d.in.email = d.in.st.plan.sweeps, who.Email
	if _, err := e.step(ctx, key, d); err != nil {
		return Result{}, err
	}
	if d.out.tooSoon != 0 {
		return Result{}, raise(tooSoon(d.out.tooSoon))
	}
	return raiseResult(d), nil
}
