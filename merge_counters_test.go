package beckon

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// C2: merging adds what both have counted.
func TestMergeCounters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keep := rapid.IntRange(0, 5).Draw(t, "keep")
		times := rapid.SliceOfN(rapid.Int64Range(1, 99), 0, 8)
		var a, b, both store.Counter
		for _, at := range times.Draw(t, "a") {
			rule.AddToCounter(&a, at, keep)
			rule.AddToCounter(&both, at, keep)
		}
		for _, at := range times.Draw(t, "b") {
			rule.AddToCounter(&b, at, keep)
			rule.AddToCounter(&both, at, keep)
		}
		m := decide.MergeCounters(a, b)
		if m.Count != both.Count || m.First != both.First || m.Last != both.Last || !slices.Equal(m.Times, both.Times) {
			t.Fatalf("%+v, not %+v", m, both)
		}
	})
	if m := decide.MergeCounters(store.Counter{Count: math.MaxUint64}, store.Counter{Count: 2}); m.Count != math.MaxUint64 {
		t.Errorf("fault 58: %d", m.Count)
	}
}
