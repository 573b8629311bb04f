package plan

import (
	"math"
	"testing"
	"time"
)

func TestFrequencyJudge(t *testing.T) {
	const hour = 3600_000
	base := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixMilli()
	for _, c := range []struct {
		name      string
		plan      Frequency
		count     uint64
		last, now int64
		reason    Reason
		retry     int64
	}{
		{"the first", Frequency{hour, 1}, 0, 0, base, NotHeld, 0},
		{"the first, at the beginning of time", Frequency{hour, 1}, 0, 0, 0, NotHeld, 0},
		{"the second, at the beginning of time", Frequency{hour, 0}, 1, 0, 1, HeldThrottled, hour},
		{"at once", Frequency{hour, 0}, 1, base, base, HeldThrottled, base + hour},
		{"F2 a millisecond early", Frequency{hour, 0}, 1, base, base + hour - 1, HeldThrottled, base + hour},
		{"F2 exactly", Frequency{hour, 0}, 1, base, base + hour, NotHeld, 0},
		{"F2 a second late", Frequency{hour, 0}, 1, base, base + hour + 1000, NotHeld, 0},
		{"no distance", Frequency{0, 0}, 1000, base, base, NotHeld, 0},
		{"below the maximum", Frequency{0, 3}, 2, base, base, NotHeld, 0},
		{"the maximum", Frequency{0, 3}, 3, base, base + 1000*hour, heldMaxReached, 0},
		{"above the maximum", Frequency{0, 3}, math.MaxUint64, base, base, heldMaxReached, 0},
		{"max_reached before throttled", Frequency{hour, 3}, 3, base, base, heldMaxReached, 0},
		{"F6 a last send in the future", Frequency{hour, 0}, 1, base + 1000*hour, base, HeldThrottled, base + hour},
		{"F6 and no distance", Frequency{0, 0}, 1, base + 1000*hour, base, NotHeld, 0},
		{"a century apart", Frequency{hour, 0}, 1, math.MinInt64, math.MaxInt64, NotHeld, 0},
		{"the end of time", Frequency{hour, 0}, 1, math.MaxInt64, math.MaxInt64, HeldThrottled, math.MaxInt64},
	} {
		if reason, retry := c.plan.Judge(c.count, c.last, c.now); reason != c.reason || retry != c.retry {
			t.Errorf("%s: %q until %d, want %q until %d", c.name, reason.Text(), retry, c.reason.Text(), c.retry)
		}
	}
}

// F6
func TestClampLast(t *testing.T) {
	for _, c := range []struct {
		last, now, at int64
		changed       bool
	}{{5, 6, 5, false}, {6, 6, 6, false}, {7, 6, 6, true}, {math.MaxInt64, -1, -1, true}} {
		if at, changed := clampLast(c.last, c.now); at != c.at || changed != c.changed {
			t.Errorf("%d at %d: %d, %v", c.last, c.now, at, changed)
		}
	}
}
