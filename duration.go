package beckon

import (
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
)

// A Duration is a length of time as people write it in rules: "7d", "90s", "1d12h". It is
// elapsed time, and a day 24 hours, except in date operators: "7 days ago" is the same wall
// time on another day; docs/time.md has more. It prints in the units that it was written in,
// and == compares them too: Weeks(1) != Days(7). To compare lengths use [Duration.Elapsed].
//
// The longest is 100 years (36525d), forwards or backwards; what takes a longer one refuses it
// with its path. The zero Duration is unset, for which a field may have a default; Seconds(0)
// is set: no time at all. (A6)
type Duration struct{ span calendar.Duration }

// Seconds returns a duration of n seconds. Seconds(0) is set: no time at all.
func Seconds(n int) Duration { return Duration{calendar.Seconds(n)} }

// Minutes returns a duration of n minutes.
func Minutes(n int) Duration { return Duration{calendar.Minutes(n)} }

// Hours returns a duration of n hours. Hours(24) is not Days(1).
func Hours(n int) Duration { return Duration{calendar.Hours(n)} }

// Days returns a duration of n days.
func Days(n int) Duration { return Duration{calendar.Days(n)} }

// Weeks returns a duration of n weeks of seven days.
func Weeks(n int) Duration { return Duration{calendar.Weeks(n)} }

// DurationOf returns d in hours, minutes and seconds: 24*time.Hour is "24h",
// not "1d". A part of a second counts as a whole one (1.5s is "2s", -1.5s is
// "-2s"), so no distance becomes shorter. DurationOf(0) is "0s", which is set.
func DurationOf(d time.Duration) Duration { return Duration{calendar.DurationOf(d)} }

// Add returns the sum, by days and the rest. An unset duration adds nothing.
func (d Duration) Add(e Duration) Duration { return Duration{d.span.Add(e.span)} }

// ParseDuration reads one or more numbers with a unit, in the order w, d, h, m,
// s and each unit once: "90s", "2w", "1d12h". A leading "-" makes all of it
// negative. There are no spaces, fractions or leading zeros, and a smaller unit
// stays below the next greater one written, except for hours behind days: "2h30m" and
// "1d36h", not "1h90m". It prints back as it was written. The error is an [*Error], type_invalid.
func ParseDuration(s string) (Duration, error) {
	d, problem := parseDuration(s)
	if problem != "" {
		return Duration{}, &Error{Code: ErrTypeInvalid, Message: problem}
	}
	return d, nil
}

// parseDuration returns the duration, or a sentence that says what is wrong.
func parseDuration(s string) (Duration, string) {
	d, problem := calendar.ParseDuration(s)
	return Duration{d}, problem
}

// checkDuration notes at path that d is longer than is accepted anywhere, and
// reports whether it is not.
func checkDuration(f *fault.List, d Duration, path string) bool {
	problem := d.span.Fault()
	if problem != "" {
		f.Fault(path, problem)
	}
	return problem == ""
}

// String returns the duration as it was written. A sum has the units of both, if they can
// write it; else, as what comes of a time.Duration, the greatest that divides it. Zero is "0s".
func (d Duration) String() string { return d.span.String() }

// MarshalText returns [Duration.String].
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what [ParseDuration] reads.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := ParseDuration(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// Equal reports whether d == e: as long, and written in the same units.
func (d Duration) Equal(e Duration) bool { return d == e }

// IsZero reports whether d is unset. "0s" is set.
func (d Duration) IsZero() bool { return d.span.IsZero() }

// Negative reports whether d is less than no time.
func (d Duration) Negative() bool { return d.span.Negative() }

// Days returns the days of d, and whether there is nothing else. (A6)
func (d Duration) Days() (days int64, whole bool) { return d.span.Days() }

// Elapsed returns d with days of 24 hours, saturated at 292 years. (A6)
func (d Duration) Elapsed() time.Duration { return d.span.Elapsed() }

// millis returns d as elapsed time, exactly: no duration is so long that it
// could overflow.
func (d Duration) millis() int64 { return d.span.Millis() }
