package store

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/internal/rows"
)

// An Increment is added to a total by the step that carries it, or raises it: see
// [IsLatest].
type Increment struct {
	Message string
	Name    string
	N       int64
}

// Changes are what is to become of a record: absolute values, so that to
// write them twice is to write them once. Only Totals are increments. The zero
// Changes change nothing.
//
// Rows replace the row of the same identity or are added, in the place that
// the order of their section demands; SendLog, Dedup and Pending append. Changes that
// carry Totals alone write those and bring no record into being.
//
// A store keeps what the changes point to (Profile, Sent.Tags, the Page of events,
// Pending.Delivery.Data) and hands it out again: who fills them must not modify it
// afterwards. The slices of Changes themselves, the Metadata of Events, Counter.Times and
// Permits.Newest are copied before Step returns: their memory is used again.
type Changes struct {
	Delete      bool // the record goes, its events too; nothing else is set but Totals
	Touch       bool // the record is to exist, even if nothing else changes
	Clear       bool // the record is emptied, its events too, before the rest is carried out
	SortSendLog bool // Record.SendLog is put in order of At afterwards, stable; alone it changes nothing
	LastSeen    int64
	EventSeq    uint64
	Stats       []Stats
	SendStats   []SendStats    // one with Count and Prior 0 is removed
	SendLog     []SendLogEntry // replaces the entry with the same ID, which has the same Sequence, else is appended
	SendLogDrop []string       // IDs that leave the log
	Counters    []Counter
	Permits     []Permits
	Dedup       []Dedup   // appended
	DedupDrop   int       // so many of the oldest leave first
	Pending     []Pending // replaces the row of the same delivery, else is appended
	PendingDrop []string  // IDs of deliveries that are pending no more; they leave first
	Profile     *Profile
	Events      []LoggedEvent // enter the event log, by At, then Seq; one with both the same is replaced
	KeepEvents  int           // if Events enter, after that only the newest so many stay; 0 keeps none
	EventsFrom  int64         // and only those At this second or later
	Totals      []Increment

	NewSends bool // all of Log are sends that the record's log does not have: a store may append them without a look
}

// Reset empties c for use again, keeping its memory.
func (c *Changes) Reset() {
	// One by one: to write a whole Changes costs more than a step changes.
	empty(&c.Stats)
	empty(&c.SendStats)
	empty(&c.SendLog)
	empty(&c.SendLogDrop)
	empty(&c.Counters)
	empty(&c.Permits)
	empty(&c.Dedup)
	empty(&c.Pending)
	empty(&c.PendingDrop)
	empty(&c.Events)
	empty(&c.Totals)
	c.Delete, c.Touch, c.Clear, c.SortSendLog, c.NewSends = false, false, false, false, false
	c.LastSeen, c.EventSeq, c.DedupDrop, c.KeepEvents, c.EventsFrom = 0, 0, 0, 0, 0
	if c.Profile != nil {
		c.Profile = nil
	}
}

// empty empties a list, keeping its memory without what it points to.
func empty[T any](list *[]T) {
	switch len(*list) {
	case 0:
		return
	case 1: // as mostly: a call would take longer
		var none T
		(*list)[0] = none
	default:
		clear(*list)
	}
	*list = (*list)[:0]
}

// IsEmpty reports whether there is nothing to write.
func (c *Changes) IsEmpty() bool { return len(c.Totals) == 0 && c.SparesRecord() }

// SparesRecord reports whether c leaves the record as it is, or absent: it
// carries Totals at most. KeepEvents and EventsFrom alone change nothing.
func (c *Changes) SparesRecord() bool {
	return !c.Delete && !c.Clear && !c.Touch && c.LastSeen == 0 && c.EventSeq == 0 && len(c.Stats) == 0 && len(c.SendStats) == 0 &&
		len(c.SendLog) == 0 && len(c.SendLogDrop) == 0 && len(c.Counters) == 0 && len(c.Permits) == 0 && len(c.Dedup) == 0 && c.DedupDrop == 0 &&
		len(c.Pending) == 0 && len(c.PendingDrop) == 0 && c.Profile == nil && len(c.Events) == 0
}

// Apply carries c out on r, except for Events and Totals, which stores keep
// apart. r and c share no memory afterwards but what is immutable. It is
// for stores that hold records in memory; the caller holds whatever lock
// guards r.
func (r *Record) Apply(c *Changes) {
	if c.Delete {
		*r = Record{Key: r.Key}
		return
	}
	if c.Clear {
		*r = Record{Key: r.Key}
	}
	if c.SparesRecord() {
		return // totals alone bring no record into being
	}
	r.Exists = true
	if c.LastSeen != 0 {
		r.LastSeen = c.LastSeen
	}
	if c.EventSeq != 0 {
		r.EventSeq = c.EventSeq
	}
	// Most steps change few sections: the others cost no call.
	if len(c.Stats) > 0 {
		r.Stats = putStats(r.Stats, c.Stats)
	}
	if len(c.SendStats)+len(c.SendLog)+len(c.SendLogDrop) > 0 || c.SortSendLog {
		r.applySends(c)
	}
	if len(c.Counters) > 0 {
		r.Counters = putCounters(r.Counters, c.Counters)
	}
	if len(c.Permits) > 0 {
		r.Permits = putPermits(r.Permits, c.Permits)
	}
	if c.DedupDrop > 0 {
		r.Dedup = r.Dedup[min(c.DedupDrop, len(r.Dedup)):]
	}
	if len(c.Dedup) > 0 {
		r.Dedup = append(r.Dedup, c.Dedup...)
	}
	if len(c.Pending)+len(c.PendingDrop) > 0 {
		r.Pending.change(c.PendingDrop, c.Pending)
	}
	if c.Profile != nil {
		r.Profile = c.Profile
	}
}

// applySends carries out what c says of sends.
func (r *Record) applySends(c *Changes) {
	r.SendStats = putRows(r.SendStats, c.SendStats)
	r.SendLog = putSent(r.SendLog, c.SendLog, c.NewSends)
	r.SendLog = dropSent(r.SendLog, c.SendLogDrop)
	if c.SortSendLog {
		slices.SortStableFunc(r.SendLog, func(a, b SendLogEntry) int { return cmp.Compare(a.At, b.At) })
	}
}

// putStats puts statistics into their places in a sorted list. Many of them, as a
// merge has, go in one pass.
func putStats(list, changed []Stats) []Stats {
	if len(changed) > rows.Few {
		return rows.InsertAll(list, changed, compareStats)
	}
	for _, s := range changed {
		// Names are compared as pointers first: most rows are there already.
		if i := slices.IndexFunc(list, func(x Stats) bool { return x.Name == s.Name }); i >= 0 {
			list[i] = s
			continue
		}
		list = rows.Upsert(list, s, compareStats)
	}
	return list
}

// putCounters puts counters into their places in a sorted list. Many new ones go in
// one pass.
func putCounters(list, changed []Counter) []Counter {
	var added []Counter
	for _, k := range changed {
		i, found := slices.BinarySearchFunc(list, k, Counter.Compare)
		if !found {
			k.Times = slices.Clone(k.Times)
			if len(changed) <= rows.Few {
				list = slices.Insert(list, i, k)
			} else {
				added = append(added, k)
			}
			continue
		}
		// Into the row's own memory: a window that is full allocates no more.
		// k.Times may be a part of that memory; append copes with the overlap.
		k.Times = append(list[i].Times[:0], k.Times...)
		list[i] = k
	}
	return rows.InsertAll(list, added, Counter.Compare)
}

func compareStats(a, b Stats) int {
	if a.Name == b.Name {
		return 0
	}
	return strings.Compare(a.Name.Value(), b.Name.Value())
}

// Compare orders rows as Record.SendStats has them: by message, by company, the control
// group's last. It returns -1, 0 or +1; 0 means the same row.
func (a SendStats) Compare(b SendStats) int {
	if n := strings.Compare(a.Message, b.Message); n != 0 {
		return n
	}
	if n := strings.Compare(a.Company, b.Company); n != 0 {
		return n
	}
	switch {
	case a.Control == b.Control:
		return 0
	case b.Control:
		return -1
	}
	return 1
}

// Compare orders counters as Record.Counters has them, by definition. It returns -1,
// 0 or +1; 0 means the same counter.
func (k Counter) Compare(l Counter) int { return strings.Compare(k.Def, l.Def) }
