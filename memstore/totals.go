package memstore

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/beckon-go/beckon"
)

// totals are one shard's part of the counts of messages: kept under the lock
// that the step holds anyway, summed when somebody asks.
type totals struct {
	tallies map[string]*tally // by message
	found   []*tally          // of the step at work, one an increment
	first   tally             // counts nothing: its next is the first of the last step
}

// A tally counts one message. Names are few, and the same strings each time,
// so a list is faster than a map.
type tally struct {
	message string
	counts  []beckon.Total
	last    int // the place in counts that add had last
	// next is the tally that came behind this one when a step last counted
	// both. The messages of one event are judged in the same order each time,
	// so it mostly comes again, which one comparison of texts that are the same
	// memory tells.
	next *tally
}

// prepare finds the tallies that add will need. An error, for more messages
// than limit, leaves the counts as they are.
func (t *totals) prepare(increments []beckon.Increment, limit int) error {
	t.found = slices.Grow(t.found[:0], len(increments))
	before := &t.first
	for i := range increments {
		message := increments[i].Message
		found := before.next
		switch {
		case i > 0 && message == before.message:
			found = before
		case found == nil || found.message != message:
			if found = t.tallies[message]; found == nil {
				if len(t.tallies) >= limit {
					return full(fmt.Sprintf("the store holds the totals of its %d messages", limit))
				}
				if t.tallies == nil {
					t.tallies = make(map[string]*tally)
				}
				found = &tally{message: message}
				t.tallies[message] = found
			}
			before.next = found
		}
		t.found = append(t.found, found)
		before = found
	}
	return nil
}

// add adds the increments for which prepare has just found the tallies.
func (t *totals) add(increments []beckon.Increment) {
	for i := range increments {
		t.found[i].add(increments[i].Name, increments[i].N)
	}
}

func (t *tally) add(name string, n int64) {
	if t.last < len(t.counts) && t.counts[t.last].Name == name { // mostly for the same reason again
		c := &t.counts[t.last]
		c.Count = saturate(c.Count, n)
		return
	}
	for i := range t.counts {
		if c := &t.counts[i]; c.Name == name {
			c.Count = saturate(c.Count, n)
			t.last = i
			return
		}
	}
	t.last = len(t.counts)
	t.counts = append(t.counts, beckon.Total{Name: name, Count: n})
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

// Totals implements [beckon.Store]: names in order of first appearance. It is
// exact for the steps that had returned when it was called; of those under way
// it may have some.
func (s *Store) Totals(ctx context.Context, message string) ([]beckon.Total, error) {
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
	return sum.counts, nil
}
