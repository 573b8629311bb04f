package beckonui

import (
	"time"
)

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
