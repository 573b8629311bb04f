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
