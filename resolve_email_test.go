package beckon

import (
	"testing"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/store"
)

// E1: letter case does not count, and by the option only that of the local part.
func TestEmailFold(t *testing.T) {
	folds, exact := decide.Limits{}, decide.Limits{ExactEmail: true}
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
