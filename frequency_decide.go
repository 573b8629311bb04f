package beckon

import (
	"math"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
)

// A frequencyPlan is a frequency made ready.
type frequencyPlan struct {
	every int64  // milliseconds; 0: no distance
	max   uint64 // 0: no maximum
}

// compile makes a frequency ready and reports its faults, by path. A nil
// frequency is the default. every is the distance of one that sets none.
func (f *Frequency) compile(every time.Duration, path string, faults *fault.List) frequencyPlan {
	plan := frequencyPlan{every: every.Milliseconds()}
	if f == nil {
		return plan
	}
	switch {
	case f.Every.Negative():
		faults.Fault(path+".every", "a distance between sends cannot be negative")
	case !f.Every.IsZero() && checkDuration(faults, f.Every, path+".every"):
		plan.every = f.Every.millis()
	}
	if f.Max < 0 {
		faults.Fault(path+".max", "a maximum is at least 1; leave it out for none")
	} else {
		plan.max = uint64(f.Max)
	}
	return plan
}

// judge decides whether a message that was sent count times, the last time at
// last, may be sent at now; all instants are Unix milliseconds, and last means
// nothing while count is 0. It returns notHeld if it may, else the reason and
// the instant from which it may, 0 for never. A last send in the future counts
// as made now (F6).
func (p frequencyPlan) judge(count uint64, last, now int64) (reason reasonCode, retryAt int64) {
	if p.max > 0 && count >= p.max {
		return heldMaxReached, 0
	}
	if count == 0 {
		return notHeld, 0
	}
	last, _ = clampLast(last, now)
	// Unsigned, the difference is right however far apart they lie.
	if uint64(now)-uint64(last) < uint64(p.every) {
		return heldThrottled, addMillis(last, p.every)
	}
	return notHeld, 0 // exactly the distance sends (F2)
}

// clampLast returns when a send made at last counts as made: at now if the
// clock has stepped back behind it (F6). changed says that this is to be
// stored.
func clampLast(last, now int64) (at int64, changed bool) {
	if last > now {
		return now, true
	}
	return last, false
}

// addMillis adds two numbers of milliseconds, and saturates.
func addMillis(a, b int64) int64 {
	sum := a + b
	switch {
	case b > 0 && sum < a:
		return math.MaxInt64
	case b < 0 && sum > a:
		return math.MinInt64
	}
	return sum
}
