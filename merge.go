package beckon

import (
	"cmp"
	"context"
	"slices"
)

// Merge makes one contact of two (C2): counts add, first is the earliest and
// last the latest, recent events, caps taken and events remembered are kept;
// where attributes differ those of into win, and the rest is filled from from.
// From then on both identities lead to the one contact. Merging a contact that
// is not known does nothing; merging into one that is not known creates it. To
// repeat a merge is safe, and no merge loosens a cap.
//
// A merge is a chain of steps on one record each: the record with the greater
// key is frozen, taken in by the other once, and then leads there. A crash
// between them leaves nothing half done that the next call on either contact,
// or [Engine.Due], does not finish.
func (e *Engine) Merge(ctx context.Context, from, into Identity) error {
	if err := e.open(); err != nil {
		return err
	}
	var errs ErrorList
	from.addFaults(&errs)
	into.addFaults(&errs)
	if err := errs.err(); err != nil {
		return err
	}
	for range maxTries {
		f, known, err := e.settle(ctx, from)
		if err != nil {
			return err
		}
		if !known {
			return nil
		}
		i, _, err := e.settle(ctx, into)
		if err != nil {
			return err
		}
		if f == i {
			return nil
		}
		lesser, greater := f, i
		if i.Compare(f) < 0 {
			lesser, greater = i, f
		}
		begun, err := e.freeze(ctx, greater, lesser, greater == i)
		if err != nil {
			return err
		}
		if begun {
			return e.finishMove(ctx, greater)
		}
	}
	return errNeed
}

// settle gives the record that an identity leads to, and whether it exists.
func (e *Engine) settle(ctx context.Context, who Identity) (Key, bool, error) {
	key, err := e.resolve(ctx, who)
	if err != nil {
		return Key{}, false, err
	}
	for range maxTries {
		var exists, moving bool
		var forward Key
		err := e.store.Read(ctx, []Key{key}, func(rec *Record) error {
			exists = rec.Exists
			if p := rec.Profile; p != nil {
				forward, moving = p.Forward, !p.Moving.IsZero()
			}
			return nil
		})
		switch {
		case err != nil:
			return Key{}, false, storeError(err)
		case moving:
			if err := e.finishMove(ctx, key); err != nil {
				return Key{}, false, err
			}
		case !forward.IsZero():
			key = forward
		default:
			return key, exists, nil
		}
	}
	return Key{}, false, errNeed
}

// freeze marks a record as moving: from now on nobody changes it but to finish
// the move. It reports false if the record meanwhile leads elsewhere, or is
// moving already: then the merge begins again.
func (e *Engine) freeze(ctx context.Context, key, to Key, wins bool) (bool, error) {
	begun := false
	err := e.stepOnce(ctx, []Step{{Key: key, Decider: deciderFunc(func(rec *Record, c *Changes) error {
		begun = false
		if p := rec.Profile; p != nil && (!p.Forward.IsZero() || !p.Moving.IsZero()) {
			return nil
		}
		p := rec.Profile.clone()
		p.Moving, p.MoveWins = to, wins
		p.Generation++
		c.Profile, c.Touch = p, true
		begun = true
		return nil
	})}})
	return begun, err
}

// finishMove finishes the move of a frozen record: its target takes it in,
// once, then it leads there. Any number of callers may finish one move at the
// same time.
func (e *Engine) finishMove(ctx context.Context, key Key) error {
	var frozen *Record
	err := e.store.Read(ctx, []Key{key}, func(rec *Record) error {
		if p := rec.Profile; p != nil && !p.Moving.IsZero() {
			frozen = rec.clone()
		}
		return nil
	})
	if err != nil {
		return storeError(err)
	}
	if frozen == nil {
		return nil // somebody else was faster
	}
	// The log does not change any more: the record is frozen.
	events, err := e.store.Events(ctx, key, Mark{}, max(e.cfg.recentEvents, 1))
	if err != nil {
		return storeError(err)
	}
	target, err := e.takeIn(ctx, frozen, events)
	if err != nil {
		return err
	}
	return e.stepOnce(ctx, []Step{{Key: key, Decider: deciderFunc(func(rec *Record, c *Changes) error {
		p := rec.Profile
		if p == nil || p.Moving.IsZero() || p.Generation != frozen.Profile.Generation {
			return nil
		}
		c.Clear = true
		c.Profile = &Profile{Forward: target, Generation: p.Generation}
		return nil
	})}})
}

// takeIn lets the target of a move take the frozen record in, and gives the
// record that finally did: the target may itself have moved on.
func (e *Engine) takeIn(ctx context.Context, frozen *Record, events []LoggedEvent) (Key, error) {
	target := frozen.Profile.Moving
	st, now := e.states.load(), e.clock() // a decision under the store's lock calls no clock
	var own []LoggedEvent
	var ownSeq uint64
	for range maxTries {
		var forward Key
		var moving, again bool
		step := []Step{{Key: target, Decider: deciderFunc(func(rec *Record, c *Changes) error {
			forward, moving, again = Key{}, false, false
			if p := rec.Profile; p != nil {
				switch {
				case !p.Forward.IsZero():
					forward = p.Forward
					return nil
				case !p.Moving.IsZero():
					moving = true
					return nil
				case slices.Contains(p.Took, Took{From: frozen.Key, Generation: frozen.Profile.Generation}):
					return nil
				}
			}
			if len(frozen.Counters) > 0 && rec.EventSeq != ownSeq {
				// To add counters that only one side has, the other's log is
				// needed as it is now.
				again, ownSeq = true, rec.EventSeq
				return nil
			}
			m := merger{cfg: &e.cfg, st: st, now: now, into: rec, from: frozen, c: c, intoLog: own, fromLog: events}
			m.merge()
			return nil
		})}}
		if err := e.stepOnce(ctx, step); err != nil {
			return Key{}, err
		}
		switch {
		case again:
			list, err := e.store.Events(ctx, target, Mark{}, max(e.cfg.recentEvents, 1))
			if err != nil {
				return Key{}, storeError(err)
			}
			own = slices.DeleteFunc(list, func(x LoggedEvent) bool { return x.Seq > ownSeq })
		case moving:
			if err := e.finishMove(ctx, target); err != nil {
				return Key{}, err
			}
		case !forward.IsZero():
			target, own, ownSeq = forward, nil, 0
		default:
			return target, nil
		}
	}
	return Key{}, errNeed
}

// A merger adds one record to another: the changes to the one that stays.
type merger struct {
	cfg              *config
	st               *state
	now              int64
	into, from       *Record // into stays; which one's attributes win is from.Profile.MoveWins
	c                *Changes
	intoLog, fromLog []LoggedEvent
}

func (m *merger) merge() {
	c, into, from := m.c, m.into, m.from
	c.Touch = true
	c.LastSeen = max(into.LastSeen, from.LastSeen)
	c.EventSeq = into.EventSeq + from.EventSeq
	for _, s := range from.Stats {
		t, known := into.Stat(s.Name)
		if known {
			s.Count = addCounts(s.Count, t.Count)
			s.First, s.Last = min(s.First, t.First), max(s.Last, t.Last)
		}
		c.Stats = append(c.Stats, s)
	}
	for _, s := range from.Sends {
		if i, found := slices.BinarySearchFunc(into.Sends, s, compareSends); found {
			t := into.Sends[i]
			s.Count += t.Count
			s.Last, s.Prior = max(s.Last, t.Last), max(s.Prior, t.Prior)
		}
		c.Sends = append(c.Sends, s)
	}
	for _, s := range from.Log {
		s.Sequence += m.made(s.Message)
		c.Log = append(c.Log, s)
	}
	c.SortLog = true
	m.seen()
	m.counters()
	for _, x := range m.fromLog {
		x.Seq += into.EventSeq
		c.Events = append(c.Events, x)
	}
	c.KeepEvents, c.EventsFrom = m.cfg.recentEvents, floorSeconds(m.now-m.cfg.recentFor)
	m.profile()
}

// made gives how many numbers the contact that stays has used for a message:
// those of the other count on from there. If one of them is given back and used
// again, the id made of it is new, for ids are made under the key that stays.
func (m *merger) made(message string) (n uint32) {
	for i := range m.into.Sends {
		if s := &m.into.Sends[i]; s.Message == message && !s.Control {
			n += s.Count
		}
	}
	if p := m.into.Profile; p != nil {
		for _, f := range p.Free {
			if f.Message == message {
				n++
			}
		}
	}
	return n
}

func addCounts(a, b uint64) uint64 {
	if a+b < a {
		return ^uint64(0)
	}
	return a + b
}

// seen unites the events remembered, oldest first, the newest of them if they
// are too many.
func (m *merger) seen() {
	all := slices.Concat(m.into.Seen, m.from.Seen)
	slices.SortStableFunc(all, func(a, b Seen) int { return cmp.Compare(a.At, b.At) })
	if over := len(all) - m.cfg.repeats; over > 0 {
		all = all[over:]
	}
	m.c.SeenDrop = len(m.into.Seen)
	m.c.Seen = append(m.c.Seen, all...)
}

// counters adds the counters of both. Where only one side has a counter and
// the other has events of its name, the missing one is built from that side's
// log.
func (m *merger) counters() {
	var defs []string
	for _, list := range [][]Counter{m.into.Counters, m.from.Counters} {
		for i := range list {
			if !slices.Contains(defs, list[i].Def) {
				defs = append(defs, list[i].Def)
			}
		}
	}
	for _, def := range defs {
		a := m.counter(def, m.into, m.intoLog)
		b := m.counter(def, m.from, m.fromLog)
		m.c.Counters = append(m.c.Counters, mergeCounters(a, b))
	}
}

func (m *merger) counter(def string, rec *Record, log []LoggedEvent) Counter {
	for i := range rec.Counters {
		if rec.Counters[i].Def == def {
			return rec.Counters[i]
		}
	}
	for _, d := range m.st.plan.counters {
		if d.def != def {
			continue
		}
		if st, ok := rec.Stat(d.event); !ok || st.Count == 0 {
			break
		}
		since := int64(0)
		if uint64(len(log)) != rec.EventSeq {
			since = floorSeconds(m.now)
			if len(log) > 0 {
				since = log[len(log)-1].At + 1
			}
		}
		return buildCounter(d, log, since, m.st.plan.loc)
	}
	return Counter{Def: def}
}

// profile unites what is rarely touched. winner is the side of the caller's
// into.
func (m *merger) profile() {
	winner, other := m.into, m.from
	if m.from.Profile.MoveWins {
		winner, other = m.from, m.into
	}
	w, o := winner.Profile.clone(), other.Profile.clone()
	p := m.into.Profile.clone()
	p.Attributes = nil
	for _, a := range o.Attributes {
		if a.Name == "role" && a.Value.Text() == "visitor" {
			continue // a known contact is a visitor no more
		}
		p.set(a.Name, a.Value)
	}
	for _, a := range w.Attributes {
		p.set(a.Name, a.Value)
	}
	m.identities(p, winner, other)
	if q := m.from.Profile; p.Created == 0 || q.Created != 0 && q.Created < p.Created {
		p.Created = q.Created
	}
	p.Companies = unite(w.Companies, o.Companies)
	p.Unsubscribed = unite(w.Unsubscribed, o.Unsubscribed)
	slices.Sort(p.Unsubscribed)
	p.LastCheck = max(w.LastCheck, o.LastCheck)
	for _, h := range m.from.Profile.Holds {
		h.Ord += m.into.EventSeq
		p.Holds = append(p.Holds, h)
	}
	sortHolds(p.Holds)
	p.Walks = w.Walks
	for _, x := range o.Walks {
		if !slices.ContainsFunc(p.Walks, func(y Walk) bool { return y.Series == x.Series }) {
			p.Walks = append(p.Walks, x)
		}
	}
	slices.SortFunc(p.Walks, func(a, b Walk) int { return cmp.Compare(a.Series, b.Series) })
	for _, g := range m.from.Profile.Goals {
		i, found := slices.BinarySearchFunc(p.Goals, g, compareGoals)
		if !found {
			p.Goals = slices.Insert(p.Goals, i, g)
			continue
		}
		t := &p.Goals[i]
		t.Converted = t.Converted || g.Converted
		t.Control = t.Control && g.Control
		t.Until = max(t.Until, g.Until)
	}
	p.Dates = unite(p.Dates, m.from.Profile.Dates)
	p.Pending = append(p.Pending, m.from.Profile.Pending...)
	p.Took = append(unite(p.Took, m.from.Profile.Took), Took{From: m.from.Key, Generation: m.from.Profile.Generation})
	p.Aliases = unite(p.Aliases, append(slices.Clone(m.from.Profile.Aliases), m.from.Key))
	for _, f := range m.from.Profile.Free {
		f.Sequence += m.made(f.Message)
		p.Free = append(p.Free, f)
	}
	m.c.Profile = p
}

// identities gives the contact that stays the identities of both; where both
// have one of a kind, the winner's.
func (m *merger) identities(p *Profile, winner, other *Record) {
	for _, name := range []string{"user_id", "id", "email", "anonymous_id"} {
		v := userAttribute(winner, name)
		if v.IsUnknown() {
			v = userAttribute(other, name)
		}
		if v.IsUnknown() || keyAttribute(m.into.Key, name) == v.Text() {
			p.set(name, Value{})
			if name != "email" {
				continue
			}
		}
		p.set(name, v)
	}
}

// unite gives the elements of both lists, each once, those of a first.
func unite[T comparable](a, b []T) []T {
	out := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}
