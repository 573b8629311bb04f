package vet

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/ojson"
)

// asking is a subject in a zone, with conditions given as operators and values in turn.
func asking(t *testing.T, zone string, conditions ...string) *subject {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	sub := &subject{zone: loc}
	for i := 0; i < len(conditions); i += 2 {
		n, err := ojson.ParseString(fmt.Sprintf(`{"value":%q}`, conditions[i+1]), ojson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		sub.leaves = append(sub.leaves, &leaf{node: &n, op: conditions[i]})
	}
	return sub
}

// A6: spans of hours are seconds, spans of days are days, and what lies ahead is negative.
func TestLengths(t *testing.T) {
	const hour = 3600
	for _, c := range []struct {
		conditions  []string
		hours, days []int64
		exactly     bool
	}{
		{[]string{"less_than_ago", "3h", "more_than_ago", "3h", "less_than_ahead", "2h"}, []int64{-2 * hour, 3 * hour}, nil, false},
		{[]string{"more_than_ago", "2d", "more_than_ahead", "5d", "less_than_ago", "1w"}, nil, []int64{-5, 2, 7}, false},
		{[]string{"exactly_ago", "1d", "less_than_ago", "24h"}, []int64{24 * hour}, []int64{1}, true},
		{[]string{"exactly_ahead", "1d"}, nil, []int64{-1}, true},
		{[]string{"on", "2026-01-01", "is", "3h", "less_than_ago", "soon"}, nil, nil, false},
	} {
		hours, days, exactly := asking(t, "UTC", c.conditions...).lengths()
		if !slices.Equal(hours, c.hours) || !slices.Equal(days, c.days) || exactly != c.exactly {
			t.Errorf("%q: %d, %d, %v", c.conditions, hours, days, exactly)
		}
	}
}

// A6: which instants tell days of the calendar from hours: the days of a clock change and their
// neighbours, also as many days later or earlier as a condition asks for; and where a day is
// asked for from its beginning to its end, the times of day at which the hours reach to it.
func TestMoments(t *testing.T) {
	const (
		noon  = "12:00:00"
		begin = "00:00:00"
		end   = "23:59:59"
	)
	today := []string{"2026-06-17"}
	for name, c := range map[string]struct {
		zone        string
		conditions  []string
		days, times []string
	}{
		"hours alone":       {"Europe/Dublin", []string{"less_than_ago", "3h"}, today, []string{noon}},
		"days alone":        {"Europe/Dublin", []string{"exactly_ago", "3d"}, today, []string{noon}},
		"no clock change":   {"UTC", []string{"less_than_ago", "24h", "more_than_ago", "1d"}, today, []string{noon}},
		"days ago":          {"Europe/Dublin", []string{"less_than_ago", "24h", "more_than_ago", "3d"}, slices.Concat(today, days("2026-10-24", 6), days("2027-03-27", 6)), []string{noon}},
		"days ahead":        {"Europe/Dublin", []string{"less_than_ago", "24h", "more_than_ahead", "1d"}, slices.Concat(today, days("2026-10-23", 4), days("2027-03-26", 4)), []string{noon}},
		"days far from it":  {"Europe/Dublin", []string{"less_than_ago", "24h", "more_than_ago", "30d"}, slices.Concat(today, days("2026-10-24", 3), days("2026-11-23", 3), days("2027-03-27", 3), days("2027-04-26", 3)), []string{noon}},
		"a whole day":       {"UTC", []string{"less_than_ago", "11h", "exactly_ago", "1d"}, today, []string{begin, "10:59:59", "11:00:00", "11:00:01", noon, end}},
		"hours ahead":       {"UTC", []string{"less_than_ahead", "11h", "exactly_ago", "1d"}, today, []string{begin, noon, "12:59:59", "13:00:00", "13:00:01", end}},
		"more than a day":   {"UTC", []string{"less_than_ago", "35h", "exactly_ago", "1d"}, today, []string{begin, "10:59:59", "11:00:00", "11:00:01", noon, end}},
		"by half an hour":   {"Australia/Lord_Howe", []string{"less_than_ago", "8h", "exactly_ago", "1d"}, slices.Concat(today, days("2026-10-03", 4), days("2027-04-03", 4)), []string{begin, "07:29:59", "07:30:00", "07:30:01", "07:59:59", "08:00:00", "08:00:01", "08:29:59", "08:30:00", "08:30:01", noon, end}},
		"by an hour, a day": {"Europe/Dublin", []string{"less_than_ago", "8h", "exactly_ago", "1d"}, slices.Concat(today, days("2026-10-24", 4), days("2027-03-27", 4)), []string{begin, "06:59:59", "07:00:00", "07:00:01", "07:59:59", "08:00:00", "08:00:01", "08:59:59", "09:00:00", "09:00:01", noon, end}},
	} {
		sub := asking(t, c.zone, c.conditions...)
		var got, want []string
		for _, at := range sub.moments() {
			got = append(got, time.Unix(at, 0).In(sub.zone).Format(time.DateTime))
		}
		for _, day := range c.days {
			for _, clock := range c.times {
				want = append(want, day+" "+clock)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n%q\nwant\n%q", name, got, want)
		}
	}
}

// days returns days in their order, the first and those behind it.
func days(first string, n int) (list []string) {
	at, _ := time.Parse(time.DateOnly, first)
	for i := range n {
		list = append(list, at.AddDate(0, 0, i).Format(time.DateOnly))
	}
	return list
}

// Of what needs more instants than are looked at nothing is said.
func TestTooManyMoments(t *testing.T) {
	for _, c := range []struct{ hours, most int }{{600, maxMoments}, {700, 0}} {
		conditions := []string{"exactly_ago", "1d"}
		for i := range c.hours {
			conditions = append(conditions, "less_than_ago", fmt.Sprint(77*(i+1), "s"))
		}
		got := len(asking(t, "UTC", conditions...).moments())
		if got > c.most || (got == 0) != (c.most == 0) {
			t.Errorf("%d conditions: %d instants", c.hours, got)
		}
	}
}
