package beckonui

import (
	"math"
	"testing"
	"time"
)

func TestNumber(t *testing.T) {
	for v, want := range map[any]string{0: "0", 999: "999", 1000: "1,000", int64(1234567): "1,234,567", -1234: "-1,234", uint64(math.MaxUint64): "9,223,372,036,854,775,807"} {
		if got := number(v); got != want {
			t.Errorf("%v: %q", v, got)
		}
	}
}

func TestShare(t *testing.T) {
	for in, want := range map[[2]int64]string{{1, 0}: "", {0, 5}: "0 %", {1, 5000}: "< 0.1 %", {1, 30}: "3.3 %", {1, 3}: "33 %", {3, 3}: "100 %"} {
		if got := share(in[0], in[1]); got != want {
			t.Errorf("%v: %q", in, got)
		}
	}
}

func TestDistance(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for ago, want := range map[time.Duration]string{
		0: "now", 9 * time.Second: "now", 10 * time.Second: "10 seconds ago", 89 * time.Second: "89 seconds ago", 90 * time.Second: "2 minutes ago",
		-time.Hour: "in 60 minutes", 90 * time.Minute: "2 hours ago", 35 * time.Hour: "35 hours ago", 36 * time.Hour: "2 days ago", -364 * 24 * time.Hour: "in 364 days", 365 * 24 * time.Hour: "1 year ago", 800 * 24 * time.Hour: "2 years ago",
	} {
		if got := distance(now, now.Add(-ago)); got != want {
			t.Errorf("%v: %q, want %q", ago, got, want)
		}
	}
}

// What is there at all has a height, the highest bar the whole of it, and no bar leaves the
// picture.
func TestChart(t *testing.T) {
	c := newChart("a", "b", time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), [][2]int64{{0, 0}, {1, 0}, {100000, 1}, {50000, 50000}})
	if c.Most != 100001 || c.First.Day() != 27 || c.Last.Day() != 2 || c.Width != 80 {
		t.Errorf("%+v", c)
	}
	for i, want := range [][2]int{{0, 0}, {2, 0}, {119, 1}, {59, 59}} {
		b := c.Bars[i]
		if b.LowerHeight != want[0] || b.UpperHeight != want[1] || b.UpperY < 0 || b.LowerY+b.LowerHeight != chartHeight {
			t.Errorf("%d: %+v", i, b)
		}
	}
}
