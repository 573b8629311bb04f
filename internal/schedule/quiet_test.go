package schedule

import (
	"testing"
	"time"
)

// S4: quiet hours end at the first instant at which none applies, by the clock on the wall.
func TestQuietEnds(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	daily := func(from, to int64) Week {
		var spans []Span
		for d := range int64(7) {
			spans = append(spans, Span{d*24*hour + from, d*24*hour + to})
		}
		return NewWeek(spans)
	}
	at := func(text string) int64 {
		x, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return x.UnixMilli()
	}
	night := Quiet{Hours: Hours{Week: daily(22*hour, 26*hour+1800), Zone: berlin}} // to 02:30
	own := Quiet{Hours: Hours{Week: daily(0, 12*hour), Zone: berlin}, ContactZone: true}
	second := Quiet{Hours: Hours{Week: daily(2*hour, 3*hour), Zone: time.UTC}, Drops: true}
	halves := []Quiet{{Hours: Hours{Week: daily(0, 13*hour), Zone: time.UTC}}, {Hours: Hours{Week: daily(12*hour, 25*hour), Zone: time.UTC}}}
	for _, c := range []struct {
		name         string
		list         []Quiet
		contact      *time.Location
		now, want    string
		quiet, drops bool
	}{
		{"not quiet", []Quiet{night}, nil, "2026-03-02T20:59:59.999Z", "2026-03-02T20:59:59.999Z", false, false},
		{"it begins", []Quiet{night}, nil, "2026-03-02T21:00:00Z", "2026-03-03T01:30:00Z", true, false},
		{"its last millisecond", []Quiet{night}, nil, "2026-03-03T01:29:59.999Z", "2026-03-03T01:30:00Z", true, false},
		{"it is over", []Quiet{night}, nil, "2026-03-03T01:30:00Z", "2026-03-03T01:30:00Z", false, false},
		{"its end is in a missing hour", []Quiet{night}, nil, "2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z", true, false},
		{"its end comes twice, the first", []Quiet{night}, nil, "2026-10-24T23:00:00Z", "2026-10-25T00:30:00Z", true, false},
		{"its end comes twice, the second", []Quiet{night}, nil, "2026-10-25T01:10:00Z", "2026-10-25T01:30:00Z", true, false},
		{"from Sunday into Monday", []Quiet{night}, nil, "2026-03-01T23:00:00Z", "2026-03-02T01:30:00Z", true, false},
		{"another begins before it ends", []Quiet{night, second}, nil, "2026-07-02T23:00:00Z", "2026-07-03T00:30:00Z", true, false},
		{"one after the other", []Quiet{night, second}, nil, "2026-03-02T23:00:00Z", "2026-03-03T01:30:00Z", true, false},
		{"the other drops", []Quiet{night, second}, nil, "2026-03-03T02:00:00Z", "2026-03-03T03:00:00Z", true, true},
		{"the first of two drops", []Quiet{second, own}, nil, "2026-03-03T02:30:00Z", "2026-03-03T11:00:00Z", true, true},
		{"in the contact's zone", []Quiet{own}, time.UTC, "2026-03-03T11:30:00Z", "2026-03-03T12:00:00Z", true, false},
		{"of one without a zone", []Quiet{own}, nil, "2026-03-03T11:30:00Z", "2026-03-03T11:30:00Z", false, false},
		{"it never ends", halves, nil, "2026-03-03T11:30:00Z", "", true, false},
		{"always", []Quiet{{Hours: Hours{Week: nil, Zone: time.UTC}}}, nil, "2026-03-03T11:30:00Z", "", true, false},
		{"there are none", nil, nil, "2026-03-03T11:30:00Z", "2026-03-03T11:30:00Z", false, false},
	} {
		quiet, drops := QuietAt(c.list, at(c.now), c.contact)
		if quiet != c.quiet || drops != c.drops {
			t.Errorf("%s: quiet %t, drops %t", c.name, quiet, drops)
		}
		end, ok := QuietEnds(c.list, at(c.now), c.contact)
		if ok != (c.want != "") || ok && end != at(c.want) {
			t.Errorf("%s: ends %v, %t; want %s", c.name, time.UnixMilli(end).UTC(), ok, c.want)
		}
	}
}
