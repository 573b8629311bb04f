package memstore

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"unique"

	"github.com/beckon-go/beckon/store"
)

// maxNames is how many event names the store numbers, and how many names of
// attributes. They are never forgotten, so the limit is what somebody who invents names
// can fill: some 25 MB for each. Contacts with other event names are kept in the wide
// form, and profiles with other attributes are not packed.
const maxNames = 1 << 16

// A stat is a row of store.Stats in 16 bytes instead of 32, without a pointer:
// statistics are what most of the memory of a contact goes to.
type stat struct {
	name  uint32 // its number in names
	count uint32
	first uint32 // Unix seconds, until 2106
	last  uint32
}

// pack returns the row in short; false if a number does not fit.
func pack(name uint32, s store.Stats) (stat, bool) {
	ok := s.Count <= math.MaxUint32 && s.First >= 0 && s.First <= math.MaxUint32 && s.Last >= 0 && s.Last <= math.MaxUint32
	return stat{name: name, count: uint32(s.Count), first: uint32(s.First), last: uint32(s.Last)}, ok
}

// names numbers event names, or names of attributes. Reading a number's name takes no lock: the list
// only grows, and each longer one is published whole.
type names struct {
	list    atomic.Pointer[[]unique.Handle[string]]
	mu      sync.Mutex
	numbers map[unique.Handle[string]]uint32
}

func (n *names) init() {
	n.list.Store(new([]unique.Handle[string]))
	n.numbers = make(map[unique.Handle[string]]uint32)
}

// number returns the name's number; false if there are too many names.
func (n *names) number(name unique.Handle[string]) (uint32, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if i, ok := n.numbers[name]; ok {
		return i, true
	}
	list := *n.list.Load()
	if len(list) >= maxNames {
		return 0, false
	}
	// Readers of the shorter list never look at the element that append may
	// write behind it.
	i := uint32(len(list))
	list = append(list, name)
	n.list.Store(&list)
	n.numbers[name] = i
	return i, true
}

// numberOf returns the number of a name, which may be guess: then it takes no lock.
func (n *names) numberOf(name unique.Handle[string], guess uint32) (uint32, bool) {
	if list := *n.list.Load(); int(guess) < len(list) && list[guess] == name {
		return guess, true
	}
	return n.number(name)
}

// unpack appends the rows to dst.
func (n *names) unpack(dst []store.Stats, rows []stat) []store.Stats {
	list := *n.list.Load()
	from := len(dst)
	dst = slices.Grow(dst, len(rows))[:from+len(rows)]
	for i, to := 0, dst[from:]; i < len(rows) && i < len(to); i++ {
		p, s := &rows[i], &to[i]
		s.Name, s.Count, s.First, s.Last = list[p.name], uint64(p.count), int64(p.first), int64(p.last)
	}
	return dst
}

// repack returns rows in short, in exactly the memory they need; was is what
// they were made from, so most names have a number already. It is nil and
// false if a row does not fit.
func (n *names) repack(rows []store.Stats, was []stat) ([]stat, bool) {
	list := *n.list.Load()
	out := make([]stat, len(rows))
	for i, row := range rows {
		var number uint32
		if len(was) > 0 && list[was[0].name] == row.Name {
			number, was = was[0].name, was[1:]
		} else {
			var ok bool
			if number, ok = n.number(row.Name); !ok {
				return nil, false
			}
		}
		var ok bool
		if out[i], ok = pack(number, row); !ok {
			return nil, false
		}
	}
	return out, true
}

// update stores changed rows in their places in e, if each has one and fits; it
// reports whether, and the number of the last of their names. rows are those of the record,
// which are in the same order. place is where the last one was: the next contact mostly has
// it there, too.
func (n *names) update(e *entry, rows, changed []store.Stats, place *int) (number uint32, ok bool) {
	if e == nil || len(changed) == 0 || len(rows) != len(e.stats) {
		return 0, false
	}
	for i := range changed {
		name, at := changed[i].Name, *place
		if at >= len(rows) || rows[at].Name != name {
			at = placeOfStat(rows, name, len(changed))
		}
		if at == len(rows) {
			return 0, false
		}
		*place, number = at, e.stats[at].name
		p, ok := pack(number, changed[i])
		if !ok {
			return 0, false
		}
		e.stats[at] = p
	}
	return number, true
}

// placeOfStat returns the place of the row of a name, one of so many that are sought;
// len(rows) if it has none.
func placeOfStat(rows []store.Stats, name unique.Handle[string], sought int) int {
	at := 0
	if sought > 16 { // else it is faster to compare pointers
		at = (&store.Record{Stats: rows}).Search(name.Value())
		if at < len(rows) && rows[at].Name != name {
			return len(rows)
		}
	}
	for at < len(rows) && rows[at].Name != name {
		at++
	}
	return at
}

// keepStats stores the rows of a record in e, if some have changed and update
// had no place for them. rows are all that the record has now, sorted; e.stats
// has those from before.
func (n *names) keepStats(e *entry, rows, changed []store.Stats) {
	if len(changed) == 0 {
		return
	}
	if e.wide() != nil {
		e.more.rare.stats = rows
		return
	}
	if packed, ok := n.repack(rows, e.stats); ok {
		e.stats = packed
		return
	}
	e.extra().rarely().stats = slices.Clone(rows)
	e.stats = nil
}
