package rule

import (
	"math"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/tally"
	"github.com/beckon-go/beckon/store"
)

// count returns a filter for conditions on a number of events.
func (k *filterCompiler) count(c *Condition, matched bool) *store.Filter {
	if !matched {
		return FilterAny(k.atLeast(c, 0, c.lo-1, c.lo > 0), k.atLeast(c, c.hi+1, math.MaxInt64, c.hi < math.MaxInt64))
	}
	return k.atLeast(c, max(c.lo, 0), c.hi, true)
}

// atLeast returns a filter for a number of events from low to high, none if there
// can be no such number. Of the events that a counter or a window has there are
// at least as many in all, and the last is not before any of them.
func (k *filterCompiler) atLeast(c *Condition, low, high int64, possible bool) *store.Filter {
	low = max(low, 0)
	switch {
	case !possible || low > high:
		return filterNone()
	case c.source == fromCount && (low > 0 || high < math.MaxInt64):
		return eventFilter(c, store.FilterCount, low, high)
	case c.source == fromCount: // any number
		return nil
	case low == 0:
		return k.more(nil)
	case c.within > 0:
		since := calendar.FloorSeconds(k.scope.Now-c.within) + 1
		return k.more(filterAll(eventFilter(c, store.FilterCount, low, math.MaxInt64), eventFilter(c, store.FilterLast, since, math.MaxInt64)))
	}
	return k.more(eventFilter(c, store.FilterCount, low, math.MaxInt64))
}

// total returns a filter for conditions on the values under a metadata key: what does
// not hold of no event needs one.
func (k *filterCompiler) total(c *Condition, matched bool) *store.Filter {
	if c.holdsTotal(tally.Total{}) == matched {
		return k.more(nil)
	}
	return k.atLeast(c, 1, math.MaxInt64, true)
}

// moment returns a filter for conditions on the time of an event.
func (k *filterCompiler) moment(c *Condition, matched bool) *store.Filter {
	counted := c.source == fromCounterFirst || c.source == fromCounterLast
	k.rough = k.rough || counted // by events that satisfy a where, which the filter does not know
	if c.test == testUnknown {
		switch {
		case !matched:
			return eventFilter(c, store.FilterCount, 1, math.MaxInt64)
		case counted: // there may be others
			return nil
		}
		return eventFilter(c, store.FilterCount, 0, 0)
	}
	from, to := c.span(&k.scope)
	switch {
	case matched && from > to:
		return filterNone()
	case counted && matched: // one of all the events lies there
		return filterAll(eventFilter(c, store.FilterLast, from, math.MaxInt64), eventFilter(c, store.FilterFirst, math.MinInt64, to))
	case counted:
		return nil
	}
	kind := store.FilterFirst
	if c.source == fromLast {
		kind = store.FilterLast
	}
	if matched {
		return eventFilter(c, kind, from, to)
	}
	never := eventFilter(c, store.FilterCount, 0, 0)
	if from > to {
		return nil
	}
	return FilterAny(append(outside(from, to, func(from, to int64) *store.Filter { return eventFilter(c, kind, from, to) }), never)...)
}

func eventFilter(c *Condition, kind store.FilterKind, from, to int64) *store.Filter {
	return &store.Filter{Kind: kind, Name: c.name, From: from, To: to}
}

// outside returns the filters for what lies before from and after to.
func outside(from, to int64, in func(from, to int64) *store.Filter) []*store.Filter {
	var list []*store.Filter
	if from > math.MinInt64 {
		list = append(list, in(math.MinInt64, from-1))
	}
	if to < math.MaxInt64 {
		list = append(list, in(to+1, math.MaxInt64))
	}
	return list
}

// span returns the Unix seconds, both included, at which judgeTime says yes; the
// first is after the last if it never does.
func (c *Condition) span(s *Scope) (from, to int64) {
	switch c.test {
	case testSpan:
		if c.lo >= c.hi {
			return 1, 0
		}
		if c.hi == math.MaxInt64 {
			return c.lo, c.hi
		}
		return c.lo, c.hi - 1
	case testDayAgo:
		start, end := s.dayAgo(c.lo)
		return start, end - 1
	}
	now := calendar.FloorSeconds(s.Now)
	then := now - c.lo
	if c.calendar {
		then = s.daysAgo(c.lo)
	}
	switch c.test {
	case testMoreThanAgo:
		return math.MinInt64, then - 1
	case testMoreThanAhead:
		return then + 1, math.MaxInt64
	case testLessThanAhead:
		return now, then - 1
	}
	return then + 1, now
}
