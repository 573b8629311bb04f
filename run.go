package beckon

import (
	"context"
	"slices"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// A RunOption sets up one Sweep, Due, Send, Match, Import or Pending.
type RunOption interface{ applyRun(*run) }

type runFunc func(*run)

func (f runFunc) applyRun(r *run) { f(r) }

// A run is one pass over contacts.
type run struct {
	onHeld      func(Identity, Held)
	onStopError func([]Delivery, error)
	progress    func(Progress)
	after       store.Cursor
	sample      int
	sampled     bool
	only        *Identity
	looked      func(*lookedAt)   // takes in what the looks at a page came to, if it is acted on
	held        decide.HeldCounts // by looks at the page under way
	messages    int               // that looks may hold
	looksAhead  bool              // the next pages may be looked at while one is dealt with
	done        int64
	total       int64
	ahead       int // contacts decided in one step, at most
	size        int // and as many as the consumer is quick enough for
	companies   companyLooks
	shared      int64  // the pass that the run is a part of, Unix milliseconds; 0: none
	claim       *claim // what of it the engine has

	channels map[Channel]bool // of a worker; nil: all
	wrong    error            // an option that cannot be heeded

	gone bool       // the consumer has stopped
	late error      // what failed after that
	left []Delivery // decided, not yielded, and not given back as far as is known

	onDamaged func(store.Key, error)
	broken    *DamagedError // what was met without onDamaged
}

func newRun(opts []RunOption) *run {
	r := &run{ahead: defaultAhead}
	for _, o := range opts {
		if o != nil {
			o.applyRun(r)
		}
	}
	return r
}

// OnHeld has fn called, like that of [OnDamaged], for each candidate held.
func OnHeld(fn func(Identity, Held)) RunOption {
	return runFunc(func(r *run) { r.onHeld = fn })
}

// OnStopError has fn called if something fails after the consumer of a run
// stopped, when the run can yield no error, or if deliveries that were decided
// cannot be given back: with what failed, and those that were not yielded, and
// not given back as far as is known. With the outbox a worker gets them.
// Without it each counts as sent: make it, or give it back by [Engine.Release]
// before the next run, which is delivery_unknown if it was given back after all.
// fn is called once, last, by the goroutine that consumed the run, also if the
// consumer panicked.
func OnStopError(fn func([]Delivery, error)) RunOption {
	return runFunc(func(r *run) { r.onStopError = fn })
}

// Progress says how far a run is.
type Progress struct {
	Done   int64        // contacts looked at by this run
	Total  int64        // contacts there were when it began; 0 if the store cannot say, see [store.Sizer]
	Cursor store.Cursor // where [ResumeAt] can take the run up again; empty at the end
}

// OnProgress has fn called likewise after each page of contacts, whose
// deliveries were all yielded, and at the end.
func OnProgress(fn func(Progress)) RunOption {
	return runFunc(func(r *run) { r.progress = fn })
}

// ResumeAt takes a Sweep, Send or Import up where another left off, by the
// cursor of its [Progress], which belongs to its store or source. A run from the
// beginning sends nothing twice either; it looks at everyone again.
func ResumeAt(cursor store.Cursor) RunOption {
	return runFunc(func(r *run) { r.after = cursor })
}

// Ahead sets how many contacts a run decides in one step of the store, at most: 64 if
// it is not set, one if n is less. It begins with one, and takes as many as its consumer
// deals with in a second. Without [WithOutbox] a crash loses what was decided ahead.
func Ahead(n int) RunOption {
	return runFunc(func(r *run) { r.ahead = max(n, 1) })
}

// Sample limits a Send to the first n contacts that match, by a stable hash of
// message and contact: a repeat means the same contacts, and those reached are
// not reached again. With n of 0 or less it reaches nobody. (D5)
func Sample(n int) RunOption {
	return runFunc(func(r *run) { r.sample, r.sampled = max(n, 0), true })
}

// Only limits a Send to one contact, which must be known. (D5)
func Only(who Identity) RunOption {
	return runFunc(func(r *run) { r.only = &who })
}

// pages scans the contacts page by page: a first look, read-only, at each of them under
// the store's snapshot, then act with those where there is something to do.
func (e *Engine) pages(ctx context.Context, q store.Query, r *run, look lookFunc, act func([]found) error) error {
	return e.pagesFrom(ctx, r.after, q, r, look, act)
}

// pagesFrom is pages from a place on.
func (e *Engine) pagesFrom(ctx context.Context, at store.Cursor, q store.Query, r *run, look lookFunc, act func([]found) error) error {
	if sizer, ok := e.store.(store.Sizer); ok && r.progress != nil && len(q.Kinds) > 0 {
		total, err := sizer.Size(ctx, q.Kinds)
		if err != nil {
			return storeError(err)
		}
		r.total = total
	}
	l := e.newLooker(r, q, look)
	defer l.stop()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := l.take(ctx, at)
		if err != nil {
			return err
		}
		at = p.next
		began := e.clock()
		if err := act(p.page); err != nil {
			return err
		}
		l.paced(e.clock() - began)
		if r.progress != nil {
			r.progress(Progress{Done: r.done, Total: r.total, Cursor: at})
		}
		if at == "" {
			return nil
		}
		if r.claim != nil {
			if err := e.keep(ctx, r.claim, at, false); err != nil || r.claim.lost {
				return err
			}
		}
	}
}

// each makes one of what is to be done with each contact of a page.
func (r *run) each(act func(store.Key) error) func([]found) error {
	return func(page []found) error {
		for i := range page {
			if err := act(page[i].key); err != nil && !r.passes(page[i].key, err) {
				return err
			}
		}
		return nil
	}
}

// flush writes what was gathered under a plan in one step on the run's own
// record.
func (e *Engine) flush(ctx context.Context, name string, p *plan.Plan, h decide.HeldCounts) error {
	var list []store.Increment
	for i, rows := range h {
		for _, x := range rows {
			list = append(list, store.Increment{Message: p.Messages[i].ID, Name: x.Reason.Total(), N: x.Count})
		}
	}
	if len(list) == 0 {
		return nil
	}
	slices.SortFunc(list, decide.CompareIncrements)
	return e.stepOnce(ctx, []store.Step{{Key: store.Key{Kind: store.KindRun, ID: name}, Decider: deciderFunc(func(_ *store.Record, c *store.Changes) error {
		c.Totals = append(c.Totals, list...)
		return nil
	})}})
}
