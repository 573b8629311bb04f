package rule

import (
	"fmt"
	"testing"
	"time"
	"unique"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/store"
)

func zoneTest(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := calendar.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// lastDid is a contact that did "x" at a Unix second.
func lastDid(at int64) *store.Record {
	return &store.Record{Stats: []store.Stats{{Name: unique.Make("x"), Count: 1, First: at, Last: at}}}
}

// A6: a day ago is the same wall time a day earlier, 24 hours are 24 hours;
// both at their edges, to the second, over both changes of the clock.
func TestAgoAcrossDaylightSaving(t *testing.T) {
	dublin, newYork := zoneTest(t, "Europe/Dublin"), zoneTest(t, "America/New_York")
	for _, c := range []struct {
		zone *time.Location
		now  string
		ago  string
		then string // the instant so long ago
	}{
		{time.UTC, "2026-03-09T09:20:00Z", "7d", "2026-03-02T09:20:00Z"},
		{time.UTC, "2026-03-09T09:20:00Z", "1w", "2026-03-02T09:20:00Z"},
		// Dublin goes forward on 29 March at 01:00 UTC, and back on 25 October.
		{dublin, "2026-03-29T12:00:00+01:00", "1d", "2026-03-28T12:00:00Z"},
		{dublin, "2026-03-29T12:00:00+01:00", "24h", "2026-03-28T12:00:00+01:00"},
		{dublin, "2026-04-04T12:00:00+01:00", "1w", "2026-03-28T12:00:00Z"},
		{dublin, "2026-04-04T12:00:00+01:00", "1d144h", "2026-03-28T12:00:00+01:00"}, // mixed: elapsed
		{dublin, "2026-10-25T12:00:00Z", "1d", "2026-10-24T12:00:00+01:00"},
		{dublin, "2026-10-25T12:00:00Z", "24h", "2026-10-24T12:00:00Z"},
		// A missing hour keeps the offset from before it: 01:30 Dublin on 29 March.
		{dublin, "2026-03-30T01:30:00+01:00", "1d", "2026-03-29T01:30:00Z"},
		// A repeated hour is its first: 01:30 Dublin on 25 October.
		{dublin, "2026-10-26T01:30:00Z", "1d", "2026-10-25T01:30:00+01:00"},
		{newYork, "2026-03-09T02:30:00-04:00", "1d", "2026-03-08T02:30:00-05:00"},
		{newYork, "2026-11-02T01:30:00-05:00", "1d", "2026-11-01T01:30:00-04:00"},
		{newYork, "2026-11-02T01:30:00-05:00", "90m", "2026-11-02T00:00:00-05:00"},
	} {
		now, then := instantTest(t, c.now), instantTest(t, c.then)
		for _, d := range []int64{-1, 0, 1} {
			for _, ms := range []int64{0, 1, 999} { // the same second
				s := &Scope{Rec: lastDid(then.Unix() + d), Now: now.UnixMilli() + ms, Loc: c.zone}
				more := fmt.Sprintf(`{"event":"x","stat":"last","op":"more_than_ago","value":%q}`, c.ago)
				less := fmt.Sprintf(`{"event":"x","stat":"last","op":"less_than_ago","value":%q}`, c.ago)
				if got, want := judge(t, more, s), d < 0; got != want {
					t.Errorf("%s more than %s before %s%+ds: %v", c.zone, c.ago, c.now, d, got)
				}
				if got, want := judge(t, less, s), d > 0; got != want {
					t.Errorf("%s less than %s before %s%+ds: %v", c.zone, c.ago, c.now, d, got)
				}
			}
		}
		// Both match the past only: this second is past, the next is not.
		for _, d := range []int64{0, 1} {
			s := &Scope{Rec: lastDid(now.Unix() + d), Now: now.UnixMilli(), Loc: c.zone}
			if got := judge(t, fmt.Sprintf(`{"event":"x","stat":"last","op":"less_than_ago","value":%q}`, c.ago), s); got != (d == 0) {
				t.Errorf("now%+ds is less than %s ago: %v", d, c.ago, got)
			}
		}
	}
}

func instantTest(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// A6: exactly N days ago, on, after and before mean the day in the zone of the
// workspace: 23 and 25 hours long when the clock changes.
func TestCalendarDays(t *testing.T) {
	dublin, apia := zoneTest(t, "Europe/Dublin"), zoneTest(t, "Pacific/Apia")
	for _, c := range []struct {
		zone       *time.Location
		now        string
		days       int
		day        string
		start, end string
	}{
		{time.UTC, "2026-03-02T00:00:00Z", 1, "2026-03-01", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"},
		{dublin, "2026-03-31T00:30:00+01:00", 2, "2026-03-29", "2026-03-29T00:00:00Z", "2026-03-30T00:00:00+01:00"},
		{dublin, "2026-10-26T23:59:59Z", 1, "2026-10-25", "2026-10-25T00:00:00+01:00", "2026-10-26T00:00:00Z"},
		{apia, "2026-01-01T05:00:00+13:00", 1, "2025-12-31", "2025-12-31T00:00:00+13:00", "2026-01-01T00:00:00+13:00"},
		{apia, "2011-12-31T05:00:00+14:00", 2, "2011-12-29", "2011-12-29T00:00:00-10:00", "2011-12-30T00:00:00-10:00"},
	} {
		now, start, end := instantTest(t, c.now), instantTest(t, c.start).Unix(), instantTest(t, c.end).Unix()
		for _, at := range []int64{start - 1, start, end - 1, end} {
			s := &Scope{Rec: lastDid(at), Now: now.UnixMilli(), Loc: c.zone}
			for doc, want := range map[string]bool{
				did("x").Last().ExactlyAgo(calendar.Days(int(c.days))).String(): start <= at && at < end,
				did("x").Last().On(c.day).String():                              start <= at && at < end,
				did("x").Last().After(c.day).String():                           at >= end,
				did("x").Last().Before(c.day).String():                          at < start,
			} {
				if got := judge(t, doc, s); got != want {
					t.Errorf("%s, %s at %s for %s: %v", doc, c.zone, c.now, time.Unix(at, 0).In(c.zone), got)
				}
			}
		}
	}
	// A day that was left out: nothing is on it.
	s := &Scope{Rec: lastDid(instantTest(t, "2011-12-31T00:00:00+14:00").Unix()), Now: testTime.UnixMilli(), Loc: apia}
	if judge(t, did("x").Last().On("2011-12-30").String(), s) || !judge(t, did("x").Last().After("2011-12-30").String(), s) {
		t.Error("Apia had no 30 December 2011")
	}
}

// The cache of days never answers for another now or another question.
func TestAgoCache(t *testing.T) {
	dublin := zoneTest(t, "Europe/Dublin")
	s := &Scope{Loc: dublin}
	rapid.Check(t, func(t *rapid.T) {
		s.Now = int64(rapid.IntRange(0, 3).Draw(t, "hour"))*3_600_000 + 1_774_742_400_000 // 29 March 2026
		days := int64(rapid.IntRange(1, 7).Draw(t, "days"))
		if got, want := s.daysAgo(days), calendar.DaysAgo(s.Now/1000, days, dublin); got != want {
			t.Fatalf("%d days: %d, not %d", days, got, want)
		}
		y, m, d := calendar.LocalDay(s.Now/1000, dublin)
		start, end := calendar.DayBounds(y, m, d-int(days), dublin)
		if gotStart, gotEnd := s.dayAgo(days); gotStart != start || gotEnd != end {
			t.Fatalf("%d days: from %d to %d, not from %d to %d", days, gotStart, gotEnd, start, end)
		}
	})
}

// UTC takes a short way, which must be the long one.
func TestAgoInUTC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := rapid.Int64Range(-5_000_000_000_000, 5_000_000_000_000).Draw(t, "now")
		days := int64(rapid.IntRange(1, 40000).Draw(t, "days"))
		s := &Scope{Now: now, Loc: time.UTC}
		if got, want := s.daysAgo(days), calendar.DaysAgo(calendar.FloorSeconds(now), days, time.UTC); got != want {
			t.Fatalf("%d, not %d", got, want)
		}
		y, m, d := calendar.LocalDay(calendar.FloorSeconds(now), time.UTC)
		start, end := calendar.DayBounds(y, m, d-int(days), time.UTC)
		if gotStart, gotEnd := s.dayAgo(days); gotStart != start || gotEnd != end {
			t.Fatalf("from %d to %d, not from %d to %d", gotStart, gotEnd, start, end)
		}
	})
}
