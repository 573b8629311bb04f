package calendar

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/zonetest"
)

// Faults 55: around every change of the clock, to the second, against a scan
// over the seconds.
func TestFirstAtAroundEveryTransition(t *testing.T) {
	zones, from := zonetest.OddZones, 2000
	if testing.Short() {
		zones, from = zonetest.OddZones[:3], 2020
	}
	checked := 0
	for _, name := range zones {
		loc := zonetest.Zone(t, name)
		for _, change := range zonetest.Transitions(loc, from, 2030) {
			const around = 2 * 3600
			before := zonetest.WallAt(change-1, loc) + 1 - change // the offsets
			after := zonetest.WallAt(change, loc) - change
			if after-before > around || before-after > around {
				continue // a day left out has its own test
			}
			walls := make([]int64, 2*around)
			for i := range walls {
				walls[i] = zonetest.WallAt(change-around+int64(i), loc)
			}
			for _, base := range []int64{change + before, change + after, change + (before+after)/2} {
				for wall := base - 1; wall <= base+1; wall++ {
					want := change - around
					for walls[want-change+around] < wall {
						want++
					}
					if got := FirstAt(wall, loc); got != want {
						t.Fatalf("%s: the clock shows %s first at %s, got %s", name, zonetest.UTC(wall), zonetest.UTC(want), zonetest.UTC(got))
					}
					checked++
				}
			}
		}
	}
	if checked < 500 {
		t.Errorf("only %d instants were checked: where are the transitions?", checked)
	}
}

// A6, K "Time": N days ago is the same time on the wall.
// X4: the next time of day, over both changes of the clock.
func TestNextAt(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	const monday, sunday = DaySet(1), DaySet(1 << 6)
	for _, c := range []struct {
		from  string
		clock int64 // minutes
		days  DaySet
		want  string
	}{
		{"2026-05-08T09:59:59+02:00", 600, 0, "2026-05-08T10:00:00+02:00"},
		{"2026-05-08T10:00:00+02:00", 600, 0, "2026-05-08T10:00:00+02:00"}, // in that very second
		{"2026-05-08T10:00:01+02:00", 600, 0, "2026-05-09T10:00:00+02:00"},
		{"2026-05-08T10:00:01+02:00", 600, monday, "2026-05-11T10:00:00+02:00"},
		{"2026-05-11T10:00:01+02:00", 600, monday, "2026-05-18T10:00:00+02:00"},
		{"2026-05-08T23:59:59+02:00", 0, 0, "2026-05-09T00:00:00+02:00"},
		{"2026-03-28T12:00:00+01:00", 150, 0, "2026-03-29T03:00:00+02:00"},      // 02:30 does not exist that day
		{"2026-03-29T03:00:00+02:00", 150, sunday, "2026-03-29T03:00:00+02:00"}, // it is the end of the gap
		{"2026-03-29T03:00:01+02:00", 150, sunday, "2026-04-05T02:30:00+02:00"},
		{"2026-10-24T12:00:00+02:00", 150, 0, "2026-10-25T02:30:00+02:00"}, // it comes twice: the first
		{"2026-10-25T02:30:01+02:00", 150, 0, "2026-10-26T02:30:00+01:00"},
		{"2026-10-25T02:30:00+01:00", 150, 0, "2026-10-26T02:30:00+01:00"},
	} {
		from, _ := time.Parse(time.RFC3339, c.from)
		if at := time.Unix(NextAt(from.Unix(), c.clock*60, c.days, paris), 0).In(paris).Format(time.RFC3339); at != c.want {
			t.Errorf("from %s: %s, want %s", c.from, at, c.want)
		}
	}
}

func TestDaysAgo(t *testing.T) {
	for _, c := range []struct {
		zone, now string
		days      int64
		want      string
	}{
		{"UTC", "2026-03-10T12:00:07Z", 7, "2026-03-03T12:00:07Z"},
		{"UTC", "2026-03-10T12:00:07Z", 7, "2026-03-03T12:00:07Z"},
		{"UTC", "2026-03-10T12:00:07Z", 15, "2026-02-23T12:00:07Z"},
		// Over the spring change a day has 23 hours, over the autumn one 25.
		{"America/New_York", "2026-03-08T16:00:00-04:00", 1, "2026-03-07T16:00:00-05:00"},
		{"America/New_York", "2026-11-01T16:00:00-05:00", 1, "2026-10-31T16:00:00-04:00"},
		// 02:00 to 03:00 does not exist on March 8: the offset from before it.
		{"America/New_York", "2026-03-09T01:59:59-04:00", 1, "2026-03-08T01:59:59-05:00"},
		{"America/New_York", "2026-03-09T02:00:00-04:00", 1, "2026-03-08T03:00:00-04:00"},
		{"America/New_York", "2026-03-09T02:30:00-04:00", 1, "2026-03-08T03:30:00-04:00"},
		{"America/New_York", "2026-03-09T02:59:59-04:00", 1, "2026-03-08T03:59:59-04:00"},
		{"America/New_York", "2026-03-09T03:00:00-04:00", 1, "2026-03-08T03:00:00-04:00"},
		// 01:00 to 02:00 comes twice on November 1: its first.
		{"America/New_York", "2026-11-02T00:59:59-05:00", 1, "2026-11-01T00:59:59-04:00"},
		{"America/New_York", "2026-11-02T01:00:00-05:00", 1, "2026-11-01T01:00:00-04:00"},
		{"America/New_York", "2026-11-02T01:59:59-05:00", 1, "2026-11-01T01:59:59-04:00"},
		{"America/New_York", "2026-11-02T02:00:00-05:00", 1, "2026-11-01T02:00:00-05:00"},
		{"America/New_York", "2026-11-01T01:30:00-05:00", 1, "2026-10-31T01:30:00-04:00"}, // from the second of two
		{"Europe/Dublin", "2026-03-30T01:30:00+01:00", 1, "2026-03-29T02:30:00+01:00"},
		{"Europe/Dublin", "2026-10-26T01:30:00Z", 1, "2026-10-25T01:30:00+01:00"},
		// Half an hour is left out, half an hour comes twice.
		{"Australia/Lord_Howe", "2026-10-05T02:15:00+11:00", 1, "2026-10-04T02:45:00+11:00"},
		{"Australia/Lord_Howe", "2026-10-05T02:30:00+11:00", 1, "2026-10-04T02:30:00+11:00"},
		{"Australia/Lord_Howe", "2026-04-06T01:45:00+10:30", 1, "2026-04-05T01:45:00+11:00"},
		// Midnight is left out; so is all of 2011-12-30.
		{"America/Sao_Paulo", "2018-11-05T00:15:00-02:00", 1, "2018-11-04T01:15:00-02:00"},
		{"Pacific/Apia", "2011-12-31T12:00:00+14:00", 1, "2011-12-31T12:00:00+14:00"},
		{"Pacific/Apia", "2011-12-31T12:00:00+14:00", 2, "2011-12-29T12:00:00-10:00"},
		// Ahead.
		{"America/New_York", "2026-03-07T16:00:00-05:00", -1, "2026-03-08T16:00:00-04:00"},
		// No days are now, in the second of two as well.
		{"America/New_York", "2026-11-01T01:30:00-05:00", 0, "2026-11-01T01:30:00-05:00"},
	} {
		got := DaysAgo(zonetest.Instant(t, c.now).Unix(), c.days, zonetest.Zone(t, c.zone))
		if want := zonetest.Instant(t, c.want).Unix(); got != want {
			t.Errorf("%d days before %s in %s: %s, want %s", c.days, c.now, c.zone, zonetest.UTC(got), zonetest.UTC(want))
		}
	}
}

// A time that exists once that day shows the same on the wall; one that exists
// twice is the earlier.
func TestDaysAgoShowsTheSameTime(t *testing.T) {
	near := zonetest.NearTransitions(t)
	rapid.Check(t, func(t *rapid.T) {
		loc, now := near(t)
		days := rapid.Int64Range(1, 400).Draw(t, "days")
		now += days * DaySeconds
		got := DaysAgo(now, days, loc)
		wall := zonetest.WallAt(now, loc) - days*DaySeconds
		if shown := zonetest.WallAt(got, loc); shown != wall {
			// In a gap: just before it the clock was less than a gap behind.
			first := FirstAt(wall, loc)
			if zonetest.WallAt(first-1, loc) >= wall || zonetest.WallAt(first, loc) <= wall || shown < wall {
				t.Fatalf("%d days before %s: the clock shows %s, want %s", days, zonetest.UTC(now), zonetest.UTC(shown), zonetest.UTC(wall))
			}
			return
		}
		for earlier := got - 3*3600; earlier < got; earlier += 60 {
			if zonetest.WallAt(earlier, loc) == wall {
				t.Fatalf("%d days before %s: %s, but %s shows the same", days, zonetest.UTC(now), zonetest.UTC(got), zonetest.UTC(earlier))
			}
		}
	})
}

// The farthest dates neither hang nor turn around: the clock shows the same.
func TestDaysAgoFar(t *testing.T) {
	for _, name := range zonetest.OddZones {
		loc := zonetest.Zone(t, name)
		const now, days = 1772452800, 100 * 366
		if got := DaysAgo(now, days, loc); zonetest.WallAt(got, loc) != zonetest.WallAt(now, loc)-days*DaySeconds {
			t.Errorf("%s: %s", name, zonetest.UTC(got))
		}
		if got := DaysAgo(now, -days, loc); zonetest.WallAt(got, loc) != zonetest.WallAt(now, loc)+days*DaySeconds {
			t.Errorf("%s: %s", name, zonetest.UTC(got))
		}
	}
}

func TestDayBounds(t *testing.T) {
	for _, c := range []struct {
		zone       string
		y, m, d    int
		start, end string
	}{
		{"UTC", 2026, 1, 2, "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"},
		{"UTC", 2026, 12, 31, "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"America/New_York", 2026, 3, 8, "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00"},
		{"America/New_York", 2026, 11, 1, "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"},
		{"America/Sao_Paulo", 2018, 11, 4, "2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"}, // no midnight
		{"America/Sao_Paulo", 2018, 11, 3, "2018-11-03T00:00:00-03:00", "2018-11-04T01:00:00-02:00"},
		{"America/Sao_Paulo", 2018, 2, 17, "2018-02-17T00:00:00-02:00", "2018-02-18T00:00:00-03:00"}, // 23:00 twice
		{"America/Havana", 2026, 11, 1, "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"},    // midnight twice
		{"Pacific/Apia", 2011, 12, 29, "2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00"},
		{"Pacific/Apia", 2011, 12, 30, "2011-12-31T00:00:00+14:00", "2011-12-31T00:00:00+14:00"}, // left out
		{"Pacific/Apia", 2011, 12, 31, "2011-12-31T00:00:00+14:00", "2012-01-01T00:00:00+14:00"},
	} {
		start, end := DayBounds(c.y, time.Month(c.m), c.d, zonetest.Zone(t, c.zone))
		if start != zonetest.Instant(t, c.start).Unix() || end != zonetest.Instant(t, c.end).Unix() {
			t.Errorf("%d-%02d-%02d in %s: %s to %s, want %s to %s", c.y, c.m, c.d, c.zone, zonetest.UTC(start), zonetest.UTC(end), c.start, c.end)
		}
	}
}

// Days follow one another without a gap, begin with the first second of their
// date, and an instant lies in the day that the calendar shows. (In St John's
// the clock went back over midnight: that hour belongs to two dates.)
func TestDayBoundsAreTheCalendar(t *testing.T) {
	near := zonetest.NearTransitions(t)
	rapid.Check(t, func(t *rapid.T) {
		loc, sec := near(t)
		y, m, d := LocalDay(sec, loc)
		start, end := DayBounds(y, m, d, loc)
		if next, _ := DayBounds(y, m, d+1, loc); next != end {
			t.Fatalf("the day ends at %s, the next begins at %s", zonetest.UTC(end), zonetest.UTC(next))
		}
		if sec < start || sec >= end && loc.String() != "America/St_Johns" {
			t.Fatalf("%s lies outside its day, %s to %s", zonetest.UTC(sec), zonetest.UTC(start), zonetest.UTC(end))
		}
		if y2, m2, d2 := LocalDay(start-1, loc); y2 == y && m2 == m && d2 == d {
			t.Fatalf("%s is the same date as %s", zonetest.UTC(start-1), zonetest.UTC(start))
		}
	})
}

func TestCalendarDoesNotAllocate(t *testing.T) {
	loc := zonetest.Zone(t, "America/New_York")
	if n := testing.AllocsPerRun(100, func() {
		DaysAgo(1772452800, 7, loc)
		DayBounds(2026, 3, 8, loc)
		LocalDay(1772452800, loc)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestFloorSeconds(t *testing.T) {
	for ms, want := range map[int64]int64{0: 0, 999: 0, 1000: 1, -1: -1, -1000: -1, -1001: -2} {
		if got := FloorSeconds(ms); got != want {
			t.Errorf("%d ms: %d, want %d", ms, got, want)
		}
	}
}

func TestAddMillis(t *testing.T) {
	for _, c := range []struct{ a, b, want int64 }{
		{1, 2, 3},
		{1, -2, -1},
		{math.MaxInt64, 1, math.MaxInt64},
		{math.MinInt64, -1, math.MinInt64},
		{math.MaxInt64, math.MinInt64, -1},
	} {
		if got := AddMillis(c.a, c.b); got != c.want {
			t.Errorf("%d + %d = %d", c.a, c.b, got)
		}
	}
}

// On the last day of a leap year far ahead, the bounds that package time has do not hold
// the instant: what looks for the next change must come to an end all the same.
func TestLastDayOfFarLeapYears(t *testing.T) {
	for _, zone := range []string{"America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "America/Santiago"} {
		loc := zonetest.Zone(t, zone)
		for year := 2036; year < 2080; year += 4 {
			midnight := time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC).Unix()
			for wall := midnight - DaySeconds; wall <= midnight+2*DaySeconds; wall += 1800 {
				if _, start, end := ZoneAt(wall, loc); start > wall || end <= wall {
					t.Fatalf("%s, %s: the bounds are %s and %s", zone, zonetest.UTC(wall), zonetest.UTC(start), zonetest.UTC(end))
				}
				if at := FirstAt(wall, loc); zonetest.WallAt(at, loc) != wall {
					t.Fatalf("%s, %s: the clock shows %s at %s", zone, zonetest.UTC(wall), zonetest.UTC(zonetest.WallAt(at, loc)), zonetest.UTC(at))
				}
			}
		}
	}
}
