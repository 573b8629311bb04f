package beckon

import (
	"context"
	"log/slog"
	"slices"

	"github.com/beckon-go/beckon/internal/ahead"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/watch"
	"github.com/beckon-go/beckon/observe"
	"github.com/beckon-go/beckon/store"
)

// WithObserver has an observer watch the engine, after commits; several in the order given. Of
// a view ([Engine.Using]) it sees steps, and no decisions.
func WithObserver(o observe.Observer) Option {
	return optionFunc(func(c *config) error {
		w := c.watched()
		w.Observers = append(w.Observers, o)
		return nil
	})
}

// WithLogger logs what nobody else sees, such as failures in a run, and each decision at
// Debug: IDs, no addresses, content or metadata. Nil: nothing.
func WithLogger(l *slog.Logger) Option {
	return optionFunc(func(c *config) error {
		if c.watch != nil || l != nil {
			c.watched().Log = l
		}
		return nil
	})
}

func (c *config) watched() *watch.Watch {
	if c.watch == nil {
		c.watch = &watch.Watch{Now: systemClock, Apart: apart}
	}
	return c.watch
}

// write has the store carry out steps. All writes go through it.
func (e *Engine) write(ctx context.Context, steps []store.Step) error {
	if !e.cfg.watch.Steps() {
		return e.store.Step(ctx, steps)
	}
	return e.cfg.watch.Step(ctx, e.store, callOf(&steps[0]), steps)
}

// callOf says what writes, in the words of observe.Step.
func callOf(s *store.Step) string {
	switch d := s.Decider.(type) {
	case *decide.Decision:
		return callOfDecision(d)
	case *ahead.Item:
		return callOfDecision(d.Decision)
	case *following:
		return "delivery"
	}
	switch k := s.Key.Kind; {
	case k.IsContact():
		return "contact"
	case k == store.KindCompany:
		return "company"
	case k == store.KindEventName:
		return "name"
	case k == store.KindRun:
		return "run"
	}
	return "program"
}

func callOfDecision(d *decide.Decision) string {
	switch {
	case d.In.Records:
		return "import"
	case d.In.Occasion == decide.OnConsent:
		return "consent"
	}
	return d.In.Occasion.Name()
}

// lockProgram takes the lock of what is published. Steps under it are told when it is
// released.
func (e *Engine) lockProgram(ctx context.Context) (within context.Context, unlock func()) {
	within, tell := e.cfg.watch.Later(ctx)
	e.publishing.Lock()
	return within, func() {
		e.publishing.Unlock()
		tell()
	}
}

// tell tells of what a call has decided, when that is committed.
func (e *Engine) tell(ctx context.Context, d *decide.Decision) {
	if e.cfg.watch == nil || d.Out.Duplicate {
		return
	}
	e.tellHeld(ctx, d, nil)
	for i := range d.Out.Deliveries {
		e.tellSent(ctx, d, &d.Out.Deliveries[i])
	}
}

// tellHeld tells of the candidates that a decision has held, except for those at the places
// in undone, and of what broke.
func (e *Engine) tellHeld(ctx context.Context, d *decide.Decision, undone []int) {
	w := e.cfg.watch
	for _, f := range d.Out.Failures {
		if f.Beside {
			w.Failed(ctx, "the instant of what was sent late could not be noted", f.Err)
		} else {
			w.Broke(ctx, f.Message, f.Err)
		}
	}
	if e.isView || !w.Decides(ctx) {
		return
	}
	at := -1
	d.Out.Held.Each(func(x decide.HeldOne) {
		at++
		if _, is := slices.BinarySearch(undone, at); is {
			return
		}
		told := observe.Decision{
			Occasion: observe.Occasion(d.In.Occasion.Name()), Contact: d.Out.Who, Message: x.Message, Composed: d.In.Occasion == decide.OnSendTo,
			CompanyID: x.Company, At: unixMilli(d.In.Now), Reason: Reason(x.Reason.Text()), Cap: x.Cap,
		}
		if m := d.In.State.Plan.ByID[x.Message]; m != nil {
			told.Channel = m.Channel
		}
		if x.RetryAt != 0 {
			told.RetryAt = unixMilli(x.RetryAt)
		}
		w.Decided(ctx, &told)
	})
}

// tellSent tells of a delivery.
func (e *Engine) tellSent(ctx context.Context, d *decide.Decision, sent *Delivery) {
	e.tellOf(ctx, d, sent, observe.Decision{Sent: true, Delivery: sent.ID, Sequence: sent.Sequence})
}

// tellDropped tells of a delivery that the contact has refused before it was handed out.
func (e *Engine) tellDropped(ctx context.Context, d *decide.Decision, sent *Delivery) {
	e.tellOf(ctx, d, sent, observe.Decision{Reason: ReasonUnsubscribed})
}

func (e *Engine) tellOf(ctx context.Context, d *decide.Decision, of *Delivery, told observe.Decision) {
	if w := e.cfg.watch; !e.isView && w.Decides(ctx) {
		told.Occasion, told.Contact, told.Message, told.CompanyID = observe.Occasion(d.In.Occasion.Name()), of.Contact, of.Message, of.CompanyID
		told.Composed, told.Channel, told.At = d.In.Occasion == decide.OnSendTo, of.Channel, of.At
		w.Decided(ctx, &told)
	}
}

// tellCounts tells of candidates that a run has held without a step for each.
func (e *Engine) tellCounts(ctx context.Context, what decide.Occasion, p *plan.Plan, h decide.HeldCounts) {
	if e.cfg.watch == nil || e.isView {
		return
	}
	h.Each(func(i int, reason plan.Reason, n int64) {
		m := p.Messages[i]
		e.cfg.watch.Counted(ctx, &observe.Count{Occasion: observe.Occasion(what.Name()), Message: m.ID, Channel: m.Channel, Reason: Reason(reason.Text()), N: n})
	})
}

// tellItem tells of what a run has decided of a contact and not handed out, as far as it is
// known to stand.
func (e *Engine) tellItem(ctx context.Context, it *ahead.Item) {
	if e.cfg.watch == nil || it.Decision == nil || !it.Decided {
		return
	}
	e.tellHeldOf(ctx, it)
	for ; it.Told < len(it.Deliveries); it.Told++ {
		if it.Rollback == nil || !it.IsSettled() {
			return
		}
		if _, back := slices.BinarySearch(it.Rollback.Back, it.Told); !back {
			e.tellSent(ctx, it.Decision, &it.Deliveries[it.Told])
		}
	}
}

// tellHeldOf tells, once, of what was held of a contact and will not be judged again.
func (e *Engine) tellHeldOf(ctx context.Context, it *ahead.Item) {
	if e.cfg.watch == nil || it.HeldTold {
		return
	}
	it.HeldTold = true
	var undone []int
	if it.Rollback != nil {
		undone = it.Rollback.Undone
	}
	e.tellHeld(ctx, it.Decision, undone)
}
