package redisstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/redis/go-redis/v9"
)

// A batch is one group of steps on its way through the server.
type batch struct {
	store   *Store
	ctx     context.Context //nolint:containedctx // of one run, which is all that a batch is for
	units   []*unit
	spare   []*unit // of earlier batches, to be used again
	byKey   map[beckon.Key]*unit
	changes beckon.Changes
}

// A unit is the steps of a batch on one record.
type unit struct {
	change change
	items  []*item
	load   *redis.StringCmd
	commit *redis.Cmd
	sent   sendings
	value  []byte // as it is stored, if loaded; empty if absent
	open   bool   // not finished: to be decided, or decided and to be sent
	ready  bool   // decided and to be sent
}

// How races go on that are lost: so many attempts at once, and so many in all
// before a step is given up.
const (
	patience    = 3
	maxAttempts = 64
)

// run carries out one group: it loads the records, has the steps decided and
// commits, again and again for those records at which others were faster.
func (s *Store) run(ctx context.Context, items []*item) {
	b, ok := s.batches.Get().(*batch)
	if !ok {
		b = &batch{store: s, byKey: make(map[beckon.Key]*unit)}
	}
	b.ctx = ctx
	b.divide(items)
	b.loadAll()
	for attempt := 1; b.decideAll(); attempt++ {
		b.commitAll()
		if attempt == maxAttempts {
			b.giveUp()
		}
		// What a lost race answers with is what to decide on next, at once. Who
		// keeps losing steps back, and then needs the record anew.
		if attempt >= patience && b.anyOpen() {
			b.backOff(attempt - patience)
			b.loadAll()
		}
	}
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
			u.open = true
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
		u.items, u.load, u.commit, u.sent, u.value = u.items[:0], nil, nil, sendings{}, nil
		u.change.rec, u.change.before = nil, facets{}
		b.spare = append(b.spare, u)
	}
	clear(b.byKey)
	b.units, b.ctx = b.units[:0], nil
}

// loadAll gets what is stored.
func (b *batch) loadAll() {
	pipe := b.store.client.Pipeline()
	for _, u := range b.units {
		if u.open {
			u.load = pipe.Get(b.ctx, u.change.keys[0])
		}
	}
	exec(b.ctx, pipe)
	for _, u := range b.units {
		if !u.open {
			continue
		}
		value, err := u.load.Bytes()
		if err != nil && !isNil(err) {
			u.fail(unwritten(err), true)
			continue // the value is of no use
		}
		u.value = value
	}
}

// decideAll has the open units decided and reports whether any of them then has
// something to commit.
func (b *batch) decideAll() bool {
	some := false
	for _, u := range b.units {
		if !u.open {
			continue
		}
		if err := u.change.begin(u.value); err != nil {
			u.settle(err)
			continue
		}
		for _, it := range u.items {
			b.decide(&u.change, it)
		}
		u.ready = !u.change.isEmpty()
		u.open = u.ready
		some = u.ready || some
	}
	return some
}

// decide has one step decided, unless its caller has left.
func (b *batch) decide(x *change, it *item) {
	if !it.Hold() {
		return
	}
	defer it.Release() // even if Decide ends the goroutine
	b.changes.Reset()
	if it.Value.Err = it.Value.Decide(x.rec, &b.changes); it.Value.Err == nil {
		x.add(&b.changes)
	}
	b.changes.Reset()
}

// commitAll sends the units that are ready. Those that lost a race stay open,
// with the record that won.
func (b *batch) commitAll() {
	unknown := b.send(func(pipe redis.Pipeliner, keys []string, args []any) *redis.Cmd {
		return pipe.EvalSha(b.ctx, b.store.sha, keys, args...)
	})
	if unknown {
		// The server has forgotten the script and so has done nothing. Now it
		// comes along whole, which makes the server remember it.
		b.send(func(pipe redis.Pipeliner, keys []string, args []any) *redis.Cmd {
			return pipe.Eval(b.ctx, commitScript, keys, args...)
		})
	}
}

// send sends the units that are ready in one pipeline. It reports whether the
// server did not know the script for some of them, which stay ready.
func (b *batch) send(command func(pipe redis.Pipeliner, keys []string, args []any) *redis.Cmd) (unknown bool) {
	pipe := b.store.client.Pipeline()
	for _, u := range b.units {
		if u.ready {
			u.sent = sendings{}
			keys, args := u.change.arguments(&u.sent)
			u.commit = command(pipe, keys, args)
		}
	}
	exec(b.ctx, pipe)
	for _, u := range b.units {
		if !u.ready {
			continue
		}
		if redis.HasErrorPrefix(u.commit.Err(), "NOSCRIPT") && u.sent.n <= 1 {
			unknown = true
			continue
		}
		u.ready = false
		u.answered()
	}
	return unknown
}

// answered deals with the answer to a commit.
func (u *unit) answered() {
	answer, err := u.commit.Result()
	switch answer := answer.(type) {
	case int64:
		if answer == 1 {
			u.open = false
			return
		}
		err = errAnswerLost
	case string:
		u.value = []byte(answer) // the race is lost
		return
	}
	if err == nil {
		err = errAnswerOdd
	}
	// An answer of the server to the only sending says that nothing was
	// written, and so does not having sent.
	if u.sent.n == 0 || u.sent.n == 1 && isReply(err) {
		u.fail(unwritten(err), true)
		return
	}
	u.fail(indeterminate(err), false)
}

// What becomes the cause of an error.
var (
	errAnswerLost = errors.New("an answer got lost, and the record has changed since") //nolint:gochecknoglobals // never changed
	errAnswerOdd  = errors.New("the script gave an answer that it does not have")      //nolint:gochecknoglobals // never changed
)

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
	u.open, u.ready = false, false
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
			u.settle(fail(ErrContended, "other processes were faster each time", nil))
		}
	}
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
