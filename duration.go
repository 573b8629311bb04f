package beckon

import (
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
)

// A Duration is a length of time as people write it in rules: "7d", "2w",
// "90s", "1d12h". It is not a [time.Duration]: seven days and 168 hours
// differ, because "7 days ago" is the same wall time on another day while
// "168 hours ago" is elapsed time (A6). Everywhere but in date operators a
// Duration is elapsed time and a day is 24 hours; see [Duration.Elapsed].
//
// [Seconds], [Minutes], [Hours], [Days], [Weeks], [DurationOf] and
// [ParseDuration] make one, and [Duration.Add] joins two. There is no other
// arithmetic: what does not say its unit does not compile. A Duration knows
// the units it was written in and prints back as written, and == compares that
// too: ParseDuration("7d") == Days(7), but Weeks(1) != Days(7). To compare
// lengths use Elapsed.
//
// A Duration is at most 100 years of 365.25 days (36525d), forwards or
// backwards. A longer one is kept, prints, and is refused with its path by
// whatever takes it: Publish, NewThrottler.
//
// The zero Duration is unset, which a field's comment may define (a default).
// Seconds(0), "0s", is set: no time at all, said explicitly.
type Duration struct{ span calendar.Duration }

// Seconds returns a duration of n seconds. Seconds(0) is no time at all, said
// explicitly: a Frequency with Every Seconds(0) has no distance between sends,
// where the zero Duration means the default.
func Seconds(n int) Duration { return Duration{calendar.Seconds(n)} }

// Minutes returns a duration of n minutes.
func Minutes(n int) Duration { return Duration{calendar.Minutes(n)} }

// Hours returns a duration of n hours. Hours(24) is not Days(1): see [Duration].
func Hours(n int) Duration { return Duration{calendar.Hours(n)} }

// Days returns a duration of n days.
func Days(n int) Duration { return Duration{calendar.Days(n)} }

// Weeks returns a duration of n weeks, of seven days each.
func Weeks(n int) Duration { return Duration{calendar.Weeks(n)} }

// DurationOf returns d as elapsed time, in hours, minutes and seconds:
// DurationOf(24*time.Hour) is "24h" and not "1d". A part of a second counts as
// a whole one (1.5s is "2s", -1.5s is "-2s"), so what is longer than no time
// stays so, and a distance never becomes shorter. DurationOf(0) is "0s", which
// is set.
func DurationOf(d time.Duration) Duration { return Duration{calendar.DurationOf(d)} }

// Add returns the sum of both: days are added to days, and the rest to the
// rest. Days(1).Add(Hours(12)) is "1d12h". An unset duration adds nothing.
func (d Duration) Add(e Duration) Duration { return Duration{d.span.Add(e.span)} }

// ParseDuration reads a duration: a number and a unit (w, d, h, m, s), or
// several in that order, each unit once: "90s", "2w", "1d12h". A leading "-"
// makes all of it negative. There are no spaces, no fractions and no leading
// zeros, and a smaller unit does not reach the next greater one that is
// written: "1h90m" is "2h30m". What is accepted prints back as it was written,
// and is at most 100 years long (36525d).
//
// The error is an [*Error] with the code type_invalid.
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

// String returns the duration as it was written. What has no spelling of its
// own, a sum or a time.Duration, has the greatest unit that divides it. The
// zero Duration prints as "0s".
func (d Duration) String() string { return d.span.String() }

// MarshalText returns [Duration.String].
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

// Equal reports whether d and e are the same, as == does: as long, and written
// in the same units.
func (d Duration) Equal(e Duration) bool { return d == e }

// IsZero reports whether d is unset. "0s" is set.
func (d Duration) IsZero() bool { return d.span.IsZero() }

// Negative reports whether d, as elapsed time, is less than no time.
func (d Duration) Negative() bool { return d.span.Negative() }

// Days returns the days of d without its hours, minutes and seconds, and
// reports whether there is nothing but days: then a date operator counts
// calendar days (A6).
func (d Duration) Days() (days int64, whole bool) { return d.span.Days() }

// Elapsed returns d as elapsed time, a day being 24 hours (A6). What
// time.Duration cannot hold, 292 years, saturates.
func (d Duration) Elapsed() time.Duration { return d.span.Elapsed() }

// millis returns d as elapsed time, exactly: no duration is so long that it
// could overflow.
func (d Duration) millis() int64 { return d.span.Millis() }
