// Package calendar reckons with days and times of day in time zones, in Unix seconds and
// without a fault at the changes of their clocks. It reads dates as RFC 3339 has them.
package calendar

import (
	"math"
	"time"
)

// DaySeconds is a day of 24 hours.
const DaySeconds = 24 * 60 * 60

// ZoneReach is in seconds, more than any offset from UTC: those in the zone database
// stay below sixteen hours. A wall clock that is this far behind, read as UTC, is
// behind in every zone.
const ZoneReach = 26 * 60 * 60

// ZoneAt returns the offset from UTC in force at an instant, in seconds east,
// and the span [start, end) of Unix seconds around it in which that offset
// holds. Neighbouring spans may have the same offset. Without end the bounds
// are math.MinInt64 and math.MaxInt64.
func ZoneAt(sec int64, loc *time.Location) (offset, start, end int64) {
	t := time.Unix(sec, 0).In(loc)
	_, east := t.Zone()
	from, to := t.ZoneBounds()
	start, end = math.MinInt64, math.MaxInt64
	if !from.IsZero() {
		start = from.Unix()
	}
	if !to.IsZero() {
		end = to.Unix()
	}
	if start > sec || end <= sec {
		// Beyond the changes that the database lists, package time ends a year that has a
		// leap day a day early, and an instant on its last day lies outside of its bounds.
		quarter := sec - (sec%900+900)%900
		start, end = quarter, quarter+900
	}
	return int64(east), start, end
}

// OffsetAt returns the offset from UTC in force at an instant.
func OffsetAt(sec int64, loc *time.Location) int64 {
	_, east := time.Unix(sec, 0).In(loc).Zone()
	return int64(east)
}

// A wall clock reading is written here as the Unix seconds at which a clock
// in UTC shows the same: arithmetic on it is arithmetic on the calendar.

// FirstAt returns the first instant at which the clock on the wall shows wall
// or later: the end of the gap for a time that does not exist, the first of
// two for one that comes twice. time.Date promises neither.
func FirstAt(wall int64, loc *time.Location) int64 {
	for sec := wall - ZoneReach; ; {
		offset, _, end := ZoneAt(sec, loc)
		if at := max(sec, wall-offset); at < end {
			return at
		}
		sec = end
	}
}

// A DaySet is days of the week, the bit of Monday first. The zero set is every day.
type DaySet uint8

// Has reports whether a day, in days since 1970, is in the set.
func (s DaySet) Has(day int64) bool {
	return s == 0 || s>>(((day+3)%7+7)%7)&1 != 0 // 1970 began on a Thursday
}

// NextAt returns the first Unix second, not before sec, at which the clock on the wall shows
// so many seconds after midnight on one of the days: the end of the gap for a time that does
// not exist that day, the first of two for one that comes twice.
func NextAt(sec, clock int64, days DaySet, loc *time.Location) int64 {
	day := (sec+OffsetAt(sec, loc))/DaySeconds - 2 // the time of the day before may lie behind a gap
	for ; ; day++ {
		if at := FirstAt(day*DaySeconds+clock, loc); at >= sec && days.Has(day) {
			return at
		}
	}
}

// DaysAgo returns the instant that many calendar days before now, both in Unix
// seconds (A6): the same time on the wall, that many days earlier. A time that
// does not exist on that day is read with the offset from before the gap, one that
// comes twice is its first. No days are now itself; negative ones lie ahead.
func DaysAgo(now, days int64, loc *time.Location) int64 {
	if days == 0 {
		return now
	}
	wall := now + OffsetAt(now, loc) - days*DaySeconds
	at := FirstAt(wall, loc)
	if offset, start, _ := ZoneAt(at, loc); at+offset > wall && at == start {
		return wall - OffsetAt(at-1, loc) // in a gap, which ends at at
	}
	return at
}

// DayBounds returns the first instant of a local date and that of the next, in
// Unix seconds. Where midnight does not exist the day begins when the gap
// ends; a date that was left out altogether is empty: both are the same.
// Where midnight comes twice the day begins with the first.
func DayBounds(year int, month time.Month, day int, loc *time.Location) (start, end int64) {
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()
	return FirstAt(midnight, loc), FirstAt(midnight+DaySeconds, loc)
}

// LocalDay returns the date on the wall at an instant in Unix seconds.
func LocalDay(sec int64, loc *time.Location) (year int, month time.Month, day int) {
	return time.Unix(sec, 0).In(loc).Date()
}

// FloorSeconds returns the Unix second in which an instant in Unix milliseconds
// lies, before 1970 too.
func FloorSeconds(ms int64) int64 {
	sec := ms / 1000
	if ms%1000 < 0 {
		sec--
	}
	return sec
}

// AddMillis adds two numbers of milliseconds, and saturates.
func AddMillis(a, b int64) int64 {
	sum := a + b
	switch {
	case b > 0 && sum < a:
		return math.MaxInt64
	case b < 0 && sum > a:
		return math.MinInt64
	}
	return sum
}

// LooksLike says which unit a time after the year 9999 was probably meant in.
func LooksLike(n int64) string {
	unit := "nanoseconds"
	switch {
	case n/1_000 <= MaxDate:
		unit = "milliseconds"
	case n/1_000_000 <= MaxDate:
		unit = "microseconds"
	}
	return ", and this looks like " + unit
}
