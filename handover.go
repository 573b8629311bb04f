package beckon

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/identity"
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
func streamRun(opts []RunOption, do func(r *run, yield yieldFunc) error) iter.Seq2[Delivery, error] {
	return stream(func(offer func(Delivery, error) bool) error {
		r := newRun(opts)
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
// yielded after them, so that the consumer of a run has its full time. It reports whether the delivery
// is still the run's: if its lease has ended meanwhile, another may have it; if the
// contact refuses it meanwhile, it is dropped (D11).
func (e *Engine) extendLease(ctx context.Context, key store.Key, d *Delivery) (ours bool, err error) {
	until := e.leaseEnd()
	err = e.stepOn(ctx, key, func(rec *store.Record, c *store.Changes) error {
		p := decide.Leased(rec, d)
		switch ours = p != nil; {
		case !ours:
		case decide.RefusedBy(p, rec.Profile):
			ours = false
			decide.Drop(rec, c, p)
		default:
			decide.ExtendLease(c, p, until)
		}
		return nil
	})
	return ours, err
}

// handOut hands what was decided of a contact to the consumer. It calls between before
// each but the first.
func (e *Engine) handOut(ctx context.Context, it *item, r *run, yield yieldFunc, between func()) error {
	d := it.d
	r.sayHeld(it)
	for i := range it.deliveries {
		if i > 0 {
			between()
		}
		if d.In.Outbox && i > 0 && !it.deliveries[i].IsQueued() {
			ours, err := e.extendLease(ctx, it.key, &it.deliveries[i])
			if err != nil {
				return err
			}
			if !ours {
				it.got++
				continue
			}
		}
		it.got++
		if !yield(it.deliveries[i], nil) {
			return errConsumed
		}
	}
	return nil
}

// sayHeld says what was held of a contact, except for what will be judged again.
func (r *run) sayHeld(it *item) {
	if r.onHeld == nil {
		return
	}
	for i, h := range raiseHeld(&it.d.Out.Held) {
		if it.rollback == nil || !slices.Contains(it.rollback.Undone, i) {
			r.onHeld(it.d.Out.Who, h)
		}
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

// Release undoes a delivery that certainly was not made: frequency, caps,
// sequence and already_sent are as if it had not been decided, the totals go
// down, and it leaves the outbox. ID and Contact suffice. Each can be given
// back once, and again if its number is used again. One that is not in the send
// log ([WithSendLog]) is delivery_unknown. With the outbox, a delivery with its
// Attempt is given back only while it is pending under that lease; else that is
// lease_lost and changes nothing. To give back one that failed later, set
// Attempt to zero. (F4, K, Z1)
func (e *Engine) Release(ctx context.Context, d Delivery) error {
	if err := e.open(); err != nil {
		return err
	}
	var errs fault.List
	identity.AddFaults(d.Contact, &errs)
	if err := raise(errs); err != nil {
		return err
	}
	found, err := e.stepOnDelivery(ctx, d.Contact, func(rec *store.Record, c *store.Changes) (bool, error) {
		if d.ID == "" || !slices.ContainsFunc(rec.SendLog, func(s store.SendLogEntry) bool { return s.ID == d.ID }) {
			return false, nil
		}
		if d.Attempt != 0 && decide.Leased(rec, &d) == nil {
			return true, leaseLost()
		}
		return decide.Release(rec, c, d.ID), nil
	})
	if err == nil && !found {
		err = unknownDelivery()
	}
	return err
}

// ReleaseLatest undoes the message's latest send to the contact that is not
// undone yet, whatever its lease. (F4, K)
func (e *Engine) ReleaseLatest(ctx context.Context, who Identity, message string) error {
	if err := e.open(); err != nil {
		return err
	}
	if err := checkIdentity(who); err != nil {
		return err
	}
	key, err := e.resolve(ctx, who)
	if err != nil {
		return err
	}
	return e.stepOn(ctx, key, func(rec *store.Record, c *store.Changes) error {
		for i := len(rec.SendLog) - 1; i >= 0; i-- {
			if rec.SendLog[i].Message == message {
				decide.Release(rec, c, rec.SendLog[i].ID)
				return nil
			}
		}
		return unknownDelivery()
	})
}

func unknownDelivery() error {
	return ErrorList{{Code: ErrDeliveryUnknown, Field: "id", Message: "no such delivery is known, or it was given back already"}}
}
