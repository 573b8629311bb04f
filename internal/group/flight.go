package group

import (
	"context"
	"time"
)

// A flight is one group on its way. Guarded by Queue.mu.
type flight[K comparable, V any] struct {
	items  []*Item[K, V]
	own    int // of the leader, which come first
	wanted int // items whose callers wait
	cancel context.CancelFunc
}

// begin makes c the leader of a new flight of its own items; nil if all
// flights are taken, or others have all its keys. q.mu is held.
func (q *Queue[K, V]) begin(c *call[K, V]) *flight[K, V] {
	if q.flying >= q.flights || c.leading || c.queued == 0 {
		return nil
	}
	f := new(flight[K, V])
	q.gather(f, c, q.largest)
	if len(f.items) == 0 {
		return nil
	}
	f.own = len(f.items)
	c.leading = true
	q.flying++
	return f
}

// gather puts items of c into f: none whose key is in another flight, and from share on
// only those whose key is in f, because no other flight could take them. q.mu is held.
func (q *Queue[K, V]) gather(f *flight[K, V], c *call[K, V], share int) {
	for i := 0; i < len(c.items) && len(f.items) < q.largest; i++ {
		it := &c.items[i]
		if it.in != nil {
			continue
		}
		if owner := q.busy[it.Key]; owner != f && (owner != nil || len(f.items) >= share) {
			continue
		}
		q.busy[it.Key] = f
		it.in = f
		f.items = append(f.items, it)
		c.queued--
		q.queued--
		q.aboard++
	}
}

// meet lets those run whose flight has landed, so that they call again, if they do, before
// a flight is filled up. It waits for none of them, nor long for its own turn. q.mu is held,
// but not while they run.
func (q *Queue[K, V]) meet() {
	for range yields {
		switch {
		case q.returning == 0:
			return
		case q.alone > 0:
			q.alone, q.returning = q.alone-1, 0
			return
		}
		q.mu.Unlock()
		began := time.Now() //nolint:forbidigo // how busy the program is decides nothing
		q.yield()
		took := time.Since(began) //nolint:forbidigo // likewise
		q.mu.Lock()
		if took >= q.lateBy {
			q.late = min(max(1, 2*q.late), mostAlone)
			q.alone = q.late
			break
		}
		q.late = 0
	}
	q.returning = 0 // who has not called by now is waited for no more
}

// fly fills up the flight that c leads and carries it out.
func (q *Queue[K, V]) fly(ctx context.Context, c *call[K, V], f *flight[K, V]) {
	// Others wait for this group too: the leader's end is not theirs.
	group, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()

	q.mu.Lock()
	q.meet()
	share := (q.queued + q.aboard + q.flights - 1) / q.flights
	rest := q.waiting[:0]
	for _, w := range q.waiting {
		q.gather(f, w, share)
		if w.queued > 0 {
			rest = append(rest, w)
		}
	}
	clear(q.waiting[len(rest):])
	q.waiting = rest
	f.wanted, f.cancel = len(f.items), cancel
	q.mu.Unlock()

	stop := context.AfterFunc(ctx, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		f.unwant(f.own)
	})
	defer stop()

	whole := false
	defer func() { q.land(c, f, whole) }() // also if run panics
	q.run(group, f.items)
	whole = true
}

// unwant takes back that n items are waited for. q.mu is held.
func (f *flight[K, V]) unwant(n int) {
	if f.wanted -= n; f.wanted == 0 {
		f.cancel()
	}
}

// land ends a flight: its callers are told, its keys are free, and anyone who can
// now lead does.
func (q *Queue[K, V]) land(c *call[K, V], f *flight[K, V], whole bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	done := 0
	for _, it := range f.items {
		delete(q.busy, it.Key)
		if !whole && it.Err == nil {
			it.Err = ErrUnfinished
		}
		if it.call.pending--; it.call.pending > 0 {
			continue
		}
		done++
		if it.call != c {
			it.call.signal()
		}
	}
	if done > 1 { // else nobody is woken
		q.returning += done
	}
	c.leading = false
	q.flying--
	q.aboard -= len(f.items)
	q.promote()
}

// promote hands free flights over to those who wait, first come first. q.mu is
// held.
func (q *Queue[K, V]) promote() {
	for _, w := range q.waiting {
		if q.flying >= q.flights {
			return
		}
		if f := q.begin(w); f != nil {
			w.next = f
			w.signal()
		}
	}
}
