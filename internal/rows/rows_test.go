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

func TestInsertAll(t *testing.T) {
	type row struct{ key, n int }
	compare := func(a, b row) int { return cmp.Compare(a.key, b.key) }
	for _, count := range []int{3, Few, Few + 1, 100} {
		var added, list, want []row
		for i := range count {
			added = append(added, row{(i * 37) % 50, i})
		}
		for key := range 60 {
			if key%3 == 0 {
				list = append(list, row{key, -1})
			}
		}
		want = slices.Clone(list)
		for _, r := range added {
			want = Upsert(want, r, compare)
		}
		before := slices.Clone(added)
		if got := InsertAll(list, added, compare); !slices.Equal(got, want) {
			t.Errorf("%d: got %v, want %v", count, got, want)
		}
		if !slices.Equal(added, before) {
			t.Errorf("%d: it changed what was added", count)
		}
	}
}

func TestMerge(t *testing.T) {
	join := func(a, b int) int { return a*10 + b%10 }
	compare := func(a, b int) int { return cmp.Compare(a, b) }
	for _, c := range []struct{ a, b, want []int }{
		{nil, nil, []int{}},
		{[]int{1, 3, 5}, []int{2, 3, 6}, []int{1, 2, 33, 5, 6}},
		{nil, []int{1}, []int{1}},
		{[]int{1}, nil, []int{1}},
	} {
		if got := Merge(c.a, c.b, compare, join); !slices.Equal(got, c.want) {
			t.Errorf("got %v, want %v", got, c.want)
		}
	}
}

func TestUnite(t *testing.T) {
	for _, n := range []int{3, 100} {
		var a, b, want []int
		for i := range n {
			a, b = append(a, i), append(b, (i+n/2)%n*2, i)
			want = append(want, i)
		}
		for _, x := range b {
			if !slices.Contains(want, x) {
				want = append(want, x)
			}
		}
		if got := Unite(a, b); !slices.Equal(got, want) {
			t.Errorf("%d: got %v, want %v", n, got, want)
		}
	}
}

// Each key counts once, whether there are few or many.
func TestOnce(t *testing.T) {
	var got Once[int]
	var want []int
	for i := range 3 * fewKeys {
		for _, k := range []int{i, i / 2, i} {
			if isNew := !slices.Contains(want, k); got.Add(k) != isNew {
				t.Errorf("%d behind %v: new is not %v", k, want, isNew)
			} else if isNew {
				want = append(want, k)
			}
		}
	}
	if !slices.Equal(got.List, want) {
		t.Errorf("got %v, want %v", got.List, want)
	}
}
