package decide

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/consent"
	"github.com/beckon-go/beckon/internal/intern"
	"github.com/beckon-go/beckon/internal/ledger"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/perkey"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/internal/walk"
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
	Into, From       *store.Record // into stays; which one's attributes win is from.Profile.Rare
	Changes          *store.Changes
	IntoLog, FromLog []store.LoggedEvent

	into, from mergedLog
	numbers    map[string]uint32 // see numbersUsed
}

// A mergedLog is one of the two logs, as it is asked.
type mergedLog struct {
	counted rule.Log
	follows followLog
}

// Merge writes what becomes of the record that takes the other in.
func (m *Merger) Merge() {
	c, into, from := m.Changes, m.Into, m.From
	m.into, m.from = mergedLog{rule.Log{Events: m.IntoLog}, followLog{events: m.IntoLog}}, mergedLog{rule.Log{Events: m.FromLog}, followLog{events: m.FromLog}}
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
			s.Composed = s.Composed && t.Composed
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
	m.pending()
	m.profile()
}

// numbersUsed returns how many numbers the contact that stays has used for a message:
// those of the other count on from there. If one of them is given back and used
// again, the id made of it is new, for ids are made under the key that stays.
func (m *Merger) numbersUsed(message string) uint32 {
	if m.numbers == nil {
		m.numbers = make(map[string]uint32)
		for i := range m.Into.SendStats {
			if s := &m.Into.SendStats[i]; !s.Control {
				m.numbers[s.Message] += s.Count
			}
		}
		if p := m.Into.Profile; p != nil {
			for _, f := range p.FreeSequences {
				m.numbers[f.Message]++
			}
		}
	}
	return m.numbers[message]
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
	defs := rows.Merge(m.Into.Counters, m.From.Counters, store.Counter.Compare, func(a, _ store.Counter) store.Counter { return a })
	for i := range defs {
		a := m.counter(defs[i].Def, m.Into, &m.into.counted)
		b := m.counter(defs[i].Def, m.From, &m.from.counted)
		k := a
		k.Missed = m.Into.EventSeq + 1 // where from's events begin
		if a.Missed != 0 || b.Missed == 0 {
			k = MergeCounters(a, b)
		}
		m.Changes.Counters = append(m.Changes.Counters, k)
	}
}

func (m *Merger) counter(def string, rec *store.Record, log *rule.Log) store.Counter {
	d := m.State.Plan.Counter(def)
	since := int64(0)
	if uint64(len(log.Events)) != rec.EventSeq {
		since = calendar.FloorSeconds(m.Now)
		if n := len(log.Events); n > 0 {
			since = log.Events[n-1].At + 1
		}
	}
	if i, found := rule.FindCounter(rec.Counters, def); found {
		switch k := rec.Counters[i]; {
		case k.Missed == 0:
			return k
		case d == nil:
			return store.Counter{Def: def, Missed: 1}
		default:
			return rule.CaughtUp(k, d, log, rec.EventSeq, since, m.State.Plan.Loc)
		}
	}
	at := rec.Search(rule.CountedEvent(def))
	switch occurred := at < len(rec.Stats) && intern.Text(rec.Stats[at].Name) == rule.CountedEvent(def) && rec.Stats[at].Count > 0; {
	case !occurred:
		return store.Counter{Def: def}
	case d == nil:
		return store.Counter{Def: def, Missed: 1}
	}
	return rule.BuildCounter(d, log, since, m.State.Plan.Loc)
}

// profile unites what is rarely touched. winner is the side of the caller's
// into.
func (m *Merger) profile() {
	winner, other := m.Into, m.From
	if m.From.Profile.Rarely().MoveWins {
		winner, other = m.From, m.Into
	}
	w, o := CloneProfile(winner.Profile), CloneProfile(other.Profile)
	p := CloneProfile(m.Into.Profile)
	o.Attributes = slices.DeleteFunc(o.Attributes, func(a store.Attribute) bool {
		return intern.Text(a.Name) == "role" && a.Value.Text() == "visitor" // a known contact is a visitor no more
	})
	compare := func(a, b store.Attribute) int { return strings.Compare(intern.Text(a.Name), intern.Text(b.Name)) }
	p.Attributes = rows.Merge(w.Attributes, o.Attributes, compare, func(a, _ store.Attribute) store.Attribute { return a })
	m.identities(p, winner, other)
	if v := visitsOf(winner).joined(visitsOf(other)); v.count > 0 {
		v.write(p)
	}
	if q := m.From.Profile; p.Created == 0 || q.Created != 0 && q.Created < p.Created {
		p.Created = q.Created
	}
	p.Companies = rows.Unite(w.Companies, o.Companies)
	p.Unsubscribed = rows.Unite(w.Unsubscribed, o.Unsubscribed)
	slices.Sort(p.Unsubscribed)
	p.LastCheck = max(w.LastCheck, o.LastCheck)
	if choices := consent.Joined(w.Rarely().Choices, o.Rarely().Choices); len(choices) > 0 {
		p.Own().Choices = choices
	}
	if until := m.snooze(w, o); until != p.Rarely().SnoozedUntil {
		p.Own().SnoozedUntil = until
	}
	p.Holds = m.holds()
	p.SeriesStates = rows.Merge(w.SeriesStates, o.SeriesStates, compareWalks, walk.Join)
	p.Goals = rows.Merge(p.Goals, m.From.Profile.Goals, compareGoals, func(t, g store.GoalState) store.GoalState {
		t.Converted = t.Converted || g.Converted
		t.Control = t.Control && g.Control
		t.Until = max(t.Until, g.Until)
		t.Sent = min(t.Sent, g.Sent) // since then it has not been reached
		return t
	})
	p.Dates = rows.Unite(p.Dates, m.From.Profile.Dates)
	if list := m.armed(); len(list) > 0 || len(p.Rarely().Armed) > 0 {
		p.Own().Armed = list
	}
	p.MergedFrom = append(rows.Unite(p.MergedFrom, m.From.Profile.MergedFrom), store.MergedFrom{From: m.From.Key, Generation: m.From.Profile.Generation})
	if over := len(p.MergedFrom) - maxTook; over > 0 {
		p.MergedFrom = slices.Delete(p.MergedFrom, 0, over)
	}
	p.Aliases = rows.Unite(p.Aliases, append(slices.Clone(m.From.Profile.Aliases), m.From.Key))
	p.Matched = rows.Unite(p.Matched, m.From.Profile.Matched)
	slices.Sort(p.Matched)
	if seen := rows.Merge(w.Rarely().Crossings, o.Rarely().Crossings, compareCrossings, func(a, _ store.Crossing) store.Crossing { return a }); len(seen) > 0 {
		p.Own().Crossings = seen
	}
	if values := m.From.Profile.Rarely().PerValue; len(values) > 0 {
		p.Own().PerValue = perkey.Merge(p.Rarely().PerValue, values, m.numbersUsed)
	}
	if list := m.From.Profile.Rarely().Decided; len(list) > 0 {
		p.Own().Decided = ledger.Merge(p.Rarely().Decided, list, m.numbersUsed, cmp.Or(m.Limits.Decisions, MaxDecisions))
	}
	p.Merged = max(p.Merged, m.From.Profile.Merged, m.At, 1)
	for _, f := range m.From.Profile.FreeSequences {
		f.Sequence += m.numbersUsed(f.Message)
		p.FreeSequences = append(p.FreeSequences, f)
	}
	m.Changes.Profile = p
	m.Changes.Totals = walk.Tally(m.Changes.Totals, walksOf(m.Into), p.SeriesStates)
}

// snooze is the winner's, or the other's if the winner has none that lasts.
func (m *Merger) snooze(winner, other *store.Profile) int64 {
	for _, p := range [...]*store.Profile{winner, other} {
		if until := p.Rarely().SnoozedUntil; until > m.Now {
			return until
		}
	}
	return 0
}

// armed joins the dates that fall due: the first occasion of the joined contact finds
// when they do.
func (m *Merger) armed() []store.ArmedDate {
	return rows.Merge(m.Into.Profile.Rarely().Armed, m.From.Profile.Rarely().Armed, compareArmed, func(a, b store.ArmedDate) store.ArmedDate {
		if a.Due == 0 || b.Due != 0 && b.Due < a.Due {
			a.Due = b.Due
		}
		a.Held = cmp.Or(a.Held, b.Held)
		return a
	})
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
	all := m.unfollowed(own, m.Into, &m.into.follows, &m.from.follows)
	places := make(map[heldName][]int, len(all)) // of those that wait to be sure
	for i := range all {
		if name := nameOfHold(&all[i]); all[i].Absence {
			places[name] = append(places[name], i)
		}
	}
	theirs := m.unfollowed(m.From.Profile.Holds, m.From, &m.from.follows, &m.into.follows)
	for i := range theirs {
		theirs[i].Order += m.Into.EventSeq
	}
	arrange(all, theirs)
	for _, h := range theirs {
		msg, zone := m.State.Plan.ByID[h.Message], m.State.ZoneOf(m.From.Profile)
		name := nameOfHold(&h)
		k := -1
		if holdDeadline(&h, msg, zone) >= m.At {
			k = slices.IndexFunc(places[name], func(i int) bool { return restarts(&h, &all[i], holdDeadline(&all[i], msg, zone), m.At) })
		}
		switch {
		case k < 0:
			if h.Absence {
				places[name] = append(places[name], len(all))
			}
			all = append(all, h)
		case h.Event.Arrived > all[places[name][k]].Event.Arrived:
			all[places[name][k]] = h
		}
	}
	sortHolds(all)
	return all
}

// A heldName is what two holds have in common that wait for the same.
type heldName struct {
	message, same string
	keyed, has    bool
}

func nameOfHold(h *store.Hold) heldName { return heldName{h.Message, h.Same, h.Keyed, h.HasSame} }
