package rule

import (
	"slices"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
)

// NextTurn returns the first instant after another, both in Unix milliseconds, at
// which time alone may change what the rule says of the scope's record; zero if
// there is none. It may return one at which nothing changes, and passes none over
// at which something does.
func (r *Compiled) NextTurn(s *Scope, after int64) (next int64) {
	offer := func(at int64) {
		if at > after && (next == 0 || at < next) {
			next = at
		}
	}
	s.Begin()
	r.turns(s, offer, map[*Segment]bool{})
	return next
}

// TurnsAfter returns all such instants after another, in order: to ask for one after
// the other goes through all of them each time.
func (r *Compiled) TurnsAfter(s *Scope, after int64) (list []int64) {
	s.Begin()
	r.turns(s, func(at int64) {
		if at > after {
			list = append(list, at)
		}
	}, map[*Segment]bool{})
	slices.Sort(list)
	return slices.Compact(list)
}

func (r *Compiled) turns(s *Scope, offer func(int64), segments map[*Segment]bool) {
	for i := range r.Conditions {
		c := &r.Conditions[i]
		switch {
		case c.segment == nil:
			c.turns(s, offer)
		case !segments[c.segment]:
			segments[c.segment] = true
			c.segment.Rule.turns(s, offer, segments)
		}
	}
}

// turns offers the instants at which time alone may change what a condition
// says.
func (c *Condition) turns(s *Scope, offer func(int64)) {
	if c.counter.FromEvents() && !c.counter.SinceEntry && s.Log != nil {
		kept := s.seconds() - s.LogFrom + 1 // so many seconds events are recent (A14)
		s.Log.Each(c.counter.Event, func(e *store.LoggedEvent) { offer((e.At + kept) * 1000) })
	}
	if c.within > 0 {
		if k := s.counter(c.counter); k != nil {
			for _, t := range k.Times {
				offer(t*1000 + c.within)
			}
		}
		return
	}
	at, known := c.subject(s)
	if !known {
		return
	}
	switch c.test {
	case testMoreThanAgo, testLessThanAgo:
		offer(at * 1000)
	case testLessThanAhead:
		offer((at + 1) * 1000) // its own second is the last
	}
	switch {
	case c.test == testDayAgo:
		y, m, d := calendar.LocalDay(at, s.Loc)
		start, end := calendar.DayBounds(y, m, d+int(c.lo), s.Loc)
		offer(start * 1000)
		offer(end * 1000)
		zonesAround(start, s.Loc, func(_, change int64) { offer(change * 1000) })
	case c.calendar:
		calendarTurns(at, c.lo, s.Loc, offer)
	default:
		offer((at + c.lo) * 1000)
		offer((at + c.lo + 1) * 1000)
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
