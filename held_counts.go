package beckon

import (
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// lookedAt is one candidate that a look has found held.
type lookedAt struct {
	index  int // of the message in its plan
	reason plan.Reason
}

// heldCounts gathers, over a run, the totals of what was held where nothing
// was written for the contact: a sweep's non-matches are not written one by
// one. It is by the index of the message; reasons are few, so that a list is
// faster than a map.
type heldCounts [][]heldCount

type heldCount struct {
	reason plan.Reason
	n      int64
}

func (h heldCounts) add(list []lookedAt) {
next:
	for _, x := range list {
		rows := h[x.index]
		for i := range rows {
			if rows[i].reason == x.reason {
				rows[i].n++
				continue next
			}
		}
		h[x.index] = append(rows, heldCount{x.reason, 1})
	}
}

// addAll adds what was held of n contacts, for each of them the same.
func (h heldCounts) addAll(list []lookedAt, n int64) {
	h.add(list)
	for _, x := range list {
		for i := range h[x.index] {
			if row := &h[x.index][i]; row.reason == x.reason {
				row.n += n - 1
			}
		}
	}
}

func compareIncrements(a, b store.Increment) int {
	switch {
	case a.Message < b.Message:
		return -1
	case a.Message > b.Message:
		return 1
	case a.Name < b.Name:
		return -1
	case a.Name > b.Name:
		return 1
	}
	return 0
}
