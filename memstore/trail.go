package memstore

// A trail is a list that grows at its end and, once it is full, loses its oldest
// row with each new one. The oldest leave by moving head, and only when enough
// have left do the others move down: so at its limit it takes rows without
// allocating, and moves each of them only now and then.
type trail[T any] struct {
	list []T
	head int // list[:head] are gone
}

func (t *trail[T]) live() []T { return t.list[t.head:] }

// room returns the live rows where n more can follow, if that takes no memory.
func (t *trail[T]) room(n int) []T {
	live := t.live()
	if len(t.list)+n > cap(t.list) && t.head > 0 && t.head >= len(live)/4 {
		kept := copy(t.list, live)
		clear(t.list[kept:])
		t.list, t.head = t.list[:kept], 0
		live = t.list
	}
	return live
}

// keep takes what has become of the live rows: in their own memory, from
// wherever on, or in other. The end of the memory tells which.
func (t *trail[T]) keep(live []T) {
	if n, m := cap(live), cap(t.list); n > 0 && n <= m && &live[:n][n-1] == &t.list[:m][m-1] {
		t.head = m - n
		t.list = t.list[:t.head+len(live)]
		return
	}
	t.list, t.head = live, 0
}
