package beckon

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// A Duration is a length of time as people write it in rules: "7d", "2w",
// "90s", "1d12h". It is not a [time.Duration]: seven days and 168 hours
// differ, because "7 days ago" is the same wall time on another day while
// "168 hours ago" is elapsed time (A6). Everywhere but in date operators a
// Duration is elapsed time and a day is 24 hours; see [Duration.Elapsed].
//
// A Duration counts whole days and whole seconds apart from each other, so
// 7*beckon.Day and 90*beckon.Minute are constants and durations of one kind
// can be added and multiplied. They cannot be divided or compared with < and
// >; use Negative and Elapsed. A parsed Duration also knows the units it was
// written in and prints back as written. ParseDuration("7d") == 7*Day, but
// ParseDuration("1w") != 7*Day, for it prints otherwise.
//
// The zero Duration is unset, which a field's comment may give a meaning (a
// default); [ZeroDuration], "0s", is a duration of no time.
type Duration int64

// The units of a Duration.
const (
	Second Duration = 1
	Minute          = 60 * Second
	Hour            = 60 * Minute
	Day    Duration = 1 << durationDayShift
	Week            = 7 * Day
)

// ZeroDuration is no time at all, said explicitly: "0s". A Frequency with
// Every ZeroDuration has no distance between sends, where the zero Duration
// means the default.
const ZeroDuration Duration = 1 << durationMaskShift

// A Duration d is a payload plus a mask shifted above it, added, not or-ed:
// so the sum or the multiple of durations has the sum or the multiple of the
// payloads, whatever becomes of the masks, which are only about spelling.
//
//	bits 0 to 35    elapsed seconds, signed
//	bits 36 to 58   days, signed
//	bits 59 to 63   the units written: s, m, h, d, w; none: the canonical spelling
const (
	durationDayShift  = 36
	durationMaskShift = 59

	maxDurationSeconds = 1<<(durationDayShift-1) - 1
	maxDurationDays    = 1<<(durationMaskShift-durationDayShift-1) - 1
)

// The bit of a unit in the mask.
const (
	maskSeconds = 1 << iota
	maskMinutes
	maskHours
	maskDays
	maskWeeks
)

// durationUnits are the units in the order in which they are written. Those
// of one kind (days, seconds) divide one another downwards.
var durationUnits = [...]struct { //nolint:gochecknoglobals // a table that nothing writes to
	letter byte
	mask   uint64
	days   bool
	size   int64
}{
	{'w', maskWeeks, true, 7},
	{'d', maskDays, true, 1},
	{'h', maskHours, false, 3600},
	{'m', maskMinutes, false, 60},
	{'s', maskSeconds, false, 1},
}

// parts takes d apart.
func (d Duration) parts() (days, seconds int64, mask uint64) {
	const up, upSeconds = 64 - durationMaskShift, 64 - durationDayShift
	payload := int64(d) << up >> up // sign-extends
	seconds = payload << upSeconds >> upSeconds
	days = (payload - seconds) >> durationDayShift
	mask = uint64(int64(d)-payload) >> durationMaskShift
	return days, seconds, mask
}

func makeDuration(days, seconds int64, mask uint64) Duration {
	return Duration(uint64(days<<durationDayShift+seconds) + mask<<durationMaskShift)
}

// ParseDuration reads a duration: a number and a unit (w, d, h, m, s), or
// several in that order, each unit once: "90s", "2w", "1d12h". A leading "-"
// makes all of it negative. There are no spaces, no fractions and no leading
// zeros, and a smaller unit does not reach the next greater one that is
// written: "1h90m" is "2h30m". What is accepted prints back as it was written.
//
// Days are limited to 4194303 (11,483 years), the rest to 34359738367
// seconds. The error is an [*Error] with the code type_invalid.
func ParseDuration(s string) (Duration, error) {
	d, problem := parseDuration(s)
	if problem != "" {
		return 0, &Error{Code: ErrTypeInvalid, Message: problem}
	}
	return d, nil
}

// parseDuration gives the duration, or a sentence that says what is wrong.
func parseDuration(s string) (Duration, string) {
	bad := func() (Duration, string) {
		return 0, quoteInput(s) + " is not a duration: write it as 90s, 15m, 12h, 7d, 2w or 1d12h"
	}
	rest, negative := strings.CutPrefix(s, "-")
	if rest == "" || len(s) > 64 {
		return bad()
	}
	var days, seconds int64
	var mask uint64
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
		if err != nil || n > maxDurationSeconds {
			return 0, quoteInput(s) + " is too long a duration"
		}
		if u.days {
			days += n * u.size
		} else {
			seconds += n * u.size
		}
		mask |= u.mask
		rest = rest[digits+1:]
	}
	if days > maxDurationDays || seconds > maxDurationSeconds {
		return 0, quoteInput(s) + " is too long a duration"
	}
	if negative {
		days, seconds = -days, -seconds
	}
	// One rule covers leading zeros, "-0s", "1h90m" and whatever else has
	// another spelling: it must print back as it was written.
	d := makeDuration(days, seconds, mask)
	if canonical := makeDuration(days, seconds, 0); canonical != 0 && canonical.String() == s {
		return canonical, ""
	}
	if printed := d.String(); printed != s {
		return 0, quoteInput(s) + " is not how a duration is written: write " + strconv.Quote(printed)
	}
	return d, ""
}

// String gives the duration as it was written, or in the canonical spelling:
// days as "7d", the rest in the greatest unit that divides it. A sum of days
// and hours with different signs prints as elapsed time. The zero Duration
// prints as "0s".
func (d Duration) String() string {
	days, seconds, mask := d.parts()
	if days > 0 && seconds < 0 || days < 0 && seconds > 0 {
		days, seconds, mask = 0, days*86400+seconds, 0
	}
	var buf [48]byte
	b := buf[:0]
	if days < 0 || seconds < 0 {
		b = append(b, '-')
		days, seconds = -days, -seconds
	}
	if !spells(mask, days, seconds) {
		mask = canonicalMask(days, seconds)
	}
	for _, u := range durationUnits {
		if mask&u.mask == 0 {
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

// spells reports whether the units of mask can write the duration; neither
// part is negative.
func spells(mask uint64, days, seconds int64) bool {
	if mask == 0 {
		return false
	}
	for _, u := range durationUnits {
		if mask&u.mask == 0 {
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

func canonicalMask(days, seconds int64) uint64 {
	var mask uint64
	if days != 0 {
		mask = maskDays
	}
	switch {
	case seconds == 0 && days != 0:
	case seconds == 0 || seconds%60 != 0:
		mask |= maskSeconds
	case seconds%3600 != 0:
		mask |= maskMinutes
	default:
		mask |= maskHours
	}
	return mask
}

// MarshalText gives [Duration.String].
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what [ParseDuration] reads, and refuses what it refuses.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := ParseDuration(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// IsZero reports whether d is unset. "0s" is set.
func (d Duration) IsZero() bool { return d == 0 }

// Negative reports whether d, as elapsed time, is less than no time.
func (d Duration) Negative() bool { return d.seconds() < 0 }

// Days gives the days of d without its hours, minutes and seconds, and
// whether there is nothing but days: then a date operator counts calendar
// days (A6).
func (d Duration) Days() (days int64, whole bool) {
	days, seconds, _ := d.parts()
	return days, seconds == 0 && days != 0
}

// Elapsed gives d as elapsed time, a day being 24 hours (A6). What
// time.Duration cannot hold, 292 years, saturates.
func (d Duration) Elapsed() time.Duration {
	seconds := d.seconds()
	const limit = math.MaxInt64 / int64(time.Second)
	switch {
	case seconds > limit:
		return math.MaxInt64
	case seconds < -limit:
		return math.MinInt64
	}
	return time.Duration(seconds) * time.Second
}

// seconds gives d as elapsed time, exactly.
func (d Duration) seconds() int64 {
	days, seconds, _ := d.parts()
	return days*86400 + seconds
}

// millis gives d as elapsed time, exactly: the limits of a Duration keep it
// far from overflow.
func (d Duration) millis() int64 { return d.seconds() * 1000 }
