package memstore

import (
	"slices"
	"testing"
)

// A trail at its limit holds the newest rows, allocates nothing and does not
// keep what has left.
func TestTrail(t *testing.T) {
	const limit = 20
	var tr trail[*int]
	var want []*int
	step := func(i int) {
		live := append(tr.room(1), &i)
		if over := len(live) - limit; over > 0 {
			clear(live[:over])
			live = live[over:]
		}
		tr.keep(live)
		want = append(want, &i)
		want = want[max(0, len(want)-limit):]
	}
	for i := range 1000 {
		step(i)
		if !slices.Equal(tr.live(), want) {
			t.Fatalf("after %d: %v, want %v", i, tr.live(), want)
		}
		if cap(tr.list) > 4*limit {
			t.Fatalf("after %d: memory for %d rows", i, cap(tr.list))
		}
		for k, p := range tr.list[:cap(tr.list)] {
			if p != nil && (k < tr.head || k >= len(tr.list)) {
				t.Fatalf("after %d: row %d has left and is kept", i, k)
			}
		}
	}
	row := new(int)
	if n := testing.AllocsPerRun(1000, func() {
		live := append(tr.room(1), row)
		live[0] = nil
		tr.keep(live[1:])
	}); n != 0 {
		t.Errorf("%v allocations a row, want 0", n)
	}
	tr.keep(nil)
	if len(tr.live()) != 0 || cap(tr.list) != 0 {
		t.Errorf("emptied, it has %v", tr.list)
	}
	other := []*int{row}
	tr.keep(other)
	if !slices.Equal(tr.live(), other) {
		t.Errorf("other memory: %v", tr.live())
	}
	tr.keep(other[:0])
	if len(tr.live()) != 0 || tr.head != 0 {
		t.Errorf("emptied in place: %v from %d", tr.list, tr.head)
	}
}
