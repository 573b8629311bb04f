package beckon

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/schedule"
	"github.com/beckon-go/beckon/internal/zonetest"
)

func compiled(t testing.TB, s *Schedule, office *OfficeHours, workspace string) *schedule.Schedule {
	t.Helper()
	var faults fault.List
	loc := zonetest.Zone(t, workspace)
	out := newScheduleCompiler(office, loc, "office_hours", &faults).compile(s, "schedule", &faults)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return out
}

var weekdays = []Weekday{"mon", "tue", "wed", "thu", "fri"}

// S1: open and shut, instant by instant.
func TestScheduleOpen(t *testing.T) {
	nine := []Window{{weekdays, "09:00", "17:00"}}
	saturdayNight := []Window{{[]Weekday{"sat"}, "22:00", "02:00"}}
	type at struct {
		instant string
		open    bool
	}
	for _, c := range []struct {
		name      string
		s         *Schedule
		office    *OfficeHours
		workspace string
		contact   string
		at        []at
	}{
		{"nil is always open", nil, nil, "UTC", "", []at{{"0001-01-01T00:00:00Z", true}, {"2026-03-02T00:00:00Z", true}}},
		{"zero is always open", &Schedule{}, nil, "UTC", "", []at{{"0001-01-01T00:00:00Z", true}, {"2026-03-02T00:00:00Z", true}}},
		{"start included, stop excluded", &Schedule{Start: zonetest.Instant(t, "2026-03-02T09:00:00Z"), Stop: zonetest.Instant(t, "2026-03-02T10:00:00Z")}, nil, "UTC", "", []at{
			{"2026-03-02T08:59:59Z", false},
			{"2026-03-02T08:59:59.999Z", false},
			{"2026-03-02T09:00:00Z", true},
			{"2026-03-02T09:59:59.999Z", true},
			{"2026-03-02T10:00:00Z", false},
		}},
		{"start and stop between milliseconds", &Schedule{Start: zonetest.Instant(t, "2026-03-02T09:00:00.0005Z"), Stop: zonetest.Instant(t, "2026-03-02T09:00:00.0015Z")}, nil, "UTC", "", []at{
			{"2026-03-02T09:00:00Z", false}, {"2026-03-02T09:00:00.001Z", true}, {"2026-03-02T09:00:00.002Z", false},
		}},
		{"from included, to excluded", &Schedule{Windows: nine}, nil, "UTC", "", []at{
			{"2026-03-02T08:59:59Z", false},
			{"2026-03-02T08:59:59.999Z", false},
			{"2026-03-02T09:00:00Z", true},
			{"2026-03-02T16:59:59.999Z", true},
			{"2026-03-02T17:00:00Z", false},
			{"2026-03-01T12:00:00Z", false},
		}},
		{"before 1970", &Schedule{Windows: nine}, nil, "UTC", "", []at{
			{"1969-12-31T08:59:59.999Z", false}, {"1969-12-31T09:00:00Z", true}, {"1969-12-28T12:00:00Z", false},
		}},
		{"no days is every day", &Schedule{Windows: []Window{{nil, "09:00", "10:00"}}}, nil, "UTC", "", []at{
			{"2026-03-01T09:00:00Z", true}, {"2026-03-02T09:30:00Z", true}, {"2026-03-07T09:59:59Z", true}, {"2026-03-07T10:00:00Z", false},
		}},
		{"24:00 is the end of the day", &Schedule{Windows: []Window{{[]Weekday{"sun"}, "00:00", "24:00"}}}, nil, "UTC", "", []at{
			{"2026-02-28T23:59:59Z", false}, {"2026-03-01T00:00:00Z", true}, {"2026-03-01T23:59:59.999Z", true}, {"2026-03-02T00:00:00Z", false},
		}},
		{"to 00:00 is that midnight too", &Schedule{Windows: []Window{{[]Weekday{"mon"}, "22:00", "00:00"}}}, nil, "UTC", "", []at{
			{"2026-03-02T00:00:00Z", false}, {"2026-03-02T23:59:59Z", true}, {"2026-03-03T00:00:00Z", false},
		}},
		{"over midnight, named by the day it begins", &Schedule{Windows: saturdayNight}, nil, "UTC", "", []at{
			{"2026-03-07T01:00:00Z", false},
			{"2026-03-07T21:59:59Z", false},
			{"2026-03-07T22:00:00Z", true},
			{"2026-03-08T01:59:59Z", true},
			{"2026-03-08T02:00:00Z", false},
			{"2026-03-08T22:00:00Z", false},
		}},
		{"over midnight, out of the week", &Schedule{Windows: []Window{{[]Weekday{"sun"}, "22:00", "02:00"}}}, nil, "UTC", "", []at{
			{"2026-03-08T22:00:00Z", true}, {"2026-03-09T00:00:00Z", true}, {"2026-03-09T01:59:59Z", true}, {"2026-03-09T02:00:00Z", false}, {"2026-03-08T01:00:00Z", false},
		}},
		{"the message's zone", &Schedule{Windows: nine, Timezone: "America/New_York"}, nil, "Asia/Tokyo", "Europe/Dublin", []at{
			{"2026-03-02T13:59:59Z", false}, {"2026-03-02T14:00:00Z", true},
		}},
		{"the workspace's zone", &Schedule{Windows: nine}, nil, "America/New_York", "Europe/Dublin", []at{
			{"2026-03-02T13:59:59Z", false}, {"2026-03-02T14:00:00Z", true},
		}},
		{"the contact's zone", &Schedule{Windows: nine, Timezone: "America/New_York", ContactTimezone: true}, nil, "UTC", "Asia/Tokyo", []at{
			{"2026-03-01T23:59:59Z", false}, {"2026-03-02T00:00:00Z", true}, {"2026-03-02T08:00:00Z", false}, {"2026-03-02T14:00:00Z", false},
		}},
		{"a contact without a zone", &Schedule{Windows: nine, Timezone: "America/New_York", ContactTimezone: true}, nil, "UTC", "", []at{
			{"2026-03-02T13:59:59Z", false}, {"2026-03-02T14:00:00Z", true},
		}},
		{
			"office hours ignore the contact's zone", &Schedule{OfficeHours: true, Timezone: "Asia/Tokyo", ContactTimezone: true},
			&OfficeHours{"America/New_York", nine}, "UTC", "Asia/Tokyo",
			[]at{
				{"2026-03-02T13:59:59Z", false}, {"2026-03-02T14:00:00Z", true}, {"2026-03-02T22:00:00Z", false},
			},
		},
		{"office hours in the workspace's zone", &Schedule{OfficeHours: true}, &OfficeHours{"", nine}, "America/New_York", "", []at{
			{"2026-03-02T13:59:59Z", false}, {"2026-03-02T14:00:00Z", true},
		}},
		{"office hours not asked for", &Schedule{}, &OfficeHours{"", nine}, "UTC", "", []at{{"2026-03-02T00:00:00Z", true}}},
		{"windows and office hours", &Schedule{OfficeHours: true, Windows: []Window{{nil, "08:00", "10:00"}}}, &OfficeHours{"", nine}, "UTC", "", []at{
			{"2026-03-02T08:30:00Z", false}, {"2026-03-02T09:00:00Z", true}, {"2026-03-02T10:00:00Z", false}, {"2026-03-01T09:00:00Z", false},
		}},
		{"DST: in the summer by the same clock", &Schedule{Windows: nine}, nil, "America/New_York", "", []at{
			{"2026-03-06T09:00:00-05:00", true}, {"2026-03-09T08:59:59-04:00", false}, {"2026-03-09T09:00:00-04:00", true},
		}},
		{"DST: begins in a missing hour, opens when the gap ends", &Schedule{Windows: []Window{{nil, "02:15", "04:00"}}}, nil, "America/New_York", "", []at{
			{"2026-03-08T01:59:59-05:00", false},
			{"2026-03-08T03:00:00-04:00", true},
			{"2026-03-08T03:59:59-04:00", true},
			{"2026-03-08T04:00:00-04:00", false},
			{"2026-03-09T02:14:59-04:00", false},
			{"2026-03-09T02:15:00-04:00", true},
		}},
		{"DST: ends in a missing hour, shuts when the gap begins", &Schedule{Windows: []Window{{nil, "01:00", "02:30"}}}, nil, "America/New_York", "", []at{
			{"2026-03-08T01:59:59-05:00", true}, {"2026-03-08T03:00:00-04:00", false},
		}},
		{"DST: all in the missing hour, not that day", &Schedule{Windows: []Window{{nil, "02:00", "03:00"}}}, nil, "America/New_York", "", []at{
			{"2026-03-08T01:59:59-05:00", false}, {"2026-03-08T03:00:00-04:00", false}, {"2026-03-09T02:00:00-04:00", true},
		}},
		{"DST: a repeated hour is open both times", &Schedule{Windows: []Window{{nil, "01:00", "02:00"}}}, nil, "America/New_York", "", []at{
			{"2026-11-01T00:59:59-04:00", false},
			{"2026-11-01T01:00:00-04:00", true},
			{"2026-11-01T01:59:59-04:00", true},
			{"2026-11-01T01:00:00-05:00", true},
			{"2026-11-01T01:59:59-05:00", true},
			{"2026-11-01T02:00:00-05:00", false},
		}},
		{"DST: a part of a repeated hour too", &Schedule{Windows: []Window{{nil, "00:00", "01:30"}}}, nil, "Europe/Dublin", "", []at{
			{"2026-10-25T01:29:59+01:00", true}, {"2026-10-25T01:30:00+01:00", false}, {"2026-10-25T01:00:00Z", true}, {"2026-10-25T01:30:00Z", false},
		}},
		{"DST: half an hour", &Schedule{Windows: []Window{{nil, "02:10", "02:40"}}}, nil, "Australia/Lord_Howe", "", []at{
			{"2026-10-04T01:59:59+10:30", false}, {"2026-10-04T02:30:00+11:00", true}, {"2026-10-04T02:39:59+11:00", true}, {"2026-10-04T02:40:00+11:00", false},
		}},
		{"DST: no midnight", &Schedule{Windows: []Window{{[]Weekday{"sun"}, "00:00", "02:00"}}}, nil, "America/Sao_Paulo", "", []at{
			{"2018-11-03T23:59:59-03:00", false}, {"2018-11-04T01:00:00-02:00", true}, {"2018-11-04T02:00:00-02:00", false},
		}},
		{"a day left out: Friday's window opens when the gap ends", &Schedule{Windows: []Window{{[]Weekday{"fri"}, "22:00", "02:00"}}}, nil, "Pacific/Apia", "", []at{
			{"2011-12-29T23:59:59-10:00", false}, {"2011-12-31T00:00:00+14:00", true}, {"2011-12-31T01:59:59+14:00", true}, {"2011-12-31T02:00:00+14:00", false},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := compiled(t, c.s, c.office, c.workspace)
			var contact *time.Location
			if c.contact != "" {
				contact = zonetest.Zone(t, c.contact)
			}
			for _, at := range c.at {
				if got := s.Open(zonetest.Instant(t, at.instant).UnixMilli(), contact); got != at.open {
					t.Errorf("%s: open %v, want %v", at.instant, got, at.open)
				}
			}
		})
	}
}

// S2, S3: when it opens next.
func TestScheduleNextOpen(t *testing.T) {
	nine := []Window{{weekdays, "09:00", "17:00"}}
	for _, c := range []struct {
		name      string
		s         *Schedule
		office    *OfficeHours
		workspace string
		now, want string // want empty: never
	}{
		{"nil: now", nil, nil, "UTC", "2026-03-02T09:00:00.123Z", "2026-03-02T09:00:00.123Z"},
		{"open: now, in the middle of a second", &Schedule{Windows: nine}, nil, "UTC", "2026-03-02T09:00:00.123Z", "2026-03-02T09:00:00.123Z"},
		{"a millisecond before", &Schedule{Windows: nine}, nil, "UTC", "2026-03-02T08:59:59.999Z", "2026-03-02T09:00:00Z"},
		{"in the evening: tomorrow", &Schedule{Windows: nine}, nil, "UTC", "2026-03-02T17:00:00Z", "2026-03-03T09:00:00Z"},
		{"on Friday evening: Monday", &Schedule{Windows: nine}, nil, "UTC", "2026-03-06T17:00:00Z", "2026-03-09T09:00:00Z"},
		{"once a week, just missed", &Schedule{Windows: []Window{{[]Weekday{"mon"}, "09:00", "09:01"}}}, nil, "UTC", "2026-03-02T09:01:00Z", "2026-03-09T09:00:00Z"},
		{"before the start", &Schedule{Start: zonetest.Instant(t, "2030-01-01T12:00:00.5Z")}, nil, "UTC", "2026-03-02T09:00:00Z", "2030-01-01T12:00:00.5Z"},
		{"windows before the start", &Schedule{Start: zonetest.Instant(t, "2040-01-01T12:00:00Z"), Windows: nine}, nil, "UTC", "2026-03-02T09:00:00Z", "2040-01-02T09:00:00Z"},
		{"after the stop", &Schedule{Stop: zonetest.Instant(t, "2026-03-02T09:00:00Z")}, nil, "UTC", "2026-03-02T09:00:00Z", ""},
		{"stop when it would open", &Schedule{Stop: zonetest.Instant(t, "2026-03-03T09:00:00Z"), Windows: nine}, nil, "UTC", "2026-03-02T17:00:00Z", ""},
		{"stop just after", &Schedule{Stop: zonetest.Instant(t, "2026-03-03T09:00:00.001Z"), Windows: nine}, nil, "UTC", "2026-03-02T17:00:00Z", "2026-03-03T09:00:00Z"},
		{"no window between start and stop", &Schedule{Start: zonetest.Instant(t, "2026-03-07T00:00:00Z"), Stop: zonetest.Instant(t, "2026-03-09T00:00:00Z"), Windows: nine}, nil, "UTC", "2026-03-02T09:00:00Z", ""},
		{"windows and office hours", &Schedule{OfficeHours: true, Windows: []Window{{nil, "16:30", "20:00"}}}, &OfficeHours{"", nine}, "UTC", "2026-03-06T17:00:00Z", "2026-03-09T16:30:00Z"},
		{"they never meet", &Schedule{OfficeHours: true, Windows: []Window{{nil, "17:00", "09:00"}}}, &OfficeHours{"", []Window{{nil, "09:00", "17:00"}}}, "UTC", "2026-03-02T09:00:00Z", ""},
		{"they never meet, and clocks change", &Schedule{OfficeHours: true, Windows: []Window{{nil, "17:00", "09:00"}}}, &OfficeHours{"", []Window{{nil, "09:00", "17:00"}}}, "Europe/Dublin", "2026-03-02T09:00:00Z", ""},
		// New York changes two weeks before Dublin: for so long it is four hours behind instead of five.
		{
			"they meet some weeks a year", &Schedule{OfficeHours: true, Timezone: "America/New_York", Windows: []Window{{nil, "12:00", "13:00"}}},
			&OfficeHours{"Europe/Dublin", []Window{{nil, "16:00", "17:00"}}}, "UTC", "2026-04-01T00:00:00Z", "2026-10-25T16:00:00Z",
		},
		{"the gap ends", &Schedule{Windows: []Window{{nil, "02:15", "04:00"}}}, nil, "America/New_York", "2026-03-07T12:00:00-05:00", "2026-03-08T03:00:00-04:00"},
		{"the window is in the gap", &Schedule{Windows: []Window{{[]Weekday{"sun"}, "02:00", "03:00"}}}, nil, "America/New_York", "2026-03-02T00:00:00Z", "2026-03-15T02:00:00-04:00"},
		{"the hour comes again", &Schedule{Windows: []Window{{nil, "01:00", "01:30"}}}, nil, "America/New_York", "2026-11-01T01:30:00-04:00", "2026-11-01T01:00:00-05:00"},
		{"the day that is left out", &Schedule{Windows: []Window{{[]Weekday{"fri"}, "09:00", "10:00"}}}, nil, "Pacific/Apia", "2011-12-29T12:00:00-10:00", "2012-01-06T09:00:00+14:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := compiled(t, c.s, c.office, c.workspace)
			got, ok := s.NextOpen(zonetest.Instant(t, c.now).UnixMilli(), nil)
			if c.want == "" {
				if ok || got != 0 { // callers take 0 for never
					t.Errorf("opens at %s, %v, want never", time.UnixMilli(got).UTC(), ok)
				}
				return
			}
			if want := zonetest.Instant(t, c.want); !ok || got != want.UnixMilli() {
				t.Errorf("opens at %s, %v, want %s", time.UnixMilli(got).UTC(), ok, want.UTC())
			}
		})
	}
}

// naiveOpen is S1 by the calendar of package time.
func naiveOpen(windows []Window, sec int64, loc *time.Location) bool {
	if len(windows) == 0 {
		return true
	}
	at := time.Unix(sec, 0).In(loc)
	clock := TimeOfDay(at.Format("15:04"))
	day := func(n int) Weekday {
		return Weekday(strings.ToLower(((at.Weekday() + time.Weekday(7+n)) % 7).String()[:3]))
	}
	for _, w := range windows {
		on := func(d Weekday) bool { return len(w.Days) == 0 || slices.Contains(w.Days, d) }
		switch {
		case w.From < w.To:
			if on(day(0)) && w.From <= clock && clock < w.To {
				return true
			}
		case on(day(0)) && w.From <= clock, on(day(-1)) && clock < w.To:
			return true
		}
	}
	return false
}

func drawWindows(t *rapid.T, name string, atLeast int) []Window {
	times := []TimeOfDay{"00:00", "00:30", "01:00", "01:30", "02:00", "02:15", "03:00", "09:00", "17:00", "22:00", "23:59", "24:00"}
	var out []Window
	for range rapid.IntRange(atLeast, 4).Draw(t, name) {
		w := Window{
			Days: rapid.SliceOfNDistinct(rapid.SampledFrom(append(weekdays, "sat", "sun")), 0, 3, rapid.ID).Draw(t, "days"),
			From: rapid.SampledFrom(times[:len(times)-1]).Draw(t, "from"),
			To:   rapid.SampledFrom(times).Draw(t, "to"),
		}
		if w.From != w.To {
			out = append(out, w)
		}
	}
	if len(out) < atLeast {
		out = append(out, Window{nil, "09:00", "17:00"})
	}
	return out
}

// S1 against the calendar, most often near a change of the clock: open at every
// instant, and nextOpen against a search minute by minute.
func TestScheduleAgainstScan(t *testing.T) {
	near := zonetest.NearTransitions(t)
	rapid.Check(t, func(t *rapid.T) {
		loc, sec := near(t)
		officeLoc, _ := near(t)
		windows := drawWindows(t, "windows", 0)
		office := &OfficeHours{officeLoc.String(), drawWindows(t, "office", 1)}
		s := &Schedule{Windows: windows, Timezone: loc.String(), OfficeHours: rapid.Bool().Draw(t, "in office hours")}
		var faults fault.List
		c := newScheduleCompiler(office, time.UTC, "office_hours", &faults).compile(s, "schedule", &faults)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		open := func(sec int64) bool {
			return naiveOpen(windows, sec, loc) && (!s.OfficeHours || naiveOpen(office.Windows, sec, officeLoc))
		}
		for _, at := range []int64{sec - 1, sec, sec + 1} {
			if got := c.Open(at*1000, nil); got != open(at) {
				t.Fatalf("%s: open %v", zonetest.UTC(at), got)
			}
		}
		const ahead = 15 * calendar.DaySeconds
		want := sec
		if !open(sec) {
			// Offsets between 2005 and 2030 are whole minutes.
			for want += 60 - sec%60; want < sec+ahead && !open(want); {
				want += 60
			}
		}
		got, ok := c.NextOpen(sec*1000, nil)
		if want < sec+ahead && (!ok || got != want*1000) || want >= sec+ahead && ok && got < want*1000 {
			t.Fatalf("from %s: opens at %s, %v, want %s", zonetest.UTC(sec), zonetest.UTC(got/1000), ok, zonetest.UTC(want))
		}
		if ok && !c.Open(got, nil) {
			t.Fatalf("shut at %s, when it was to open", zonetest.UTC(got/1000))
		}
	})
}

// Faults 55, 57: every fault at once, each by its path.
func TestScheduleFaults(t *testing.T) {
	at := zonetest.Instant(t, "2026-03-02T09:00:00Z")
	bad := []Window{
		{nil, "09:00", "17:00"},
		{nil, "09:00", "09:00"},
		{nil, "00:00", "00:00"},
		{nil, "24:00", "09:00"},
		{nil, "00:00", "24:01"},
		{[]Weekday{"mon", "Mon", "", "monday"}, "9:00", "17:00 "},
		{nil, "", "24:00"},
		{nil, "25:00", "12:60"},
		{nil, "-1:00", "１２:00"},
	}
	windowFaults := []string{
		"windows[1].to", "windows[2].to", "windows[3].from", "windows[4].to",
		"windows[5].from", "windows[5].to", "windows[5].days[1]", "windows[5].days[2]", "windows[5].days[3]",
		"windows[6].from", "windows[7].from", "windows[7].to", "windows[8].from", "windows[8].to",
	}
	check := func(name string, faults fault.List, base string, want ...string) {
		t.Helper()
		var got []string
		for _, e := range faults {
			if e.Code != ErrProgramInvalid || e.Message == "" {
				t.Errorf("%s: %v, want program_invalid with a sentence", name, e)
			}
			got = append(got, strings.TrimPrefix(e.Path, base+"."))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: faults at %q, want %q", name, got, want)
		}
	}
	var faults fault.List
	none := newScheduleCompiler(nil, time.UTC, "office_hours", &faults)
	none.compile(&Schedule{
		Start: at, Stop: at, Timezone: "Europe/Nowhere", OfficeHours: true, Outside: "wait", Windows: bad,
	}, "messages[0].schedule", &faults)
	check("schedule", faults, "messages[0].schedule",
		append(append([]string{"stop", "timezone"}, windowFaults...), "office_hours", "outside")...)

	faults = nil
	none.compile(&Schedule{Start: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), Stop: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), Timezone: "Local"}, "s", &faults)
	check("far times", faults, "s", "start", "stop", "stop", "timezone")

	faults = nil
	newScheduleCompiler(&OfficeHours{Timezone: "right/UTC", Windows: bad}, time.UTC, "office_hours", &faults)
	check("office hours", faults, "office_hours", append([]string{"timezone"}, windowFaults...)...)

	faults = nil
	empty := newScheduleCompiler(&OfficeHours{}, time.UTC, "office_hours", &faults)
	empty.compile(&Schedule{OfficeHours: true}, "s", &faults)
	empty.compile(&Schedule{OfficeHours: true}, "s", &faults)
	check("faults of the office hours are reported once", faults, "office_hours", "windows")
}

func TestScheduleHold(t *testing.T) {
	for outside, want := range map[Outside]bool{"": false, OutsideDrop: false, OutsideHold: true} {
		if got := compiled(t, &Schedule{Outside: outside}, nil, "UTC").Hold; got != want {
			t.Errorf("%q: hold %v, want %v", outside, got, want)
		}
	}
}

// Schedules of one program share their zones: a zone is some kilobytes.
func TestScheduleCompilerSharesZones(t *testing.T) {
	var faults fault.List
	c := newScheduleCompiler(&OfficeHours{"Europe/Dublin", []Window{{nil, "09:00", "17:00"}}}, zonetest.Zone(t, "Asia/Tokyo"), "office_hours", &faults)
	a := c.compile(&Schedule{Timezone: "Europe/Dublin", OfficeHours: true}, "a", &faults)
	b := c.compile(&Schedule{Timezone: "Asia/Tokyo"}, "b", &faults)
	if len(faults) > 0 || a.Windows.Zone != a.Office.Zone || b.Windows.Zone != c.workspace {
		t.Errorf("%v: %p %p %p %p", faults, a.Windows.Zone, a.Office.Zone, b.Windows.Zone, c.workspace)
	}
}

func TestScheduleDoesNotAllocate(t *testing.T) {
	s := compiled(t, &Schedule{Windows: []Window{{weekdays, "09:00", "17:00"}}, OfficeHours: true, ContactTimezone: true},
		&OfficeHours{"Europe/Dublin", []Window{{weekdays, "09:00", "17:00"}}}, "UTC")
	contact := zonetest.Zone(t, "America/New_York")
	now := zonetest.Instant(t, "2026-03-06T21:00:00Z").UnixMilli()
	if n := testing.AllocsPerRun(100, func() { s.Open(now, contact); s.NextOpen(now, contact) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// The end of time is no trap.
func TestScheduleExtremes(t *testing.T) {
	s := compiled(t, &Schedule{Windows: []Window{{[]Weekday{"mon"}, "09:00", "17:00"}}}, nil, "America/New_York")
	for _, now := range []int64{math.MinInt64, math.MinInt64 + 1, -1, 0, math.MaxInt64 / 2} {
		at, ok := s.NextOpen(now, nil)
		if !ok || at < now || !s.Open(at, nil) {
			t.Errorf("from %d: opens at %d, %v", now, at, ok)
		}
	}
	for _, now := range []int64{math.MaxInt64, math.MaxInt64 - 1000} {
		if at, ok := s.NextOpen(now, nil); ok && at < now {
			t.Errorf("from %d: opens at %d, before it", now, at)
		}
	}
}

func BenchmarkScheduleOpen(b *testing.B) {
	s := compiled(b, &Schedule{Windows: []Window{{weekdays, "09:00", "17:00"}}}, nil, "America/New_York")
	now := zonetest.Instant(b, "2026-07-06T21:00:00Z").UnixMilli()
	b.ReportAllocs()
	for b.Loop() {
		s.Open(now, nil)
	}
}

func BenchmarkScheduleNextOpenNever(b *testing.B) {
	s := compiled(b, &Schedule{OfficeHours: true, Windows: []Window{{weekdays, "17:00", "09:00"}}}, &OfficeHours{"", []Window{{weekdays, "09:00", "17:00"}}}, "Europe/Dublin")
	now := zonetest.Instant(b, "2026-07-06T21:00:00Z").UnixMilli()
	b.ReportAllocs()
	for b.Loop() {
		s.NextOpen(now, nil)
	}
}
