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

// A chart is bars over days, the oldest first: each has two parts, one above the other.
type chart struct {
	Lower, Upper string // what the parts are
	Bars         []bar
	Most         int64 // of the parts of one day together
	First, Last  time.Time
	Note         string
	Width        int // of the picture: a bar takes barWidth
}

type bar struct {
	Day          time.Time
	Lower, Upper int64

	// Of the picture, whose height is chartHeight.
	X, LowerY, LowerHeight, UpperY, UpperHeight int
}

const (
	chartDays   = 30
	chartHeight = 120
	barWidth    = 20
)

// newChart returns a chart of as many days as there are pairs; the last is that of
// an instant.
func newChart(lower, upper string, until time.Time, counts [][2]int64) *chart {
	c := &chart{Lower: lower, Upper: upper, Width: barWidth * len(counts)}
	for _, n := range counts {
		c.Most = max(c.Most, n[0]+n[1])
	}
	y, m, d := until.Date()
	for i, n := range counts {
		b := bar{Day: time.Date(y, m, d-len(counts)+1+i, 0, 0, 0, 0, time.UTC), Lower: n[0], Upper: n[1], X: i * barWidth}
		if c.Most > 0 {
			b.LowerHeight = height(n[0], c.Most)
			b.UpperHeight = min(height(n[1], c.Most), chartHeight-b.LowerHeight)
		}
		b.LowerY = chartHeight - b.LowerHeight
		b.UpperY = b.LowerY - b.UpperHeight
		c.Bars = append(c.Bars, b)
	}
	if len(c.Bars) > 0 {
		c.First, c.Last = c.Bars[0].Day, c.Bars[len(c.Bars)-1].Day
	}
	return c
}

// height is that of a part: what is there at all is seen.
func height(n, most int64) int {
	if n == 0 {
		return 0
	}
	return max(2, int(float64(n)/float64(most)*chartHeight))
}

// overDays is the chart of what Days counts.
func (q *request) overDays(message string) *chart {
	if q.days == nil {
		return nil
	}
	now := q.now()
	var list []DayCount
	var since time.Time
	if message == "" {
		list, since = q.days.All(now, chartDays)
	} else {
		list, since = q.days.Of(message, now, chartDays)
	}
	counts := make([][2]int64, len(list))
	for i, n := range list {
		counts[i] = [2]int64{n.Sent, n.Held}
	}
	c := newChart("Sent", "Held", q.days.in(now), counts)
	c.Note = "Counted by this process only. Not counted: who was not in the audience, or did not fit the trigger."
	if !since.IsZero() {
		c.Note = "Counted by this process only, since " + q.shown(since) + ". Not counted: who was not in the audience, or did not fit the trigger."
	}
	return c
}
