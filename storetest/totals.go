package storetest

import (
	"maps"

	"github.com/beckon-go/beckon/store"
)

// totalCases are about the counts of messages (Z2).
func totalCases() []testCase {
	return []testCase{{name: "totals/sums", run: totalSums}}
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
