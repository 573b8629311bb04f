package simulation

import (
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A book has what a witness of the world has seen: what was committed, what was
// handed out, what people did. The engines never see it.
type book struct {
	commits uint64
	made    map[handle]*made       // deliveries that were decided
	sends   []*made                // the same, in order
	waiting map[waitKey]*waiter    // what was accepted to wait
	queue   []*waiter              // the same, in order; what waits no longer goes now and then
	totals  map[totalKey]int64     // increments that were committed
	accepts map[string]*accept     // events with an id, by it
	permits map[string][]time.Time // when those of throttlers were given, by key
}

func newBook() book {
	return book{
		made: map[handle]*made{}, waiting: map[waitKey]*waiter{}, totals: map[totalKey]int64{},
		accepts: map[string]*accept{}, permits: map[string][]time.Time{},
	}
}

// A handle names a delivery: after a release the id may come again.
type handle struct {
	id string
	at int64 // Unix milliseconds
}

func handleOf(d *beckon.Delivery) handle { return handle{d.ID, d.At.UnixMilli()} }

// A made delivery has been decided and committed.
type made struct {
	message *message
	handle
	read      time.Time // when the clock was read that gave the instant, in true time
	redated   []redated // later instants that it was given
	committed uint64    // which commit it was
	by        *call     // that decided it
	began     time.Time // when that began
	key       store.Key
	person    *person
	pending   bool        // it stands in the outbox
	queued    bool        // it was left to the workers
	held      bool        // it came out of what had waited
	seen      bool        // it was handed out
	attempts  []int       // with which it was
	attempt   int         // of the latest lease that was committed
	answered  bool        // the engine was told that it is committed
	unsure    bool        // nobody was told that its latest instant is committed, with which its lease is known
	released  bool        // it may have been given back
	notBefore time.Time   // until then nobody else may get it, in true time; zero: nobody has said so
	putOff    int         // the attempt that has said so
	makings   []making    // by senders
	lease     int64       // when its lease ends, by the clock of who has it, Unix milliseconds
	tries     map[int]int // by attempt: how many tries it must count then
	ended     time.Time   // when it had surely been acknowledged, given up or released; zero: it is not
	why       string
}

// A redated send has another instant than the one it was decided at: its call
// was stalled for long.
type redated struct {
	commit uint64
	read   time.Time
}

// readBy is when the clock was read that gave the instant which a later decision
// has seen.
func (m *made) readBy(commit uint64) time.Time {
	read := m.read
	for _, x := range m.redated {
		if x.commit < commit {
			read = x.read
		}
	}
	return read
}

// A waitKey names what waits: a message and the event that it waits with.
type waitKey struct {
	message string
	event   string
}

type waiter struct {
	waitKey
	person *person
	due    int64
	since  uint64 // the commit with which it began to wait, or was given back
	ended  string // what became of it; empty while it waits
}

type totalKey struct{ message, name string }

// A commit is what a step has changed of a contact.
type commit struct {
	key    store.Key
	totals []store.Increment
}

// A spy is a decision that is watched.
type spy struct {
	w     *world
	inner store.Decider

	before, after *store.Profile
	outbox        [2]store.PendingList // before and after
	merging       bool                 // the step is part of a merge
	deleted       bool
	sends         []store.SendLogEntry // new ones
	moved         []moved              // those with another instant than before
	dropped       []string             // those that left the log
	totals        []store.Increment
	permit        int64 // of a throttler: the latest
}

// Decide implements [store.Decider].
func (s *spy) Decide(rec *store.Record, c *store.Changes) error {
	s.w.current.deciding = true
	defer func() { s.w.current.deciding = false }()
	err := s.inner.Decide(rec, c)
	if err != nil || !rec.Key.Kind.IsContact() {
		if s.totals = slices.Clone(c.Totals); rec.Key.Kind == store.KindThrottle && len(c.Permits) > 0 {
			s.permit = c.Permits[0].Last
		}
		return err
	}
	s.before, s.after = rec.Profile, rec.Profile
	if c.Profile != nil {
		s.after = c.Profile
	}
	if s.deleted = c.Delete; c.Delete || c.Clear && c.Profile == nil {
		s.after = nil
	}
	then := store.Record{Key: rec.Key, Pending: rec.Pending.Clone()}
	s.outbox[0] = then.Pending.Clone()
	then.Apply(&store.Changes{Delete: c.Delete, Clear: c.Clear, PendingDrop: c.PendingDrop, Pending: c.Pending})
	s.outbox[1] = then.Pending
	s.merging = partOfMerge(s.before, s.after)
	s.sends, s.moved, s.dropped = s.sends[:0], s.moved[:0], slices.Clone(c.SendLogDrop)
	if !s.merging {
		for _, x := range c.SendLog {
			if i := slices.IndexFunc(rec.SendLog, func(old store.SendLogEntry) bool { return old.ID == x.ID }); i < 0 {
				s.sends = append(s.sends, x)
			} else if rec.SendLog[i].At != x.At {
				s.moved = append(s.moved, moved{handle{x.ID, rec.SendLog[i].At}, x.At})
			}
		}
	}
	s.totals = slices.Clone(c.Totals)
	return nil
}

// partOfMerge reports whether a step belongs to a merge.
func partOfMerge(before, after *store.Profile) bool {
	var none store.Profile
	if before == nil {
		before = &none
	}
	if after == nil {
		after = &none
	}
	return before.Moving != after.Moving || before.Forward != after.Forward || len(before.MergedFrom) != len(after.MergedFrom)
}

// committed takes down what a step has done.
func (w *world) committed(p *process, key store.Key, s *spy) {
	b := &w.book
	b.commits++
	for _, x := range s.totals {
		k := totalKey{x.Message, x.Name}
		if store.IsLatest(x.Name) {
			b.totals[k] = max(b.totals[k], x.N)
			continue
		}
		b.totals[k] += x.N
	}
	t := w.current
	if key.Kind == store.KindThrottle && t.call.permit.IsZero() {
		t.call.permit = w.readingOf(s.permit)
	}
	if key == (store.Key{Kind: store.KindRun, ID: "sweep"}) {
		w.settled(t.call, s.totals)
	}
	if !key.Kind.IsContact() {
		return
	}
	t.call.committed = append(t.call.committed, commit{key, s.totals})
	who := w.personOf(key)
	for _, x := range s.sends {
		w.decided(p, who, key, &x)
	}
	for _, x := range s.moved {
		w.redate(key, x)
	}
	w.givenBack(s)
	w.holdsChanged(p, who, s)
	if !s.merging && !s.deleted {
		w.walksChanged(p, s)
		w.crossed(who, s)
	}
	w.pendingChanged(who, s)
}

// decided takes down a send that was committed.
func (w *world) decided(p *process, who *person, key store.Key, x *store.SendLogEntry) {
	t := w.current
	m := w.universe.byID[x.Message]
	d := &made{
		message: m, handle: handle{x.ID, x.At}, committed: w.book.commits, began: t.call.began,
		key: key, person: who, by: t.call, read: w.readingOf(x.At), pending: w.dials.has(outbox), tries: map[int]int{},
		queued: p.leaves && m.doc["channel"] == "email",
	}
	if d.read.IsZero() {
		w.fail(clockBroken, "%s sent %s to %v at %d, which no clock of it has said", p.name, x.Message, key, x.At)
		return
	}
	if old := w.book.made[d.handle]; old != nil && !old.released {
		w.fail(twiceBroken, "%s for %v was decided twice as %v", x.Message, key, d.handle)
		return
	}
	w.book.made[d.handle] = d
	w.book.sends = append(w.book.sends, d)
	t.call.decided = append(t.call.decided, d)
	w.note("decided %s for %v, %.8s, read at %v", x.Message, key.ID, x.ID, d.read.Sub(w.began))
}

// A moved send has another instant.
type moved struct {
	handle
	to int64
}

// redate takes down that a send was given another instant: a later one since its
// call was stalled, or an earlier one since a clock has stepped back (F6).
func (w *world) redate(key store.Key, x moved) {
	m, read := w.book.made[x.handle], w.readingOf(x.to)
	w.book.made[handle{x.id, x.to}] = m
	switch {
	case m == nil || read.IsZero():
		w.fail(clockBroken, "a send to %v was moved from %d to %d, which no clock has said", key, x.at, x.to)
		return
	case x.to < x.at && w.spread() == 0:
		w.fail(clockBroken, "%s to %v was set back by %d ms, and no clock has stepped back", m.message.id, key, x.at-x.to)
		return
	case x.to < x.at:
		w.note("%s for %v, %.8s, is set back by %d ms", m.message.id, key.ID, m.id, x.at-x.to)
		return // as far as clocks differ
	}
	w.note("%s for %v, %.8s, is as of %v", m.message.id, key.ID, m.id, read.Sub(w.began))
	m.redated = append(m.redated, redated{w.book.commits, read})
	m.unsure = true
	w.current.call.dated = append(w.current.call.dated, m)
}

// readingOf is when the running call has read an instant from its clock.
func (w *world) readingOf(said int64) (read time.Time) {
	for _, r := range w.current.call.readings {
		if r.said == said {
			read = r.at
		}
	}
	return read
}

// adds reports whether a step counts something of a message.
func adds(list []store.Increment, message, name string) bool {
	return slices.ContainsFunc(list, func(x store.Increment) bool { return x.Message == message && x.Name == name && x.N > 0 })
}

// increments is how often a step says that a message was judged or followed.
func increments(list []store.Increment, message string) (n int64, names []string) {
	for _, x := range list {
		if x.Message == message && x.N > 0 {
			n += x.N
			names = append(names, x.Name)
		}
	}
	return n, names
}
