package memstore

import (
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/beckon-go/beckon/store"
)

// A short is the record of a throttle key in 88 bytes without a pointer, its id
// included: one row with its newest permits, which is all that a
// beckon.Throttler keeps of most keys. There are many keys and most are rarely
// asked for, so what counts is memory, and that a step reads it in one place.
// What does not fit is kept like any other record.
type short struct {
	size     uint8 // of the id
	id       [maxShortID]byte
	last     int64                  // Permits.Last, and the instant of the newest
	ages     [maxPermits - 1]uint32 // of the others, oldest first: milliseconds before last
	prior    uint32                 // Permits.Prior in the same way, if there is one
	seq      uint32                 // EventSeq
	released uint16                 // by which Count is less than that
	def      uint8                  // the number of Permits.Throttler
	state    uint8                  // the permits, in the lower half; in the upper how far the newest is behind seq
}

const (
	maxShortID = 39   // bytes
	maxPermits = 8    // so many are what a throttler keeps by default
	wideState  = 0xff // the record is elsewhere
)

func (p *short) isWide() bool { return p.state == wideState }

func (p *short) setWide() { p.state = wideState }

func (p *short) is(id string) bool { return string(p.id[:p.size]) == id }
func (p *short) name(id string)    { p.size = uint8(copy(p.id[:], id)) }
func (p *short) text() string      { return string(p.id[:p.size]) }

// update carries out the changes of a throttler's ordinary step: its permits and
// the sequence. It reports whether that is what they are, and fit; if not it
// leaves all as it is.
func (p *short) update(r *store.Record, c *store.Changes, names *throttlers) bool {
	if len(c.Permits) != 1 || c.Touch || c.Clear || c.LastSeen != 0 || c.DedupDrop != 0 || c.Profile != nil ||
		len(c.Stats)+len(c.SendStats)+len(c.SendLog)+len(c.SendLogDrop)+len(c.Counters)+len(c.Dedup)+len(c.Pending)+len(c.PendingDrop)+len(c.Events) != 0 {
		return false
	}
	seq := r.EventSeq
	if c.EventSeq != 0 {
		seq = c.EventSeq
	}
	row := &c.Permits[0]
	return (len(r.Permits) == 0 || len(r.Permits) == 1 && r.Permits[0].Throttler == row.Throttler) && p.pack(seq, row, names)
}

// take takes in a record, or reports that it does not fit.
func (p *short) take(r *store.Record, names *throttlers) bool {
	return r.LastSeen == 0 && r.Profile == nil && len(r.Permits) == 1 &&
		len(r.Stats)+len(r.SendStats)+len(r.SendLog)+len(r.Counters)+len(r.Dedup)+r.Pending.Len() == 0 && p.pack(r.EventSeq, &r.Permits[0], names)
}

// pack takes in a row and the sequence, or reports that they do not fit and
// leaves p as it is.
// Differences are unsigned: if one is taken off again, the result is the same
// number, wherever the two lie.
func (p *short) pack(seq uint64, row *store.Permits, names *throttlers) bool {
	permits, released := len(row.Newest), seq-row.Count
	if seq > math.MaxUint32 || permits > maxPermits || released > math.MaxUint16 {
		return false
	}
	q := short{size: p.size, id: p.id, last: row.Last, seq: uint32(seq), released: uint16(released), state: uint8(permits)}
	age := func(at int64) uint64 { return uint64(row.Last) - uint64(at) }
	switch {
	case row.Count > uint64(permits):
		if age(row.Prior) > math.MaxUint32 {
			return false
		}
		q.prior = uint32(age(row.Prior))
	case row.Prior != 0:
		return false
	}
	if permits > 0 {
		newest := row.Newest[permits-1]
		behind := seq - newest.Sequence
		if newest.At != row.Last || behind > 0x0f {
			return false
		}
		q.state |= uint8(behind) << 4
		for i := range permits - 1 {
			x := row.Newest[i]
			if age(x.At) > math.MaxUint32 || newest.Sequence-x.Sequence != uint64(permits-1-i) {
				return false
			}
			q.ages[i] = uint32(age(x.At))
		}
	}
	var ok bool
	if q.def, ok = names.number(row.Throttler, p.def); !ok {
		return false
	}
	*p = q
	return true
}

// unpack fills the record in.
func (p *short) unpack(w *work, names *throttlers) {
	permits := int(p.state & 0x0f)
	row := &w.permits[0]
	*row = store.Permits{Throttler: names.name(p.def), Count: uint64(p.seq) - uint64(p.released), Last: p.last}
	if row.Count > uint64(permits) {
		row.Prior = p.last - int64(p.prior)
	}
	if permits > 0 {
		row.Newest = w.newest[:permits]
		newest := uint64(p.seq) - uint64(p.state>>4)
		for i := range permits - 1 {
			row.Newest[i] = store.Permit{At: p.last - int64(p.ages[i]), Sequence: newest - uint64(permits-1-i)}
		}
		row.Newest[permits-1] = store.Permit{At: p.last, Sequence: newest}
	}
	w.record.EventSeq, w.record.Permits = uint64(p.seq), w.permits[:]
}

// keepShort stores the record of a throttle key in short, if it fits. It reports
// whether it does not: then f has an entry for it.
func (w *work) keepShort(s *Store, sh *shard, f *spotted) (wide bool) {
	r, c := &w.record, &w.changes
	if len(c.Events) == 0 && (c.Clear || f.e.log() == nil) && f.short.take(r, &s.throttlers) {
		if f.e != nil {
			delete(sh.wide, f.place)
		}
		return false
	}
	if f.e != nil {
		return true
	}
	// What is in the memory of this call needs its own.
	r.Permits = slices.Clone(r.Permits)
	for i := range r.Permits {
		r.Permits[i].Newest = slices.Clone(r.Permits[i].Newest)
	}
	if sh.wide == nil {
		sh.wide = make(map[uint32]*entry)
	}
	f.e = new(entry)
	sh.wide[f.place] = f.e
	f.short.setWide()
	return true
}

// throttlers numbers the names of throttlers. A program has a few of them. As
// with names, to read takes no lock.
type throttlers struct {
	list atomic.Pointer[[]string]
	mu   sync.Mutex
}

func (n *throttlers) init() { n.list.Store(new([]string)) }

// name returns the name with a number.
func (n *throttlers) name(number uint8) string { return (*n.list.Load())[number] }

// number returns the number of a name, which may be that of guess; false if there
// are too many names.
func (n *throttlers) number(name string, guess uint8) (uint8, bool) {
	if list := *n.list.Load(); int(guess) < len(list) && list[guess] == name {
		return guess, true
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	list := *n.list.Load()
	for i := range list {
		if list[i] == name {
			return uint8(i), true
		}
	}
	if len(list) > math.MaxUint8 {
		return 0, false
	}
	list = append(list, strings.Clone(name))
	n.list.Store(&list)
	return uint8(len(list) - 1), true
}
