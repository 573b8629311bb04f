package beckon

import (
	"context"
	"maps"
	"slices"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/parts"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

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
