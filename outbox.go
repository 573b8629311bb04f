package beckon

import (
	"cmp"
	"context"
	"iter"
	"math"
	"math/rand/v2"
	"time"

	"github.com/beckon-go/beckon/internal/ahead"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/store"
)

// The limits of the outbox.
const (
	LeaseFor           = time.Minute         // how long a delivery belongs to its caller; no other worker gets it meanwhile
	DefaultPending     = 100                 // pending deliveries of a contact; one more is held ReasonOutboxFull
	DefaultDeadLetters = 10                  // deliveries of a contact that were given up and are kept; the oldest goes first
	MaxGiveUpReason    = 1000                // bytes of a reason to give up; the rest is cut off
	MaxRetryAfter      = 30 * 24 * time.Hour // how far from now Retry, Postpone and Extend reach: later is that
)

// Pending is the loop of a worker: it yields what nobody has dealt with, leased to the caller
// in an atomic step shortly before, so that exactly one of many workers gets it. Attempt
// counts leases. Make it and call [Engine.Acknowledge]; or [Engine.Release] if it certainly
// was not made, [Engine.Retry], [Engine.GiveUp]. Else another gets it after the lease
// ([WithLease]).
//
// The loop yields what was free when it began, contact by contact, those for whom a lease
// ended first in front, and ends: run it every few seconds. What you do not take is given
// back. What a call returned to its caller comes here when that lease has ended, or at once
// ([WithWorkers]). What the contact now refuses leaves the outbox, counts as held,
// unsubscribed, and frees frequency and caps. A process that only works needs no
// [WithOutbox] and no program. (D11, Z1)
func (e *Engine) Pending(ctx context.Context, opts ...RunOption) iter.Seq2[Delivery, error] {
	return e.streamRun(ctx, opts, func(r *run, yield yieldFunc) error { return e.work(ctx, r, yield) })
}

// serves reports whether a worker is for a delivery.
func (r *run) serves(p *store.Pending) bool {
	return r.channels == nil || r.channels[p.Delivery.Channel]
}

// finds reports whether a contact has a delivery for a worker that is free at an instant.
func (r *run) finds(rec *store.Record, free int64) bool {
	if r.channels == nil {
		return true
	}
	for p := range rec.Pending.Free(free) {
		if r.serves(p) {
			return true
		}
	}
	return false
}

// maxLosses is how many contacts a worker finds to be another's before it looks
// again what there is.
const maxLosses = 8

// work is the loop behind Pending. All is measured by the instant at which it
// begins, so that it ends: what it has leased itself is leased beyond that.
func (e *Engine) work(ctx context.Context, r *run, yield yieldFunc) error {
	if err := cmp.Or(e.open(), r.wrong); err != nil {
		return err
	}
	r.beside = 1 // for what is leased ahead other workers wait

	q := store.Query{Pending: max(e.clock(), 1), ToStep: true, Damaged: r.damaged} // zero is no query
	if r.only != nil {
		return e.workFor(ctx, *r.only, q.Pending, r, yield)
	}
	for c := range r.channels {
		q.Channels |= store.ChannelSetOf(c)
	}
	if r.channels == nil { // then finds looks at nothing
		q.Only = new(store.Projection)
	}
	var at, begin store.Cursor
	var keys []store.Key
	var dice *rand.Rand
	for {
		keys = keys[:0]
		next, err := e.store.Scan(ctx, q, at, scanPage, func(rec *store.Record) error {
			if r.finds(rec, q.Pending) {
				keys = append(keys, rec.Key)
			}
			return nil
		})
		if err != nil {
			return storeError(err)
		}
		if at == begin && len(keys) == 0 {
			begin = next // all of it is for others: it need not be looked at again
		}
		got, losses := 0, 0
		for left := keys; len(left) > 0 && (losses < maxLosses || got == 0); {
			w, err := e.workOn(ctx, left[:r.batch(e, len(left))], q.Pending, r, yield)
			if err != nil {
				return err
			}
			if w.late {
				r.paced(w.asked, w.done)
			} else {
				r.paced(w.asked, w.asked)
			}
			left = left[w.done:]
			if got += w.got; w.lost == 0 {
				continue
			}
			// Another worker was here first, and is about to be at the next one
			// too: they go separate ways. Which way decides nothing, and follows
			// from the time and the number of the loop (Z3).
			if dice == nil {
				dice = rand.New(rand.NewPCG(uint64(q.Pending), e.loops.Add(1)))
			}
			dice.Shuffle(len(left), func(a, b int) { left[a], left[b] = left[b], left[a] })
			losses += w.lost
		}
		switch {
		case losses >= maxLosses && got > 0:
			at = begin // each time something was leased for good: this ends
		case next == "":
			return r.ended()
		default:
			at = next
		}
	}
}

// workFor is the loop for one contact.
func (e *Engine) workFor(ctx context.Context, who Identity, free int64, r *run, yield yieldFunc) error {
	if err := checkIdentity(who); err != nil {
		return err
	}
	key, known, err := e.settle(ctx, who)
	for known && err == nil {
		var w worked
		if w, err = e.workOn(ctx, []store.Key{key}, free, r, yield); w.got == 0 || w.done > 0 {
			break
		}
	}
	return cmp.Or(err, r.ended())
}

// A worked is what became of a batch of contacts with pending deliveries.
type worked struct {
	asked, done int  // contacts; those behind are to be asked again
	late        bool // since the consumer was not done with more in time
	got, lost   int  // deliveries yielded; contacts that had none
}

// workOn leases what of some contacts is free at an instant, in one step, and yields it.
// Of each it takes as many deliveries as it might take contacts.
func (e *Engine) workOn(ctx context.Context, keys []store.Key, free int64, r *run, yield yieldFunc) (w worked, err error) {
	w.asked = len(keys)
	items, steps, more := make([]ahead.Item, len(keys)), make([]contactStep, len(keys)), make([]bool, len(keys))
	// Beyond what this loop takes for free, also when the clock steps back
	// meanwhile: else it would find again what it has leased.
	now := e.clock()
	until, most := max(now+e.cfg.Lease, free+1), r.batch(e, r.ahead)
	for i := range keys {
		it := &items[i]
		it.Key = keys[i]
		steps[i] = contactStep{key: keys[i], decide: func(rec *store.Record, c *store.Changes) error {
			it.Key = rec.Key // it may have been merged into another since it was found
			it.Deliveries, it.Free, more[i] = nil, nil, false
			var refused []*store.Pending
			for p := range rec.Pending.Free(free) {
				if !r.serves(p) {
					continue
				}
				if decide.RefusedBy(p, rec.Profile) {
					refused = append(refused, p)
					continue
				}
				if more[i] = len(it.Deliveries) == most; more[i] {
					break
				}
				it.Free = append(it.Free, p.Until)
				it.Deliveries = append(it.Deliveries, decide.Addressed(rec, decide.TakeLease(c, p, until)))
			}
			decide.Drop(rec, c, now, refused...)
			return nil
		}}
	}
	within, tell := e.cfg.watch.Later(ctx)
	e.stepEach(within, steps)
	for i := range steps {
		if items[i].Err = steps[i].err; items[i].Err != nil {
			items[i].Deliveries = nil
		}
	}
	defer e.holdAhead(ctx, items, r, &err)()
	tell()
	since := e.clock()
	for i := range items {
		it := &items[i]
		if it.Err != nil && !r.passes(it.Key, it.Err) {
			return w, it.Err
		}
		before := w.got
		for it.Got < len(it.Deliveries) {
			if w.got > 0 && ctx.Err() != nil {
				return w, ctx.Err()
			}
			if w.got > 0 && e.tooOld(since) || !it.Next() {
				w.late = true
				return w, e.left(ctx, it)
			}
			d := &it.Deliveries[it.Got-1]
			if e.clock() >= until { // the process was suspended, or the store slow
				if ours, _, err := e.extendLease(ctx, it.Key, d); err != nil {
					return w, err
				} else if !ours {
					continue
				}
			}
			w.got++
			if !yield(*d, nil) {
				return w, errConsumed
			}
		}
		if more[i] {
			return w, nil
		}
		if w.done++; w.got == before {
			w.lost++
		}
	}
	return w, nil
}

// Outbox yields all pending deliveries, leased or not, and leases none: for a dashboard. Those
// whose lease ended first come first, with their latest Attempt. Options are [ResumeAt],
// [OnProgress], [OnDamaged] and [Channels].
func (e *Engine) Outbox(ctx context.Context, opts ...RunOption) iter.Seq2[Delivery, error] {
	return kept(ctx, e, false, opts, func(p *store.Pending, d Delivery) (Delivery, bool) { return d, p.Dead == nil })
}

// DeadLetters yields what was given up, for [Engine.Replay] or [Engine.Discard], as
// [Engine.Outbox] what is pending, with the same options; of a contact in the order of
// decisions.
func (e *Engine) DeadLetters(ctx context.Context, opts ...RunOption) iter.Seq2[DeadLetter, error] {
	return kept(ctx, e, true, opts, func(p *store.Pending, d Delivery) (DeadLetter, bool) {
		if p.Dead == nil {
			return DeadLetter{}, false
		}
		return DeadLetter{Delivery: d, Reason: p.Dead.Reason, At: unixMilli(p.Dead.At)}, true
	})
}

// kept yields what take returns of the rows of the outbox, page by page.
func kept[T any](ctx context.Context, e *Engine, dead bool, opts []RunOption, take func(*store.Pending, Delivery) (T, bool)) iter.Seq2[T, error] {
	return stream(func(yield func(T, error) bool) error {
		r := e.newRun(ctx, opts...)
		if err := cmp.Or(e.open(), r.wrong); err != nil {
			return err
		}
		q, at := store.Query{Pending: math.MaxInt64, Damaged: r.damaged}, r.after
		for c := range r.channels {
			if !dead { // of what was given up a store does not know the channels
				q.Channels |= store.ChannelSetOf(c)
			}
		}
		var page []T
		for {
			page = page[:0]
			next, err := e.store.Scan(ctx, q, at, scanPage, func(rec *store.Record) error {
				r.done++
				for p := range rec.Pending.All() {
					if v, ok := take(p, decide.Addressed(rec, decide.OwnDelivery(p.Delivery))); ok && r.serves(p) {
						page = append(page, v)
					}
				}
				return nil
			})
			if err != nil {
				return storeError(err)
			}
			for _, v := range page {
				if !yield(v, nil) {
					return errConsumed
				}
			}
			if at = next; r.progress != nil {
				r.progress(Progress{Done: r.done, Cursor: at})
			}
			if at == "" {
				return r.ended()
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	})
}
