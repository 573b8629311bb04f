package memstore

import (
	"context"
	"fmt"
	"math"

	"github.com/beckon-go/beckon"
)

// totals are one shard's part of the counts of messages: kept under the lock
// that the step holds anyway, summed when somebody asks.
type totals struct {
	tallies map[string]*tally // by message
	found   []*tally          // of the step at work, one an increment
}

// A tally counts one message. Names are few, and the same strings each time,
// so a list is faster than a map.
type tally struct {
	counts []beckon.Total
}

// prepare finds the tallies that add will need. An error, for more messages
// than limit, leaves the counts as they are.
func (t *totals) prepare(increments []beckon.Increment, limit int) error {
	t.found = t.found[:0]
	for i, inc := range increments {
		if i > 0 && inc.Message == increments[i-1].Message {
			t.found = append(t.found, t.found[i-1])
			continue
		}
		found := t.tallies[inc.Message]
		if found == nil {
			if len(t.tallies) >= limit {
				return full(fmt.Sprintf("the store holds the totals of its %d messages", limit))
			}
			if t.tallies == nil {
				t.tallies = make(map[string]*tally)
			}
			found = new(tally)
			t.tallies[inc.Message] = found
		}
		t.found = append(t.found, found)
	}
	return nil
}

// add adds the increments for which prepare has just found the tallies.
func (t *totals) add(increments []beckon.Increment) {
	for i, inc := range increments {
		t.found[i].add(inc.Name, inc.N)
	}
}

func (t *tally) add(name string, n int64) {
	for i := range t.counts {
		if c := &t.counts[i]; c.Name == name {
			c.Count = saturate(c.Count, n)
			return
		}
	}
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
