package memstore

import (
	"sync"

	"github.com/beckon-go/beckon"
)

// A shard is a part of the records under one mutex, with the memory that one
// step needs: only one runs at a time.
type shard struct {
	mu     sync.Mutex
	slabs  []slab // by kind
	totals totals

	record  beckon.Record  // what the step at work sees
	rows    []beckon.Stats // its statistics
	changes beckon.Changes
}

// An entry is a record in short.
type entry struct {
	id       string
	stats    []stat
	lastSeen int64
	eventSeq uint64
	more     *extra // nil if there is nothing of it
}

// An extra is what not every record has.
type extra struct {
	wide     []beckon.Stats // all statistics, if some do not fit the short form; else nil
	sends    []beckon.Sends
	log      []beckon.Sent
	counters []beckon.Counter
	seen     []beckon.Seen
	profile  *beckon.Profile
	events   eventLog
}

func (e *entry) extra() *extra {
	if e.more == nil {
		e.more = new(extra)
	}
	return e.more
}

// load fills sh.record with the record under key; e is nil if there is none.
// It stays valid until the next load; mu must be held.
func (sh *shard) load(n *names, key beckon.Key, e *entry) *beckon.Record {
	r := &sh.record
	if e == nil {
		*r = beckon.Record{Key: key}
		return r
	}
	// The id of the entry, not of the caller: who keeps it keeps no more.
	*r = beckon.Record{Key: beckon.Key{Kind: key.Kind, ID: e.id}, Exists: true, LastSeen: e.lastSeen, EventSeq: e.eventSeq}
	if m := e.more; m != nil {
		r.Stats, r.Sends, r.Log, r.Counters, r.Seen, r.Profile = m.wide, m.sends, m.log, m.counters, m.seen, m.profile
	}
	if r.Stats == nil {
		sh.rows = n.unpack(sh.rows[:0], e.stats)
		r.Stats = sh.rows
	}
	return r
}

// keep stores sh.record, to which sh.changes have been applied, in e.
func (sh *shard) keep(n *names, e *entry) {
	r, c := &sh.record, &sh.changes
	if c.Clear {
		e.stats, e.more = nil, nil // events and all; what follows begins anew
	}
	n.keepStats(e, r.Stats, c.Stats)
	if e.more == nil || e.more.wide == nil {
		sh.rows = r.Stats[:0] // it may have grown
	}
	e.lastSeen, e.eventSeq = r.LastSeen, r.EventSeq
	if e.more == nil && len(r.Sends)+len(r.Log)+len(r.Counters)+len(r.Seen)+len(c.Events) == 0 && r.Profile == nil {
		return
	}
	m := e.extra()
	m.sends, m.log, m.counters, m.seen, m.profile = r.Sends, r.Log, r.Counters, r.Seen, r.Profile
	if len(c.Events) > 0 {
		m.events.add(c.Events, c.KeepEvents, c.EventsFrom)
	}
}

// find gives the entry of a key, nil if there is none, and where it stands.
func (sh *shard) find(key beckon.Key, hash uint32) (at int, e *entry) {
	if int(key.Kind) >= len(sh.slabs) {
		return 0, nil
	}
	return sh.slabs[key.Kind].find(hash, key.ID)
}

// slab gives the slab of a kind, for something to be put in.
func (sh *shard) slab(kind beckon.Kind) *slab {
	for len(sh.slabs) <= int(kind) {
		sh.slabs = append(sh.slabs, slab{})
	}
	return &sh.slabs[kind]
}

// roomy is beyond what the changes of ordinary steps take. The memory of a
// larger one, such as a merge, is given back.
const roomy = 256

// done ends a step or a read: it forgets what was seen and unlocks.
func (sh *shard) done() {
	sh.record = beckon.Record{}
	if c := &sh.changes; cap(c.Events) > roomy || cap(c.Log) > roomy || cap(c.Seen) > roomy {
		*c = beckon.Changes{}
	}
	sh.mu.Unlock()
}
