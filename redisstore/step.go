package redisstore

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// A batch is one group of steps on its way through the server.
type batch struct {
	store   *Store
	ctx     context.Context // of one run, which is all that a batch is for
	units   []*unit
	spare   []*unit // of earlier batches, to be used again
	byKey   map[store.Key]*unit
	names   []string // of the keys to load
	wrote   []*unit  // that have written, to be kept
	changes store.Changes
	decoder decoder
}

// A unit is the steps of a batch on one record.
type unit struct {
	change change
	items  []*item
	keys   []string // of the commit
	args   []any
	commit *redis.Cmd
	sent   sending
	value  string // as it is stored, if loaded; empty if absent
	open   bool   // not finished: to be decided, or decided and to be sent
	ready  bool   // decided and to be sent
	whole  bool   // the server has forgotten the script: it is to be sent along

	recent    *recentValue // that was kept for it; nil: none was
	kept      bool         // value is that one, and no answer has told yet whether it is still there
	stale     bool         // what was kept was of no use
	committed bool
}

// How often is tried what may yet succeed.
const (
	patience    = 3  // lost races until a step waits before the next
	maxAttempts = 64 // lost races until a step is given up
	maxResends  = 4  // of one commit, when the connection broke or the server was not ready
)

// run carries out one group: it loads the records, has the steps decided and
// commits, again and again for those records at which others were faster.
func (s *Store) run(ctx context.Context, items []*item) {
	b, ok := s.batches.Get().(*batch)
	if !ok {
		b = &batch{store: s, byKey: make(map[store.Key]*unit)}
	}
	b.ctx = ctx
	b.divide(items)
	b.takeRecent()
	b.loadAll()
	for attempt := 1; b.decideAll(); attempt++ {
		b.commitAll()
		if attempt == maxAttempts {
			b.giveUp()
		}
		// What a lost race answers with is what to decide on next, at once. Who
		// keeps losing steps back, and then needs the record again.
		if attempt >= patience && b.anyOpen() {
			b.backOff(attempt - patience)
			b.loadAll()
		}
	}
	b.keepRecent()
	b.reset()
	s.batches.Put(b)
}

// divide makes units of the items.
func (b *batch) divide(items []*item) {
	for _, it := range items {
		u := b.byKey[it.Key]
		if u == nil {
			if n := len(b.spare); n > 0 {
				u, b.spare = b.spare[n-1], b.spare[:n-1]
			} else {
				u = new(unit)
			}
			u.change.of(b.store.layout.tag(it.Key), it.Key)
			u.open, u.ready, u.whole, u.kept, u.stale, u.committed = true, false, false, false, false, false
			b.units = append(b.units, u)
			b.byKey[it.Key] = u
		}
		u.items = append(u.items, it)
	}
}

// reset makes the batch ready for another group.
func (b *batch) reset() {
	for _, u := range b.units {
		clear(u.items)
		u.items, u.commit, u.sent, u.value, u.recent = u.items[:0], nil, sending{}, "", nil
		u.keys, u.args = nil, nil
		u.change.reset()
		b.spare = append(b.spare, u)
	}
	clear(b.byKey)
	clear(b.names)
	b.units, b.ctx = b.units[:0], nil
}

// loadAll gets what is stored for the units that are to be decided on it.
func (b *batch) loadAll() {
	b.names = b.names[:0]
	for _, u := range b.units {
		if u.loads() {
			b.names = append(b.names, u.change.keys[0])
		}
	}
	if len(b.names) == 0 {
		return
	}
	values := b.store.get(b.ctx, b.names)
	for _, u := range b.units {
		if !u.loads() {
			continue
		}
		v := values[0]
		values = values[1:]
		if v.err != nil {
			u.fail(v.err, true)
			continue
		}
		u.value = v.data
	}
}

// loads reports whether a unit is to be decided on what is loaded.
func (u *unit) loads() bool { return u.open && !u.ready && !u.kept }

// decideAll has the open units decided and reports whether any of them then has
// something to commit. Those that would write nothing and were decided on what was kept
// are loaded, and decided again.
func (b *batch) decideAll() bool {
	again := false
	for _, u := range b.units {
		if !u.open {
			continue
		}
		if b.decideUnit(u); !u.ready && u.kept {
			u.open, u.kept, u.stale, again = true, false, true, true
		}
	}
	if again {
		b.loadAll()
		for _, u := range b.units {
			if u.loads() {
				b.decideUnit(u)
			}
		}
	}
	return b.anyReady()
}

// decideUnit has a unit decided.
func (b *batch) decideUnit(u *unit) {
	u.change.begin(u.value, &b.decoder)
	for _, it := range u.items {
		b.decide(&u.change, it)
	}
	if u.change.purge {
		if err := b.store.purge(b.ctx, &u.change); err != nil {
			u.fail(err, true)
			return
		}
	}
	u.ready = !u.change.isEmpty()
	u.open = u.ready
	if u.ready {
		u.sent = sending{}
		u.keys, u.args = u.change.arguments(&u.sent)
	}
}

// decide has one step decided, unless its caller has left.
func (b *batch) decide(x *change, it *item) {
	if !it.Hold() {
		return
	}
	defer it.Release() // even if Decide ends the goroutine
	if x.damaged != nil {
		it.Value.Err = it.Value.DecideDamaged(x.damaged, &b.changes)
		if it.Value.Err == nil && !b.changes.IsEmpty() { // it is deleted or cleared
			x.damaged, x.purge = nil, true
		}
	} else {
		it.Value.Err = it.Value.Decide(x.rec, &b.changes)
	}
	if it.Value.Err == nil {
		x.add(&b.changes)
	}
	b.changes.Reset()
}

// fail ends a unit whose steps were not carried out, or are not known to be.
func (u *unit) fail(err error, known bool) {
	for _, it := range u.items {
		it.Err = err
	}
	if !known {
		err = nil // what they were told before may rest on what was lost
	}
	u.settle(err)
}

// settle ends a unit and sets the error of its steps.
func (u *unit) settle(err error) {
	u.open, u.ready, u.whole = false, false, false
	for _, it := range u.items {
		if it.Hold() {
			it.Value.Err = err
			it.Release()
		}
	}
}

// giveUp ends the units that are still open.
func (b *batch) giveUp() {
	for _, u := range b.units {
		if u.open {
			u.settle(fail(ErrBusy, "other processes were faster each time", nil))
		}
	}
}

func (b *batch) anyReady() bool {
	for _, u := range b.units {
		if u.ready {
			return true
		}
	}
	return false
}

func (b *batch) anyOpen() bool {
	for _, u := range b.units {
		if u.open {
			return true
		}
	}
	return false
}

// backOff waits a random while, up to 50 ms, or until nobody waits for the
// batch any more.
func (b *batch) backOff(lost int) {
	most := min(200*time.Microsecond<<min(lost, 10), 50*time.Millisecond)
	timer := time.NewTimer(rand.N(most)) //nolint:forbidigo // waiting decides nothing
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-b.ctx.Done():
	}
}
