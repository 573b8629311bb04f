package store

import (
	"math"

	"github.com/beckon-go/beckon/internal/rows"
)

// first returns when the first lease ends; math.MaxInt64 if there is none.
func (l *PendingList) first() int64 {
	if l.index.isBuilt() {
		return l.index.ends.first()
	}
	first := int64(math.MaxInt64)
	for i := range l.list {
		first = min(first, l.list[i].Until)
	}
	return first
}

// A pendingIndex finds rows. Once it is built it takes some 70 bytes for each. Those that left are zero in
// their list, until so many are that the others move together.
type pendingIndex struct {
	walked int              // rows that changes have looked through without it
	places map[string]int32 // by Delivery.ID; nil until it is built
	left   []bool           // by place
	gone   int              // how many left
	ends   leaseEnds        // by place; math.MaxInt64 for those that left

	counts [channelBits]int32 // of those that are pending, by channel

	dead map[string]struct{} // by Delivery.ID, those that were given up, also until it is built
}

// count counts a row in or out.
func (x *pendingIndex) count(p *Pending, n int32) {
	if p.Dead == nil {
		x.counts[p.Delivery.Channel.bit()] += n
	}
}

// isBuilt reports whether it finds anything. x may be nil.
func (x *pendingIndex) isBuilt() bool { return x != nil && x.places != nil }

// patience is how often changes look through all rows until they are worth an index: a
// store that decodes a record for each step never makes one for a change or two.
const patience = 8

// find returns the place of a row, -1 if it is not there.
func (l *PendingList) find(id string) int {
	if !l.index.isBuilt() {
		for i := range l.list {
			if l.list[i].Delivery.ID == id {
				return i
			}
		}
		return -1
	}
	if i, ok := l.index.places[id]; ok {
		return int(i)
	}
	return -1
}

// free returns the first place from one on whose lease has ended at an instant, -1 if
// there is none.
func (l *PendingList) free(from int, at int64) int {
	if !l.index.isBuilt() {
		for i := from; i < len(l.list); i++ {
			if l.list[i].Until <= at {
				return i
			}
		}
		return -1
	}
	for from < len(l.list) {
		i := l.index.ends.next(from, at)
		if i < 0 || i >= len(l.list) {
			return -1
		}
		if !l.index.left[i] {
			return i
		}
		from = i + 1
	}
	return -1
}

// seek is find for a change, which makes an index if it is worth it.
func (l *PendingList) seek(id string) int {
	if n := len(l.list); n > rows.Few && !l.index.isBuilt() {
		if l.index == nil {
			l.index = new(pendingIndex)
		}
		if l.index.walked += n; l.index.walked > patience*n {
			l.build()
		}
	}
	return l.find(id)
}

// mark takes in whether a row was given up.
func (l *PendingList) mark(p *Pending) {
	switch {
	case p.Dead == nil && l.DeadLen() == 0:
	case p.Dead == nil:
		delete(l.index.dead, p.Delivery.ID)
	case l.index == nil:
		l.index = new(pendingIndex)
		fallthrough
	case l.index.dead == nil:
		l.index.dead = make(map[string]struct{})
		fallthrough
	default:
		l.index.dead[p.Delivery.ID] = struct{}{}
	}
}

// build makes the index, when all rows are there.
func (l *PendingList) build() {
	x := &pendingIndex{places: make(map[string]int32, len(l.list)), left: make([]bool, len(l.list))}
	for i := range l.list {
		x.places[l.list[i].Delivery.ID] = int32(i)
		x.count(&l.list[i], 1)
	}
	if l.index != nil {
		x.dead = l.index.dead
	}
	l.index = x
	x.ends = l.leaseEnds()
}

// leaseEnds returns those of all rows, with room for as many more.
func (l *PendingList) leaseEnds() leaseEnds {
	size := 1
	for size < 2*len(l.list) {
		size *= 2
	}
	t := make(leaseEnds, 2*size)
	for i := range t {
		t[i] = math.MaxInt64
	}
	for i := range l.list {
		if !l.index.left[i] {
			t[size+i] = l.list[i].Until
		}
	}
	for i := size - 1; i > 0; i-- {
		t[i] = min(t[2*i], t[2*i+1])
	}
	return t
}

// leaseEnds are instants by place, as a tree in a list: the second half has the
// instants, and what stands at i has the earlier of those at 2i and 2i+1.
type leaseEnds []int64

func (t leaseEnds) size() int { return len(t) / 2 }

// first returns the earliest.
func (t leaseEnds) first() int64 { return t[1] }

func (t leaseEnds) set(place int, at int64) {
	i := t.size() + place
	for t[i] = at; i > 1; {
		i /= 2
		t[i] = min(t[2*i], t[2*i+1])
	}
}

// next returns the first place from one on whose instant is not after at, -1 if there is
// none.
func (t leaseEnds) next(from int, at int64) int {
	size := t.size()
	i := size + from
	for t[i] > at {
		for i%2 == 1 { // behind it there is nothing under the same parent
			i /= 2
		}
		if i == 0 {
			return -1
		}
		i++
	}
	for i < size {
		if i *= 2; t[i] > at {
			i++
		}
	}
	return i - size
}
