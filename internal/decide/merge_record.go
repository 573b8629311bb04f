package decide

import (
	"cmp"
	"slices"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/intern"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// maxTook is how many merges a record remembers to have taken in. One is only
// asked for until the record that moved leads there, which anyone meeting it
// sees to: the oldest of so many is long done.
const maxTook = 1000

// A Merger adds one record to another: the changes to the one that stays.
type Merger struct {
	Limits           *Limits
	State            *State
	Now              int64
	At               int64         // when the merge began
	Into, From       *store.Record // into stays; which one's attributes win is from.Profile.MoveWins
	Changes          *store.Changes
	IntoLog, FromLog []store.LoggedEvent
}

// Merge writes what becomes of the record that takes the other in.
func (m *Merger) Merge() {
	c, into, from := m.Changes, m.Into, m.From
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
	for _, s := range from.SendStats {
		if i, found := slices.BinarySearchFunc(into.SendStats, s, store.SendStats.Compare); found {
			t := into.SendStats[i]
			s.Count += t.Count
			s.Last, s.Prior = max(s.Last, t.Last), max(s.Prior, t.Prior)
		}
		c.SendStats = append(c.SendStats, s)
	}
	for _, s := range from.SendLog {
		s.Sequence += m.numbersUsed(s.Message)
		c.SendLog = append(c.SendLog, s)
	}
	c.SortSendLog = true
	m.seen()
	m.counters()
	for _, x := range m.FromLog {
		x.Seq += into.EventSeq
		c.Events = append(c.Events, x)
	}
	c.KeepEvents, c.EventsFrom = m.Limits.RecentEvents, m.Limits.RecentFrom(m.Now)
	m.profile()
}

// numbersUsed returns how many numbers the contact that stays has used for a message:
// those of the other count on from there. If one of them is given back and used
// again, the id made of it is new, for ids are made under the key that stays.
func (m *Merger) numbersUsed(message string) (n uint32) {
	for i := range m.Into.SendStats {
		if s := &m.Into.SendStats[i]; s.Message == message && !s.Control {
			n += s.Count
		}
	}
	if p := m.Into.Profile; p != nil {
		for _, f := range p.FreeSequences {
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

// seen unites the events remembered, oldest first, however many they are: a
// merge forgets none but those whose time is over.
func (m *Merger) seen() {
	all := slices.Concat(m.Into.Dedup, m.From.Dedup)
	all = slices.DeleteFunc(all, func(s store.Dedup) bool { return s.At <= m.Now-m.Limits.RepeatsFor })
	slices.SortStableFunc(all, func(a, b store.Dedup) int { return cmp.Compare(a.At, b.At) })
	m.Changes.DedupDrop = len(m.Into.Dedup)
	m.Changes.Dedup = append(m.Changes.Dedup, all...)
}

// counters adds the counters of both. Where only one side has a counter and
// the other has events of its name, the missing one is built from that side's
// log; where no rule needs it now, it is to be counted anew once one does.
func (m *Merger) counters() {
	var defs []string
	for _, list := range [][]store.Counter{m.Into.Counters, m.From.Counters} {
		for i := range list {
			if !slices.Contains(defs, list[i].Def) {
				defs = append(defs, list[i].Def)
			}
		}
	}
	for _, def := range defs {
		a := m.counter(def, m.Into, m.IntoLog)
		b := m.counter(def, m.From, m.FromLog)
		k := a
		k.Missed = m.Into.EventSeq + 1 // where from's events begin
		if a.Missed != 0 || b.Missed == 0 {
			k = MergeCounters(a, b)
		}
		m.Changes.Counters = append(m.Changes.Counters, k)
	}
}

func (m *Merger) counter(def string, rec *store.Record, log []store.LoggedEvent) store.Counter {
	var d *rule.CounterDef
	if i := slices.IndexFunc(m.State.Plan.Counters, func(d *rule.CounterDef) bool { return d.Def == def }); i >= 0 {
		d = m.State.Plan.Counters[i]
	}
	since := int64(0)
	if uint64(len(log)) != rec.EventSeq {
		since = calendar.FloorSeconds(m.Now)
		if len(log) > 0 {
			since = log[len(log)-1].At + 1
		}
	}
	none := store.Counter{Def: def}
	for i := range rec.Counters {
		switch k := rec.Counters[i]; {
		case k.Def != def:
		case k.Missed == 0:
			return k
		case d == nil:
			return store.Counter{Def: def, Missed: 1}
		default:
			return rule.CaughtUp(k, d, log, rec.EventSeq, since, m.State.Plan.Loc)
		}
	}
	switch occurred := slices.ContainsFunc(rec.Stats, func(s store.Stats) bool { return s.Count > 0 && rule.CountsEvent(&none, s.Name.Value()) }); {
	case !occurred:
		return none
	case d == nil:
		return store.Counter{Def: def, Missed: 1}
	}
	return rule.BuildCounter(d, log, since, m.State.Plan.Loc)
}

// profile unites what is rarely touched. winner is the side of the caller's
// into.
func (m *Merger) profile() {
	winner, other := m.Into, m.From
	if m.From.Profile.MoveWins {
		winner, other = m.From, m.Into
	}
	w, o := CloneProfile(winner.Profile), CloneProfile(other.Profile)
	p := CloneProfile(m.Into.Profile)
	p.Attributes = nil
	for _, a := range o.Attributes {
		if intern.Text(a.Name) == "role" && a.Value.Text() == "visitor" {
			continue // a known contact is a visitor no more
		}
		SetAttribute(p, intern.Text(a.Name), a.Value)
	}
	for _, a := range w.Attributes {
		SetAttribute(p, intern.Text(a.Name), a.Value)
	}
	m.identities(p, winner, other)
	if q := m.From.Profile; p.Created == 0 || q.Created != 0 && q.Created < p.Created {
		p.Created = q.Created
	}
	p.Companies = Unite(w.Companies, o.Companies)
	p.Unsubscribed = Unite(w.Unsubscribed, o.Unsubscribed)
	slices.Sort(p.Unsubscribed)
	p.LastCheck = max(w.LastCheck, o.LastCheck)
	p.Holds = m.holds()
	p.SeriesStates = w.SeriesStates
	for _, x := range o.SeriesStates {
		if !slices.ContainsFunc(p.SeriesStates, func(y store.SeriesState) bool { return y.Series == x.Series }) {
			p.SeriesStates = append(p.SeriesStates, x)
		}
	}
	slices.SortFunc(p.SeriesStates, func(a, b store.SeriesState) int { return cmp.Compare(a.Series, b.Series) })
	for _, g := range m.From.Profile.Goals {
		i, found := slices.BinarySearchFunc(p.Goals, g, compareGoals)
		if !found {
			p.Goals = slices.Insert(p.Goals, i, g)
			continue
		}
		t := &p.Goals[i]
		t.Converted = t.Converted || g.Converted
		t.Control = t.Control && g.Control
		t.Until = max(t.Until, g.Until)
		t.Sent = min(t.Sent, g.Sent) // since then it has not been reached
	}
	p.Dates = Unite(p.Dates, m.From.Profile.Dates)
	p.Pending = append(p.Pending, m.From.Profile.Pending...)
	slices.SortStableFunc(p.Pending, func(a, b store.Pending) int { return a.Delivery.At.Compare(b.Delivery.At) })
	p.MergedFrom = append(Unite(p.MergedFrom, m.From.Profile.MergedFrom), store.MergedFrom{From: m.From.Key, Generation: m.From.Profile.Generation})
	if over := len(p.MergedFrom) - maxTook; over > 0 {
		p.MergedFrom = slices.Delete(p.MergedFrom, 0, over)
	}
	p.Aliases = Unite(p.Aliases, append(slices.Clone(m.From.Profile.Aliases), m.From.Key))
	p.Matched = Unite(p.Matched, m.From.Profile.Matched)
	slices.Sort(p.Matched)
	p.Merged = max(p.Merged, m.From.Profile.Merged, m.At, 1)
	for _, f := range m.From.Profile.FreeSequences {
		f.Sequence += m.numbersUsed(f.Message)
		p.FreeSequences = append(p.FreeSequences, f)
	}
	m.Changes.Profile = p
}

// identities returns the contact that stays the identities of both; where both
// have one of a kind, the winner's.
func (m *Merger) identities(p *store.Profile, winner, other *store.Record) {
	for _, name := range []string{"user_id", "id", "email", "anonymous_id"} {
		v := rule.UserAttribute(winner, name)
		if v.IsUnknown() {
			v = rule.UserAttribute(other, name)
		}
		if v.IsUnknown() || m.Into.Key.Attribute(name) == v.Text() {
			SetAttribute(p, name, value.Value{})
			if name != "email" {
				continue
			}
		}
		SetAttribute(p, name, peek.Value(v))
	}
}

// Unite returns the elements of both lists, each once, those of a first.
func Unite[T comparable](a, b []T) []T {
	out := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// NeedsLog reports whether a record that takes another in needs its own event
// log, as it is then: to add counters that only one side has, or that missed
// something, or to see what has followed an event that waits.
func NeedsLog(rec, frozen *store.Record) bool {
	waits := func(p *store.Profile) bool {
		return p != nil && slices.ContainsFunc(p.Holds, func(h store.Hold) bool { return h.Absence })
	}
	missed := func(k store.Counter) bool { return k.Missed != 0 }
	return len(frozen.Counters) > 0 || slices.ContainsFunc(rec.Counters, missed) || waits(rec.Profile) || waits(frozen.Profile)
}

// holds joins what waits in both contacts (T6): what the other has done since
// cancels it, and of two that wait for the same the later one stays.
func (m *Merger) holds() []store.Hold {
	var own []store.Hold
	if p := m.Into.Profile; p != nil {
		own = p.Holds
	}
	all := m.unfollowed(own, m.Into, m.IntoLog, m.FromLog)
	for _, h := range m.unfollowed(m.From.Profile.Holds, m.From, m.FromLog, m.IntoLog) {
		h.Order += m.Into.EventSeq
		var u *plan.Unless
		if msg := m.State.Plan.ByID[h.Message]; msg != nil {
			u = msg.Unless
		}
		i := slices.IndexFunc(all, func(x store.Hold) bool { return holdDeadline(&h, u) >= m.At && restarts(&h, &x, u, m.At) })
		switch {
		case i < 0:
			all = append(all, h)
		case h.Event.Arrived > all[i].Event.Arrived:
			all[i] = h
		}
	}
	sortHolds(all)
	return all
}

// unfollowed returns those of a contact's holds that no event cancels: one in the
// log of the other contact that arrived after the event that waits, or with it,
// and in time, or one in its own that came to an engine without the message
// (D12). What is overdue stands, whatever the other has done: a Due on time
// would have sent it. What it waited to be sure of is sure.
func (m *Merger) unfollowed(list []store.Hold, of *store.Record, own, other []store.LoggedEvent) []store.Hold {
	out, zone := make([]store.Hold, 0, len(list)), m.State.zoneOf(of.Profile)
	for _, h := range list {
		msg := m.State.Plan.ByID[h.Message]
		if !h.Absence || msg == nil || msg.Unless == nil {
			out = append(out, h)
			continue
		}
		overdue := cancellable(&h, msg, zone) < m.At
		if followedIn(&h, own, msg, zone) || !overdue && slices.ContainsFunc(other, func(x store.LoggedEvent) bool {
			return x.Arrived >= h.Event.Arrived && !x.Import && followedBy(&h, msg, zone, x.Name, x.Metadata, x.Arrived)
		}) {
			m.Changes.Totals = append(m.Changes.Totals, store.Increment{Message: h.Message, Name: TotalFollowed, N: 1})
			continue
		}
		h.Absence = !overdue
		out = append(out, h)
	}
	return out
}
