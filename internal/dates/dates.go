// Package dates says when a date rule is due: so long before or after a date, at a time of
// day, once or again and again. (T5, T9)
package dates

import (
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/repr"
)

// Late is how many seconds after its instant a rule is still met, if Due runs late.
const Late = 3600

// A Period is the time from one occurrence to the next.
type Period uint8

// The periods. None is a date that occurs once.
const (
	None Period = iota
	Day
	Week
	Month
	Year
)

// A Rule says when it is due, by a date.
type Rule struct {
	Days    int64 // calendar days from the date
	Elapsed int64 // seconds from the date, where Timed
	Timed   bool  // the offset is elapsed time, from the very second of the date
	At      int64 // seconds from midnight at which it is due; -1: no time of day
	Every   Period
	For     int64 // how many seconds it is met for; 0: until that calendar day ends

	Zone        *time.Location // in which it counts
	ContactZone bool           // in the contact's instead, if it has one
}

// HasInstant reports whether the rule is due at an instant, and not on a day.
func (r *Rule) HasInstant() bool { return r.Timed || r.At >= 0 }

// In returns the zone in which the rule counts for a contact, whose own zone is given;
// nil if it has none.
func (r *Rule) In(contact *time.Location) *time.Location {
	if r.ContactZone && contact != nil {
		return contact
	}
	return r.Zone
}

// A Date is a value as rules read it.
type Date struct {
	sec   int64 // of a day, the second with which it begins in UTC
	plain bool  // a day, which is that day in every zone
}

// DateOf returns the date that a value is; false if it is none (A5).
func DateOf(v *repr.Value) (Date, bool) {
	if v.Kind == repr.KindString {
		if midnight, plain := calendar.ParseDay(v.Str); plain {
			return Date{midnight, true}, midnight >= calendar.MinDate
		}
	}
	sec, ok := v.ConditionDate(time.UTC)
	return Date{sec: sec}, ok
}

// An Occurrence is one time at which a rule is due.
type Occurrence struct {
	Value int64 // what it is known by; the same in every zone
	From  int64 // Unix seconds: the instant, or the first of the day
	Until int64 // excluded: what visits and sweeps are to come before
}

// nth returns an occurrence by its number, from 0 on.
func (r *Rule) nth(d Date, n int64, zone *time.Location) (o Occurrence) {
	wall, base := r.wall(d, zone), d.sec
	o.Value = d.sec
	if n > 0 {
		o.Value, wall = r.Every.add(d.sec, n), r.Every.add(wall, n)
	}
	if n > 0 || d.plain {
		base = calendar.FirstAt(wall, zone)
	}
	var day int64
	switch {
	case r.At >= 0:
		day = midnight(wall) + r.Days*calendar.DaySeconds
		o.From = calendar.FirstAt(day+r.At, zone)
	case r.Timed:
		o.From = base + r.Elapsed
		day = midnight(o.From + calendar.OffsetAt(o.From, zone))
	default:
		day = midnight(wall) + r.Days*calendar.DaySeconds
		o.From = calendar.FirstAt(day, zone)
	}
	if o.Until = o.From + r.For; r.For == 0 {
		o.Until = calendar.FirstAt(day+calendar.DaySeconds, zone)
	}
	return o
}

// wall returns what the clock on the wall shows at a date.
func (r *Rule) wall(d Date, zone *time.Location) int64 {
	if d.plain {
		return d.sec
	}
	return d.sec + calendar.OffsetAt(d.sec, zone)
}

// First returns the first occurrence. zone is [Rule.In].
func (r *Rule) First(d Date, zone *time.Location) Occurrence { return r.nth(d, 0, zone) }

// Latest returns the last occurrence that begins at an instant or before it, in Unix
// seconds; false if there is none. zone is [Rule.In].
func (r *Rule) Latest(d Date, at int64, zone *time.Location) (o Occurrence, ok bool) {
	n := r.near(d, at, zone)
	for ; n >= 0; n-- {
		if o = r.nth(d, n, zone); o.From <= at {
			return o, true
		}
	}
	return Occurrence{}, false
}

// Next returns the first occurrence that begins at an instant or behind it, and fits; false
// if there is none.
func (r *Rule) Next(d Date, at int64, zone *time.Location, fits func(Occurrence) bool) (o Occurrence, ok bool) {
	last := int64(0)
	if r.Every != None {
		last = r.near(d, at, zone) + maxUnfit
	}
	for n := max(last-maxUnfit-reach-1, 0); n <= last; n++ {
		if o = r.nth(d, n, zone); o.From >= at && fits(o) {
			return o, true
		}
	}
	return Occurrence{}, false
}

// maxUnfit is how many occurrences may lie behind an instant before one that fits.
const maxUnfit = 4

// reach is more occurrences than near is off by: offsets from UTC differ by a day at
// most, and the ends of months by three.
const reach = 3

// near returns the number of an occurrence that begins at an instant or behind it, with
// few between them.
func (r *Rule) near(d Date, at int64, zone *time.Location) int64 {
	if r.Every == None {
		return 0
	}
	from := r.wall(d, zone)
	to := at + calendar.OffsetAt(at, zone) - r.Elapsed - r.Days*calendar.DaySeconds
	return max(r.Every.between(from, to)+reach, 0)
}

// margin is in seconds: days are of unequal length, and so are offsets from UTC.
const margin = 3 * calendar.DaySeconds

// Span returns roughly between which dates a date lies whose rule is met at an
// instant on a sweep: where For is 0. Dates are Unix seconds.
func (r *Rule) Span(at int64) (from, to int64) {
	at -= r.Elapsed + r.Days*calendar.DaySeconds
	if r.Every != None {
		return calendar.MinDate, at + margin
	}
	return at - margin, at + margin
}

// SpanAhead returns between which dates a date lies, roughly, by which the rule has an
// instant before it, or just behind it.
func (r *Rule) SpanAhead(at int64) (from, to int64) {
	if r.Every != None {
		return calendar.MinDate, calendar.MaxDate
	}
	return at - Late - margin - r.Elapsed - r.Days*calendar.DaySeconds, calendar.MaxDate
}

// midnight returns the beginning of the day of a reading of the wall clock.
func midnight(wall int64) int64 {
	day := wall / calendar.DaySeconds
	if wall%calendar.DaySeconds < 0 {
		day--
	}
	return day * calendar.DaySeconds
}

// add returns what the clock shows n periods later. The day is that of the date, or the
// last that the month has.
func (p Period) add(wall, n int64) int64 {
	switch p {
	case Day:
		return wall + n*calendar.DaySeconds
	case Week:
		return wall + n*7*calendar.DaySeconds
	case Year:
		n *= 12
	}
	t := time.Unix(wall, 0).UTC()
	y, m, d := t.Date()
	month := time.Month(int(m) + int(n%12))
	y += int(n / 12)
	last := time.Date(y, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return time.Date(y, month, min(d, last), 0, 0, 0, 0, time.UTC).Unix() + wall - midnight(wall)
}

// between returns how many periods about lie between two readings of the clock.
func (p Period) between(from, to int64) int64 {
	switch p {
	case Day:
		return (to - from) / calendar.DaySeconds
	case Week:
		return (to - from) / (7 * calendar.DaySeconds)
	}
	a, b := time.Unix(from, 0).UTC(), time.Unix(to, 0).UTC()
	months := int64(b.Year()-a.Year())*12 + int64(b.Month()-a.Month())
	if p == Year {
		return months / 12
	}
	return months
}
