package beckon

import (
	"math"
	"slices"

	"github.com/beckon-go/beckon/store"
)

// mergeCounters returns the counter of two contacts that become one (C2). b
// missed nothing. Its newest times are exact as far back as both sides kept
// theirs.
func mergeCounters(a, b store.Counter) store.Counter {
	switch {
	case a.Missed != 0: // what b counted cannot be told from what a missed
		return store.Counter{Def: a.Def, Missed: 1}
	case a.Count == 0:
		return b
	case b.Count == 0:
		return a
	}
	most := max(a.Keep, b.Keep)
	m := store.Counter{
		Def: a.Def, Keep: most, Since: max(a.Since, b.Since),
		Count: a.Count + b.Count, First: min(a.First, b.First), Last: max(a.Last, b.Last),
	}
	if m.Count < a.Count {
		m.Count = math.MaxUint64
	}
	for _, k := range []store.Counter{a, b} {
		if uint64(len(k.Times)) < k.Count { // it has forgotten some
			m.Keep = min(m.Keep, k.Keep)
		}
	}
	m.Times = append(slices.Clone(a.Times), b.Times...)
	slices.Sort(m.Times)
	if over := len(m.Times) - m.Keep; over > 0 {
		m.Times = slices.Delete(m.Times, 0, over)
	}
	return m
}
