package memstore

import "hash/maphash"

// A slab has one shard's records of one kind, each in a C: in places, which is the order of a scan, and in a hash table by id. A Go map
// would take twice the memory, and keep no order. Records are in their places
// by value: from the id's slot to the record is one step, and the collector has
// a chunk to look at where it would have so many records.
type slab[C any, P cell[C]] struct {
	chunks [][]C    // all but the last are full
	live   []uint64 // a bit per place
	used   int      // places, the free ones included
	free   []uint32
	slots  []slot // open addressing, linear probing; a power of two, or empty
}

// A cell is what is in a place.
type cell[C any] interface {
	*C
	is(id string) bool
	name(id string) // keeps a copy of the id: the caller's may be a part of a much longer text
}

// chunkSize is how many cells are together. The first chunk grows up to it, so
// that a small store is small.
const chunkSize = 256

// A slot is empty if it names no place. It has a part of the hash beside it, so
// that a probe reads the cell of the id that is sought and hardly another.
type slot struct {
	hash uint32
	next uint32 // one more than the place
}

func (s *slab[C, P]) len() int { return s.used - len(s.free) }

// cell returns what is in a place, whether it is live or not.
func (s *slab[C, P]) cell(place uint32) P {
	return &s.chunks[place/chunkSize][place%chunkSize]
}

// isLive reports whether a place has a record.
func (s *slab[C, P]) isLive(place uint32) bool { return s.live[place/64]>>(place%64)&1 != 0 }

// hashOf is seeded: nobody can choose ids that meet.
func hashOf(seed maphash.Seed, id string) uint32 { return uint32(maphash.String(seed, id)) }

// find returns the slot of id and its place; false if it has none.
func (s *slab[C, P]) find(hash uint32, id string) (at int, place uint32, ok bool) {
	if len(s.slots) == 0 {
		return 0, 0, false
	}
	mask := len(s.slots) - 1
	for i := int(hash) & mask; s.slots[i].next != 0; i = (i + 1) & mask {
		if place := s.slots[i].next - 1; s.slots[i].hash == hash && s.cell(place).is(id) {
			return i, place, true
		}
	}
	return 0, 0, false
}

// insert makes a place for an id that has none. Cells found before may have
// moved.
func (s *slab[C, P]) insert(hash uint32, id string) (at int, place uint32) {
	if n := len(s.free); n > 0 {
		place, s.free = s.free[n-1], s.free[:n-1]
	} else {
		place = uint32(s.used)
		s.extend()
	}
	s.live[place/64] |= 1 << (place % 64)
	s.cell(place).name(id)
	if n := s.len(); n > len(s.slots)/8*7 {
		s.grow()
	}
	return s.put(slot{hash: hash, next: place + 1}), place
}

// extend makes room for one more place.
func (s *slab[C, P]) extend() {
	last := len(s.chunks) - 1
	switch {
	case s.used%chunkSize == 0:
		size := chunkSize
		if s.used == 0 {
			size = 1
		}
		s.chunks = append(s.chunks, make([]C, size))
	case s.used == len(s.chunks[last]): // only the first
		grown := make([]C, 2*s.used)
		copy(grown, s.chunks[last])
		s.chunks[last] = grown
	}
	if s.used%64 == 0 {
		s.live = append(s.live, 0)
	}
	s.used++
}

func (s *slab[C, P]) put(x slot) int {
	mask := len(s.slots) - 1
	i := int(x.hash) & mask
	for s.slots[i].next != 0 {
		i = (i + 1) & mask
	}
	s.slots[i] = x
	return i
}

func (s *slab[C, P]) grow() {
	old := s.slots
	s.slots = make([]slot, max(8, 2*len(old)))
	for _, x := range old {
		if x.next != 0 {
			s.put(x)
		}
	}
}

// remove takes the record of a slot away. Its place is left empty, so that no
// other record moves and a scan neither misses one nor meets it twice.
func (s *slab[C, P]) remove(at int) {
	place := s.slots[at].next - 1
	var none C
	*s.cell(place) = none
	s.live[place/64] &^= 1 << (place % 64)
	s.free = append(s.free, place)
	// What is behind moves up, where that brings it nearer to where it
	// belongs: there are no tombstones, and a table that is only used, not
	// grown, never slows down.
	mask := len(s.slots) - 1
	for next := (at + 1) & mask; s.slots[next].next != 0; next = (next + 1) & mask {
		home := int(s.slots[next].hash) & mask
		if (next-home)&mask >= (next-at)&mask {
			s.slots[at] = s.slots[next]
			at = next
		}
	}
	s.slots[at] = slot{}
}
