package beckon

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/store"
)

func paths(faults fault.List) (out []string) {
	for _, e := range faults {
		out = append(out, e.Path)
	}
	return out
}

func TestFrequencyCompile(t *testing.T) {
	for _, c := range []struct {
		name   string
		f      *Frequency
		want   frequencyPlan
		faults string
	}{
		{"F1 nil is once a minute", nil, frequencyPlan{60_000, 0}, ""},
		{"F1 zero is once a minute", &Frequency{}, frequencyPlan{60_000, 0}, ""},
		{"0s is no distance", &Frequency{Every: Seconds(0)}, frequencyPlan{0, 0}, ""},
		{"once", &Frequency{Every: Seconds(0), Max: 1}, frequencyPlan{0, 1}, ""},
		{"a day is 24 hours", &Frequency{Every: Days(1).Add(Hours(1)), Max: 3}, frequencyPlan{25 * 3600_000, 3}, ""},
		{"negative distance", &Frequency{Every: Seconds(-1)}, frequencyPlan{60_000, 0}, "f.every"},
		{"negative days", &Frequency{Every: Days(-1).Add(Hours(1))}, frequencyPlan{60_000, 0}, "f.every"},
		{"negative maximum", &Frequency{Every: Hours(1), Max: -1}, frequencyPlan{3600_000, 0}, "f.max"},
	} {
		var faults fault.List
		if got := c.f.compile(DefaultEvery, "f", &faults); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
		if got := paths(faults); len(got) > 1 || len(got) == 1 && got[0] != c.faults || len(got) == 0 && c.faults != "" {
			t.Errorf("%s: faults at %q, want %q", c.name, got, c.faults)
		}
	}
}

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

func TestCompileCaps(t *testing.T) {
	var faults fault.List
	plans := compileCaps([]Cap{
		{ID: "a", Channel: Push, Tag: "promo", Max: 3, Within: Days(1)},
		{ID: "b", Channel: Custom("fax"), Max: 1, Within: Seconds(1)},
		{ID: "c", Max: 1, Within: Weeks(1)},
	}, "caps", &faults)
	if len(faults) > 0 {
		t.Error(faults)
	}
	want := []capPlan{{"a", Push, "promo", 3, 86400_000}, {"b", "custom:fax", "", 1, 1000}, {"c", "", "", 1, 7 * 86400_000}}
	for i := range want {
		if plans[i] != want[i] {
			t.Errorf("%+v, want %+v", plans[i], want[i])
		}
	}
	compileCaps([]Cap{
		{ID: "a", Max: 1, Within: Days(1)},
		{ID: "", Max: 0},
		{ID: "a", Channel: "pigeon", Max: -1, Within: Days(-1)},
		{ID: "b", Channel: "custom:", Max: 1, Within: Seconds(0)},
	}, "caps", &faults)
	got := paths(faults)
	wantPaths := []string{
		"caps[1].id", "caps[1].max", "caps[1].within",
		"caps[2].id", "caps[2].channel", "caps[2].max", "caps[2].within", "caps[3].channel", "caps[3].within",
	}
	if len(got) != len(wantPaths) {
		t.Fatalf("faults at %q, want %q", got, wantPaths)
	}
	for i := range got {
		if got[i] != wantPaths[i] {
			t.Errorf("fault at %q, want %q", got[i], wantPaths[i])
		}
	}
}

// judgeCap has a decision judge one cap, after those in the log and those pending:
// made in the same occasion.
func judgeCap(c capPlan, log, pending []store.Sent, now int64) (ok bool, retryAt int64) {
	d := capDecision([]capPlan{c}, log, now)
	for i := range pending {
		if c.takes(&pending[i]) {
			d.capState(0).sent++
		}
	}
	return d.capsAllow(&messagePlan{caps: []int32{0}})
}

func capDecision(caps []capPlan, log []store.Sent, now int64) *decision {
	return &decision{
		in: given{now: now, st: &state{plan: &plan{caps: newCapIndex(caps)}}}, c: &store.Changes{}, rec: &store.Record{Log: log},
	}
}

// F5
func TestCapJudge(t *testing.T) {
	const minute, hour = 60_000, 3600_000
	nine := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixMilli()
	sent := func(minutes ...int64) (out []store.Sent) {
		for _, m := range minutes {
			out = append(out, store.Sent{At: nine + m*minute, Channel: Push})
		}
		return out
	}
	two := capPlan{max: 2, within: hour}
	other := func(change func(*store.Sent)) []store.Sent {
		out := sent(0, 10)
		change(&out[0])
		return out
	}
	push := capPlan{channel: Push, tag: "promo", max: 1, within: hour}
	for _, c := range []struct {
		name         string
		cap          capPlan
		log, pending []store.Sent
		now          int64
		ok           bool
		retry        int64
	}{
		{"nothing sent", two, nil, nil, nine, true, 0},
		{"one of two", two, sent(0), nil, nine, true, 0},
		{"two of two", two, sent(0, 10), nil, nine + 20*minute, false, nine + hour},
		{"a millisecond before the place is free", two, sent(0, 10), nil, nine + hour - 1, false, nine + hour},
		{"exactly when it is", two, sent(0, 10), nil, nine + hour, true, 0},
		{"more than the maximum: when enough are out", two, sent(0, 10, 20, 30), nil, nine + 40*minute, false, nine + hour + 20*minute},
		{"all at once", two, sent(0, 0, 0), nil, nine, false, nine + hour},
		{"not in order", two, sent(30, 0, 20), nil, nine + 40*minute, false, nine + hour + 20*minute},
		{"those of this occasion count", two, sent(0), sent(20), nine + 20*minute, false, nine + hour},
		{"only those of this occasion", two, nil, sent(20, 20), nine + 20*minute, false, nine + 20*minute + hour},
		{"F6 one in the future counts as now", two, sent(0, 1000), nil, nine + 20*minute, false, nine + hour},
		{"F6 all in the future", two, sent(1000, 2000), nil, nine, false, nine + hour},
		{"exempt ones do not count", two, other(func(s *store.Sent) { s.Exempt = true }), nil, nine + 20*minute, true, 0},
		{"channel and tag", push, []store.Sent{{At: nine, Channel: Push, Tags: []string{"a", "promo"}}}, nil, nine, false, nine + hour},
		{"another channel", push, []store.Sent{{At: nine, Channel: Email, Tags: []string{"promo"}}}, nil, nine, true, 0},
		{"another tag", push, []store.Sent{{At: nine, Channel: Push, Tags: []string{"promotion"}}}, nil, nine, true, 0},
		{"a window without end", capPlan{max: 1, within: math.MaxInt64}, []store.Sent{{At: math.MinInt64 + 1}}, nil, 0, true, 0},
		{"a window without end, and one in it", capPlan{max: 1, within: math.MaxInt64}, sent(0), nil, nine, false, math.MaxInt64},
	} {
		if ok, retry := judgeCap(c.cap, c.log, c.pending, c.now); ok != c.ok || retry != c.retry {
			t.Errorf("%s: %v until %d, want %v until %d", c.name, ok, retry-nine, c.ok, c.retry-nine)
		}
	}
}

// F5: channel and tag narrow a cap, both together too.
func TestCapApplies(t *testing.T) {
	for _, c := range []struct {
		cap     capPlan
		channel Channel
		tags    []string
		want    bool
	}{
		{capPlan{}, Email, nil, true},
		{capPlan{channel: Push}, Push, nil, true},
		{capPlan{channel: Push}, Email, []string{"push"}, false},
		{capPlan{tag: "promo"}, Email, []string{"x", "promo"}, true},
		{capPlan{tag: "promo"}, Email, []string{"promotion", "Promo"}, false},
		{capPlan{channel: Push, tag: "promo"}, Push, []string{"promo"}, true},
		{capPlan{channel: Push, tag: "promo"}, Push, nil, false},
		{capPlan{channel: Push, tag: "promo"}, Email, []string{"promo"}, false},
	} {
		if got := c.cap.applies(c.channel, c.tags); got != c.want {
			t.Errorf("%+v, %s with %q: %v", c.cap, c.channel, c.tags, got)
		}
	}
}

// Caps against a list: now, and millisecond by millisecond until there is a
// place.
func TestCapAgainstList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := capPlan{
			channel: rapid.SampledFrom([]Channel{"", Push, Email}).Draw(t, "channel"),
			tag:     rapid.SampledFrom([]string{"", "promo"}).Draw(t, "tag"),
			max:     rapid.IntRange(1, 5).Draw(t, "max"),
			within:  rapid.Int64Range(1, 20).Draw(t, "within"),
		}
		one := rapid.Custom(func(t *rapid.T) store.Sent {
			return store.Sent{
				At:      rapid.Int64Range(0, 60).Draw(t, "at"),
				Channel: rapid.SampledFrom([]Channel{Push, Push, Email}).Draw(t, "channel"),
				Tags:    rapid.SampledFrom([][]string{nil, {"promo"}, {"a", "promo"}, {"a"}}).Draw(t, "tags"),
				Exempt:  rapid.IntRange(0, 9).Draw(t, "exempt") == 0,
			}
		})
		log := rapid.SliceOfN(one, 0, 20).Draw(t, "log")
		pending := rapid.SliceOfN(one, 0, 3).Draw(t, "pending")
		now := rapid.Int64Range(0, 60).Draw(t, "now")
		for i := range pending {
			pending[i].At = now // what this occasion makes is made now
		}
		var times []int64
		for _, s := range append(append([]store.Sent{}, log...), pending...) {
			tagged := c.tag == ""
			for _, tag := range s.Tags {
				tagged = tagged || tag == c.tag
			}
			if (c.channel == "" || s.Channel == c.channel) && tagged && !s.Exempt {
				times = append(times, min(s.At, now))
			}
		}
		free := func(at int64) bool {
			n := 0
			for _, made := range times {
				if made > at-c.within && made <= at {
					n++
				}
			}
			return n < c.max
		}
		want := now
		for !free(want) {
			want++
		}
		ok, retry := judgeCap(c, log, pending, now)
		if ok != (want == now) || !ok && retry != want {
			t.Fatalf("%v until %d, want until %d", ok, retry, want)
		}
	})
}

func TestFrequencyDoesNotAllocate(t *testing.T) {
	caps := []capPlan{{max: 50, within: 3600_000}, {channel: Push, tag: "promo", max: 3, within: 86400_000}}
	tags := []string{"promo"}
	var log []store.Sent
	for i := range 100 {
		log = append(log, store.Sent{At: int64(i) * 1000, Channel: Push, Tags: tags})
	}
	plan := frequencyPlan{60_000, 3}
	d := capDecision(caps, log, 100_000)
	m := &messagePlan{caps: []int32{0, 1}}
	if n := testing.AllocsPerRun(100, func() {
		_, _ = plan.judge(2, 1000, 2000)
		d.reused.caps.reset()
		_, _ = d.capsAllow(m)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
