package decide

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

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
		m := MergeCounters(a, b)
		if m.Count != both.Count || m.First != both.First || m.Last != both.Last || !slices.Equal(m.Times, both.Times) {
			t.Fatalf("%+v, not %+v", m, both)
		}
	})
	if m := MergeCounters(store.Counter{Count: math.MaxUint64}, store.Counter{Count: 2}); m.Count != math.MaxUint64 {
		t.Errorf("fault 58: %d", m.Count)
	}
}

// E1: letter case does not count, and by the option only that of the local part.
func TestEmailFold(t *testing.T) {
	folds, exact := Limits{}, Limits{ExactEmail: true}
	for _, c := range []struct {
		a, b        string
		same, exact bool
	}{
		{"ada@shop.example", "ada@shop.example", true, true},
		{"ada@shop.example", "ADA@shop.example", true, false},
		{"ada@shop.example", "ada@SHOP.example", true, true},
		{"Ada@shop.example", "Ada@Shop.Example", true, true},
		{"a@b@shop.example", "A@b@shop.example", true, false}, // the last one parts them
		{"a[@x", "a{@x", false, false},                        // they differ in the bit that letters differ in
		{"a@x", "a@y", false, false},
		{"a@x", "ab@x", false, false},
		{"\u212a@x", "k@x", false, false}, // no address, and no letter of ASCII
		{"", "", true, true},
	} {
		if got := folds.SameEmail(c.a, c.b); got != c.same {
			t.Errorf("%q, %q: %v", c.a, c.b, got)
		}
		if got := exact.SameEmail(c.a, c.b); got != c.exact {
			t.Errorf("exactly %q, %q: %v", c.a, c.b, got)
		}
		if store.FoldEmail(store.FoldEmail(c.b)) != store.FoldEmail(c.b) {
			t.Errorf("%q is folded twice", c.b)
		}
	}
	if n := testing.AllocsPerRun(100, func() { store.FoldEmail("ada.lovelace@shop.example") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
