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
// It is safe for concurrent use.
//
//	days := beckonui.NewDays(time.UTC)
//	engine, err := beckon.New(store, beckon.WithObserver(days.Observer()))
//	…
//	ui := beckonui.Handler(engine, beckonui.WithDays(days))
type Days struct {
	zone *time.Location

	mu    sync.Mutex
	since time.Time // of the first decision
	of    map[string]map[int64]*DayCount
}

// A DayCount is what was decided on one day.
type DayCount struct {
	Sent int64
	Held int64 // candidates, for any reason but not_live, filter and audience
}

// NewDays returns a count that is empty. The days are those of a zone; nil is UTC.
func NewDays(zone *time.Location) *Days {
	if zone == nil {
		zone = time.UTC
	}
	return &Days{zone: zone, of: map[string]map[int64]*DayCount{}}
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
	day := dayOf(x.At.In(d.zone))
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
		days = map[int64]*DayCount{}
		d.of[x.Message] = days
	}
	n := days[day]
	if n == nil {
		n = &DayCount{}
		days[day] = n
		for old := range days {
			if old <= day-MaxDays {
				delete(days, old)
			}
		}
		if len(days) > 2*MaxDays { // a clock that went far back
			clear(days)
			days[day] = n
		}
	}
	if x.Sent {
		n.Sent++
	} else {
		n.Held++
	}
}

// Of returns what was decided of a message on the last n days up to and including that of an
// instant, the oldest first, and since when decisions are counted: zero if there was none.
func (d *Days) Of(message string, until time.Time, n int) (list []DayCount, since time.Time) {
	last := dayOf(until.In(d.zone))
	list = make([]DayCount, max(n, 0))
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range list {
		if x := d.of[message][last-int64(len(list)-1-i)]; x != nil {
			list[i] = *x
		}
	}
	return list, d.since
}

// All is Of for all messages together.
func (d *Days) All(until time.Time, n int) (list []DayCount, since time.Time) {
	last := dayOf(until.In(d.zone))
	list = make([]DayCount, max(n, 0))
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, days := range d.of {
		for i := range list {
			if x := days[last-int64(len(list)-1-i)]; x != nil {
				list[i].Sent += x.Sent
				list[i].Held += x.Held
			}
		}
	}
	return list, d.since
}
