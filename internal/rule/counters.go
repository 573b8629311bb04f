package rule

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/internal/tally"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A CounterDef is what a condition needs counted beyond E4: the newest times
// of an event name, the events of it that satisfy a rule (A7), or the values that they
// have under a metadata key (A13). Its
// identity is its definition, not the rule that uses it, so that rules which
// need the same share one and a changed rule keeps what was counted. It is
// immutable once its plan is compiled.
type CounterDef struct {
	Def   string
	Event unique.Handle[string]
	Where *Compiled // nil: all events of the name
	Keep  int       // how many of the newest times are needed
	Tally tally.Kind
	of    string // the key whose values count, folded

	SinceEntry bool // only what happened since the walk began (A15)
}

// FromEvents reports whether what is asked is answered from the recent events kept: it
// depends on the triggering event (A14), or on when a walk began (A15), so that no counter
// can know it.
func (d *CounterDef) FromEvents() bool {
	return d != nil && (d.SinceEntry || d.Where != nil && d.Where.usesTrigger)
}

// A CounterSet collects the counters that the rules of one plan need.
type CounterSet struct {
	byDef   map[string]*CounterDef
	byEvent map[unique.Handle[string]][]*CounterDef // in the order of first need
}

// of returns the counters that an event of the name may enter.
func (s *CounterSet) of(event unique.Handle[string]) []*CounterDef {
	if s == nil {
		return nil
	}
	return s.byEvent[event]
}

// define returns the counter with the definition of d, keeping at least as many times.
func (s *CounterSet) define(made CounterDef) *CounterDef {
	d := s.byDef[made.Def]
	if d == nil {
		d = &made
		if s.byDef == nil {
			s.byDef = make(map[string]*CounterDef)
			s.byEvent = make(map[unique.Handle[string]][]*CounterDef)
		}
		s.byDef[d.Def] = d
		s.byEvent[d.Event] = append(s.byEvent[d.Event], d)
	}
	d.Keep = max(d.Keep, made.Keep)
	return d
}

// maxDefLength is how long a definition may be in a record as it is; a longer
// one is its hash.
const maxDefLength = 128

// name returns the identity of a counter: the event, what of its values is kept, and
// the where. A newline stands in no event name and no key, and no where begins with a
// plus, so that the parts cannot run into each other.
func (d *CounterDef) name(c *Compiler, event string, where *Rule) string {
	kind, rest := "", ""
	if d.Tally != tally.None {
		kind, rest = "\n+"+tally.Words[d.Tally]+" ", d.of
		if where != nil {
			rest += "\n"
		}
	}
	if where != nil {
		rest += c.canonicalRule(where, 0)
		if d.Where.calendar {
			rest += "@" + c.Loc.String() // in another zone other events are meant
		}
	}
	if rest == "" {
		return event
	}
	if len(rest) > maxDefLength {
		sum := sha256.Sum256([]byte(rest))
		rest = "#" + hex.EncodeToString(sum[:16])
	}
	if kind == "" {
		kind = "\n"
	}
	return event + kind + rest
}

// TallyOf returns what a counter of that definition keeps of values.
func TallyOf(def string) tally.Kind {
	_, rest, _ := strings.Cut(def, "\n+")
	word, _, _ := strings.Cut(rest, " ")
	return tally.Kind(max(slices.Index(tally.Words[:], word), 0))
}

// Admits reports whether an event enters the counter. s has the event's own
// metadata and page, and its arrival as now: dates in a where are judged as of
// then, so that counting on arrival and from the log agree.
func (d *CounterDef) Admits(s *Scope) bool {
	if d.Tally == tally.None {
		return d.Where.Eval(s)
	}
	v := d.value(s.Fields)
	return v != nil && d.Tally.Takes(v) && d.Where.Eval(s)
}

// value returns what an event has under the key whose values count, nil for nothing.
func (d *CounterDef) value(fields value.Fields) *repr.Value {
	if i := fields.Index(d.of); i >= 0 {
		return peek.Of(&fields[i].Value)
	}
	return nil
}

// AdmitsLogged is admits for an event in the log. loc is the workspace's zone.
func (d *CounterDef) AdmitsLogged(e *store.LoggedEvent, loc *time.Location) bool {
	if e.Name != d.Event {
		return false
	}
	s := Scope{Rec: &store.Record{}, Now: e.Arrived, Loc: loc, Fields: e.Metadata, Page: e.Page}
	return d.Admits(&s)
}

// BuildCounter counts the events of a log. since is the second from which the log
// is complete, 0 if it has all there ever were.
func BuildCounter(d *CounterDef, log *Log, since int64, loc *time.Location) store.Counter {
	k := store.Counter{Def: d.Def, Keep: d.Keep, Since: since}
	log.Each(d.Event, func(e *store.LoggedEvent) {
		if d.AdmitsLogged(e, loc) {
			d.Add(&k, e.At, e.Metadata)
		}
	})
	return k
}

// GrowCounter returns the counter with as many times as d needs, found in the
// log; what was counted stays, for it reaches further back than the log may.
func GrowCounter(old store.Counter, d *CounterDef, log *Log, since int64, loc *time.Location) store.Counter {
	grown := BuildCounter(d, log, since, loc)
	if grown.Count >= old.Count {
		return grown // the log has it all
	}
	grown.Count, grown.First, grown.Last = old.Count, old.First, max(old.Last, grown.Last)
	if len(old.Times) > len(grown.Times) {
		if grown.Times, grown.Tally = slices.Clone(old.Times), old.Tally; d.Tally != tally.None {
			grown.Since = old.Since
		}
	}
	return grown
}

// CaughtUp returns the counter with what it missed, found in the log of a contact
// whose newest event is last. since is as for BuildCounter.
func CaughtUp(k store.Counter, d *CounterDef, log *Log, last uint64, since int64, loc *time.Location) store.Counter {
	if k.Missed == 0 {
		return k
	}
	k.Times = slices.Clone(k.Times)
	log.Each(d.Event, func(e *store.LoggedEvent) {
		if e.Seq >= k.Missed && d.AdmitsLogged(e, loc) {
			d.Add(&k, e.At, e.Metadata)
		}
	})
	if log.from(k.Missed) <= last-k.Missed { // the log no longer has all of them
		k.Since = max(k.Since, since)
	}
	k.Missed = 0
	return k
}

// FindCounter returns the place of a definition in a list that is sorted by it, and
// whether it is there. Of few it looks at each, which mostly compares pointers.
func FindCounter(list []store.Counter, def string) (i int, found bool) {
	if len(list) > rows.Few {
		return slices.BinarySearchFunc(list, def, func(k store.Counter, def string) int { return strings.Compare(k.Def, def) })
	}
	for i := range list {
		if list[i].Def == def {
			return i, true
		}
	}
	return len(list), false
}

// List returns all counters, in an order that does not depend on the rules'.
func (s *CounterSet) List() []*CounterDef {
	out := slices.Collect(maps.Values(s.byDef))
	slices.SortFunc(out, func(a, b *CounterDef) int { return strings.Compare(a.Def, b.Def) })
	return out
}

// Add counts an event at a Unix second that the counter admits. Of times the newest Keep
// stay, oldest first, wherever a late event belongs among them. It changes the array
// behind k.Times, so k must own it. Of times alone it allocates only when that is full.
func (d *CounterDef) Add(k *store.Counter, at int64, fields value.Fields) {
	if k.Count == 0 || at < k.First {
		k.First = at
	}
	if k.Count == 0 || at > k.Last {
		k.Last = at
	}
	if k.Count < math.MaxUint64 {
		k.Count++
	}
	k.Keep = max(k.Keep, d.Keep)
	switch d.Tally {
	case tally.None:
		addTime(k, at)
	case tally.Sums:
		k.Tally = tally.Add(k.Tally, d.value(fields))
	case tally.Distinct:
		k.Tally = tally.Tell(k.Tally, d.value(fields))
	default:
		w, gone, went := d.Tally.Enter(tally.Window{Times: k.Times, Values: k.Tally}, k.Keep, at, d.value(fields))
		Entered(k, w, gone, went)
	}
}

// Entered replaces the window of a counter; what went out of it at gone makes it exact only
// for what is later.
func Entered(k *store.Counter, w tally.Window, gone int64, went bool) {
	k.Times, k.Tally = w.Times, w.Values
	if went {
		k.Since = max(k.Since, gone+1)
	}
}

// addTime puts a time among the newest.
func addTime(k *store.Counter, at int64) {
	if k.Keep == 0 {
		return
	}
	i := searchAfter(k.Times, at)
	if len(k.Times) < k.Keep {
		k.Times = slices.Insert(k.Times, i, at)
		return
	}
	if i == 0 {
		return // older than all that are kept
	}
	copy(k.Times, k.Times[1:i])
	k.Times[i-1] = at
}

// countWithin counts the times in (now − within, now], both in milliseconds,
// as far as they are kept. Recorded times lie ahead of now only where the
// clock has stepped back since; they count as now, as sends do (F6): left out,
// they would stand in the place of older ones that have been forgotten.
func countWithin(k *store.Counter, now, within int64) int {
	// The times are whole seconds: t*1000 > now − within is the same as
	// t > floor of that.
	return len(k.Times) - searchAfter(k.Times, calendar.FloorSeconds(now-within))
}

// searchAfter returns the number of times that are not after t.
func searchAfter(times []int64, t int64) int {
	i, _ := slices.BinarySearch(times, t+1)
	return i
}

// CountedEvent returns the name of the events that may enter a counter of that
// definition.
func CountedEvent(def string) string {
	name, _, _ := strings.Cut(def, "\n")
	return name
}

// CountsEvent reports whether events of the name may enter the counter.
func CountsEvent(k *store.Counter, event string) bool {
	rest, ok := strings.CutPrefix(k.Def, event)
	return ok && (rest == "" || rest[0] == '\n')
}

// ContactKinds are the kinds of records that are contacts.
func ContactKinds() []store.Kind {
	return []store.Kind{store.KindUser, store.KindContact, store.KindEmail, store.KindAnonymous}
}

// SendsOf returns the record's rows of a message.
func SendsOf(r *store.Record, message string) []store.SendStats {
	list, from := r.SendStats, 0
	if len(list) <= fewSends { // whether texts are the same is told faster than which is less
		for from < len(list) && list[from].Message != message {
			from++
		}
	} else {
		from = sort.Search(len(list), func(i int) bool { return list[i].Message >= message })
	}
	to := from
	for to < len(list) && list[to].Message == message {
		to++
	}
	return list[from:to]
}

// fewSends is how many rows SendsOf looks through one by one.
const fewSends = 8
