package beckonui

import (
	"context"
	"sync"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/observe"
)

// The limits of [Days].
const (
	MaxDays         = 90     // days that are kept
	MaxDaysMessages = 10_000 // messages that are counted; decisions on further ones are left out
)

// Days counts what an engine decides by day, for the charts of a [Handler]: a store keeps
// totals, and no counts by day. It counts what this process decides while it runs, in memory.
// The zero Days has the days of UTC. It is safe for concurrent use, and must not be copied once
// it is used.
//
//	days := beckonui.NewDays(time.UTC)
//	engine, err := beckon.New(store, beckon.WithObserver(days.Observer()))
//	…
//	ui := beckonui.Handler(engine, beckonui.WithDays(days))
type Days struct {
	zone *time.Location

	mu    sync.Mutex
	since time.Time // of the first decision
	of    map[string]counts
	all   counts // of all messages together
}

// counts are those of days, by their numbers.
type counts map[int64]*DayCount

// A DayCount is what was decided on one day.
type DayCount struct {
	Sent int64
	Held int64 // candidates, for any reason but not_live, filter and audience
}

// NewDays returns a count that is empty. The days are those of a zone; nil is UTC.
func NewDays(zone *time.Location) *Days { return &Days{zone: zone} }

// in returns an instant in the zone of the days.
func (d *Days) in(at time.Time) time.Time {
	if d.zone == nil {
		return at.UTC()
	}
	return at.In(d.zone)
}

// Observer returns what must observe the engine.
func (d *Days) Observer() observe.Observer {
	return observe.Observer{Decided: d.decided}
}

// dayOf returns the number of a calendar day.
func dayOf(at time.Time) int64 {
	y, m, day := at.Date()
	return time.Date(y, m, day, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

func (d *Days) decided(_ context.Context, x observe.Decision) {
	if x.Composed {
		return // its ids are as many as there are orders
	}
	switch x.Reason {
	case beckon.ReasonNotLive, beckon.ReasonFilter, beckon.ReasonAudience:
		return // who was never meant is not news of a day
	}
	day := dayOf(d.in(x.At))
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.since.IsZero() || x.At.Before(d.since) {
		d.since = x.At
	}
	days := d.of[x.Message]
	if days == nil {
		if len(d.of) >= MaxDaysMessages {
			return
		}
		if d.of == nil {
			d.of, d.all = map[string]counts{}, counts{}
		}
		days = counts{}
		d.of[x.Message] = days
	}
	days.add(day, x.Sent)
	d.all.add(day, x.Sent)
}

// add counts a decision on a day, and forgets days that are too old.
func (c counts) add(day int64, sent bool) {
	n := c[day]
	if n == nil {
		n = &DayCount{}
		c[day] = n
		for old := range c {
			if old <= day-MaxDays {
				delete(c, old)
			}
		}
		if len(c) > 2*MaxDays { // a clock that went far back
			clear(c)
			c[day] = n
		}
	}
	if sent {
		n.Sent++
	} else {
		n.Held++
	}
}

// upTo returns the counts of the n days up to one, the oldest first.
func (c counts) upTo(last int64, n int) []DayCount {
	list := make([]DayCount, min(max(n, 0), MaxDays))
	for i := range list {
		if x := c[last-int64(len(list)-1-i)]; x != nil {
			list[i] = *x
		}
	}
	return list
}

// Of returns what was decided of a message on the last n days up to and including that of an
// instant, the oldest first, and since when decisions are counted: zero if there was none. A
// larger n is MaxDays, and a negative one 0.
func (d *Days) Of(message string, until time.Time, n int) (list []DayCount, since time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.of[message].upTo(dayOf(d.in(until)), n), d.since
}

// All is Of for all messages together.
func (d *Days) All(until time.Time, n int) (list []DayCount, since time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all.upTo(dayOf(d.in(until)), n), d.since
}
