package beckon

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/parts"
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
	holding     *holding          // of a sweep
	held        decide.HeldCounts // by looks at the page under way
	looking     *lookedAt         // that page
	messages    int               // that looks may hold
	looksAhead  bool              // the next pages may be looked at while one is dealt with
	sumsLeftOut bool              // how many the store leaves out matters at the end, and not before
	done        int64
	total       int64
	ahead       int // contacts decided in one step, at most
	beside      int // steps beside one another, at most
	size        int // contacts at once that the consumer is quick enough for
	companies   companyLooks
	shared      int64  // the pass that the run is a part of, Unix milliseconds; 0: none
	claim       *claim // what of it the engine has

	channels map[Channel]bool // of a worker; nil: all
	wrong    error            // an option that cannot be heeded

	gone bool       // the consumer has stopped
	late error      // what failed after that
	left []Delivery // decided, not yielded, and not given back as far as is known

	log       func(store.Key, error) // is told of all that onDamaged is; may be nil
	onDamaged func(store.Key, error)
	broken    *DamagedError // what was met without onDamaged
}

func (e *Engine) newRun(ctx context.Context, opts ...RunOption) *run {
	r := &run{ahead: defaultAhead, beside: 1}
	if e.overlaps() {
		r.beside = 2
	}
	if e.shared != nil && e.cfg.watch != nil {
		w := e.cfg.watch
		r.log = func(key store.Key, err error) { w.Damaged(ctx, key, err) }
	}
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
// The consumer's goroutine calls fn once, last, also after a panic.
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

// ResumeAt takes a Sweep, Send, Import, Match, Outbox or DeadLetters up where another
// left off, by the cursor of its [Progress], which belongs to its store or source. A run from the
// beginning sends nothing twice either; it looks at everyone again.
func ResumeAt(cursor store.Cursor) RunOption {
	return runFunc(func(r *run) { r.after = cursor })
}

// Ahead sets how many contacts a run decides at once, in one step of the store, at most:
// one if n is less. If it is not set, a step has 64 at most, and if two calls of the store
// take less time side by side (see [store.Overlapper]), there are two steps at once. It
// begins with one contact, and takes as many as its consumer deals with in a second.
// Without [WithOutbox] a crash loses what was decided ahead.
func Ahead(n int) RunOption {
	return runFunc(func(r *run) { r.ahead, r.beside = max(n, 1), 1 })
}

// Sample limits a Send to the first n contacts that match, by a stable hash of
// message and contact: a repeat means the same contacts, and those reached are
// not reached again. With n of 0 or less it reaches nobody. With a Sweep or a Due, which
// are for all contacts, it is an error. (D5)
func Sample(n int) RunOption {
	return runFunc(func(r *run) { r.sample, r.sampled = max(n, 0), true })
}

// Only limits a Send to one contact, which must be known, or a Pending to what is pending
// of one contact, such as what a page is to show. With a Sweep or a Due, which are for all
// contacts, it is an error: see [Engine.Check]. (D5, Z1)
func Only(who Identity) RunOption {
	return runFunc(func(r *run) { r.only = &who })
}

// forAll reports what of the options a run over all contacts cannot heed: it must not reach
// more than its caller has asked for.
func (r *run) forAll() error {
	switch {
	case r.only != nil:
		return errors.New("beckon: Only: a Sweep and a Due are for all contacts; Check is for one")
	case r.sampled:
		return errors.New("beckon: Sample: a Sweep and a Due are for all contacts")
	}
	return nil
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
		if r.claim == nil && r.holding != nil {
			r.holding.turn(at)
		}
		if r.progress != nil {
			r.progress(Progress{Done: r.done, Total: r.total, Cursor: at})
		}
		if at == "" {
			return nil
		}
		if r.claim != nil {
			if err := e.keep(ctx, r, r.claim, at, false); err != nil || r.claim.lost {
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

// flush writes what a Send has gathered under a plan in one step on the run's own
// record.
func (e *Engine) flush(ctx context.Context, name string, p *plan.Plan, h decide.HeldCounts) error {
	var list []store.Increment
	h.Each(func(i int, reason plan.Reason, n int64) {
		list = append(list, store.Increment{Message: p.Messages[i].ID, Name: reason.Total(), N: n})
	})
	if len(list) == 0 {
		return nil
	}
	slices.SortFunc(list, decide.CompareIncrements)
	return e.stepOnce(ctx, []store.Step{{Key: store.Key{Kind: store.KindRun, ID: name}, Decider: deciderFunc(func(_ *store.Record, c *store.Changes) error {
		c.Totals = append(c.Totals, list...)
		return nil
	})}})
}

// A holding is what a sweep has held so far (Z2).
type holding struct {
	plan  *plan.Plan   // of the looks
	pages parts.Counts // by pages that are dealt with; of a shared sweep its record has them
	page  parts.Counts // by the one under way
	whole bool         // it has begun with the first contact
	at    store.Cursor // of the page under way
}

// held counts what was held of contacts.
func (h *holding) held(message string, reason plan.Reason, n int64) {
	h.page[parts.Count{Message: message, Total: reason.Total()}] += n
}

// decided counts what was held of a contact that was decided by itself.
func (h *holding) decided(d *decide.Decision) {
	d.Out.Held.Each(func(x decide.HeldOne) {
		if m := h.plan.ByID[x.Message]; m != nil && d.CountsByPass(m, x.Reason) {
			h.held(x.Message, x.Reason, 1)
		}
	})
}

// turn begins the page at a place: the one before was dealt with.
func (h *holding) turn(at store.Cursor) {
	h.pages.Add(h.page)
	clear(h.page)
	h.at = at
}

// sweepKey is that of the record which says what sweeps have put into totals.
func sweepKey() store.Key { return store.Key{Kind: store.KindRun, ID: "sweep"} }

// newHolding begins to gather what a sweep holds, or goes on where another was cut short.
func (e *Engine) newHolding(ctx context.Context, r *run, p *plan.Plan) (*holding, error) {
	h := &holding{plan: p, pages: parts.Counts{}, page: parts.Counts{}, whole: r.after == "", at: r.after}
	if r.after == "" || r.shared != 0 {
		return h, nil
	}
	err := e.store.Read(ctx, []store.Key{sweepKey()}, func(rec *store.Record) error {
		if n := parts.ReadCut(rec, r.after); n != nil {
			h.pages, h.whole = n, true
		}
		return nil
	})
	if err != nil && !r.passes(sweepKey(), err) {
		return nil, storeError(err)
	}
	return h, nil
}

// endSweep puts what a sweep has held into the totals if it has come to its end, or keeps
// it for one that goes on from there.
func (e *Engine) endSweep(ctx context.Context, r *run, ended bool) error {
	switch h := r.holding; {
	case r.shared != 0 || !h.whole:
		return nil
	case ended:
		return e.settleSweep(ctx, r, &parts.Settle{Counts: h.pages})
	case r.progress == nil || h.at == r.after:
		return nil
	default:
		return e.stepOnce(ctx, []store.Step{{Key: sweepKey(), Decider: &parts.Cut{At: h.at, Counts: h.pages}}})
	}
}

// settleSweep makes the totals what a pass has held, in the place of what they were: by the
// pass before, and by checks since.
func (e *Engine) settleSweep(ctx context.Context, r *run, s *parts.Settle) error {
	for range maxTries {
		if err := e.store.Read(ctx, []store.Key{sweepKey()}, func(rec *store.Record) error {
			s.Settled = parts.Settled(rec)
			return nil
		}); err != nil && !r.passes(sweepKey(), err) {
			return storeError(err)
		}
		if err := e.totalsOf(ctx, r.holding.plan, s); err != nil {
			return storeError(err)
		}
		err := e.stepOnce(ctx, []store.Step{{Key: sweepKey(), Decider: s}})
		if err != nil && r.passes(sweepKey(), err) {
			return nil
		}
		if err != nil || !s.Stale {
			return err
		}
	}
	return nil // there are others enough
}

// totalsOf reads the totals of what a pass may hold.
func (e *Engine) totalsOf(ctx context.Context, p *plan.Plan, s *parts.Settle) error {
	s.Were = parts.Counts{}
	messages := make(map[string]struct{}, len(p.Sweeps))
	for _, m := range p.Sweeps {
		messages[m.ID] = struct{}{}
	}
	for k := range s.Counts { // by an engine with another program, perhaps
		messages[k.Message] = struct{}{}
	}
	for _, id := range slices.Sorted(maps.Keys(messages)) {
		list, err := e.store.Totals(ctx, id)
		if err != nil {
			return err
		}
		for _, x := range list {
			if plan.CountsByPass(x.Name) {
				s.Were[parts.Count{Message: id, Total: x.Name}] = x.Count
			}
		}
	}
	return nil
}
