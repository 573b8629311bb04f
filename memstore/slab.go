package memstore

import (
	"hash/maphash"
	"strings"
)

// A slab has one shard's records of one kind: in places, which is the order of
// a scan, and in a hash table by id. A Go map would take twice the
// memory, and keep no order.
type slab struct {
	places []*entry // nil where one was removed
	free   []uint32 // the places that are nil
	slots  []slot   // open addressing, linear probing; a power of two, or empty
}

// A slot is empty if it has no entry. It has a part of the hash beside it, so
// that a probe reads the entry of the id that is sought and hardly another.
type slot struct {
	hash  uint32
	place uint32
	entry *entry
}

func (s *slab) len() int { return len(s.places) - len(s.free) }

// hashOf is seeded: nobody can choose ids that meet.
func hashOf(seed maphash.Seed, id string) uint32 { return uint32(maphash.String(seed, id)) }

// find gives the slot of id and its entry; nil if there is none.
func (s *slab) find(hash uint32, id string) (int, *entry) {
	if len(s.slots) == 0 {
		return 0, nil
	}
	mask := len(s.slots) - 1
	for i := int(hash) & mask; s.slots[i].entry != nil; i = (i + 1) & mask {
		if s.slots[i].hash == hash && s.slots[i].entry.id == id {
			return i, s.slots[i].entry
		}
	}
	return 0, nil
}

// insert makes an entry for an id that has none. The id is copied: the
// caller's may be a part of a much longer text.
func (s *slab) insert(hash uint32, id string) *entry {
	e := &entry{id: strings.Clone(id)}
	var place uint32
	if n := len(s.free); n > 0 {
		place, s.free = s.free[n-1], s.free[:n-1]
		s.places[place] = e
	} else {
		place = uint32(len(s.places))
		s.places = append(s.places, e)
	}
	if n := s.len(); n > len(s.slots)/8*7 {
		s.grow()
	}
	s.put(slot{hash: hash, place: place, entry: e})
	return e
}

func (s *slab) put(x slot) {
	mask := len(s.slots) - 1
	i := int(x.hash) & mask
	for s.slots[i].entry != nil {
		i = (i + 1) & mask
	}
	s.slots[i] = x
}

func (s *slab) grow() {
	old := s.slots
	s.slots = make([]slot, max(8, 2*len(old)))
	for _, x := range old {
		if x.entry != nil {
			s.put(x)
		}
	}
}

// remove takes the entry of a slot away. Its place is left empty, so that no
// other record moves and a scan neither misses one nor meets it twice.
func (s *slab) remove(at int) {
	place := s.slots[at].place
	s.places[place] = nil
	s.free = append(s.free, place)
	// What stands behind moves up, where that brings it nearer to where it
	// belongs: there are no tombstones, and a table that is only used, not
	// grown, never slows down.
	mask := len(s.slots) - 1
	for next := (at + 1) & mask; s.slots[next].entry != nil; next = (next + 1) & mask {
		home := int(s.slots[next].hash) & mask
		if (next-home)&mask >= (next-at)&mask {
			s.slots[at] = s.slots[next]
			at = next
		}
	}
	s.slots[at] = slot{}
}
