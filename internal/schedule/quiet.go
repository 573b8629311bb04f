package schedule

import (
	"math"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
)

// Quiet are hours in which nothing is to go out (S4).
type Quiet struct {
	Hours       Hours
	ContactZone bool // in the contact's own zone, if it has one
	Drops       bool // what would go out in them is dropped, else it waits
}

// ZoneFor returns the zone of the hours for a contact, nil for one without.
func (q *Quiet) ZoneFor(contact *time.Location) *time.Location {
	if q.ContactZone && contact != nil {
		return contact
	}
	return q.Hours.Zone
}

// QuietAt reports whether any of the quiet hours applies at an instant in Unix
// milliseconds, and whether one that does drops. contact is the contact's zone, nil if it
// has none.
func QuietAt(list []Quiet, now int64, contact *time.Location) (quiet, drops bool) {
	sec := calendar.FloorSeconds(now)
	for i := range list {
		if q := &list[i]; q.Hours.Week.open(sec, q.ZoneFor(contact)) {
			quiet, drops = true, drops || q.Drops
		}
	}
	return quiet, drops
}

// QuietEnds returns the first instant, not before now, at which none of the quiet hours
// applies. It is 0 and ok is false if there is none within ten years.
func QuietEnds(list []Quiet, now int64, contact *time.Location) (at int64, ok bool) {
	begin := calendar.FloorSeconds(now)
	sec := begin
	for limit := begin + searchSeconds; sec < limit; {
		until := sec
		for i := range list {
			q := &list[i]
			if zone := q.ZoneFor(contact); q.Hours.Week.open(sec, zone) {
				until = max(until, q.Hours.Week.closes(sec, zone))
			}
		}
		switch {
		case until > sec:
			sec = until
		case sec == begin:
			return now, true
		case sec > math.MaxInt64/1000:
			return 0, false
		default:
			return sec * 1000, true
		}
	}
	return 0, false
}

// QuietBegins returns the first instant, not before now, at which one of the quiet hours
// applies. ok is false if none does within ten years.
func QuietBegins(list []Quiet, now int64, contact *time.Location) (at int64, ok bool) {
	for i := range list {
		q := Schedule{Start: math.MinInt64, Stop: math.MaxInt64, Windows: Hours{Week: list[i].Hours.Week, Zone: list[i].ZoneFor(contact)}}
		if begins, found := q.NextOpen(now, nil); found && (!ok || begins < at) {
			at, ok = begins, true
		}
	}
	return at, ok
}

// closes returns a second until which the week stays open that is open at one: the end of
// the span, or, before that, when the zone changes its offset.
func (w Week) closes(sec int64, loc *time.Location) int64 {
	offset, _, end := calendar.ZoneAt(sec, loc)
	p := weekPlace(sec + offset)
	for _, s := range w {
		if s.From <= p && p < s.To {
			return min(sec+s.To-p, end)
		}
	}
	return end // open without a span: always
}
