package store

import (
	"iter"
	"math"
	"slices"

	"github.com/beckon-go/beckon/internal/rows"
)

// Pending is a delivery that the host has not acknowledged (Z1).
type Pending struct {
	Event    [16]byte // the Dedup.Hash of the event that caused it; zero if none
	Until    int64    // Unix milliseconds: until then, this instant excluded, it is leased to who has it
	Delivery Delivery
	Tags     []string // of the message; shared, never changed
	// Refusable says that consent is judged again when it is handed out (D11): a
	// contact can unsubscribe from it.
	Refusable bool
	Topic     string // of the message, if a contact can refuse it; empty: none (C6)
	OptIn     bool   // of the topic: without a choice it is not wanted
	// Dead says that it was given up: it is kept, and handed out to nobody. Until is then
	// math.MaxInt64. What it points to is never changed.
	Dead *GivenUp
}

// GivenUp is what is kept of a delivery beside itself when it is given up.
type GivenUp struct {
	At     int64 // Unix milliseconds
	Reason string
}

// A PendingList has what is pending in a contact, and what was given up, in the order in which it came. No two
// rows have the same Delivery.ID. It is no slice, because a worker takes rows out one by
// one, from anywhere: in a record that a store keeps in memory, each change of a row
// costs about the same however many there are. The rows that it hands out are the
// record's own and must not be changed; [Record.Apply] does that.
//
// The zero PendingList is empty. A copy is good until changes are applied to the record:
// [PendingList.Clone] makes one that stays. Any number of goroutines may read a list while
// none applies changes.
type PendingList struct {
	list  []Pending
	index *pendingIndex // nil: all are there
}

// NewPendingList makes a list of rows in this order, and takes the slice over. It is for
// stores that keep rows apart.
func NewPendingList(rows ...Pending) PendingList {
	if len(rows) == 0 {
		return PendingList{}
	}
	l := PendingList{list: rows}
	for i := range rows {
		l.mark(&rows[i])
	}
	return l
}

// Len returns how many rows there are.
func (l PendingList) Len() int {
	if l.index == nil {
		return len(l.list)
	}
	return len(l.list) - l.index.gone
}

// All yields all rows.
func (l PendingList) All() iter.Seq[*Pending] { return l.Free(math.MaxInt64) }

// Free yields the rows whose lease has ended at an instant, in Unix milliseconds.
func (l PendingList) Free(at int64) iter.Seq[*Pending] {
	return func(yield func(*Pending) bool) {
		for i := l.free(0, at); i >= 0; i = l.free(i+1, at) {
			if !yield(&l.list[i]) {
				return
			}
		}
	}
}

// Dead yields the rows that were given up.
func (l PendingList) Dead() iter.Seq[*Pending] {
	return func(yield func(*Pending) bool) {
		if l.DeadLen() == 0 {
			return
		}
		if !l.index.isBuilt() {
			for i := range l.list {
				if p := &l.list[i]; p.Dead != nil && !yield(p) {
					return
				}
			}
			return
		}
		places := make([]int, 0, len(l.index.dead))
		for id := range l.index.dead {
			places = append(places, int(l.index.places[id]))
		}
		slices.Sort(places)
		for _, i := range places {
			if !yield(&l.list[i]) {
				return
			}
		}
	}
}

// DeadLen returns how many rows were given up.
func (l PendingList) DeadLen() int {
	if l.index == nil {
		return 0
	}
	return len(l.index.dead)
}

// Find returns the row of a delivery, nil if it is not there.
func (l PendingList) Find(id string) *Pending {
	if i := l.find(id); i >= 0 {
		return &l.list[i]
	}
	return nil
}

// Clone returns a list that changes of this one do not reach.
func (l PendingList) Clone() PendingList {
	list := make([]Pending, 0, l.Len())
	for p := range l.All() {
		list = append(list, *p)
	}
	return NewPendingList(list...)
}

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

// change takes rows out, then puts others into the places of those with the same ID or
// at the end.
func (l *PendingList) change(drop []string, put []Pending) {
	for _, id := range drop {
		l.drop(id)
	}
	if len(put) > rows.Few { // most are new
		l.list = slices.Grow(l.list, len(put))
	}
	for i := range put {
		l.put(&put[i])
	}
	if l.Len() == 0 {
		*l = PendingList{} // its memory too
	}
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

// channels returns those of what is pending.
func (l *PendingList) channels() (s ChannelSet) {
	if l.index.isBuilt() {
		for bit, n := range l.index.counts {
			if n > 0 {
				s |= 1 << bit
			}
		}
		return s
	}
	for i := range l.list {
		if l.list[i].Dead == nil {
			s |= 1 << l.list[i].Delivery.Channel.bit()
		}
	}
	return s
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

func (l *PendingList) put(p *Pending) {
	i := l.seek(p.Delivery.ID)
	l.mark(p)
	x := l.index
	if i >= 0 {
		if x.isBuilt() {
			x.count(&l.list[i], -1)
			x.count(p, 1)
			x.ends.set(i, p.Until)
		}
		l.list[i] = *p
		return
	}
	l.list = append(l.list, *p)
	if x.isBuilt() {
		x.count(p, 1)
		i = len(l.list) - 1
		x.places[p.Delivery.ID] = int32(i)
		x.left = append(x.left, false)
		if i >= x.ends.size() {
			x.ends = l.leaseEnds()
		} else {
			x.ends.set(i, p.Until)
		}
	}
}

func (l *PendingList) drop(id string) {
	i := l.seek(id)
	if i < 0 {
		return
	}
	x := l.index
	if x != nil {
		delete(x.dead, id)
	}
	if !x.isBuilt() {
		l.list = slices.Delete(l.list, i, i+1)
		return
	}
	delete(x.places, id)
	x.count(&l.list[i], -1)
	l.list[i], x.left[i] = Pending{}, true
	x.ends.set(i, math.MaxInt64)
	if x.gone++; 2*x.gone > len(l.list) {
		l.compact()
	}
}

// compact moves what is there together. What it costs, the rows that left have paid.
func (l *PendingList) compact() {
	*l = l.Clone()
	if len(l.list) > rows.Few {
		l.build()
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
