package plan

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
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
		{"the first", Frequency{Every: hour, Max: 1}, 0, 0, base, NotHeld, 0},
		{"the first, at the beginning of time", Frequency{Every: hour, Max: 1}, 0, 0, 0, NotHeld, 0},
		{"the second, at the beginning of time", Frequency{Every: hour, Max: 0}, 1, 0, 1, HeldThrottled, hour},
		{"at once", Frequency{Every: hour, Max: 0}, 1, base, base, HeldThrottled, base + hour},
		{"F2 a millisecond early", Frequency{Every: hour, Max: 0}, 1, base, base + hour - 1, HeldThrottled, base + hour},
		{"F2 exactly", Frequency{Every: hour, Max: 0}, 1, base, base + hour, NotHeld, 0},
		{"F2 a second late", Frequency{Every: hour, Max: 0}, 1, base, base + hour + 1000, NotHeld, 0},
		{"no distance", Frequency{}, 1000, base, base, NotHeld, 0},
		{"below the maximum", Frequency{Every: 0, Max: 3}, 2, base, base, NotHeld, 0},
		{"the maximum", Frequency{Every: 0, Max: 3}, 3, base, base + 1000*hour, heldMaxReached, 0},
		{"above the maximum", Frequency{Every: 0, Max: 3}, math.MaxUint64, base, base, heldMaxReached, 0},
		{"max_reached before throttled", Frequency{Every: hour, Max: 3}, 3, base, base, heldMaxReached, 0},
		{"F6 a last send in the future", Frequency{Every: hour, Max: 0}, 1, base + 1000*hour, base, HeldThrottled, base + hour},
		{"F6 and no distance", Frequency{}, 1, base + 1000*hour, base, NotHeld, 0},
		{"a century apart", Frequency{Every: hour, Max: 0}, 1, math.MinInt64, math.MaxInt64, NotHeld, 0},
		{"the end of time", Frequency{Every: hour, Max: 0}, 1, math.MaxInt64, math.MaxInt64, HeldThrottled, math.MaxInt64},
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

// F5: channel and tag narrow a cap, both together too.
func TestCapApplies(t *testing.T) {
	for _, c := range []struct {
		cap     Cap
		channel store.Channel
		tags    []string
		want    bool
	}{
		{Cap{}, store.Email, nil, true},
		{Cap{Channel: store.Push}, store.Push, nil, true},
		{Cap{Channel: store.Push}, store.Email, []string{"push"}, false},
		{Cap{Tag: "promo"}, store.Email, []string{"x", "promo"}, true},
		{Cap{Tag: "promo"}, store.Email, []string{"promotion", "Promo"}, false},
		{Cap{Channel: store.Push, Tag: "promo"}, store.Push, []string{"promo"}, true},
		{Cap{Channel: store.Push, Tag: "promo"}, store.Push, nil, false},
		{Cap{Channel: store.Push, Tag: "promo"}, store.Email, []string{"promo"}, false},
	} {
		if got := c.cap.applies(c.channel, c.tags); got != c.want {
			t.Errorf("%+v, %s with %q: %v", c.cap, c.channel, c.tags, got)
		}
	}
}

// What one occasion may have to judge is limited, and a segment counts once.
func TestOccasionBudget(t *testing.T) {
	t.Parallel()
	audience := &rule.Compiled{Conditions: make([]rule.Condition, 999)}
	most := MaxConditions / 1000
	segment := &rule.Compiled{Conditions: make([]rule.Condition, 1), Segments: []*rule.Segment{{Rule: &rule.Compiled{Conditions: make([]rule.Condition, 10_000)}}}}
	def := &rule.CounterDef{Def: "go", Event: unique.Make("go"), Where: audience}
	event := func(m *Message, _ int) { m.Mode, m.Event, m.Where = Triggered, unique.Make("go"), audience }
	for _, c := range []struct {
		name     string
		n        int
		set      func(m *Message, i int)
		counters []*rule.CounterDef
		series   int
		want     string
	}{
		{"event", most, event, nil, 0, ""},
		{"event, one more", most + 1, event, nil, 0, fmt.Sprintf("messages[%d]", most)},
		{"event, and a counter", most, event, []*rule.CounterDef{def}, 0, fmt.Sprintf("messages[%d]", most-1)},
		{"event, and a series", most, event, nil, 1, fmt.Sprintf("messages[%d]", most-1)},
		{"two events", most + 1, func(m *Message, i int) {
			event(m, i)
			m.Event = unique.Make(fmt.Sprint("go", i%2))
		}, nil, 0, ""},
		{"visit", most + 1, func(m *Message, _ int) { m.Mode, m.Channel, m.Audience = Ongoing, store.Banner, audience }, nil, 0, fmt.Sprintf("messages[%d]", most)},
		{"sweep", most + 1, func(m *Message, _ int) { m.Mode, m.Channel, m.Audience = Ongoing, store.Email, audience }, nil, 0, fmt.Sprintf("messages[%d]", most)},
		{"segment", 10 * most, func(m *Message, i int) {
			event(m, i)
			m.Where, m.Audience = nil, segment
		}, nil, 0, ""},
	} {
		var faults fault.List
		p := &Plan{ByID: map[string]*Message{}, Events: map[string]*Event{}}
		for i := range c.n {
			m := &Message{ID: fmt.Sprintf("m%06d", i), Path: fmt.Sprintf("messages[%d]", i)}
			c.set(m, i)
			p.Messages = append(p.Messages, m)
		}
		for range c.series {
			p.Series = append(p.Series, &Series{Blocks: []Block{{Rule: audience}}})
		}
		p.Index(c.counters)
		p.Budget(0, &faults)
		if got := strings.Join(faultPaths(faults), " "); got != c.want {
			t.Errorf("%s: faults at %q, want %q", c.name, got, c.want)
		}
	}
}

func faultPaths(faults fault.List) (out []string) {
	for _, e := range faults {
		out = append(out, e.Path)
	}
	return out
}
