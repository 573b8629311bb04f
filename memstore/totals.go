package memstore

import (
	"context"
	"fmt"
	"math"

	"github.com/beckon-go/beckon/store"
)

// totals are one shard's part of the counts of messages: kept under the lock
// that the step holds anyway, summed when somebody asks.
type totals struct {
	tallies map[string]*tally // by message
	first   tally             // counts nothing: its next is the first of the last step
}

// A tally counts one message. Names are few, and the same strings each time,
// so a list is faster than a map.
type tally struct {
	message string
	counts  []total
	last    int // the place in counts that add had last
	// next is the tally that came behind this one when a step last counted
	// both. The messages of one event are judged in the same order each time,
	// so it mostly comes again, which one comparison of texts that are the same
	// memory tells.
	next *tally
}

// A total is a count, and whether it has the latest in place of a sum.
type total struct {
	store.Total
	latest bool
}

// check refuses increments that would count more messages than limit.
func (t *totals) check(increments []store.Increment, limit int) error {
	if len(t.tallies)+len(increments) <= limit {
		return nil
	}
	added := map[string]bool{}
	for i := range increments {
		if message := increments[i].Message; t.tallies[message] == nil {
			added[message] = true
		}
	}
	if len(added) > 0 && len(t.tallies)+len(added) > limit {
		return full(fmt.Sprintf("the store holds the totals of its %d messages", limit))
	}
	return nil
}

// add adds increments that check has let through.
func (t *totals) add(increments []store.Increment) {
	if t.tallies == nil {
		t.tallies = make(map[string]*tally)
	}
	before := &t.first
	for i := range increments {
		in := &increments[i]
		found := before.next // looked at first: texts that differ take longer to compare
		if found == nil || found.message != in.Message {
			found = before
			if i == 0 || before.message != in.Message {
				found = t.tally(in.Message)
				before.next = found
			}
		}
		found.add(in.Name, in.N)
		before = found
	}
}

// tally returns the tally of a message.
func (t *totals) tally(message string) *tally {
	found := t.tallies[message]
	if found == nil {
		found = &tally{message: message}
		t.tallies[message] = found
	}
	return found
}

func (t *tally) add(name string, n int64) {
	if t.last < len(t.counts) && t.counts[t.last].Name == name { // mostly for the same reason again
		put(&t.counts[t.last], n)
		return
	}
	for i := range t.counts {
		if t.counts[i].Name == name {
			put(&t.counts[i], n)
			t.last = i
			return
		}
	}
	t.last = len(t.counts)
	t.counts = append(t.counts, total{store.Total{Name: name, Count: n}, store.IsLatest(name)})
}

// put takes n into a count: added up, or the latest.
func put(c *total, n int64) {
	if c.latest {
		c.Count = max(c.Count, n)
		return
	}
	c.Count = saturate(c.Count, n)
}

// saturate adds, and stops at the ends of int64.
func saturate(a, b int64) int64 {
	switch {
	case b > 0 && a > math.MaxInt64-b:
		return math.MaxInt64
	case b < 0 && a < math.MinInt64-b:
		return math.MinInt64
	}
	return a + b
}

// Totals implements [beckon.Store]. Names come in the order in which they first
// appeared. It has all steps that returned before the call, and may have some of those
// under way.
func (s *Store) Totals(ctx context.Context, message string) ([]store.Total, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	var sum tally
	for i := range s.shards {
		sh := &s.shards[i]
		sh.mu.Lock()
		if t := sh.totals.tallies[message]; t != nil {
			for _, c := range t.counts {
				sum.add(c.Name, c.Count)
			}
		}
		sh.mu.Unlock()
	}
	var list []store.Total
	for _, c := range sum.counts {
		list = append(list, c.Total)
	}
	return list, nil
}
