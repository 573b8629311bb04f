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
	names   []string // of the keys to load
	changes beckon.Changes
}

// A unit is the steps of a batch on one record.
type unit struct {
	change change
	items  []*item
	keys   []string // of the commit
	args   []any
	commit *redis.Cmd
	sent   sending
	value  []byte // as it is stored, if loaded; empty if absent
	open   bool   // not finished: to be decided, or decided and to be sent
	ready  bool   // decided and to be sent
	whole  bool   // the server has forgotten the script: it is to be sent along
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
			u.open, u.ready, u.whole = true, false, false
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
		u.items, u.commit, u.sent, u.value = u.items[:0], nil, sending{}, nil
		u.keys, u.args = nil, nil
		u.change.rec, u.change.before = nil, facets{}
		b.spare = append(b.spare, u)
	}
	clear(b.byKey)
	clear(b.names)
	b.units, b.ctx = b.units[:0], nil
}

// loadAll gets what is stored.
func (b *batch) loadAll() {
	b.names = b.names[:0]
	for _, u := range b.units {
		if u.open {
			b.names = append(b.names, u.change.keys[0])
		}
	}
	values := b.store.get(b.ctx, b.names)
	for _, u := range b.units {
		if !u.open {
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
		if u.ready {
			u.sent = sending{}
			u.keys, u.args = u.change.arguments(&u.sent)
			some = true
		}
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
// with the record that won. What cannot be told to be written or not is sent
// again, as it was: the script knows a commit by its version.
func (b *batch) commitAll() {
	for resends := 0; ; {
		broken := b.send()
		if !b.anyReady() {
			return
		}
		if !broken {
			continue // with the script, which was forgotten
		}
		if resends++; resends > maxResends || b.ctx.Err() != nil {
			for _, u := range b.units {
				if u.ready {
					u.undone()
				}
			}
			return
		}
		b.backOff(resends + 4) // from some milliseconds on
	}
}

// send sends the units that are ready in one pipeline. It reports whether any
// of them stays so because something broke.
func (b *batch) send() (broken bool) {
	pipe := b.store.client.Pipeline()
	for _, u := range b.units {
		if !u.ready {
			continue
		}
		u.commit = b.command(u)
		_ = pipe.Process(b.ctx, once{u.commit}) // never fails: it is only put into the pipeline
	}
	exec(b.ctx, pipe)
	for _, u := range b.units {
		if u.ready {
			broken = u.answered() || broken
		}
	}
	return broken
}

// command makes the command of a commit: by the script's name or, if the server
// has forgotten that, with all of it, which makes the server remember.
func (b *batch) command(u *unit) *redis.Cmd {
	args := make([]any, 0, 3+len(u.keys)+len(u.args))
	if u.whole {
		args = append(args, "eval", commitScript, len(u.keys))
	} else {
		args = append(args, "evalsha", b.store.sha, len(u.keys))
	}
	for _, key := range u.keys {
		args = append(args, key)
	}
	cmd := redis.NewCmd(b.ctx, append(args, u.args...)...)
	cmd.SetFirstKeyPos(3)
	return cmd
}

// A once is a command that the client does not repeat by itself when an answer
// is lost: it would not tell us, and a repeated commit has to know that it is
// one. Being sent elsewhere by a cluster is no repetition.
type once struct{ *redis.Cmd }

// NoRetry is asked by the client.
func (once) NoRetry() bool { return true }

// answered deals with the answer to a commit. It reports whether something broke,
// so that it may be sent again.
func (u *unit) answered() (broken bool) {
	answer, err := u.commit.Result()
	switch answer := answer.(type) {
	case int64:
		u.ready = false
		if answer == 1 {
			u.open = false
		} else {
			u.undone()
		}
		return false
	case string:
		u.ready = false
		u.value = []byte(answer) // the race is lost
		return false
	}
	switch {
	case err == nil: // no answer of the script's
		u.undone()
		return false
	case redis.HasErrorPrefix(err, "NOSCRIPT") && !u.whole:
		u.whole = true
		return false
	case isReply(err):
		if !isTransient(err) {
			u.undone()
			return false
		}
		return true
	}
	if u.sent.written {
		u.sent.unanswered = true
	}
	if errors.Is(err, redis.ErrClosed) {
		u.undone()
		return false
	}
	return true
}

// isTransient reports whether a server that refused may take it soon: it starts,
// hands a slot over, or is not yet known not to be the master any more.
func isTransient(err error) bool {
	for _, prefix := range [...]string{"LOADING", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "READONLY"} {
		if redis.HasErrorPrefix(err, prefix) {
			return true
		}
	}
	return false
}

// undone ends a unit whose commit came to nothing, or perhaps not.
func (u *unit) undone() {
	err := u.commit.Err()
	if err == nil {
		err = errAnswerLost
	}
	if u.sent.unanswered {
		u.fail(unknown(err), false)
		return
	}
	u.fail(unwritten(err), true)
}

// errAnswerLost becomes the cause of an error.
var errAnswerLost = errors.New("an answer got lost, and the record has changed since")

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
