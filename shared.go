package beckon

import (
	"context"
	"errors"
	"time"

	"github.com/beckon-go/beckon/internal/parts"
	"github.com/beckon-go/beckon/store"
)

// Shared has engines over one store share a Sweep, Send or Due: all that give the same
// instant, such as time.Now().Truncate(time.Hour), share one pass.
//
// Each takes a part of the contacts under a lease ([WithLease]), then the next, until there is
// none. What an engine leaves that died or was slow, another takes up where it was, when the
// lease has ended. A pass that is over yields nothing more, so call it every minute. A pass
// that is not over is finished before a later one begins. One that an engine named whose clock
// was ahead delays the others by two passes. The zero instant shares nothing.
func Shared(pass time.Time) RunOption {
	return runFunc(func(r *run) {
		if r.shared = 0; !pass.IsZero() {
			r.shared = max(pass.UnixMilli(), 1)
		}
	})
}

// How many contacts are a part of a shared run: enough that taking it costs little, and
// few enough that engines end together.
const (
	sharedPart    = 16 * scanPage
	sharedDuePart = scanPage
)

// A claim is the part of a shared run that an engine has.
type claim struct {
	key   store.Key // of the run
	at    int64     // the pass
	mine  parts.Claim
	lost  bool
	saved int64 // when the lease was extended, Unix milliseconds
}

// takePart takes the next part of a shared run; nil if there is none. It returns how far
// the pass is.
func (e *Engine) takePart(ctx context.Context, key store.Key, r *run, q *store.Query) (*claim, *parts.State, error) {
	size := sharedPart
	if len(q.Kinds) == 0 {
		size = sharedDuePart
	}
	take := &parts.Take{At: r.shared}
	for range maxTries {
		take.Now = e.clock()
		take.Until = take.Now + e.cfg.Lease
		if err := e.stepOnce(ctx, []store.Step{{Key: key, Decider: take}}); err != nil {
			return nil, nil, err
		}
		s := &take.State
		if take.Ahead != 0 {
			e.cfg.watch.Ahead(ctx, key.ID, unixMilli(take.Ahead))
		}
		if q.Due != 0 {
			q.Due = max(s.Began, 1) // cursors are good for all engines, whatever their clocks say
		}
		switch {
		case take.Taken:
			return &claim{key: key, at: s.At, mine: take.Claim, saved: take.Now}, s, nil
		case s.Done() || s.Ended:
			return nil, s, nil
		}
		next, err := e.skip(ctx, *q, s.Next, size)
		if err != nil {
			return nil, nil, err
		}
		take.From, take.To, take.Last, take.Known = s.Next, next, next == "", true
	}
	return nil, &take.State, nil // there are others enough
}

// skip returns the cursor so many records behind another one.
func (e *Engine) skip(ctx context.Context, q store.Query, after store.Cursor, n int) (store.Cursor, error) {
	q.Filter, q.LeftOut, q.Until, q.Damaged = nil, nil, "", func(store.Key, error) {} // Until is of the part before
	if s, ok := e.store.(store.Skipper); ok {
		next, err := s.Skip(ctx, q, after, n)
		return next, storeError(err)
	}
	next, err := e.store.Scan(ctx, q, after, n, func(*store.Record) error { return nil })
	return next, storeError(err)
}

// keep says how far a part is, and what was held on the way there, and goes on with the
// lease. Then another has it by now if the claim is lost.
func (e *Engine) keep(ctx context.Context, r *run, c *claim, at store.Cursor, done bool) error {
	k := &parts.Keep{To: at, Done: done}
	if r.holding != nil { // a store may be at it still when it has returned
		k.Counts, r.holding.page = r.holding.page, parts.Counts{}
	}
	err := e.keepOn(ctx, c, k)
	if err == nil && !c.lost {
		c.mine.From = at
	}
	return err
}

// keepOn carries out a step of a part whose lease goes on.
func (e *Engine) keepOn(ctx context.Context, c *claim, k *parts.Keep) error {
	now := e.clock()
	c.mine.Until, c.saved = now+e.cfg.Lease, now
	k.At, k.Claim = c.at, c.mine
	err := e.stepOnce(ctx, []store.Step{{Key: c.key, Decider: k}})
	if errors.Is(err, parts.ErrLost) {
		c.lost, err = true, nil
		e.cfg.watch.LostPart(ctx, c.key.ID)
	}
	return err
}

// keepAlive goes on with the lease of a part while the consumer takes its time.
func (e *Engine) keepAlive(ctx context.Context, c *claim) error {
	if c == nil || c.lost || e.clock()-c.saved < e.cfg.Lease/4 {
		return nil
	}
	return e.keepOn(ctx, c, &parts.Keep{Stays: true})
}

// runPages is pages for a run that engines may share.
func (e *Engine) runPages(ctx context.Context, name string, q store.Query, r *run, look lookFunc, act func([]found) error) error {
	if r.shared == 0 {
		return e.pages(ctx, q, r, look, act)
	}
	return e.sharedPages(ctx, name, q, r, look, act)
}

// sharedPages is pages for a shared run: part by part.
func (e *Engine) sharedPages(ctx context.Context, name string, q store.Query, r *run, look lookFunc, act func([]found) error) error {
	key := store.Key{Kind: store.KindRun, ID: "shared " + name}
	for {
		c, s, err := e.takePart(ctx, key, r, &q)
		switch {
		case err != nil:
			return err
		case c == nil && r.holding != nil && s.At != 0 && s.Done():
			return e.settleSweep(ctx, r, &parts.Settle{Pass: s.At, Counts: s.Counts, Until: e.clock() + e.cfg.Lease})
		case c == nil:
			return nil
		}
		if r.claim, q.Until = c, c.mine.To; r.holding != nil {
			clear(r.holding.page) // of a part that was lost
		}
		err = e.pagesFrom(ctx, c.mine.From, q, r, look, act)
		switch r.claim = nil; {
		case c.lost && err == nil:
			continue
		case err != nil:
			e.leavePart(ctx, c)
			return err
		}
		if err := e.keep(ctx, r, c, c.mine.To, true); err != nil {
			return err
		}
	}
}

// leavePart ends the lease of a part that is not done, so that another engine need not
// wait for it. If that fails the lease ends by itself.
func (e *Engine) leavePart(ctx context.Context, c *claim) {
	if c.lost {
		return
	}
	last, cancel := cleanupContext(ctx)
	defer cancel()
	c.mine.Until = e.clock()
	_ = e.stepOnce(last, []store.Step{{Key: c.key, Decider: &parts.Keep{At: c.at, Claim: c.mine, Stays: true}}})
}
