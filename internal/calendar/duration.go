package calendar

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
)

// A Duration is a length of time as people write it in rules: "7d", "2w", "90s",
// "1d12h". Days are told from elapsed time, and the units that it was written in are
// known. The zero Duration is unset.
type Duration struct {
	seconds int64 // beside the days, and never of the other sign
	days    int32
	units   unitMask // the units written; none: unset
}

// A unitMask is a set of units.
type unitMask uint8

const (
	maskSeconds unitMask = 1 << iota
	maskMinutes
	maskHours
	maskDays
	maskWeeks
)

// MaxDuration is 100 years, in seconds. What is longer is refused, whatever its
// unit; what is longer than clampDuration counts as that, so that no sum of
// two overflows.
const (
	MaxDuration   = 36525 * DaySeconds
	clampDuration = 1 << 20 * DaySeconds
)

// durationUnits are the units in the order in which they are written. Those
// of one kind (days, seconds) divide one another downwards.
var durationUnits = [...]struct { //nolint:gochecknoglobals // a table that nothing writes to
	letter byte
	mask   unitMask
	days   bool
	size   int64
}{
	{'w', maskWeeks, true, 7},
	{'d', maskDays, true, 1},
	{'h', maskHours, false, 3600},
	{'m', maskMinutes, false, 60},
	{'s', maskSeconds, false, 1},
}

// Seconds returns a duration of n seconds.
func Seconds(n int) Duration { return makeDuration(0, clampUnits(n, 1), maskSeconds) }

// Minutes returns a duration of n minutes.
func Minutes(n int) Duration { return makeDuration(0, clampUnits(n, 60)*60, maskMinutes) }

// Hours returns a duration of n hours, which are no days.
func Hours(n int) Duration { return makeDuration(0, clampUnits(n, 3600)*3600, maskHours) }

// Days returns a duration of n days.
func Days(n int) Duration { return makeDuration(clampUnits(n, DaySeconds), 0, maskDays) }

// Weeks returns a duration of n weeks, of seven days each.
func Weeks(n int) Duration { return makeDuration(clampUnits(n, 7*DaySeconds)*7, 0, maskWeeks) }

// DurationOf returns d as elapsed time, in hours, minutes and seconds. A part of a
// second counts as a whole one.
func DurationOf(d time.Duration) Duration {
	seconds := int64(d / time.Second)
	switch part := d % time.Second; {
	case part > 0:
		seconds++
	case part < 0:
		seconds--
	}
	return makeDuration(0, seconds, 0)
}

// clampUnits returns n, or how many units of that many seconds are as long as
// clampDuration.
func clampUnits(n int, size int64) int64 {
	limit := clampDuration / size
	return max(-limit, min(int64(n), limit))
}

// makeDuration returns a duration that is set. Days and seconds of different
// signs become elapsed time. Units that cannot write it give way to the
// canonical spelling.
func makeDuration(days, seconds int64, units unitMask) Duration {
	if days > 0 && seconds < 0 || days < 0 && seconds > 0 {
		days, seconds, units = 0, days*DaySeconds+seconds, 0
	}
	if !spells(units, days, seconds) {
		units = canonicalUnits(days, seconds)
	}
	return Duration{seconds: seconds, days: int32(days), units: units}
}

// Add returns the sum of both: days are added to days, and the rest to the rest.
func (d Duration) Add(e Duration) Duration {
	if e.IsZero() {
		return d
	}
	limit := int64(clampDuration / DaySeconds)
	days := max(-limit, min(int64(d.days)+int64(e.days), limit))
	seconds := max(-clampDuration, min(d.seconds+e.seconds, clampDuration))
	return makeDuration(days, seconds, d.units|e.units)
}

// ParseDuration reads a duration: a number and a unit (w, d, h, m, s), or several in
// that order, each unit once. What it accepts prints back as it was written. It
// returns the duration, or a sentence that says what is wrong.
func ParseDuration(s string) (Duration, string) {
	bad := func() (Duration, string) {
		return Duration{}, fault.Quote(s) + " is not a duration: write it as 90s, 15m, 12h, 7d, 2w or 1d12h"
	}
	rest, negative := strings.CutPrefix(s, "-")
	if rest == "" || len(s) > 64 {
		return bad()
	}
	var days, seconds int64
	var units unitMask
	for unit := 0; rest != ""; unit++ {
		digits := 0
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
			digits++
		}
		if digits == 0 || digits == len(rest) {
			return bad()
		}
		for unit < len(durationUnits) && durationUnits[unit].letter != rest[digits] {
			unit++
		}
		if unit == len(durationUnits) {
			return bad()
		}
		u := durationUnits[unit]
		n, err := strconv.ParseInt(rest[:digits], 10, 64)
		if err != nil || n > clampDuration/u.size {
			return Duration{}, fault.Quote(s) + " is " + overDuration
		}
		if u.days {
			days += n * u.size
		} else {
			seconds += n * u.size
		}
		units |= u.mask
		rest = rest[digits+1:]
	}
	if negative {
		days, seconds = -days, -seconds
	}
	d := makeDuration(days, seconds, units)
	if d.Over() {
		return Duration{}, fault.Quote(s) + " is " + overDuration
	}
	// One rule covers leading zeros, "-0s", "1h90m" and whatever else has
	// another spelling: it must print back as it was written.
	if printed := d.String(); printed != s {
		return Duration{}, fault.Quote(s) + " is not how a duration is written: write " + strconv.Quote(printed)
	}
	return d, ""
}

// DurationText is what a duration is in JSON.
const DurationText = `a string such as "1h"`

// overDuration is what is said of a duration that is too long.
const overDuration = "over 100 years: 36525d, 876600h and 3155760000s are the longest durations"

// Over reports whether d is longer than is accepted anywhere.
func (d Duration) Over() bool { return d.Total() > MaxDuration || d.Total() < -MaxDuration }

// Fault says that d is longer than is accepted anywhere; empty if it is not.
func (d Duration) Fault() string {
	if !d.Over() {
		return ""
	}
	return d.String() + " is " + overDuration
}

// String returns the duration as it was written. What has no spelling of its
// own, a sum or a time.Duration, has the greatest unit that divides it. The
// zero Duration prints as "0s".
func (d Duration) String() string {
	days, seconds, units := int64(d.days), d.seconds, d.units
	if d.IsZero() {
		units = maskSeconds
	}
	var buf [48]byte
	b := buf[:0]
	if days < 0 || seconds < 0 {
		b = append(b, '-')
		days, seconds = -days, -seconds
	}
	for _, u := range durationUnits {
		if units&u.mask == 0 {
			continue
		}
		left := &seconds
		if u.days {
			left = &days
		}
		b = strconv.AppendInt(b, *left/u.size, 10)
		b = append(b, u.letter)
		*left %= u.size
	}
	return string(b)
}

// spells reports whether the units can write the duration.
func spells(units unitMask, days, seconds int64) bool {
	if units == 0 {
		return false
	}
	for _, u := range durationUnits {
		if units&u.mask == 0 {
			continue
		}
		if u.days {
			days %= u.size
		} else {
			seconds %= u.size
		}
	}
	return days == 0 && seconds == 0
}

func canonicalUnits(days, seconds int64) unitMask {
	var units unitMask
	if days != 0 {
		units = maskDays
	}
	switch {
	case seconds == 0 && days != 0:
	case seconds == 0 || seconds%60 != 0:
		units |= maskSeconds
	case seconds%3600 != 0:
		units |= maskMinutes
	default:
		units |= maskHours
	}
	return units
}

// IsZero reports whether d is unset. "0s" is set.
func (d Duration) IsZero() bool { return d.units == 0 }

// Negative reports whether d, as elapsed time, is less than no time.
func (d Duration) Negative() bool { return d.Total() < 0 }

// Days returns the days of d without its hours, minutes and seconds, and
// reports whether there is nothing but days: then a date operator counts
// calendar days (A6).
func (d Duration) Days() (days int64, whole bool) {
	return int64(d.days), d.seconds == 0 && d.units&(maskDays|maskWeeks) != 0
}

// Elapsed returns d as elapsed time, a day being 24 hours (A6). What
// time.Duration cannot hold, 292 years, saturates.
func (d Duration) Elapsed() time.Duration {
	seconds := d.Total()
	const limit = math.MaxInt64 / int64(time.Second)
	switch {
	case seconds > limit:
		return math.MaxInt64
	case seconds < -limit:
		return math.MinInt64
	}
	return time.Duration(seconds) * time.Second
}

// Total returns the seconds of d as elapsed time, exactly.
func (d Duration) Total() int64 { return int64(d.days)*DaySeconds + d.seconds }

// Millis returns d as elapsed time, exactly: no duration is so long that it
// could overflow.
func (d Duration) Millis() int64 { return d.Total() * 1000 }
