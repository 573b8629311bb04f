package group

import "time"

// Queued returns how many items are in no group yet.
func (q *Queue[K, V]) Queued() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, c := range q.waiting {
		n += c.queued
	}
	return n
}

// Flights returns how many groups are under way.
func (q *Queue[K, V]) Flights() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.flying
}

// Kept returns how many callers the queue still has who wait no more.
func (q *Queue[K, V]) Kept() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, c := range q.waiting[len(q.waiting):cap(q.waiting)] {
		if c != nil {
			n++
		}
	}
	return n
}

// SetYield sets what lets other goroutines run, and from when on that has taken too long: on a
// busy machine anything may.
func (q *Queue[K, V]) SetYield(yield func(), lateBy time.Duration) { q.yield, q.lateBy = yield, lateBy }

// Yields is how often a leader lets others run.
const Yields = yields

// Counted returns how many items the queue takes for waiting, and for under way.
func (q *Queue[K, V]) Counted() (queued, aboard int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.queued, q.aboard
}

// LateYield is how long others may take, and MostAlone how many leaders go at once if they
// take longer.
const (
	LateYield = lateYield
	MostAlone = mostAlone
)
