package rule

import (
	"slices"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
)

// NextTurn returns the first instant after another, both in Unix milliseconds, at
// which time alone may change what the rule says of the scope's record; zero if
// there is none. It may return one at which nothing changes, and passes none over
// at which something does.
func (r *Compiled) NextTurn(s *Scope, after int64) int64 { return r.NextTurnBut(s, nil, after) }

// NextTurnBut is NextTurn of a record to which an occasion has written, if that occasion
// comes at another instant instead: what it writes of its own instant moves with it, and is
// never longer ago. own may be nil.
func (r *Compiled) NextTurnBut(s *Scope, own *Own, after int64) (next int64) {
	r.turns(s, own, func(at int64) {
		if at > after && (next == 0 || at < next) {
			next = at
		}
	})
	return next
}

// TurnsAfter returns all such instants after another, in order: to ask for one after
// the other goes through all of them each time.
func (r *Compiled) TurnsAfter(s *Scope, after int64) (list []int64) {
	r.turns(s, nil, func(at int64) {
		if at > after {
			list = append(list, at)
		}
	})
	slices.Sort(list)
	return slices.Compact(list)
}

func (r *Compiled) turns(s *Scope, own *Own, offer func(int64)) {
	s.Begin()
	t := turner{s, own, offer, map[*Segment]bool{}}
	t.rule(r)
}

// An Own says which of the instants in a record are those of the occasion that wrote to it.
type Own struct {
	At    int64                 // Unix seconds: when it came
	Event unique.Handle[string] // that it is; zero: it is none
	Dated bool                  // the event said when it happened, and that has been: its time stays
}

// isOf reports whether it is the occasion itself that a condition looks at, which sees at.
func (o *Own) isOf(c *Condition, s *Scope, at int64) bool {
	if o == nil || at != o.At {
		return false
	}
	switch c.source {
	case fromFirst, fromLast:
		return !o.Dated && c.handle == o.Event
	case fromCounterFirst, fromCounterLast, fromWindow, fromSum, fromMin, fromMax, fromAverage, fromDistinct:
		return !o.Dated && c.counter.Event == o.Event
	case fromLastSent:
		return true
	case fromStandard:
		switch c.name {
		case "created_at":
			return s.Rec.Profile.Attribute(c.name).IsUnknown()
		case LastContacted:
			return calendar.FloorSeconds(lastSent(s.Rec)) == at
		}
		return c.name == "last_seen_at" || c.name == "first_seen_at"
	}
	return false
}

// A turner offers the instants at which time alone may change what rules say.
type turner struct {
	s        *Scope
	own      *Own
	offer    func(int64)
	segments map[*Segment]bool // those that were gone through
}

func (t *turner) rule(r *Compiled) {
	for i := range r.Conditions {
		c := &r.Conditions[i]
		switch {
		case c.segment == nil:
			t.condition(c)
		case !t.segments[c.segment]:
			t.segments[c.segment] = true
			t.rule(c.segment.Rule)
		}
	}
}

func (t *turner) condition(c *Condition) {
	s := t.s
	if c.counter.FromEvents() && !c.counter.SinceEntry && s.Log != nil {
		kept := s.seconds() - s.LogFrom + 1 // so many seconds events are recent (A14)
		s.Log.Each(c.counter.Event, func(e *store.LoggedEvent) { t.offer((e.At + kept) * 1000) })
	}
	if t.own != nil && c.counter != nil && c.counter.Where != nil && c.counter.Event == t.own.Event {
		t.rule(c.counter.Where) // whether the event counts is judged when it comes
	}
	if c.within > 0 {
		if k := s.counter(c.counter); k != nil {
			for _, at := range k.Times {
				if !t.own.isOf(c, s, at) {
					t.offer(at*1000 + c.within)
				}
			}
		}
		return
	}
	at, known := c.subject(s)
	if !known || t.own.isOf(c, s, at) {
		return
	}
	switch c.test {
	case testMoreThanAgo, testLessThanAgo:
		t.offer(at * 1000)
	case testLessThanAhead:
		t.offer((at + 1) * 1000) // its own second is the last
	}
	switch {
	case c.test == testDayAgo:
		y, m, d := calendar.LocalDay(at, s.Loc)
		start, end := calendar.DayBounds(y, m, d+int(c.lo), s.Loc)
		t.offer(start * 1000)
		t.offer(end * 1000)
		zonesAround(start, s.Loc, func(_, change int64) { t.offer(change * 1000) })
	case c.calendar:
		calendarTurns(at, c.lo, s.Loc, t.offer)
	default:
		t.offer((at + c.lo) * 1000)
		t.offer((at + c.lo + 1) * 1000)
	}
}

// subject returns the time that a condition holds against now; false if it holds
// none against it.
func (c *Condition) subject(s *Scope) (at int64, known bool) {
	if !c.test.aboutNow() {
		return 0, false
	}
	if c.source.kind() != ofValue {
		return c.moment(s)
	}
	v := c.value(s)
	if v.Kind == repr.KindDate {
		return v.Num, true
	}
	return v.ConditionDate(s.Loc)
}

// calendarTurns offers the instants at which a time comes to be so many calendar
// days ago: when the clock on the wall shows what it showed then, and where it
// is put forward or back, then or now.
func calendarTurns(at, days int64, loc *time.Location, offer func(int64)) {
	turn := func(wall int64) {
		wall += days * calendar.DaySeconds
		zonesAround(wall, loc, func(offset, change int64) {
			offer((wall - offset) * 1000)
			offer((wall - offset + 1) * 1000)
			offer(change * 1000)
		})
	}
	before := int64(0)
	zonesAround(at, loc, func(offset, change int64) {
		turn(at + offset)
		if change != 0 {
			turn(change + offset)
			turn(change + before) // the end of an hour that came twice: its second is passed over at once
		}
		before = offset
	})
}

// zonesAround calls fn with each offset from UTC that is in force near a second,
// and the second at which it comes into force; zero for the first.
func zonesAround(sec int64, loc *time.Location, fn func(offset, change int64)) {
	change := int64(0)
	for at := sec - calendar.ZoneReach; at < sec+calendar.ZoneReach; {
		offset, _, end := calendar.ZoneAt(at, loc)
		fn(offset, change)
		at, change = end, end
	}
}
