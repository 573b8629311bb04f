package memstore

import (
	"math"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/beckon-go/beckon/store"
)

// A short is the record of a throttle key in 88 bytes without a pointer, its id
// included: one counter with its newest permits, which is all that a
// beckon.Throttler keeps of most keys. There are many keys and most are rarely
// asked for, so what counts is memory, and that a step reads it in one place.
// What does not fit is kept like any other record.
type short struct {
	size     uint8 // of the id
	id       [maxShortID]byte
	last     int64                  // Counter.Last, and the instant of the newest permit
	ages     [maxPermits - 1]uint32 // of the others, oldest first: milliseconds before last
	prior    uint32                 // Counter.First in the same way, if there is one
	seq      uint32                 // EventSeq
	released uint16                 // by which Count is less than that
	def      uint8                  // the number of Counter.Def
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

// update carries out the changes of a throttler's ordinary step: its counter and
// the sequence. It reports whether that is what they are, and fit; if not it
// leaves all as it is.
func (p *short) update(r *store.Record, c *store.Changes, names *throttlers) bool {
	if len(c.Counters) != 1 || c.Touch || c.Clear || c.LastSeen != 0 || c.DedupDrop != 0 || c.Profile != nil ||
		len(c.Stats)+len(c.SendStats)+len(c.SendLog)+len(c.SendLogDrop)+len(c.Dedup)+len(c.Events) != 0 {
		return false
	}
	seq := r.EventSeq
	if c.EventSeq != 0 {
		seq = c.EventSeq
	}
	k := &c.Counters[0]
	return (len(r.Counters) == 0 || len(r.Counters) == 1 && r.Counters[0].Def == k.Def) && p.pack(seq, k, names)
}

// take takes in a record, or reports that it does not fit.
func (p *short) take(r *store.Record, names *throttlers) bool {
	return r.LastSeen == 0 && r.Profile == nil && len(r.Counters) == 1 &&
		len(r.Stats)+len(r.SendStats)+len(r.SendLog)+len(r.Dedup) == 0 && p.pack(r.EventSeq, &r.Counters[0], names)
}

// pack takes in a counter and the sequence, or reports that they do not fit and
// leaves p as it is.
// Differences are unsigned: if one is taken off again, the result is the same
// number, wherever the two lie.
func (p *short) pack(seq uint64, k *store.Counter, names *throttlers) bool {
	permits, released := len(k.Times)/2, seq-k.Count
	if seq > math.MaxUint32 || len(k.Times)%2 != 0 || permits > maxPermits || released > math.MaxUint16 || k.Keep != 0 || k.Since != 0 || k.Missed != 0 {
		return false
	}
	q := short{size: p.size, id: p.id, last: k.Last, seq: uint32(seq), released: uint16(released), state: uint8(permits)}
	age := func(at int64) uint64 { return uint64(k.Last) - uint64(at) }
	switch {
	case k.Count > uint64(permits):
		if age(k.First) > math.MaxUint32 {
			return false
		}
		q.prior = uint32(age(k.First))
	case k.First != 0:
		return false
	}
	if permits > 0 {
		newest := len(k.Times) - 2
		behind := seq - uint64(k.Times[newest+1])
		if k.Times[newest] != k.Last || behind > 0x0f {
			return false
		}
		q.state |= uint8(behind) << 4
		for i := range permits - 1 {
			at, sequence := k.Times[2*i], k.Times[2*i+1]
			if age(at) > math.MaxUint32 || k.Times[newest+1]-sequence != int64(permits-1-i) {
				return false
			}
			q.ages[i] = uint32(age(at))
		}
	}
	var ok bool
	if q.def, ok = names.number(k.Def, p.def); !ok {
		return false
	}
	*p = q
	return true
}

// unpack fills the record in.
func (p *short) unpack(w *work, names *throttlers) {
	permits := int(p.state & 0x0f)
	k := &w.counter[0]
	*k = store.Counter{Def: names.name(p.def), Count: uint64(p.seq) - uint64(p.released), Last: p.last}
	if k.Count > uint64(permits) {
		k.First = p.last - int64(p.prior)
	}
	if permits > 0 {
		t := w.times[:2*permits]
		newest := int64(p.seq) - int64(p.state>>4)
		for i := range permits - 1 {
			t[2*i], t[2*i+1] = p.last-int64(p.ages[i]), newest-int64(permits-1-i)
		}
		t[2*permits-2], t[2*permits-1] = p.last, newest
		k.Times = t
	}
	w.record.EventSeq, w.record.Counters = uint64(p.seq), w.counter[:]
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
