package beckon

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/store"
)

// together is how many contacts are acknowledged in one step of the store.
const together = 64

// aheadFor is how long what was decided ahead may wait for the consumer. Then it is
// taken back and decided again: other engines may have changed the contact, and the
// lease of a delivery is to begin when it is handed out.
const aheadFor = time.Second

// An item is one contact that a run has decided and is to hand out.
type item struct {
	key        store.Key // where it was decided
	d          *decide.Decision
	err        error
	deliveries []Delivery
	got        int     // so many of them the consumer has
	free       []int64 // of a worker: when the leases before had ended, Unix milliseconds

	before *item // one that is to be decided first
	open   bool  // it is not decided

	mu   sync.Mutex // guards what follows
	gone bool       // it is handed out, or taken back
	back bool       // it was taken back, to be decided again
	lost error      // why it could not be taken back
}

// Decide implements [store.Decider]: an item waits for the one before it.
func (it *item) Decide(rec *store.Record, c *store.Changes) error {
	if it.open = it.before != nil && it.before.open; it.open {
		it.d.Begin(rec, c) // and needs nothing more itself
		return decide.ErrNeed
	}
	err := it.d.Decide(rec, c)
	it.open = errors.Is(err, decide.ErrNeed)
	return err
}

// batches are what runs have decided ahead, by contact.
type batches struct {
	size  atomic.Int64 // contacts
	mu    sync.Mutex
	items map[store.Key][]*item
}

func (b *batches) add(items []item) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.items == nil {
		b.items = make(map[store.Key][]*item)
	}
	for i := range items {
		if it := &items[i]; len(it.deliveries) > 0 {
			b.items[it.key] = append(b.items[it.key], it)
		}
	}
	b.size.Store(int64(len(b.items)))
}

func (b *batches) remove(items []item) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range items {
		key := items[i].key
		list := slices.DeleteFunc(b.items[key], func(it *item) bool { return it == &items[i] })
		if b.items[key] = list; len(list) == 0 {
			delete(b.items, key)
		}
	}
	b.size.Store(int64(len(b.items)))
}

// of returns what was decided ahead of a contact.
func (b *batches) of(key store.Key) []*item {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.items[key])
}

// commit carries out steps of a call. What a run has decided ahead of their contacts is
// taken back first: the call finds them as if the run had not come to them yet.
func (e *Engine) commit(ctx context.Context, steps []store.Step) error {
	if !e.isView && e.ahead.size.Load() > 0 {
		for i := range steps {
			for _, it := range e.ahead.of(steps[i].Key) {
				it.takeBack(ctx, e)
			}
		}
	}
	err := e.store.Step(ctx, steps)
	if steps[0].Key.Kind == store.KindCompany {
		e.companyChanges.Add(1) // looks of runs at its contacts are to see it
	}
	return err
}

// takeBack takes back what was decided and is not handed out.
func (it *item) takeBack(ctx context.Context, e *Engine) {
	it.mu.Lock()
	defer it.mu.Unlock()
	if it.gone {
		return
	}
	it.gone, it.back = true, true
	_, it.lost = e.giveBack(ctx, []*item{it})
}

// next takes one more delivery to be handed out; false if they were taken back.
func (it *item) next() bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	if !it.back {
		it.got++
	}
	return !it.back
}

// undo returns the decision that takes back what is not handed out.
func (it *item) undo() func(*store.Record, *store.Changes) error {
	if it.d != nil {
		return decide.Rollback{Deliveries: it.deliveries[it.got:], Origins: it.d.Out.Origins[it.got:], Walks: it.d.Out.Walked}.Decide
	}
	return func(rec *store.Record, c *store.Changes) error {
		for i := it.got; i < len(it.deliveries); i++ {
			decide.UndoLease(rec, c, &it.deliveries[i], it.free[i])
		}
		return nil
	}
}

// take takes an item to be handed out; false if it was taken back.
func (it *item) take() (bool, error) {
	it.mu.Lock()
	defer it.mu.Unlock()
	if it.back {
		return false, it.lost
	}
	it.gone = true
	return true, nil
}

// batch returns how many contacts a run takes at once, of so many.
func (r *run) batch(e *Engine, of int) int {
	if e.isView {
		return 1 // a transaction of the host: it is to hold no more than what it has asked for
	}
	return max(1, min(r.size, r.ahead, of))
}

// paced takes in how many of a batch the consumer dealt with in time.
func (r *run) paced(of, done int) {
	if done == of {
		r.size = min(2*max(r.size, 1), r.ahead)
	} else {
		r.size = max(done, 1)
	}
}

// decideAll decides contacts of a run for good, and hands out what is to be sent. It
// decides as many at once as the consumer has taken in time, at most r.ahead.
func (e *Engine) decideAll(ctx context.Context, page []found, r *run, p *pass, yield yieldFunc) error {
	for len(page) > 0 {
		n := r.batch(e, len(page))
		done, err := e.decideBatch(ctx, page[:n], r, p, yield)
		if err != nil {
			return err
		}
		r.paced(n, done)
		page = page[done:]
		if err := e.keepAlive(ctx, r.claim); err != nil {
			return err
		}
	}
	return nil
}

// decideBatch decides contacts in one step, at an instant of their own: the run may
// have begun long ago. It returns how many are done with; those behind are as if the
// run had not come to them.
func (e *Engine) decideBatch(ctx context.Context, page []found, r *run, p *pass, yield yieldFunc) (done int, err error) {
	items, now := make([]item, len(page)), e.clock()
	open := make([]*item, len(page))
	for i := range page {
		d := e.passDecision(p, now)
		defer e.putDecision(d)
		d.In.WantWho = r.onHeld != nil
		items[i].key, items[i].d = page[i].key, d
		open[i] = &items[i]
	}
	if err := e.stepAll(ctx, open, e.store.Step); err != nil {
		return 0, err
	}
	for i := range items {
		if it := &items[i]; it.err == nil {
			it.deliveries = it.d.Out.Deliveries
		}
	}
	defer e.holdAhead(ctx, items, r, &err)()
	since := e.clock()
	late := func() bool { return e.clock()-since >= aheadFor.Milliseconds() }
	for i := range items {
		it := &items[i]
		if it.err != nil {
			if !r.passes(it.key, it.err) {
				return i, it.err
			}
			continue
		}
		if i > 0 && (it.d.In.State != e.states.load() || late()) {
			return i, nil
		}
		if ours, lost := it.take(); !ours {
			return i, lost
		}
		// A contact may have many deliveries: the others do not wait for the last of them.
		if err := e.handOut(ctx, it, r, yield, func() {
			if late() {
				e.giveBackEarly(ctx, unsent(items[i+1:]))
			}
		}); err != nil {
			return i, err
		}
	}
	return len(items), nil
}

// holdAhead lets calls on the contacts find what is decided of them, and returns what
// ends that. If the consumer stops, also by a panic, what it has not got is given back
// in one step: what was committed and not yielded has not been sent.
func (e *Engine) holdAhead(ctx context.Context, items []item, r *run, err *error) (end func()) {
	ahead := len(items) > 1 && !e.isView
	if ahead {
		e.ahead.add(items)
	}
	return func() {
		if ahead {
			defer e.ahead.remove(items)
		}
		switch left, failed := e.giveBack(ctx, unsent(items)); {
		case failed == nil:
		case *err == nil && r.gone || errors.Is(*err, errConsumed): // the host panicked, or stopped
			r.late, r.left = errors.Join(r.late, failed), append(r.left, left...)
		default:
			*err = errors.Join(*err, failed)
		}
	}
}

// unsent returns the items with deliveries that nobody has got, which are taken back from
// now on.
func unsent(items []item) (list []*item) {
	for i := range items {
		it := &items[i]
		it.mu.Lock()
		if !it.back && it.got < len(it.deliveries) {
			it.back = true
			list = append(list, it)
		}
		it.gone = true
		it.mu.Unlock()
	}
	return list
}

// giveBackEarly is giveBack where it will be tried again if it fails, and told then.
func (e *Engine) giveBackEarly(ctx context.Context, items []*item) {
	if _, err := e.giveBack(ctx, items); err == nil {
		return
	}
	for _, it := range items {
		it.mu.Lock()
		it.back = false
		it.mu.Unlock()
	}
}

// giveBack takes back what was decided of contacts and not handed out, in one step. It
// returns the deliveries of those for which that fails, as far as is known.
func (e *Engine) giveBack(ctx context.Context, items []*item) (left []store.Delivery, err error) {
	if len(items) == 0 {
		return nil, nil
	}
	last, cancel := cleanupContext(ctx)
	defer cancel()
	steps := make([]contactStep, len(items))
	for i, it := range items {
		steps[i] = contactStep{key: it.key, decide: it.undo()}
	}
	e.stepEach(last, steps)
	for i := range steps {
		if failed := steps[i].err; failed != nil {
			err = failed // of a store that fails, all have the same
			left = append(left, items[i].deliveries[items[i].got:]...)
		}
	}
	return left, err
}
