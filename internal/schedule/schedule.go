// Package schedule finds when something is open: hours of the week by the clocks of
// zones, between a first and a last instant.
package schedule

import (
	"math"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
)

// searchSeconds is how far ahead an opening is looked for. Where two sets of
// windows meet depends on the offsets of their zones, and those repeat from
// year to year.
const searchSeconds = 10 * 366 * calendar.DaySeconds

// A Schedule is when a message may go out: immutable, safe for concurrent use. A nil
// one is always open.
type Schedule struct {
	Start, Stop int64 // Unix milliseconds; math.MinInt64 and math.MaxInt64 if not set
	Windows     Hours // in the message's zone
	ContactZone bool  // in the contact's instead, if it has one
	Office      Hours
	Hold        bool // outside: held until it opens, else dropped (S2)
}

// ZoneFor returns the zone of the windows for a contact, nil for one without.
func (s *Schedule) ZoneFor(contact *time.Location) *time.Location {
	if s.ContactZone && contact != nil {
		return contact
	}
	return s.Windows.Zone
}

// Open reports whether the message may go out at an instant in Unix
// milliseconds, to a contact whose zone is given, nil if it has none (S1).
func (s *Schedule) Open(now int64, contact *time.Location) bool {
	if s == nil {
		return true
	}
	if now < s.Start || now >= s.Stop {
		return false
	}
	sec := calendar.FloorSeconds(now)
	return s.Windows.Week.open(sec, s.ZoneFor(contact)) && s.Office.Week.open(sec, s.Office.Zone)
}

// NextOpen returns the first instant, not before now, at which the schedule is
// open. It is 0 and ok is false if there is none: after the stop, where the windows open
// only after it, or where windows and office hours never meet within ten years.
func (s *Schedule) NextOpen(now int64, contact *time.Location) (at int64, ok bool) {
	if s == nil {
		return now, true
	}
	now = max(now, s.Start)
	if now >= s.Stop {
		return 0, false
	}
	sec := calendar.FloorSeconds(now)
	found, ok := s.search(sec, s.ZoneFor(contact))
	if !ok || found > math.MaxInt64/1000 {
		return 0, false
	}
	if found == sec {
		return now, true // open already, in the middle of a second too
	}
	if found*1000 >= s.Stop {
		return 0, false
	}
	return found * 1000, true
}

// Closes returns a second, in Unix milliseconds, until which the schedule stays as it is if it
// is open: it may be earlier than that at which it closes, and is never later.
func (s *Schedule) Closes(now int64, contact *time.Location) int64 {
	sec, at := calendar.FloorSeconds(now), int64(math.MaxInt64)
	if len(s.Windows.Week) > 0 {
		at = s.Windows.Week.closes(sec, s.ZoneFor(contact))
	}
	if len(s.Office.Week) > 0 {
		at = min(at, s.Office.Week.closes(sec, s.Office.Zone))
	}
	if at > math.MaxInt64/1000 {
		return s.Stop
	}
	return min(at*1000, s.Stop)
}

// search returns the first second from sec on that lies in windows and office
// hours. While neither zone changes its offset both repeat every week, so it
// looks through one week and then goes on to the next change.
func (s *Schedule) search(sec int64, loc *time.Location) (int64, bool) {
	for limit := sec + searchSeconds; sec < limit; {
		var offset, officeOffset int64
		end, officeEnd := int64(math.MaxInt64), int64(math.MaxInt64)
		if len(s.Windows.Week) > 0 {
			offset, _, end = calendar.ZoneAt(sec, loc)
		}
		if len(s.Office.Week) > 0 {
			officeOffset, _, officeEnd = calendar.ZoneAt(sec, s.Office.Zone)
		}
		end = min(end, officeEnd)
		for at := sec; at < min(end, sec+weekSeconds); {
			opens := s.Windows.Week.next(at+offset) - offset
			at = s.Office.Week.next(opens+officeOffset) - officeOffset
			if at == opens && at < end {
				return at, true
			}
		}
		sec = end
	}
	return 0, false
}

// Hours are a week in its own zone.
type Hours struct {
	Week Week
	Zone *time.Location
	Own  bool // the zone is named with the hours; else it is the workspace's
}
