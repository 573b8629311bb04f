// Package group lets concurrent callers share round trips to a server. While one group
// of their work is under way the rest gathers, and goes together as the next group.
//
// It starts no goroutine. The first caller leads: it carries out one group, its own
// items first, and then hands over to a caller that waits. A lone caller leads at once
// and waits for nobody.
//
// The callers of a group all return at the same moment, and mostly call again. So who leads
// just then lets them run first: else it would go alone, and they would wait for the next
// group. Where several groups are under way at once, each takes its share of the items, so
// that all are about as large.
package group

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"
)

// ErrUnfinished is the Err of items whose group ended without a word: run
// panicked, or its goroutine ended. Whether they were carried out is not
// known.
var ErrUnfinished = errors.New("the group ended before its time")

// A Queue gathers items into groups. Make one with [New]. It is safe for
// concurrent use.
type Queue[K comparable, V any] struct {
	run     func(ctx context.Context, items []*Item[K, V])
	largest int
	flights int
	calls   sync.Pool     // of *call[K, V]: those that nobody has left
	yield   func()        // lets other goroutines run
	lateBy  time.Duration // lateYield, except in tests

	mu        sync.Mutex
	flying    int                 // flights under way, or handed over
	aboard    int                 // items in them
	busy      map[K]*flight[K, V] // keys of these items
	waiting   []*call[K, V]       // those with items in no flight yet, first come first
	queued    int                 // items in no flight yet
	returning int                 // callers who returned with others, less those who have called since
	alone     int                 // so many leaders go without letting others run
	late      int                 // and so many did after the last who was let run too late
}

// yields is how often a leader lets those run who may call again. More than once, because
// the first time it may be run again before them.
const yields = 2

// In a program whose goroutines compute, a leader is run again only when all of them have had
// their turn. If that takes lateYield or longer, the next leaders go at once: one, then two,
// and so on, but at most mostAlone.
const (
	lateYield = 5 * time.Millisecond
	mostAlone = 64
)

// New makes a queue. A group has at most largest items, and at most flights groups are
// under way at once. Both are at least 1.
//
// run carries out one group, on the goroutine of a caller. Items of one key
// stand in the order in which they are to be carried out; no other group
// under way has an item of that key. Before it touches what a Value points to,
// run calls [Item.Hold]. What it cannot tell the outcome of gets an Err. Its
// ctx has the values of the leader's, and ends when nobody waits for any item of
// the group any more. It keeps nothing of items.
func New[K comparable, V any](largest, flights int, run func(ctx context.Context, items []*Item[K, V])) *Queue[K, V] {
	return &Queue[K, V]{
		run: run, largest: max(largest, 1), flights: max(flights, 1), yield: runtime.Gosched, lateBy: lateYield,
		busy: make(map[K]*flight[K, V]),
	}
}

// An Item is one piece of work. The caller sets Key and Value; run sets Err if
// the outcome is not known.
type Item[K comparable, V any] struct {
	Key   K
	Value V
	Err   error

	call *call[K, V]
	in   *flight[K, V] // nil until it is in one
}

// Hold reports whether the item's caller still waits. If so, it does not
// return before [Item.Release], so that what Value points to may be read and
// written: do so shortly, and never wait for a server meanwhile. If not, the
// item need not be carried out, and Value must not be followed.
//
// Of one call one item is held at a time: two that are in different groups never
// meet. So hold one item at a time.
func (i *Item[K, V]) Hold() bool {
	i.call.leaving.Lock()
	if i.call.left {
		i.call.leaving.Unlock()
		return false
	}
	return true
}

// Release lets the caller go that Hold has held.
func (i *Item[K, V]) Release() { i.call.leaving.Unlock() }

// A call is one Do. What has no other guard is guarded by Queue.mu.
type call[K comparable, V any] struct {
	items   []Item[K, V]
	queued  int           // items in no flight yet
	pending int           // items not done
	leading bool          // a flight is led, or handed over to it
	next    *flight[K, V] // handed over, not yet taken up
	wake    chan struct{} // something of the above may have changed; capacity 1

	leaving sync.Mutex // held while the caller must not go
	left    bool       // under leaving: the caller has gone
}

// Do carries out the items and returns when all are done: with the first Err
// of them, or nil. Items of one key are carried out in their order.
//
// When ctx ends before, a caller that waits leaves: items that are in no group
// yet are not carried out, of the others the outcome is not known, and the
// error is that of ctx. A leader stays until its group is done, or nobody else
// waits for it. After an error the queue may still read and write the items, so
// their memory must not be used again.
func (q *Queue[K, V]) Do(ctx context.Context, items []Item[K, V]) error {
	if err := ctx.Err(); err != nil || len(items) == 0 {
		return err
	}
	c := q.enter(items)
	q.mu.Lock()
	q.returning = max(q.returning-1, 0)
	q.waiting = append(q.waiting, c)
	q.queued += c.queued
	f := q.begin(c)
	q.mu.Unlock()
	for {
		if f != nil {
			q.fly(ctx, c, f)
		} else {
			select {
			case <-c.wake:
			case <-ctx.Done():
			}
		}
		q.mu.Lock()
		done, gone := c.pending == 0, ctx.Err() != nil
		switch {
		case done:
		case gone:
			q.leave(c)
		default:
			f, c.next = c.next, nil
		}
		q.mu.Unlock()
		switch {
		case done:
			return q.exit(ctx, c)
		case gone:
			c.leaving.Lock() // waits for anyone who holds c
			c.left = true
			c.leaving.Unlock()
			return ctx.Err()
		}
	}
}

// enter makes the call that items belong to.
func (q *Queue[K, V]) enter(items []Item[K, V]) *call[K, V] {
	c, ok := q.calls.Get().(*call[K, V])
	if !ok {
		c = &call[K, V]{wake: make(chan struct{}, 1)}
	}
	c.items, c.queued, c.pending = items, len(items), len(items)
	for i := range items {
		it := &items[i]
		it.Err, it.call, it.in = nil, c, nil
	}
	return c
}

// exit returns the result of a call whose items are all done, and the call back.
func (q *Queue[K, V]) exit(ctx context.Context, c *call[K, V]) error {
	var failed error
	for i := range c.items {
		if failed = c.items[i].Err; failed != nil {
			break
		}
	}
	c.items = nil
	q.calls.Put(c)
	if failed != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return failed
}

// signal wakes the caller, who may be awake. q.mu is held.
func (c *call[K, V]) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// leave takes a caller out whose context has ended, and who must then wait
// until nobody holds it. q.mu is held.
func (q *Queue[K, V]) leave(c *call[K, V]) {
	if i := slices.Index(q.waiting, c); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		q.queued -= c.queued
	}
	if c.next != nil {
		// Nobody but c knows of it: its items go with c.
		for _, it := range c.next.items {
			delete(q.busy, it.Key)
		}
		q.flying--
		q.aboard -= len(c.next.items)
	}
	for i := range c.items {
		// A flight that has landed, or never began, does not mind.
		if f := c.items[i].in; f != nil {
			f.unwant(1)
		}
	}
	q.promote()
}
