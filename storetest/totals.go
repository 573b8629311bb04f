package storetest

import (
	"maps"

	"github.com/beckon-go/beckon/store"
)

// totalCases are about the counts of messages (Z2).
func totalCases() []testCase {
	return []testCase{
		{name: "totals/sums", run: totalSums},
		{name: "totals/latest", run: totalLatest},
	}
}

// A total that is an instant is the latest, over all records and however the steps
// that bring it come together (D13).
func totalLatest(e *env) {
	const early, late = 1_700_000_000_123, 1_700_000_000_777
	at := func(n int64) decide {
		return always(func(c *store.Changes) {
			c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "sent", N: 1}, store.Increment{Message: "m", Name: "last.sent", N: n})
		})
	}
	e.step(user("a"), at(early))
	if got := e.totals("m"); got["last.sent"] != early {
		e.Errorf("the first instant: %v, want %d", got, int64(early))
	}
	steps := []store.Step{ // two on one record, and a later instant before an earlier one
		{Key: user("a"), Decider: at(early + 1)}, {Key: user("b"), Decider: at(late)}, {Key: user("a"), Decider: at(early + 2)}, {Key: user("c"), Decider: at(early + 3)},
	}
	if err := e.store.Step(e.ctx, steps); err != nil {
		e.Fatalf("Step: %v", err)
	}
	e.step(user("d"), at(early-1))
	want := map[string]int64{"sent": 6, "last.sent": late}
	if got := e.totals("m"); !maps.Equal(got, want) {
		e.Errorf("totals are %v, want %v", got, want)
	}
	// One step may bring several.
	e.step(user("e"), always(func(c *store.Changes) {
		for _, n := range []int64{late - 1, late + 2, late + 1} {
			c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "last.sent", N: n})
		}
	}))
	e.step(user("f"), always(func(c *store.Changes) {
		c.Totals = append(c.Totals, store.Increment{Message: "n", Name: "last.sent", N: early}, store.Increment{Message: "m", Name: "sent", N: -6})
	}))
	want = map[string]int64{"sent": 0, "last.sent": late + 2}
	if got := e.totals("m"); !maps.Equal(got, want) && !maps.Equal(got, map[string]int64{"last.sent": late + 2}) {
		e.Errorf("totals are %v, want %v", got, want)
	}
	if got := e.totals("n"); !maps.Equal(got, map[string]int64{"last.sent": early}) {
		e.Errorf("totals of another message are %v", got)
	}
}

func totalSums(e *env) {
	add := func(key store.Key, list ...store.Increment) {
		e.Helper()
		e.step(key, always(func(c *store.Changes) { c.Totals = append(c.Totals, list...) }))
	}
	for _, id := range []string{"a", "b", "c", "d"} {
		add(user(id), store.Increment{Message: "m", Name: "judged", N: 1}, store.Increment{Message: "n", Name: "judged", N: 1},
			store.Increment{Message: "m", Name: "sent", N: 1}, store.Increment{Message: "m", Name: "judged", N: 2})
	}
	add(user("a"), store.Increment{Message: "m", Name: "sent", N: -1}) // given back (F4)
	add(store.Key{Kind: store.KindMessage, ID: "m"}, store.Increment{Message: "m", Name: "held.filter", N: 5})
	// A record that goes leaves its totals.
	e.touch(user("a"))
	e.step(user("a"), always(func(c *store.Changes) {
		c.Delete = true
		c.Totals = append(c.Totals, store.Increment{Message: "n", Name: "sent", N: 1})
	}))
	for message, want := range map[string]map[string]int64{
		"m": {"judged": 12, "sent": 3, "held.filter": 5},
		"n": {"judged": 4, "sent": 1},
		"o": {},
	} {
		if got := e.totals(message); !maps.Equal(got, want) {
			e.Errorf("totals of %q are %v, want %v", message, got, want)
		}
	}
}
