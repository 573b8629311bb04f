package beckon

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"
	"unique"

	"github.com/beckon-go/beckon/store"
)

// A counterDef is what a condition needs counted beyond E4: the newest times
// of an event name, or the events of it that satisfy a rule (A7). Its
// identity is its definition, not the rule that uses it, so that rules which
// need the same share one and a changed rule keeps what was counted. It is
// immutable once its plan is compiled.
type counterDef struct {
	def   string
	event unique.Handle[string]
	where *compiledRule // nil: all events of the name
	keep  int           // how many of the newest times are needed
}

// A counterSet collects the counters that the rules of one plan need.
type counterSet struct {
	byDef   map[string]*counterDef
	byEvent map[unique.Handle[string]][]*counterDef // in the order of first need
}

// of returns the counters that an event of the name may enter.
func (s *counterSet) of(event unique.Handle[string]) []*counterDef {
	if s == nil {
		return nil
	}
	return s.byEvent[event]
}

// define returns the counter of that definition, keeping at least keep times.
func (s *counterSet) define(def string, event unique.Handle[string], where *compiledRule, keep int) *counterDef {
	d := s.byDef[def]
	if d == nil {
		d = &counterDef{def: def, event: event, where: where}
		if s.byDef == nil {
			s.byDef = make(map[string]*counterDef)
			s.byEvent = make(map[unique.Handle[string]][]*counterDef)
		}
		s.byDef[def] = d
		s.byEvent[event] = append(s.byEvent[event], d)
	}
	d.keep = max(d.keep, keep)
	return d
}

// maxDefLength is how long a definition may be in a record as it is; a longer
// one is its hash.
const maxDefLength = 128

// counterName returns the identity of a counter. A newline stands in no event
// name, so the two parts cannot run into each other.
func (c *ruleCompiler) counterName(event string, where *ruleTree, calendar bool) string {
	if where == nil {
		return event
	}
	canonical := c.canonicalRule(where, 0)
	if calendar {
		canonical += "@" + c.loc.String() // in another zone other events are meant
	}
	if len(canonical) > maxDefLength {
		sum := sha256.Sum256([]byte(canonical))
		canonical = "#" + hex.EncodeToString(sum[:16])
	}
	return event + "\n" + canonical
}

// admits reports whether an event enters the counter. s has the event's own
// metadata and page, and its arrival as now: dates in a where are judged as of
// then, so that counting on arrival and from the log agree.
func (d *counterDef) admits(s *scope) bool { return d.where.eval(s) }

// admitsLogged is admits for an event in the log. loc is the workspace's zone.
func (d *counterDef) admitsLogged(e *store.LoggedEvent, loc *time.Location) bool {
	if e.Name != d.event {
		return false
	}
	s := scope{Rec: &store.Record{}, Now: e.Arrived, Loc: loc, Fields: e.Metadata, Page: e.Page}
	return d.admits(&s)
}

// buildCounter counts the events of a log, in any order. since is the second
// from which the log is complete, 0 if it has all there ever were.
func buildCounter(d *counterDef, events []store.LoggedEvent, since int64, loc *time.Location) store.Counter {
	k := store.Counter{Def: d.def, Keep: d.keep, Since: since}
	for i := range events {
		if d.admitsLogged(&events[i], loc) {
			addToCounter(&k, events[i].At, d.keep)
		}
	}
	return k
}

// growCounter returns the counter with as many times as d needs, found in the
// log; what was counted stays, for it reaches further back than the log may.
func growCounter(old store.Counter, d *counterDef, events []store.LoggedEvent, since int64, loc *time.Location) store.Counter {
	grown := buildCounter(d, events, since, loc)
	if grown.Count >= old.Count {
		return grown // the log has it all
	}
	grown.Count, grown.First, grown.Last = old.Count, old.First, max(old.Last, grown.Last)
	if len(old.Times) > len(grown.Times) {
		grown.Times = slices.Clone(old.Times)
	}
	return grown
}

// caughtUp returns the counter with what it missed, found in the log of a contact
// whose newest event is last. since is as for buildCounter.
func caughtUp(k store.Counter, d *counterDef, events []store.LoggedEvent, last uint64, since int64, loc *time.Location) store.Counter {
	if k.Missed == 0 {
		return k
	}
	k.Times = slices.Clone(k.Times)
	found := uint64(0)
	for i := range events {
		if events[i].Seq < k.Missed {
			continue
		}
		found++
		if d.admitsLogged(&events[i], loc) {
			addToCounter(&k, events[i].At, d.keep)
		}
	}
	if found <= last-k.Missed { // the log no longer has all of them
		k.Since = max(k.Since, since)
	}
	k.Missed = 0
	return k
}

// list returns all counters, in an order that does not depend on the rules'.
func (s *counterSet) list() []*counterDef {
	out := slices.Collect(maps.Values(s.byDef))
	slices.SortFunc(out, func(a, b *counterDef) int { return strings.Compare(a.def, b.def) })
	return out
}
