package schedule

import (
	"slices"
	"sort"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
)

// weekSeconds is a week by the wall clock.
const weekSeconds = 7 * calendar.DaySeconds

// A Span is a part of the week on the wall clock, [from, to) in seconds from
// Monday's midnight. One that begins on Sunday may end in the week after.
type Span struct{ From, To int64 }

// A Week is when something is open, by the wall clock, week after week: spans
// sorted, apart from each other. Without any it is always open.
type Week []Span

// NewWeek returns the week of spans in any order. A span that ends past the week
// goes on in Monday; those that overlap or touch become one.
func NewWeek(spans []Span) Week {
	var list []Span
	for _, s := range spans {
		if s.To > weekSeconds {
			list = append(list, Span{0, s.To - weekSeconds})
			s.To = weekSeconds
		}
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b Span) int { return int(a.From - b.From) })
	out := list[:0]
	for _, s := range list {
		if n := len(out); n > 0 && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return slices.Clip(out)
}

// weekPlace returns where in the week the wall clock stands.
func weekPlace(wall int64) int64 {
	p := (wall + 3*calendar.DaySeconds) % weekSeconds // 1970 began on a Thursday
	if p < 0 {
		p += weekSeconds
	}
	return p
}

// next returns the first reading of the wall clock from wall on that is open, as
// if the clock were never changed.
func (w Week) next(wall int64) int64 {
	if len(w) == 0 {
		return wall
	}
	p := weekPlace(wall)
	i := sort.Search(len(w), func(i int) bool { return w[i].To > p })
	if i == len(w) {
		return wall + weekSeconds - p + w[0].From
	}
	return wall + max(0, w[i].From-p)
}

// open reports whether the week is open at a Unix second in a zone. Judging
// by what the clock on the wall shows is what makes a window that begins in a
// missing hour open when the gap ends, and a repeated hour open twice.
func (w Week) open(sec int64, loc *time.Location) bool {
	if len(w) == 0 {
		return true
	}
	wall := sec + calendar.OffsetAt(sec, loc)
	return w.next(wall) == wall
}
