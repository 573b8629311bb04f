package memstore

import (
	"strings"
	"sync"

	"github.com/beckon-go/beckon/store"
)

// A shard is a part of the records under one mutex.
type shard struct {
	mu        sync.Mutex
	slabs     []slab[entry, *entry] // by kind
	throttles slab[short, *short]   // throttle keys that are not too long
	wide      map[uint32]*entry     // those of them whose records do not fit, by their place
	totals    totals
	ready     ring
	_         [64]byte // the next shard's mutex is in another cache line
}

// An entry is a record in short.
type entry struct {
	id       string
	stats    []stat
	lastSeen int64
	eventSeq uint64
	more     *extra // nil if there is nothing of it
}

func (e *entry) is(id string) bool { return e.id == id }
func (e *entry) name(id string)    { e.id = strings.Clone(id) }

// An extra is what not every record has.
type extra struct {
	sends    []store.SendStats
	log      trail[store.SendLogEntry]
	counters []store.Counter
	seen     trail[store.Dedup]
	profile  *kept // nil if there is none
	pending  store.PendingList
	events   eventLog
	rare     *rare // nil if there is nothing of it
}

// A rare is what hardly any record has.
type rare struct {
	stats   []store.Stats // all statistics, if some do not fit the short form; else nil
	permits []store.Permits
}

func (m *extra) rarely() *rare {
	if m.rare == nil {
		m.rare = new(rare)
	}
	return m.rare
}

// wide returns all statistics of an entry if some do not fit the short form; else nil.
func (e *entry) wide() []store.Stats {
	if e.more == nil || e.more.rare == nil {
		return nil
	}
	return e.more.rare.stats
}

func (e *entry) extra() *extra {
	if e.more == nil {
		e.more = new(extra)
	}
	return e.more
}

// log returns the event log of an entry, which may be nil; nil if there is none.
func (e *entry) log() *eventLog {
	if e == nil || e.more == nil || e.more.events.count == 0 {
		return nil
	}
	return &e.more.events
}

// A spotted record says where a record is. Inserting another of its kind may move
// it.
type spotted struct {
	ok    bool // there is one
	at    int  // its slot
	place uint32
	e     *entry // nil if short has it
	short *short // nil if it is not in throttles
}

// isShort reports whether records under the key are in throttles.
func isShort(key store.Key) bool {
	return key.Kind == store.KindThrottle && len(key.ID) <= maxShortID
}

// find looks for a record.
func (sh *shard) find(key store.Key, hash uint32) (f spotted) {
	if isShort(key) {
		if f.at, f.place, f.ok = sh.throttles.find(hash, key.ID); f.ok {
			sh.spotShort(&f)
		}
		return f
	}
	if int(key.Kind) >= len(sh.slabs) {
		return f
	}
	s := &sh.slabs[key.Kind]
	if f.at, f.place, f.ok = s.find(hash, key.ID); f.ok {
		f.e = s.cell(f.place)
	}
	return f
}

// spotShort fills in what is in the place of throttles.
func (sh *shard) spotShort(f *spotted) {
	f.short = sh.throttles.cell(f.place)
	if f.short.isWide() {
		f.e = sh.wide[f.place]
	}
}

// insert makes a place for a record that has none.
func (sh *shard) insert(key store.Key, hash uint32) (f spotted) {
	f.ok = true
	if isShort(key) {
		f.at, f.place = sh.throttles.insert(hash, key.ID)
		sh.spotShort(&f)
		return f
	}
	for len(sh.slabs) <= int(key.Kind) {
		sh.slabs = append(sh.slabs, slab[entry, *entry]{})
	}
	s := &sh.slabs[key.Kind]
	f.at, f.place = s.insert(hash, key.ID)
	f.e = s.cell(f.place)
	return f
}

// remove takes a record away.
func (sh *shard) remove(kind store.Kind, f spotted) {
	if f.short == nil {
		sh.forgetProfile(f.e)
		sh.slabs[kind].remove(f.at)
		return
	}
	sh.throttles.remove(f.at)
	delete(sh.wide, f.place)
}

// places returns how many places of a kind a scan has to look at. Those of
// throttle keys are the two slabs' in turn, so that both may grow.
func (sh *shard) places(kind store.Kind) (n int) {
	if int(kind) < len(sh.slabs) {
		n = sh.slabs[kind].used
	}
	if kind == store.KindThrottle {
		n = 2 * max(n, sh.throttles.used)
	}
	return n
}

// in returns the record in a place and its id; not ok if there is none.
func (sh *shard) in(kind store.Kind, place int) (f spotted, id string) {
	if kind == store.KindThrottle {
		short := place%2 == 0
		if place /= 2; short {
			if f.place = uint32(place); place < sh.throttles.used && sh.throttles.isLive(f.place) {
				f.ok = true
				sh.spotShort(&f)
				id = f.short.text()
			}
			return f, id
		}
	}
	if int(kind) >= len(sh.slabs) {
		return f, ""
	}
	f.place = uint32(place)
	if s := &sh.slabs[kind]; place < s.used && s.isLive(f.place) {
		f.ok, f.e = true, s.cell(f.place)
		id = f.e.id
	}
	return f, id
}

// len returns how many records there are of a kind.
func (sh *shard) len(kind store.Kind) (n int) {
	if int(kind) < len(sh.slabs) {
		n = sh.slabs[kind].len()
	}
	if kind == store.KindThrottle {
		n += sh.throttles.len()
	}
	return n
}

// A work is the memory that one call needs. It is the call's and not the
// shard's, so that it stays in the cache of the processor that runs the call.
type work struct {
	record  store.Record  // what the step at work sees
	rows    []store.Stats // its statistics
	changes store.Changes
	permits [1]store.Permits // of a short record
	newest  [maxPermits]store.Permit
	place   int    // where the statistic stood that was counted last
	named   uint32 // the number of the name that was counted last, which its event has
}

// load fills w.record with the record under key. It stays valid until the next
// load; the shard's mutex must be held.
func (w *work) load(s *Store, key store.Key, f *spotted) *store.Record {
	r := &w.record
	*r = store.Record{Key: key}
	if !f.ok {
		return r
	}
	r.Exists = true
	e := f.e
	if e == nil {
		f.short.unpack(w, &s.throttlers)
		return r
	}
	if f.short == nil {
		r.Key.ID = e.id // not the caller's: who keeps it keeps no more
	}
	r.LastSeen, r.EventSeq = e.lastSeen, e.eventSeq
	if m := e.more; m != nil {
		r.SendStats, r.SendLog, r.Counters, r.Dedup, r.Pending, r.Profile = m.sends, m.log.live(), m.counters, m.seen.live(), m.pending, m.profile.show(&s.attributes)
		if m.rare != nil {
			r.Stats, r.Permits = m.rare.stats, m.rare.permits
		}
	}
	if r.Stats == nil {
		w.rows = s.names.unpack(w.rows[:0], e.stats)
		r.Stats = w.rows
	}
	return r
}

// keep stores w.record, to which w.changes have been applied, where f says.
func (w *work) keep(s *Store, sh *shard, f *spotted) {
	r, c := &w.record, &w.changes
	if f.short != nil && !w.keepShort(s, sh, f) {
		return
	}
	e := f.e
	if c.Clear {
		sh.forgetProfile(e)
		e.stats, e.more = nil, nil // events and all; what follows begins again
	}
	s.names.keepStats(e, r.Stats, c.Stats)
	if e.wide() == nil {
		w.rows = r.Stats[:0] // it may have grown
	}
	e.lastSeen, e.eventSeq = r.LastSeen, r.EventSeq
	if e.more == nil && len(r.SendStats)+len(r.SendLog)+len(r.Counters)+len(r.Permits)+len(r.Dedup)+r.Pending.Len()+len(c.Events) == 0 && r.Profile == nil {
		return
	}
	m := e.extra()
	m.sends, m.counters, m.pending = r.SendStats, r.Counters, r.Pending
	if c.Profile != nil {
		sh.keepProfile(s, r.Key.Kind, m, c.Profile)
	}
	if len(r.Permits) > 0 || m.rare != nil {
		m.rarely().permits = r.Permits
	}
	m.log.keep(r.SendLog)
	m.seen.keep(r.Dedup)
	if len(c.Events) > 0 {
		m.events.add(&s.names, w.named, c.Events, c.KeepEvents, c.EventsFrom)
	}
}

// roomy is beyond what the changes of ordinary steps take. The memory of a
// larger one, such as a merge, is given back.
const roomy = 256

// work returns the memory for a call.
func (s *Store) work() *work {
	if w, ok := s.pool.Get().(*work); ok {
		return w
	}
	return new(work)
}

// done puts the memory of a call back, without what was seen.
func (s *Store) done(w *work) {
	w.record = store.Record{}
	w.permits[0] = store.Permits{}
	if c := &w.changes; cap(c.Events) > roomy || cap(c.SendLog) > roomy || cap(c.Dedup) > roomy || cap(c.Pending) > roomy || cap(c.PendingDrop) > roomy {
		*c = store.Changes{}
	}
	s.pool.Put(w)
}
