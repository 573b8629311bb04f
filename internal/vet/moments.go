package vet

import (
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
)

// maxMoments is how many instants of judging are looked at for one subject. Of a subject that
// needs more it is not said what holds.
const maxMoments = 2000

// noon is the instant at which conditions are judged that come to the same at any. Dates that
// are given are told apart from spans to now, so that it does not matter which it is.
func (sub *subject) noon() int64 { return time.Date(2026, 6, 17, 12, 0, 0, 0, sub.zone).Unix() }

// moments returns the instants at which the conditions of a subject are judged: what never
// holds must hold at none of them. One is enough, unless days of the calendar stand beside
// hours: a day with a clock change is not 24 hours long, and how long ago a day began
// depends on the time of day. Nil if they are too many.
func (sub *subject) moments() []int64 {
	noon := sub.noon()
	hours, days, exactly := sub.lengths()
	if len(hours) == 0 || len(days) == 0 {
		return []int64{noon}
	}
	changes, shifts := sub.clockChanges(noon)
	dates := []int64{noon}
	for _, at := range changes {
		for _, d := range append([]int64{0}, days...) {
			for beside := int64(-1); beside <= 1; beside++ {
				dates = append(dates, at+(d+beside)*calendar.DaySeconds)
			}
		}
	}
	times := []int64{calendar.DaySeconds / 2}
	if exactly {
		times = append(times, 0, calendar.DaySeconds-1)
		for _, h := range hours {
			for _, shift := range shifts {
				for beside := int64(-1); beside <= 1; beside++ {
					times = append(times, ((h+shift+beside)%calendar.DaySeconds+calendar.DaySeconds)%calendar.DaySeconds)
				}
			}
		}
	}
	var list []int64
	for _, at := range ascends(dates) {
		y, m, d := calendar.LocalDay(at, sub.zone)
		midnight := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()
		for _, t := range ascends(times) {
			if len(list) == maxMoments {
				return nil
			}
			list = append(list, calendar.FirstAt(midnight+t, sub.zone))
		}
	}
	return ascends(list)
}

// lengths returns how long the spans to now are that conditions speak of: those of hours in
// seconds, and those of whole days in days (A6); what lies ahead is negative. Exactly says that
// any asks for a day of the calendar from its beginning to its end.
func (sub *subject) lengths() (hours, days []int64, exactly bool) {
	for _, l := range sub.leaves {
		sign := int64(1)
		switch {
		case strings.HasSuffix(l.op, "_ahead"):
			sign = -1
		case !strings.HasSuffix(l.op, "_ago"):
			continue
		}
		d, bad := calendar.ParseDuration(text(l.node, "value"))
		if bad != "" {
			continue
		}
		if n, whole := d.Days(); whole {
			days = append(days, sign*n)
			exactly = exactly || strings.HasPrefix(l.op, "exactly_")
		} else if d.Total() != 0 {
			hours = append(hours, sign*d.Total())
		}
	}
	return ascends(hours), ascends(days), exactly
}

// clockChanges returns when the clocks of the zone change within a year, and by how much days
// are longer or shorter for it.
func (sub *subject) clockChanges(from int64) (changes, shifts []int64) {
	shifts = []int64{0}
	offset, _, end := calendar.ZoneAt(from, sub.zone)
	for end < from+366*calendar.DaySeconds {
		at := end
		next, _, until := calendar.ZoneAt(at, sub.zone)
		if next != offset {
			changes, shifts = append(changes, at), append(shifts, next-offset, offset-next)
		}
		offset, end = next, until
	}
	return changes, ascends(shifts)
}

// ascends sorts a list and leaves out what is there twice.
func ascends(list []int64) []int64 {
	slices.Sort(list)
	return slices.Compact(list)
}
