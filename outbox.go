package beckon

import (
	"context"
	"errors"
	"iter"
	"math"
	"math/rand/v2"
	"time"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/store"
)

// The default limits of the outbox.
const (
	LeaseFor       = time.Minute // how long a delivery belongs to its caller; no other worker gets it meanwhile
	DefaultPending = 100         // pending deliveries of a contact; one more is held ReasonOutboxFull
)

// Pending is the loop of a worker: it yields what nobody has dealt with, each
// leased to the caller in an atomic step shortly before it is yielded, so that
// exactly one of any number of workers gets it. Attempt counts its leases. Make
// it and call [Engine.Acknowledge]; [Engine.Release] if it certainly was not
// made; [Engine.GiveUp] if it is not to be tried again. Else the next worker
// gets it when the lease has ended.
//
// The loop yields what was free when it began, those whose lease ended first in
// front, and ends: run it again every few seconds. It leases as many ahead as you take
// within a second ([Ahead]), and gives back what you did not take, so you may stop at
// any point. What Track, Visit, Due and the like return is
// leased to their caller, and comes here only when that lease has ended.
// Consent is judged again: what the contact now refuses leaves the outbox,
// counts as held, unsubscribed, and gives back its frequency and caps.
//
// A process that only works needs neither [WithOutbox] nor a program. The lease
// is that of the engine that gave it. An error is the last thing yielded, one
// about contacts that cannot be read after all else. docs/outbox.md has a whole
// worker, and what is promised. (D11, Z1)
func (e *Engine) Pending(ctx context.Context, opts ...RunOption) iter.Seq2[Delivery, error] {
	return streamRun(opts, func(r *run, yield yieldFunc) error { return e.work(ctx, r, yield) })
}

// maxLosses is how many contacts a worker finds to be another's before it looks
// again what there is.
const maxLosses = 8

// work is the loop behind Pending. All is measured by the instant at which it
// begins, so that it ends: what it has leased itself is leased beyond that.
func (e *Engine) work(ctx context.Context, r *run, yield yieldFunc) error {
	if err := e.open(); err != nil {
		return err
	}
	q := store.Query{Pending: max(e.clock(), 1), Damaged: r.damaged} // zero is no query
	var at store.Cursor
	var keys []store.Key
	var dice *rand.Rand
	for {
		keys = keys[:0]
		next, err := e.store.Scan(ctx, q, at, scanPage, func(rec *store.Record) error {
			keys = append(keys, rec.Key)
			return nil
		})
		if err != nil {
			return storeError(err)
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
			at = "" // each time something was leased for good: this ends
		case next == "":
			return r.ended()
		default:
			at = next
		}
	}
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
	items, steps, more := make([]item, len(keys)), make([]contactStep, len(keys)), make([]bool, len(keys))
	// Beyond what this loop takes for free, also when the clock steps back
	// meanwhile: else it would find again what it has leased.
	until, most := max(e.leaseEnd(), free+1), r.batch(e, r.ahead)
	for i := range keys {
		it := &items[i]
		it.key = keys[i]
		steps[i] = contactStep{key: keys[i], decide: func(rec *store.Record, c *store.Changes) error {
			it.deliveries, it.free, more[i] = nil, nil, false
			for p := range rec.Pending.Free(free) {
				if decide.RefusedBy(p, rec.Profile) {
					decide.Drop(rec, c, p)
					continue
				}
				if more[i] = len(it.deliveries) == most; more[i] {
					break
				}
				it.free = append(it.free, p.Until)
				it.deliveries = append(it.deliveries, decide.Addressed(rec, decide.TakeLease(c, p, until)))
			}
			return nil
		}}
	}
	e.stepEach(ctx, steps)
	for i := range steps {
		if items[i].err = steps[i].err; items[i].err != nil {
			items[i].deliveries = nil
		}
	}
	defer e.holdAhead(ctx, items, r, &err)()
	since := e.clock()
	for i := range items {
		it := &items[i]
		if it.err != nil && !r.passes(it.key, it.err) {
			return w, it.err
		}
		for it.got < len(it.deliveries) {
			if w.got > 0 && e.clock()-since >= aheadFor.Milliseconds() || !it.next() {
				w.late = true
				return w, e.left(ctx, it)
			}
			w.got++
			if !yield(it.deliveries[it.got-1], nil) {
				return w, errConsumed
			}
		}
		if more[i] {
			return w, nil
		}
		if w.done++; len(it.deliveries) == 0 {
			w.lost++
		}
	}
	return w, nil
}

// leaseEnd is when a lease ends that begins now.
func (e *Engine) leaseEnd() int64 { return e.clock() + e.cfg.Lease }

// Outbox yields all pending deliveries, leased or not, and leases none: it is
// for a dashboard, [Engine.Pending] for a worker. Those whose lease ended first
// come first, with their latest Attempt. An error is the last thing yielded.
func (e *Engine) Outbox(ctx context.Context) iter.Seq2[Delivery, error] {
	return stream(func(yield func(Delivery, error) bool) error {
		if err := e.open(); err != nil {
			return err
		}
		var at store.Cursor
		var page []Delivery
		r := &run{}
		for {
			page = page[:0]
			next, err := e.store.Scan(ctx, store.Query{Pending: math.MaxInt64, Damaged: r.damaged}, at, scanPage, func(rec *store.Record) error {
				for p := range rec.Pending.All() {
					page = append(page, decide.Addressed(rec, decide.OwnDelivery(p.Delivery)))
				}
				return nil
			})
			if err != nil {
				return storeError(err)
			}
			for _, d := range page {
				if !yield(d, nil) {
					return errConsumed
				}
			}
			if next == "" {
				return r.ended()
			}
			at = next
		}
	})
}

// Acknowledge takes deliveries out of the outbox: they were made. Only the ID
// counts, not the lease. A delivery that is not pending is left, so a repeat is
// safe. Many cost one step of the store for each 64 contacts. After an error some were
// taken out. (Z1)
func (e *Engine) Acknowledge(ctx context.Context, deliveries ...Delivery) error {
	if err := e.open(); err != nil {
		return err
	}
	for len(deliveries) > 0 {
		var groups [][]Delivery
		places := make(map[Identity]int)
		n := 0
		for ; n < len(deliveries); n++ {
			who := deliveries[n].Contact
			at, known := places[who]
			if !known {
				if len(groups) == together {
					break
				}
				at = len(groups)
				groups, places[who] = append(groups, nil), at
			}
			groups[at] = append(groups[at], deliveries[n])
		}
		if err := e.acknowledge(ctx, groups); err != nil {
			return err
		}
		deliveries = deliveries[n:]
	}
	return nil
}

// acknowledge takes deliveries out of the outbox, those of each contact together. Nearly
// all are found under the first name of their contact, in one step; the others are
// looked for.
func (e *Engine) acknowledge(ctx context.Context, groups [][]Delivery) error {
	drop := func(rec *store.Record, c *store.Changes, i int) bool { return decide.DropPending(rec, c, groups[i]) }
	found := make([]bool, len(groups))
	var steps []contactStep
	for i, g := range groups {
		if keys := e.keysOf(g[0].Contact); len(groups) > 1 && len(keys) == 1 && keys[0].Kind != store.KindEmail {
			steps = append(steps, contactStep{key: keys[0], decide: func(rec *store.Record, c *store.Changes) error {
				// One that goes by no other name can be nowhere else.
				found[i] = drop(rec, c, i) || goesBy(g[0].Contact) == 1
				return nil
			}})
		}
	}
	e.stepEach(ctx, steps)
	for i := range steps {
		if err := steps[i].err; err != nil {
			return err
		}
	}
	for i, g := range groups {
		if found[i] {
			continue
		}
		if _, err := e.stepOnDelivery(ctx, g[0].Contact, func(rec *store.Record, c *store.Changes) (bool, error) {
			return drop(rec, c, i), nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// goesBy returns by how many names an identity goes.
func goesBy(who Identity) (n int) {
	for _, name := range [...]string{who.UserID, who.ID, who.Email, who.AnonymousID} {
		if name != "" {
			n++
		}
	}
	return n
}

// GiveUp takes a delivery out of the outbox that was not made, or may have
// been, and that is not to be tried again. Unlike with [Engine.Release] its
// send still counts; the message's totals count it as given up too. If another
// worker has it by now that is lease_lost; with an Attempt of zero the lease
// does not matter. One that is not pending is left, so a repeat is safe. (Z1)
func (e *Engine) GiveUp(ctx context.Context, d Delivery) error {
	if err := e.open(); err != nil {
		return err
	}
	_, err := e.stepOnDelivery(ctx, d.Contact, func(rec *store.Record, c *store.Changes) (bool, error) {
		p := rec.Pending.Find(d.ID)
		if p == nil {
			return false, nil
		}
		if d.Attempt != 0 && !decide.GivenOut(p, &d) {
			return true, leaseLost()
		}
		c.Totals = append(c.Totals, store.Increment{Message: p.Delivery.Message, Name: decide.TotalGivenUp, N: 1})
		return decide.DropPending(rec, c, []Delivery{d}), nil
	})
	return err
}

func leaseLost() error {
	return ErrorList{{Code: ErrLeaseLost, Field: "id", Message: "the delivery is not leased to the caller any more: it was given to another, or dealt with"}}
}

// stepOnDelivery carries a decision out on the contact that has a delivery,
// and reports whether there is one: decide says so of each record it is shown.
// A host has the identity from the delivery: what that names is asked first, since
// one of it is mostly what the record is kept under. Then the contact is found as
// ever (E1).
func (e *Engine) stepOnDelivery(ctx context.Context, who Identity, decide func(*store.Record, *store.Changes) (bool, error)) (found bool, err error) {
	if _, err := e.deciding(ctx, who); err != nil {
		return false, err
	}
	known := false // one of those named is
	var asked contactSet
	ask := func(k store.Key) (done bool, err error) {
		if !asked.add(k) {
			return false, nil
		}
		// What a worker has leased ahead of the same contact stays: it is not about that.
		err = e.stepVia(ctx, e.store.Step, k, func(rec *store.Record, c *store.Changes) error {
			known = known || rec.Exists
			found, err = decide(rec, c)
			return err
		})
		return found || err != nil, err
	}
	for _, one := range []Identity{{UserID: who.UserID}, {ID: who.ID}, {Email: who.Email}, {AnonymousID: who.AnonymousID}} {
		for _, k := range e.keysOf(one) {
			if done, err := ask(k); done {
				return found, err
			}
		}
	}
	named := known
	keys, err := e.candidatesFor(ctx, who, allContacts)
	if named && errors.Is(err, ErrContactAmbiguous) {
		return false, nil // it is not theirs, or not pending any more
	}
	if err != nil {
		return false, err
	}
	for _, k := range keys {
		if done, err := ask(k); done {
			return found, err
		}
	}
	return false, nil
}
