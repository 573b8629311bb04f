package beckon

import (
	"context"
	"time"

	"github.com/beckon-go/beckon/internal/ahead"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/store"
)

// together is how many contacts are acknowledged in one step of the store.
const together = 256

// defaultAhead is how many contacts a run decides in one step, at most, without [Ahead].
const defaultAhead = 64

// aheadFor is how long what was decided ahead may wait for the consumer. Then it is
// taken back and decided again: other engines may have changed the contact, and the
// lease of a delivery is to begin when it is handed out.
const aheadFor = time.Second

// tooOld reports whether what was decided ahead then has waited for too long, or for nobody
// knows how long: the clock has been put back.
func (e *Engine) tooOld(since int64) bool {
	now := e.clock()
	return now < since || now-since >= aheadFor.Milliseconds()
}

// commit carries out steps of a call. What a run has decided ahead of their contacts is
// taken back first: the call finds them as if the run had not come to them yet.
func (e *Engine) commit(ctx context.Context, steps []store.Step) error {
	if !e.isView && e.ahead.Size() > 0 {
		for i := range steps {
			for _, it := range e.ahead.Of(steps[i].Key) {
				e.takeBack(ctx, it)
			}
		}
	}
	err := e.write(ctx, steps)
	if steps[0].Key.Kind == store.KindCompany {
		e.companyChanges.Add(1) // looks of runs at its contacts are to see it
	}
	return err
}

// writeAbout returns what carries out a step on some deliveries of a contact, as commit does
// a step on the contact: what a run has of them and has not handed out is taken back first.
// The contact's others stay with the run.
func (e *Engine) writeAbout(about []Delivery) func(context.Context, []store.Step) error {
	return func(ctx context.Context, steps []store.Step) error {
		e.takeBackThose(ctx, steps[0].Key, about)
		return e.write(ctx, steps)
	}
}

// takeBackThose takes back what was decided of a contact, if some of these deliveries are in
// it and not handed out.
func (e *Engine) takeBackThose(ctx context.Context, key store.Key, about []Delivery) {
	if e.isView || len(about) == 0 || e.ahead.Size() == 0 {
		return
	}
	for _, it := range e.ahead.Of(key) {
		if it.Waits(about) {
			e.takeBack(ctx, it)
		}
	}
}

// takeBack takes back what was decided and is not handed out. Where another is doing
// that, it waits for the end of it.
func (e *Engine) takeBack(ctx context.Context, it *ahead.Item) {
	if it.Withdraw() {
		_ = e.giveBack(ctx, []*ahead.Item{it}) // what fails the run tells
		return
	}
	_ = e.left(ctx, it)
}

// left waits until an item that is being taken back has been, and returns why it could
// not be. It waits by calls of the store, which take as long as what it waits for.
func (e *Engine) left(ctx context.Context, it *ahead.Item) error {
	for {
		if leaving, lost := it.State(); !leaving {
			return lost
		}
		if err := e.store.Read(ctx, []store.Key{it.Key}, func(*store.Record) error { return nil }); err != nil {
			return storeError(err)
		}
	}
}

// batch returns how many contacts a run takes at once, of so many.
func (r *run) batch(e *Engine, of int) int {
	if e.isView {
		return 1 // a transaction of the host: it is to hold no more than what it has asked for
	}
	return max(1, min(r.size, r.ahead*r.beside, of))
}

// paced takes in how many of a batch the consumer dealt with in time.
func (r *run) paced(of, done int) {
	if done == of {
		r.size = min(2*max(r.size, 1), r.ahead*r.beside)
	} else {
		r.size = max(done, 1)
	}
}

// decideAll decides contacts of a run for good, and hands out what is to be sent. It
// decides as many at once as the consumer has taken in time.
func (e *Engine) decideAll(ctx context.Context, page []found, r *run, p *pass, yield yieldFunc) error {
	for len(page) > 0 {
		n := r.batch(e, len(page))
		again, err := e.decideBatch(ctx, page[:n], r, p, yield)
		if err != nil {
			return err
		}
		r.paced(n, n-len(again))
		page = page[n-len(again):]
		copy(page, again)
		if err := e.keepAlive(ctx, r.claim); err != nil {
			return err
		}
	}
	return nil
}

// decideBatch decides contacts in one step, or two, at an instant of their own: the run may
// have begun long ago. It returns those whose deliveries were taken back, to be decided
// again. What else was decided of them stands.
func (e *Engine) decideBatch(ctx context.Context, page []found, r *run, p *pass, yield yieldFunc) (again []found, err error) {
	items, now := make([]ahead.Item, len(page)), e.clock()
	open := make([]*ahead.Item, len(page))
	for i := range page {
		d := e.passDecision(p, now)
		defer e.putDecision(d)
		d.In.WantWho, d.In.Again, d.In.AgainOf = r.onHeld != nil, page[i].again, page[i].plan
		items[i].Key, items[i].Decision = page[i].key, d
		open[i] = &items[i]
	}
	within, tell := e.cfg.watch.Later(ctx) // who is told may call the engine, which is to find what was decided
	broken, failed := e.stepBeside(within, open, r.ahead)
	for i := range items {
		if it := &items[i]; it.Decided || it.MayBe() && !e.isView {
			it.Deliveries = it.Decision.Out.Deliveries
		}
	}
	defer e.holdAhead(ctx, items, r, &err)()
	if broken != nil {
		panic(broken)
	}
	tell()
	if failed != nil {
		return nil, failed
	}
	stale, since := false, e.clock()
	late := func() bool { return e.tooOld(since) }
	for i := range items {
		it := &items[i]
		if it.Err != nil {
			if !r.passes(it.Key, it.Err) {
				return nil, it.Err
			}
			continue
		}
		if i > 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if i > 0 && !stale && (it.Decision.In.State != e.states.Load() || late()) {
			stale = true
			if err := e.giveBack(ctx, ahead.Unsent(items[i:], true)); err != nil {
				return nil, err
			}
		}
		if !it.Take() {
			if err := e.left(ctx, it); err != nil {
				return nil, err
			}
			r.sayHeld(it)
			e.tellItem(ctx, it)
			page[i].again, page[i].plan = decide.RepeatedOf(it.Deliveries), it.Decision.In.State.Plan
			again = append(again, page[i])
			continue
		}
		// A contact may have many deliveries: the others do not wait for the last of them.
		if err := e.handOut(ctx, it, r, yield, func() {
			if late() {
				e.giveBackEarly(ctx, ahead.Unsent(items[i+1:], true))
			}
		}); err != nil {
			return nil, err
		}
	}
	return again, nil
}
