// Package zonetest has zones and instants for tests of calendars.
package zonetest

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Zone loads a zone that exists.
func Zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return loc
}

// Instant reads an RFC 3339 time.
func Instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// UTC writes Unix seconds as a time of day in UTC.
func UTC(sec int64) string { return time.Unix(sec, 0).UTC().Format(time.RFC3339) }

// WallAt reads the clock on the wall by way of the calendar, not of offsets.
func WallAt(sec int64, loc *time.Location) int64 {
	at := time.Unix(sec, 0).In(loc)
	y, m, d := at.Date()
	return time.Date(y, m, d, at.Hour(), at.Minute(), at.Second(), 0, time.UTC).Unix()
}

// OddZones are zones where something unusual happens between 2000 and 2030:
// half an hour of daylight saving, midnight left out or coming twice, a day
// left out, a change at a minute past midnight, winter time that is "daylight
// saving", rules that follow the moon.
var OddZones = []string{ //nolint:gochecknoglobals // a table that nothing writes to
	"America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo",
	"America/St_Johns", "America/Havana", "Africa/Casablanca", "Asia/Beirut", "Asia/Kathmandu", "UTC",
}

// Transitions finds the changes of the clock in a zone by trying every hour.
func Transitions(loc *time.Location, fromYear, toYear int) []int64 {
	offset := func(sec int64) int64 { return WallAt(sec, loc) - sec }
	end := time.Date(toYear, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	var out []int64
	for sec := time.Date(fromYear, 1, 1, 0, 0, 0, 0, time.UTC).Unix(); sec < end; sec += 3 * 3600 {
		if offset(sec) == offset(sec+3*3600) {
			continue
		}
		low, high := sec, sec+3*3600
		for high-low > 1 {
			if middle := (low + high) / 2; offset(middle) == offset(low) {
				low = middle
			} else {
				high = middle
			}
		}
		out = append(out, high)
	}
	return out
}

// NearTransitions draws a zone, and an instant that is seldom far from a
// change of its clock.
func NearTransitions(t testing.TB) func(*rapid.T) (*time.Location, int64) {
	type odd struct {
		loc     *time.Location
		changes []int64
	}
	const day = 24 * 60 * 60
	var all []odd
	for _, name := range OddZones {
		loc := Zone(t, name)
		all = append(all, odd{loc, append(Transitions(loc, 2005, 2030), 946684800)})
	}
	return func(t *rapid.T) (*time.Location, int64) {
		o := rapid.SampledFrom(all).Draw(t, "zone")
		change := rapid.SampledFrom(o.changes).Draw(t, "change")
		return o.loc, change + rapid.OneOf(
			rapid.Int64Range(-3*3600, 3*3600),
			rapid.Map(rapid.Int64Range(-9, 9), func(n int64) int64 { return n * 900 }),
			rapid.Int64Range(-2*day, 2*day),
		).Draw(t, "after")
	}
}
