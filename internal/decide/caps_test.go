package decide

import (
	"math"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// F5
func TestCapJudge(t *testing.T) {
	const minute, hour = 60_000, 3600_000
	nine := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixMilli()
	sent := func(minutes ...int64) (out []store.SendLogEntry) {
		for _, m := range minutes {
			out = append(out, store.SendLogEntry{At: nine + m*minute, Channel: store.Push})
		}
		return out
	}
	two := plan.Cap{Max: 2, Within: hour}
	other := func(change func(*store.SendLogEntry)) []store.SendLogEntry {
		out := sent(0, 10)
		change(&out[0])
		return out
	}
	push := plan.Cap{Channel: store.Push, Tag: "promo", Max: 1, Within: hour}
	for _, c := range []struct {
		name         string
		cap          plan.Cap
		log, pending []store.SendLogEntry
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
		{"exempt ones do not count", two, other(func(s *store.SendLogEntry) { s.Exempt = true }), nil, nine + 20*minute, true, 0},
		{"channel and tag", push, []store.SendLogEntry{{At: nine, Channel: store.Push, Tags: []string{"a", "promo"}}}, nil, nine, false, nine + hour},
		{"another channel", push, []store.SendLogEntry{{At: nine, Channel: store.Email, Tags: []string{"promo"}}}, nil, nine, true, 0},
		{"another tag", push, []store.SendLogEntry{{At: nine, Channel: store.Push, Tags: []string{"promotion"}}}, nil, nine, true, 0},
		{"a window without end", plan.Cap{Max: 1, Within: math.MaxInt64}, []store.SendLogEntry{{At: math.MinInt64 + 1}}, nil, 0, true, 0},
		{"a window without end, and one in it", plan.Cap{Max: 1, Within: math.MaxInt64}, sent(0), nil, nine, false, math.MaxInt64},
	} {
		if ok, retry := judgeCap(c.cap, c.log, c.pending, c.now); ok != c.ok || retry != c.retry {
			t.Errorf("%s: %v until %d, want %v until %d", c.name, ok, retry-nine, c.ok, c.retry-nine)
		}
	}
}

// judgeCap has a decision judge one cap, after those in the log and those pending:
// made in the same occasion.
func judgeCap(c plan.Cap, log, pending []store.SendLogEntry, now int64) (ok bool, retryAt int64) {
	d := capDecision([]plan.Cap{c}, log, now)
	for i := range pending {
		if c.Takes(&pending[i]) {
			d.CapState(0).Sent++
		}
	}
	held, retryAt := d.CapsAllow(&plan.Message{Caps: []int32{0}})
	return held == 0, retryAt
}

func capDecision(caps []plan.Cap, log []store.SendLogEntry, now int64) *Decision {
	return &Decision{
		In: Given{Now: now, State: &State{Plan: &plan.Plan{Caps: plan.NewCaps(caps)}}}, Changes: &store.Changes{}, Record: &store.Record{SendLog: log},
	}
}

// Caps against a list: now, and millisecond by millisecond until there is a
// place.
func TestCapAgainstList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := plan.Cap{
			Channel: rapid.SampledFrom([]store.Channel{"", store.Push, store.Email}).Draw(t, "channel"),
			Tag:     rapid.SampledFrom([]string{"", "promo"}).Draw(t, "tag"),
			Max:     rapid.IntRange(1, 5).Draw(t, "max"),
			Within:  rapid.Int64Range(1, 20).Draw(t, "within"),
		}
		one := rapid.Custom(func(t *rapid.T) store.SendLogEntry {
			return store.SendLogEntry{
				At:      rapid.Int64Range(0, 60).Draw(t, "at"),
				Channel: rapid.SampledFrom([]store.Channel{store.Push, store.Push, store.Email}).Draw(t, "channel"),
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
		for _, s := range append(append([]store.SendLogEntry{}, log...), pending...) {
			tagged := c.Tag == ""
			for _, tag := range s.Tags {
				tagged = tagged || tag == c.Tag
			}
			if (c.Channel == "" || s.Channel == c.Channel) && tagged && !s.Exempt {
				times = append(times, min(s.At, now))
			}
		}
		free := func(at int64) bool {
			n := 0
			for _, made := range times {
				if made > at-c.Within && made <= at {
					n++
				}
			}
			return n < c.Max
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
	caps := []plan.Cap{{Max: 50, Within: 3600_000}, {Channel: store.Push, Tag: "promo", Max: 3, Within: 86400_000}}
	tags := []string{"promo"}
	var log []store.SendLogEntry
	for i := range 100 {
		log = append(log, store.SendLogEntry{At: int64(i) * 1000, Channel: store.Push, Tags: tags})
	}
	p := plan.Frequency{Every: 60_000, Max: 3}
	d := capDecision(caps, log, 100_000)
	m := &plan.Message{Caps: []int32{0, 1}}
	if n := testing.AllocsPerRun(100, func() {
		_, _ = p.Judge(2, 1000, 2000)
		d.Reused.Caps.Reset()
		_, _ = d.CapsAllow(m)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// F10: of several caps without room the one that has some last is named, then the first
// in the program, in whichever group it is.
func TestCapThatHeld(t *testing.T) {
	const hour = 3600_000
	all, push := plan.Cap{Max: 1, Within: hour}, plan.Cap{Channel: store.Push, Max: 1, Within: hour}
	long := func(c plan.Cap) plan.Cap { c.Within *= 2; return c }
	for _, c := range []struct {
		caps []plan.Cap
		want string
	}{
		{[]plan.Cap{all}, "0"},
		{[]plan.Cap{all, long(all)}, "1"},
		{[]plan.Cap{long(push), all}, "0"},
		{[]plan.Cap{all, long(push)}, "1"},
		{[]plan.Cap{push, all}, "0"},
		{[]plan.Cap{all, long(push), long(all)}, "1"}, // the third stands in the first one's group
		{[]plan.Cap{all, long(all), long(push)}, "1"},
		{[]plan.Cap{all, long(all), long(all)}, "1"},
	} {
		for i := range c.caps {
			c.caps[i].ID = strconv.Itoa(i)
		}
		d := capDecision(c.caps, []store.SendLogEntry{{At: 5, Channel: store.Push}}, 10)
		caps := &d.In.State.Plan.Caps
		held, _ := d.CapsAllow(&plan.Message{Caps: caps.Concern(nil, store.Push, nil)})
		if got := caps.ID(held); got != c.want {
			t.Errorf("%+v: held by %s, want %s", c.caps, got, c.want)
		}
	}
}
