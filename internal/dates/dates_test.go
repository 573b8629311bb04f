package dates

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/zonetest"
)

func dateOf(t testing.TB, s string) Date {
	t.Helper()
	v := repr.String(s)
	d, ok := DateOf(&v)
	if !ok {
		t.Fatalf("%q is no date", s)
	}
	return d
}

const hour = 3600

func always(Occurrence) bool { return true }

// T9: where occurrences lie.
func TestOccurrences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, date, zone string
		rule             Rule
		after            string // the first begins here or behind
		want             []string
	}{
		{"so long before", "2026-06-01T18:00:00Z", "UTC", Rule{Timed: true, Elapsed: -900, At: -1}, "2026-01-01T00:00:00Z", []string{"2026-06-01T17:45:00Z"}},
		{"it is over", "2026-06-01T18:00:00Z", "UTC", Rule{Timed: true, Elapsed: -900, At: -1}, "2026-06-01T17:45:01Z", nil},
		{"elapsed time over a change of the clock", "2026-03-08T16:00:00Z", "America/New_York", Rule{Timed: true, Elapsed: -24 * hour, At: -1}, "2026-01-01T00:00:00Z", []string{"2026-03-07T16:00:00Z"}},
		{"a day is that day in every zone", "2026-06-20", "Asia/Tokyo", Rule{At: 8 * hour}, "2026-01-01T00:00:00Z", []string{"2026-06-19T23:00:00Z"}},
		{"an instant's day is the zone's", "2026-06-20T16:00:00Z", "Asia/Tokyo", Rule{At: 8 * hour, Days: -1}, "2026-01-01T00:00:00Z", []string{"2026-06-19T23:00:00Z"}},
		{"hours before a day", "2026-06-20", "America/New_York", Rule{Timed: true, Elapsed: -2 * hour, At: -1}, "2026-01-01T00:00:00Z", []string{"2026-06-20T02:00:00Z"}},
		{"a missing time of day is where the gap ends", "2026-03-08", "America/New_York", Rule{At: 2*hour + 1800}, "2026-01-01T00:00:00Z", []string{"2026-03-08T07:00:00Z"}},
		{"a repeated one its first", "2026-11-01", "America/New_York", Rule{At: 1*hour + 1800}, "2026-01-01T00:00:00Z", []string{"2026-11-01T05:30:00Z"}},
		{"the date itself is in the second of a repeated hour", "2026-11-01T06:30:00Z", "America/New_York", Rule{Timed: true, At: -1, Every: Year}, "2026-01-01T00:00:00Z", []string{"2026-11-01T06:30:00Z", "2027-11-01T05:30:00Z"}},
		{"29 February", "2024-02-29", "UTC", Rule{At: 9 * hour, Every: Year}, "2024-03-01T00:00:00Z", []string{"2025-02-28T09:00:00Z", "2026-02-28T09:00:00Z", "2027-02-28T09:00:00Z", "2028-02-29T09:00:00Z"}},
		{"the 31st", "2026-01-31T10:00:00Z", "UTC", Rule{Timed: true, At: -1, Every: Month}, "2025-01-01T00:00:00Z", []string{"2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z", "2026-04-30T10:00:00Z"}},
		{"the 30th falls on February's last day", "2027-12-30", "UTC", Rule{At: 0, Every: Month}, "2028-01-15T00:00:00Z", []string{"2028-01-30T00:00:00Z", "2028-02-29T00:00:00Z", "2028-03-30T00:00:00Z"}},
		{"each keeps its local time of day", "2026-03-01T15:00:00Z", "America/New_York", Rule{Timed: true, At: -1, Every: Week}, "2026-03-01T15:00:01Z", []string{"2026-03-08T14:00:00Z", "2026-03-15T14:00:00Z"}},
		{"none lies before the date", "2026-06-20", "UTC", Rule{At: 9 * hour, Every: Day, Days: 1}, "2020-01-01T00:00:00Z", []string{"2026-06-21T09:00:00Z", "2026-06-22T09:00:00Z"}},
		{"days before each", "1980-03-01", "UTC", Rule{At: -1, Every: Year, Days: -1}, "2027-01-01T00:00:00Z", []string{"2027-02-28T00:00:00Z", "2028-02-29T00:00:00Z"}},
		{"years before each", "2026-06-20", "UTC", Rule{At: -1, Every: Month, Days: -800}, "2026-01-01T00:00:00Z", []string{"2026-01-10T00:00:00Z"}},
		{"years behind each", "2016-06-20", "UTC", Rule{At: -1, Every: Week, Days: 3660}, "2026-07-01T00:00:00Z", []string{"2026-07-05T00:00:00Z"}},
		{"a day left out is empty, and begins with the next", "2011-12-30", "Pacific/Apia", Rule{At: -1}, "2011-01-01T00:00:00Z", []string{"2011-12-30T10:00:00Z"}},
	} {
		c.rule.Zone = zonetest.Zone(t, c.zone)
		d, at := dateOf(t, c.date), zonetest.Instant(t, c.after).Unix()
		for i, want := range c.want {
			o, ok := c.rule.Next(d, at, c.rule.Zone, always)
			if !ok || zonetest.UTC(o.From) != want {
				t.Errorf("%s: number %d is at %s, %v, want %s", c.name, i, zonetest.UTC(o.From), ok, want)
				break
			}
			if last, ok := c.rule.Latest(d, o.From, c.rule.Zone); !ok || last != o {
				t.Errorf("%s: the latest then is %+v, want %+v", c.name, last, o)
			}
			at = o.From + 1
		}
		if c.want == nil {
			if o, ok := c.rule.Next(d, at, c.rule.Zone, always); ok {
				t.Errorf("%s: there is one at %s", c.name, zonetest.UTC(o.From))
			}
		}
	}
}

// T9: until when an occurrence is met, on visits.
func TestUntil(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, date, zone string
		rule             Rule
		from, until      string
	}{
		{"for", "2026-06-20T10:00:00Z", "UTC", Rule{At: -1, Days: -2, For: 48 * hour}, "2026-06-18T00:00:00Z", "2026-06-20T00:00:00Z"},
		{"that day", "2026-06-20T10:00:00Z", "UTC", Rule{At: -1}, "2026-06-20T00:00:00Z", "2026-06-21T00:00:00Z"},
		{"until the day of the instant ends", "2026-06-20T10:00:00Z", "Europe/Paris", Rule{At: -1, Timed: true, Elapsed: -11 * hour}, "2026-06-19T23:00:00Z", "2026-06-20T22:00:00Z"},
		{"from a time of day on", "2026-06-20", "Europe/Paris", Rule{At: 9 * hour}, "2026-06-20T07:00:00Z", "2026-06-20T22:00:00Z"},
		{"a day of 23 hours", "2026-03-29", "Europe/Paris", Rule{At: -1}, "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
	} {
		c.rule.Zone = zonetest.Zone(t, c.zone)
		o, ok := c.rule.Next(dateOf(t, c.date), 0, c.rule.Zone, always)
		if !ok || zonetest.UTC(o.From) != c.from || zonetest.UTC(o.Until) != c.until {
			t.Errorf("%s: from %s until %s, want %s and %s", c.name, zonetest.UTC(o.From), zonetest.UTC(o.Until), c.from, c.until)
		}
	}
}

// What an occurrence is known by does not follow from the zone, and no two of a date have
// one in common.
func TestValues(t *testing.T) {
	t.Parallel()
	var zones []*time.Location
	for _, name := range zonetest.OddZones {
		zones = append(zones, zonetest.Zone(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		d := Date{rapid.Int64Range(-2e9, 2e9).Draw(t, "date"), rapid.Bool().Draw(t, "plain")}
		if d.plain {
			d.sec = midnight(d.sec)
		}
		r := Rule{Every: Period(rapid.IntRange(int(Day), int(Year)).Draw(t, "every")), At: rapid.Int64Range(-1, 86_399).Draw(t, "at")}
		n := rapid.Int64Range(0, 1000).Draw(t, "n")
		a, b := r.nth(d, n, time.UTC), r.nth(d, n, rapid.SampledFrom(zones).Draw(t, "zone"))
		if a.Value != b.Value || r.nth(d, n+1, time.UTC).Value <= a.Value {
			t.Fatalf("%+v: %d, and elsewhere %d, the next is %d", d, a.Value, b.Value, r.nth(d, n+1, time.UTC).Value)
		}
	})
}

// An occurrence is found by its instant as by trying all of them.
func TestSearch(t *testing.T) {
	t.Parallel()
	near := zonetest.NearTransitions(t)
	rapid.Check(t, func(t *rapid.T) {
		loc, at := near(t)
		d := Date{at + rapid.Int64Range(-400*86_400, 400*86_400).Draw(t, "date"), rapid.Bool().Draw(t, "plain")}
		if d.plain {
			d.sec = midnight(d.sec)
		}
		r := Rule{Zone: loc, At: -1, Every: Period(rapid.IntRange(int(None), int(Year)).Draw(t, "every"))}
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			r.Timed, r.Elapsed = true, rapid.Int64Range(-9*86_400, 9*86_400).Draw(t, "elapsed")
		case 1:
			r.At = rapid.Int64Range(0, 86_399).Draw(t, "at")
			fallthrough
		default:
			r.Days = rapid.Int64Range(-40, 40).Draw(t, "days")
		}
		var latest, next *Occurrence
		most := int64(1000)
		if r.Every == None {
			most = 1
		}
		for n := range most {
			o := r.nth(d, n, loc)
			if o.From <= at {
				latest = &o
			}
			if o.From >= at && next == nil {
				next = &o
			}
		}
		if got, ok := r.Latest(d, at, loc); ok != (latest != nil) || ok && got != *latest {
			t.Fatalf("%+v of %+v: the latest at %s is %+v, want %+v", r, d, zonetest.UTC(at), got, latest)
		}
		if got, ok := r.Next(d, at, loc, always); ok != (next != nil) || ok && got != *next {
			t.Fatalf("%+v of %+v: the next at %s is %+v, want %+v", r, d, zonetest.UTC(at), got, next)
		}
		if next != nil && r.Every != None {
			if got, ok := r.Next(d, at, loc, func(o Occurrence) bool { return o != *next }); !ok || got.From < next.From {
				t.Fatalf("%+v of %+v: the one behind %+v is %+v", r, d, next, got)
			}
		}
	})
}

func TestDateOf(t *testing.T) {
	t.Parallel()
	for _, v := range []repr.Value{repr.String("2026-02-30"), repr.String("soon"), repr.String("2026-06-20 10:00:00Z"), {}, repr.String("0000-01-01")} {
		if d, ok := DateOf(&v); ok {
			t.Errorf("%v is the date %v", v, d)
		}
	}
	for _, v := range []repr.Value{repr.NewDate(5), repr.Number(5), repr.String("1970-01-01t00:00:05z")} {
		if d, ok := DateOf(&v); !ok || d != (Date{sec: 5}) {
			t.Errorf("%v is the date %v, %v", v, d, ok)
		}
	}
	if midnight(-1) != -calendar.DaySeconds || midnight(calendar.DaySeconds) != calendar.DaySeconds {
		t.Error("days before 1970 begin at midnight, too")
	}
}
