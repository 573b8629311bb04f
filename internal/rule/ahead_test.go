package rule

import (
	"fmt"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
)

// A10: "less than" reaches from this second to so long ahead, which is not in it; "more
// than" begins behind that. Days are those of the calendar, over both changes of the clock.
func TestAheadAcrossDaylightSaving(t *testing.T) {
	dublin, newYork := zoneTest(t, "Europe/Dublin"), zoneTest(t, "America/New_York")
	for _, c := range []struct {
		zone  *time.Location
		now   string
		ahead string
		then  string // the instant so long ahead
	}{
		{time.UTC, "2026-03-02T09:20:00Z", "7d", "2026-03-09T09:20:00Z"},
		{time.UTC, "2026-03-02T09:20:00Z", "1w", "2026-03-09T09:20:00Z"},
		{dublin, "2026-03-28T12:00:00Z", "1d", "2026-03-29T12:00:00+01:00"},
		{dublin, "2026-03-28T12:00:00Z", "24h", "2026-03-29T13:00:00+01:00"},
		{dublin, "2026-03-28T12:00:00Z", "1d144h", "2026-04-04T13:00:00+01:00"}, // mixed: elapsed
		{dublin, "2026-10-24T12:00:00+01:00", "1d", "2026-10-25T12:00:00Z"},
		// A missing hour keeps the offset from before it: 01:30 Dublin on 29 March.
		{dublin, "2026-03-28T01:30:00Z", "1d", "2026-03-29T02:30:00+01:00"},
		// A repeated hour is its first: 01:30 Dublin on 25 October.
		{dublin, "2026-10-24T01:30:00+01:00", "1d", "2026-10-25T01:30:00+01:00"},
		{newYork, "2026-10-31T01:30:00-04:00", "1d", "2026-11-01T01:30:00-04:00"},
		{newYork, "2026-10-31T23:30:00-04:00", "150m", "2026-11-01T01:00:00-05:00"},
	} {
		now, then := instantTest(t, c.now), instantTest(t, c.then)
		for _, ms := range []int64{0, 1, 999} { // the same second
			judgeAt := func(op string, at int64) bool {
				s := withAttribute(peek.Value(repr.NewDate(at)))
				s.Now, s.Loc = now.UnixMilli()+ms, c.zone
				return judge(t, fmt.Sprintf(`{"user":"a","op":%q,"value":%q}`, op, c.ahead), s)
			}
			for _, d := range []int64{-1, 0, 1} {
				if got, want := judgeAt("more_than_ahead", then.Unix()+d), d > 0; got != want {
					t.Errorf("%s more than %s ahead of %s%+ds: %v", c.zone, c.ahead, c.now, d, got)
				}
				if got, want := judgeAt("less_than_ahead", then.Unix()+d), d < 0; got != want {
					t.Errorf("%s less than %s ahead of %s%+ds: %v", c.zone, c.ahead, c.now, d, got)
				}
				if got, want := judgeAt("less_than_ahead", now.Unix()+d), d >= 0; got != want {
					t.Errorf("now%+ds is less than %s ahead: %v", d, c.ahead, got)
				}
			}
		}
	}
}

// A10: exactly so many days ahead is that day of the calendar, however long it is; no days
// ahead is today, and no time ahead the future.
func TestDaysAhead(t *testing.T) {
	dublin, apia := zoneTest(t, "Europe/Dublin"), zoneTest(t, "Pacific/Apia")
	for _, c := range []struct {
		zone       *time.Location
		now        string
		days       int
		start, end string
	}{
		{time.UTC, "2026-03-02T00:00:00Z", 1, "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z"},
		{time.UTC, "1969-12-31T23:59:59Z", 0, "1969-12-31T00:00:00Z", "1970-01-01T00:00:00Z"},
		{dublin, "2026-03-27T23:30:00Z", 2, "2026-03-29T00:00:00Z", "2026-03-30T00:00:00+01:00"},
		{dublin, "2026-10-24T00:00:00+01:00", 1, "2026-10-25T00:00:00+01:00", "2026-10-26T00:00:00Z"},
		{dublin, "2026-10-25T01:30:00Z", 0, "2026-10-25T00:00:00+01:00", "2026-10-26T00:00:00Z"},
		{apia, "2011-12-28T05:00:00-10:00", 2, "2011-12-31T00:00:00+14:00", "2011-12-31T00:00:00+14:00"}, // a day that was left out
	} {
		now, start, end := instantTest(t, c.now), instantTest(t, c.start).Unix(), instantTest(t, c.end).Unix()
		for _, at := range []int64{start - 1, start, end - 1, end} {
			s := withAttribute(peek.Value(repr.NewDate(at)))
			s.Now, s.Loc = now.UnixMilli(), c.zone
			if got, want := judge(t, fmt.Sprintf(`{"user":"a","op":"exactly_ahead","value":"%dd"}`, c.days), s), start <= at && at < end; got != want {
				t.Errorf("%d days ahead of %s in %s is %s: %v", c.days, c.now, c.zone, time.Unix(at, 0).In(c.zone), got)
			}
		}
		for _, none := range []string{"0s", "0d", "0w"} {
			for d := int64(-1); d <= 1; d++ {
				s := withAttribute(peek.Value(repr.NewDate(now.Unix() + d)))
				s.Now, s.Loc = now.UnixMilli(), c.zone
				if got := judge(t, fmt.Sprintf(`{"user":"a","op":"more_than_ahead","value":%q}`, none), s); got != (d > 0) {
					t.Errorf("now%+ds is more than %s ahead: %v", d, none, got)
				}
			}
		}
	}
}
