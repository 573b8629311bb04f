package beckon

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/beckon-go/beckon/internal/ahead"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// errConsumed ends a run whose consumer has stopped.
var errConsumed = errors.New("beckon: the consumer stopped")

// yieldFunc is the consumer of a run.
type yieldFunc func(Delivery, error) bool

// stream makes an iterator of do, which returns what ended it: the last thing
// yielded. A consumer that has said no, or has panicked, is not called again.
func stream[T any](do func(yield func(T, error) bool) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		gone := false
		offer := func(v T, err error) bool {
			if gone {
				return false
			}
			gone = true // and so it stays if the consumer panics
			gone = !yield(v, err)
			return !gone
		}
		if err := do(offer); err != nil {
			var none T
			offer(none, err)
		}
	}
}

// streamRun is stream for a run. What fails after its consumer has stopped goes
// to [OnStopError].
func (e *Engine) streamRun(ctx context.Context, opts []RunOption, do func(r *run, yield yieldFunc) error) iter.Seq2[Delivery, error] {
	return stream(func(offer func(Delivery, error) bool) error {
		r := e.newRun(ctx, opts...)
		defer func() {
			if r.late != nil && r.onStopError != nil {
				r.onStopError(r.left, r.late)
			}
		}()
		return do(r, func(d Delivery, err error) bool {
			r.gone = true // and so it stays if the consumer panics
			r.gone = !offer(d, err)
			return !r.gone
		})
	})
}

// extendLease extends the lease of a delivery that was decided with others and is
// yielded after them, or whose lease has ended before it could be, so that the consumer of a
// run has its full time. It reports whether the delivery
// is still the run's: if its lease has ended meanwhile, another may have it; if the
// contact refuses it meanwhile, it is dropped (D11).
func (e *Engine) extendLease(ctx context.Context, key store.Key, d *Delivery) (ours, refused bool, err error) {
	now := e.clock()
	until := now + e.cfg.Lease
	err = e.stepVia(ctx, e.writeAbout([]Delivery{*d}), key, func(rec *store.Record, c *store.Changes) error {
		p := decide.Leased(rec, d)
		refused = false
		switch ours = p != nil; {
		case !ours:
		case decide.RefusedBy(p, rec.Profile):
			ours, refused = false, true
			decide.Drop(rec, c, now, p)
		default:
			decide.ExtendLease(c, p, until)
		}
		return nil
	})
	return ours, refused, err
}

// handOut hands what was decided of a contact to the consumer. It calls between before
// each but the first.
func (e *Engine) handOut(ctx context.Context, it *ahead.Item, r *run, yield yieldFunc, between func()) error {
	d := it.Decision
	r.sayHeld(it)
	e.tellHeldOf(ctx, it)
	for i := range it.Deliveries {
		if i > 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			between()
		}
		// The process may have been suspended, or the store slow, since it was decided.
		if d.In.Outbox && !it.Deliveries[i].IsQueued() && (i > 0 || e.clock()-d.In.Now >= e.cfg.Lease) {
			ours, refused, err := e.extendLease(ctx, it.Key, &it.Deliveries[i])
			if err != nil {
				return err
			}
			if refused && r.holding != nil {
				r.holding.held(it.Deliveries[i].Message, plan.HeldUnsubscribed, 1)
			}
			if !ours {
				it.Got++
				it.Told++
				if refused {
					e.tellDropped(ctx, d, &it.Deliveries[i])
				} else {
					e.tellSent(ctx, d, &it.Deliveries[i])
				}
				continue
			}
		}
		it.Got++
		it.Told++
		e.tellSent(ctx, d, &it.Deliveries[i])
		if !yield(it.Deliveries[i], nil) {
			return errConsumed
		}
	}
	return nil
}

// sayHeld says, and counts, what was held of a contact, except for what will be judged
// again.
func (r *run) sayHeld(it *ahead.Item) {
	if r.holding != nil {
		r.holding.decided(it.Decision) // of walks, which may be judged again, a sweep moves none
	}
	if r.onHeld == nil {
		return
	}
	for i, h := range raiseHeld(&it.Decision.Out.Held) {
		if it.Rollback != nil {
			if _, undone := slices.BinarySearch(it.Rollback.Undone, i); undone {
				continue
			}
		}
		r.onHeld(it.Decision.Out.Who, h)
	}
}

// cleanupTime is how long the last step of a run may take whose context has
// ended: a store that hangs must not hold its caller without end.
const cleanupTime = 10 * time.Second

// cleanupContext returns a context for the last step of a run: the consumer is gone and
// its context may be, and giving back must not depend on either.
func cleanupContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
}

// holdAhead lets calls on the contacts find what is decided of them, and returns what
// ends that. If the consumer stops, also by a panic, what it has not got is given back
// in one step: what was committed and not yielded has not been sent.
func (e *Engine) holdAhead(ctx context.Context, items []ahead.Item, r *run, err *error) (end func()) {
	// Of one contact a run hands out what it has decided at once; a worker has leased more.
	findable := !e.isView && (len(items) > 1 || len(items) == 1 && len(items[0].Deliveries) > 1)
	if findable {
		e.ahead.Add(items)
	}
	return func() {
		defer func() { // what was not handed out and stands
			for i := range items {
				e.tellItem(ctx, &items[i])
			}
		}()
		if findable {
			defer e.ahead.Remove(items)
		}
		_ = e.giveBack(ctx, ahead.Unsent(items, false))
		if failed := e.keepLost(ctx, items, r); failed != nil && !r.gone && !errors.Is(*err, errConsumed) && !errors.Is(*err, failed) {
			*err = errors.Join(*err, failed)
		}
	}
}

// keepLost takes down, for the host, what could not be taken back, and returns why.
func (e *Engine) keepLost(ctx context.Context, items []ahead.Item, r *run) (failed error) {
	lost := 0
	for i := range items {
		it := &items[i]
		if it.IsSettled() {
			continue
		}
		last, cancel := cleanupContext(ctx)
		err := e.left(last, it)
		cancel()
		if err != nil {
			failed, r.left = err, append(r.left, it.Deliveries[it.Got:]...)
			lost += len(it.Deliveries) - it.Got
		}
	}
	if failed != nil {
		r.late = errors.Join(r.late, failed)
		e.cfg.watch.LostDeliveries(ctx, lost, failed)
	}
	return failed
}

// giveBackEarly is giveBack where it will be tried again if it fails, and told then.
func (e *Engine) giveBackEarly(ctx context.Context, items []*ahead.Item) {
	if e.giveBack(ctx, items) == nil {
		return
	}
	for _, it := range items {
		it.Again()
	}
}

// giveBack takes back what was decided of contacts and not handed out, in one step, and
// says to each whether it has.
func (e *Engine) giveBack(ctx context.Context, items []*ahead.Item) (failed error) {
	if len(items) == 0 {
		return nil
	}
	last, cancel := cleanupContext(ctx)
	defer cancel()
	last, tell := e.cfg.watch.Later(last)
	defer tell() // when nobody waits for them any more
	steps := make([]contactStep, len(items))
	for i, it := range items {
		steps[i] = contactStep{key: it.Key, decide: it.Undo(), err: storeError(errNoEnd)}
	}
	defer func() { // also if the store panics: nobody is to wait without end
		for i, it := range items {
			it.Left(steps[i].err)
			if steps[i].err != nil {
				failed = steps[i].err // of a store that fails, all have the same
			}
		}
	}()
	e.stepEach(last, steps)
	return failed
}
