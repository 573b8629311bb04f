package beckon

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
		plan      frequencyPlan
		count     uint64
		last, now int64
		reason    reasonCode
		retry     int64
	}{
		{"the first", frequencyPlan{hour, 1}, 0, 0, base, notHeld, 0},
		{"the first, at the beginning of time", frequencyPlan{hour, 1}, 0, 0, 0, notHeld, 0},
		{"the second, at the beginning of time", frequencyPlan{hour, 0}, 1, 0, 1, heldThrottled, hour},
		{"at once", frequencyPlan{hour, 0}, 1, base, base, heldThrottled, base + hour},
		{"F2 a millisecond early", frequencyPlan{hour, 0}, 1, base, base + hour - 1, heldThrottled, base + hour},
		{"F2 exactly", frequencyPlan{hour, 0}, 1, base, base + hour, notHeld, 0},
		{"F2 a second late", frequencyPlan{hour, 0}, 1, base, base + hour + 1000, notHeld, 0},
		{"no distance", frequencyPlan{0, 0}, 1000, base, base, notHeld, 0},
		{"below the maximum", frequencyPlan{0, 3}, 2, base, base, notHeld, 0},
		{"the maximum", frequencyPlan{0, 3}, 3, base, base + 1000*hour, heldMaxReached, 0},
		{"above the maximum", frequencyPlan{0, 3}, math.MaxUint64, base, base, heldMaxReached, 0},
		{"max_reached before throttled", frequencyPlan{hour, 3}, 3, base, base, heldMaxReached, 0},
		{"F6 a last send in the future", frequencyPlan{hour, 0}, 1, base + 1000*hour, base, heldThrottled, base + hour},
		{"F6 and no distance", frequencyPlan{0, 0}, 1, base + 1000*hour, base, notHeld, 0},
		{"a century apart", frequencyPlan{hour, 0}, 1, math.MinInt64, math.MaxInt64, notHeld, 0},
		{"the end of time", frequencyPlan{hour, 0}, 1, math.MaxInt64, math.MaxInt64, heldThrottled, math.MaxInt64},
	} {
		if reason, retry := c.plan.judge(c.count, c.last, c.now); reason != c.reason || retry != c.retry {
			t.Errorf("%s: %q until %d, want %q until %d", c.name, reason.text(), retry, c.reason.text(), c.retry)
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
