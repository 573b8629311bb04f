package rows

import (
	"cmp"
	"slices"
	"testing"
)

func TestUpsert(t *testing.T) {
	type row struct{ key, n int }
	compare := func(a, b row) int { return cmp.Compare(a.key, b.key) }
	var list []row
	for _, r := range []row{{2, 1}, {1, 1}, {3, 1}, {2, 7}} {
		list = Upsert(list, r, compare)
	}
	if want := []row{{1, 1}, {2, 7}, {3, 1}}; !slices.Equal(list, want) {
		t.Errorf("got %v, want %v", list, want)
	}
}
