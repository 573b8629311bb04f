package beckon

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// A frequencyPlan is a frequency made ready.
type frequencyPlan struct {
	every int64  // milliseconds; 0: no distance
	max   uint64 // 0: no maximum
}

// compile makes a frequency ready and reports its faults, by path. A nil
// frequency is the default.
func (f *Frequency) compile(path string, faults *ErrorList) frequencyPlan {
	plan := frequencyPlan{every: DefaultEvery.Milliseconds()}
	if f == nil {
		return plan
	}
	switch {
	case f.Every.Negative():
		faults.fault(path+".every", "a distance between sends cannot be negative")
	case !f.Every.IsZero() && faults.checkDuration(f.Every, path+".every"):
		plan.every = f.Every.millis()
	}
	if f.Max < 0 {
		faults.fault(path+".max", "a maximum is at least 1; leave it out for none")
	} else {
		plan.max = uint64(f.Max)
	}
	return plan
}

// judge decides whether a message that was sent count times, the last time at
// last, may be sent at now; all instants are Unix milliseconds, and last means
// nothing while count is 0. It gives no reason if it may, else the reason and
// the instant from which it may, 0 for never. A last send in the future counts
// as made now (F6).
func (p frequencyPlan) judge(count uint64, last, now int64) (reason Reason, retryAt int64) {
	if p.max > 0 && count >= p.max {
		return ReasonMaxReached, 0
	}
	if count == 0 {
		return "", 0
	}
	last, _ = clampLast(last, now)
	// Unsigned, the difference is right however far apart they lie.
	if uint64(now)-uint64(last) < uint64(p.every) {
		return ReasonThrottled, addMillis(last, p.every)
	}
	return "", 0 // exactly the distance sends (F2)
}

// clampLast gives when a send made at last counts as made: at now if the
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

// A capPlan is a cap made ready.
type capPlan struct {
	id      string
	channel Channel // empty: every channel
	tag     string  // empty: whatever the tags
	max     int
	within  int64 // milliseconds
}

// compileCaps makes caps ready, in their order, and reports every fault in
// them by path.
func compileCaps(caps []Cap, path string, faults *ErrorList) []capPlan {
	plans := make([]capPlan, len(caps))
	first := make(map[string]int, len(caps))
	for i, c := range caps {
		at := path + "[" + strconv.Itoa(i) + "]"
		if c.ID == "" {
			faults.fault(at+".id", "a cap needs an id")
		} else if j, twice := first[c.ID]; twice {
			faults.fault(at+".id", quoteInput(c.ID)+" is the id of "+path+"["+strconv.Itoa(j)+"] already")
		} else {
			first[c.ID] = i
		}
		if c.Channel != "" && !c.Channel.known() {
			faults.fault(at+".channel", quoteInput(string(c.Channel))+" is not a channel")
		}
		if c.Max < 1 {
			faults.fault(at+".max", "the maximum of a cap is at least 1")
		}
		if c.Within.millis() <= 0 {
			faults.fault(at+".within", "the window of a cap must be longer than none")
		}
		faults.checkDuration(c.Within, at+".within")
		plans[i] = capPlan{id: c.ID, channel: c.Channel, tag: c.Tag, max: c.Max, within: c.Within.millis()}
	}
	return plans
}

// known reports whether c is one of the channels or a host's own with a name.
func (c Channel) known() bool {
	switch c {
	case Chat, Post, Email, Banner, Push, SMS, Carousel, ProductTour, Survey, Workflow:
		return true
	}
	name, own := strings.CutPrefix(string(c), "custom:")
	return own && name != ""
}

// applies reports whether the cap spans messages of that channel with these
// tags.
func (c *capPlan) applies(channel Channel, tags []string) bool {
	return (c.channel == "" || c.channel == channel) && (c.tag == "" || slices.Contains(tags, c.tag))
}

// takes reports whether a send counts for the cap at all.
func (c *capPlan) takes(s *Sent) bool {
	return !s.Exempt && c.applies(s.Channel, s.Tags)
}

// from gives the first instant that lies in the window at now: (now - within,
// now].
func (c *capPlan) from(now int64) int64 { return addMillis(addMillis(now, -c.within), 1) }

// since counts the sends that count for the cap and were made at from or
// later. One in the future counts as made at now (F6).
func (c *capPlan) since(sends []Sent, from, now int64) (n int) {
	for i := range sends {
		if at, _ := clampLast(sends[i].At, now); at >= from && c.takes(&sends[i]) {
			n++
		}
	}
	return n
}

// judge decides whether the cap allows one more send at now, in Unix
// milliseconds, after those in the log and those pending: made in the same
// occasion and not yet in the log. If not, retryAt is the instant from which it
// does, if nothing else is sent until then. The window is (now - within, now].
func (c *capPlan) judge(log, pending []Sent, now int64) (ok bool, retryAt int64) {
	from := c.from(now)
	if c.since(log, from, now)+c.since(pending, from, now) < c.max {
		return true, 0
	}
	// The place that frees last is that of the newest send but max - 1. Clocks
	// step back, so the log need not be in order of time; bisecting the window
	// finds it in at most 63 looks, without memory.
	low, high := from, now // at least max were made at low or later
	for low < high {
		middle := high - int64(uint64(high-low)/2)
		if c.since(log, middle, now)+c.since(pending, middle, now) >= c.max {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return false, addMillis(low, c.within)
}
