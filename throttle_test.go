package beckon_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// A hand is a clock that a test sets. It is safe for concurrent use.
type hand struct{ ms atomic.Int64 }

func (h *hand) now() time.Time      { return time.UnixMilli(h.ms.Load()) }
func (h *hand) set(t time.Time)     { h.ms.Store(t.UnixMilli()) }
func (h *hand) add(d time.Duration) { h.ms.Add(d.Milliseconds()) }

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func newThrottler(t testing.TB, f beckon.Frequency, opts ...beckon.ThrottleOption) (*beckon.Throttler, *hand) {
	t.Helper()
	clock := &hand{}
	clock.set(noon)
	throttler, err := beckon.NewThrottler(memstore.New(), f, append(opts, beckon.WithThrottleClock(clock.now))...)
	if err != nil {
		t.Fatal(err)
	}
	return throttler, clock
}

func take(t testing.TB, throttler *beckon.Throttler, key string) beckon.Permit {
	t.Helper()
	p, err := throttler.Take(context.Background(), key)
	if err != nil {
		t.Fatalf("Take(%q): %v", key, err)
	}
	return p
}

func peek(t testing.TB, throttler *beckon.Throttler, key string) beckon.Permit {
	t.Helper()
	p, err := throttler.Peek(context.Background(), key)
	if err != nil {
		t.Fatalf("Peek(%q): %v", key, err)
	}
	return p
}

// What Take says of one key at instants after noon, step by step.
func TestThrottlerTake(t *testing.T) {
	type step struct {
		after     time.Duration
		reason    beckon.Reason
		retry     time.Duration // after noon; -1: never
		remaining int
	}
	const never = -1
	for _, c := range []struct {
		name  string
		f     beckon.Frequency
		opts  []beckon.ThrottleOption
		steps []step
	}{
		{name: "F1 the default is once a minute, without a maximum", steps: []step{
			{0, "", 0, -1},
			{time.Minute - time.Millisecond, "throttled", time.Minute, -1},
			{time.Minute, "", 0, -1},
		}},
		{name: "F2 of uploads at 0, 20, 40 and 61 minutes the first and the fourth", f: beckon.Frequency{Every: beckon.Hours(1)}, steps: []step{
			{0, "", 0, -1},
			{20 * time.Minute, "throttled", time.Hour, -1},
			{40 * time.Minute, "throttled", time.Hour, -1},
			{61 * time.Minute, "", 0, -1},
			{121*time.Minute - time.Second, "throttled", 121 * time.Minute, -1},
			{121 * time.Minute, "", 0, -1},
		}},
		{name: "F1 a maximum without a distance, and max_reached before throttled", f: beckon.Frequency{Every: beckon.Seconds(0), Max: 2}, steps: []step{
			{0, "", 0, 1},
			{0, "", 0, 0},
			{0, "max_reached", never, 0},
			{1000 * time.Hour, "max_reached", never, 0},
		}},
		{name: "F1 a maximum with a distance", f: beckon.Frequency{Every: beckon.Hours(1), Max: 2}, steps: []step{
			{0, "", 0, 1},
			{time.Minute, "throttled", time.Hour, 1},
			{time.Hour, "", 0, 0},
			{time.Hour + time.Minute, "max_reached", never, 0},
		}},
		{
			name: "F5 a limit slides", f: beckon.Frequency{Every: beckon.Seconds(0)},
			opts: []beckon.ThrottleOption{beckon.WithThrottleLimit(2, beckon.Hours(1))}, steps: []step{
				{0, "", 0, 1},
				{10 * time.Minute, "", 0, 0},
				{20 * time.Minute, "capped", time.Hour, 0},
				{time.Hour - time.Second, "capped", time.Hour, 0},
				{time.Hour, "", 0, 0},
				{70*time.Minute - time.Second, "capped", 70 * time.Minute, 0},
				{70 * time.Minute, "", 0, 0},
			},
		},
		{
			name: "F5 of two limits the later one says when", f: beckon.Frequency{Every: beckon.Seconds(0)},
			opts: []beckon.ThrottleOption{beckon.WithThrottleLimit(1, beckon.Minutes(1)), beckon.WithThrottleLimit(2, beckon.Hours(1))}, steps: []step{
				{0, "", 0, 0},
				{30 * time.Second, "capped", time.Minute, 0},
				{time.Minute, "", 0, 0},
				{time.Minute + time.Second, "capped", time.Hour, 0},
			},
		},
		{
			name: "throttled stands before capped, the later instant counts", f: beckon.Frequency{Every: beckon.Minutes(1)},
			opts: []beckon.ThrottleOption{beckon.WithThrottleLimit(1, beckon.Hours(1))}, steps: []step{
				{0, "", 0, 0},
				{time.Second, "throttled", time.Hour, 0},
				{time.Minute, "capped", time.Hour, 0},
			},
		},
		{
			name: "also where the distance is the later one", f: beckon.Frequency{Every: beckon.Hours(1)},
			opts: []beckon.ThrottleOption{beckon.WithThrottleLimit(1, beckon.Minutes(1))}, steps: []step{
				{0, "", 0, 0},
				{time.Second, "throttled", time.Hour, 0},
				{time.Hour, "", 0, 0},
			},
		},
		{
			name: "or the first of two limits", f: beckon.Frequency{Every: beckon.Seconds(0)},
			opts: []beckon.ThrottleOption{beckon.WithThrottleLimit(1, beckon.Hours(1)), beckon.WithThrottleLimit(1, beckon.Minutes(1))}, steps: []step{
				{0, "", 0, 0},
				{time.Second, "capped", time.Hour, 0},
			},
		},
		{name: "F6 a clock that stepped back locks for the distance, not longer", f: beckon.Frequency{Every: beckon.Hours(1)}, steps: []step{
			{1000 * time.Hour, "", 0, -1},
			{0, "throttled", time.Hour, -1},
			{30 * time.Minute, "throttled", time.Hour, -1}, // stored when it was noticed
			{time.Hour - time.Millisecond, "throttled", time.Hour, -1},
			{time.Hour, "", 0, -1},
		}},
		{
			name: "F6 limits treat permits from the future as taken now", f: beckon.Frequency{Every: beckon.Seconds(0)},
			opts: []beckon.ThrottleOption{beckon.WithThrottleLimit(1, beckon.Hours(1))}, steps: []step{
				{1000 * time.Hour, "", 0, 0},
				{0, "capped", time.Hour, 0},
				{time.Hour - time.Millisecond, "capped", time.Hour, 0},
				{time.Hour, "", 0, 0},
			},
		},
		{
			name: "F6 a clock that jumped ahead and back forgets no permit", f: beckon.Frequency{Every: beckon.Seconds(0)},
			opts: []beckon.ThrottleOption{beckon.WithThrottleLimit(2, beckon.Hours(1))}, steps: []step{
				{0, "", 0, 1},
				{1000 * time.Hour, "", 0, 1},
				{time.Minute, "capped", time.Hour, 0},
				{time.Hour, "", 0, 0},
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			throttler, clock := newThrottler(t, c.f, c.opts...)
			var sequence uint64
			for i, s := range c.steps {
				clock.set(noon.Add(s.after))
				before := peek(t, throttler, "k")
				got := take(t, throttler, "k")
				if before.Allowed != got.Allowed || before.Reason != got.Reason || !before.RetryAt.Equal(got.RetryAt) {
					t.Errorf("step %d: Peek said %+v, Take %+v", i, before, got)
				}
				if got.Reason != s.reason || got.Allowed != (s.reason == "") || got.Remaining != s.remaining {
					t.Errorf("step %d: got %+v, want reason %q, remaining %d", i, got, s.reason, s.remaining)
				}
				want := noon.Add(s.retry)
				if s.retry == never || s.reason == "" {
					want = time.Time{}
				}
				if !got.RetryAt.Equal(want) {
					t.Errorf("step %d: retry at %v, want %v", i, got.RetryAt, want)
				}
				if got.Allowed {
					sequence++
				}
				if (got.ID() != "") != got.Allowed || got.Allowed && got.Sequence != sequence || !got.Allowed && got.Sequence != 0 {
					t.Errorf("step %d: id %q, sequence %d, want sequence %d", i, got.ID(), got.Sequence, sequence)
				}
			}
		})
	}
}

func TestThrottlerKeysAndNamesAreApart(t *testing.T) {
	store := memstore.New()
	ids := map[string]bool{}
	for _, name := range []string{"", "a", "ab"} {
		throttler, err := beckon.NewThrottler(store, beckon.Frequency{Max: 1}, beckon.WithThrottleName(name))
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"a", "b", "ab", "a\x00", "k:1", strings.Repeat("é", beckon.MaxIdentityLength)} {
			p := take(t, throttler, key)
			if !p.Allowed || ids[p.ID()] {
				t.Errorf("%q of %q: %+v, want allowed with an id of its own", key, name, p)
			}
			ids[p.ID()] = true
			if p := take(t, throttler, key); p.Allowed {
				t.Errorf("%q of %q was allowed twice", key, name)
			}
		}
	}
}

// F4
func TestThrottlerRelease(t *testing.T) {
	ctx := context.Background()
	throttler, clock := newThrottler(t, beckon.Frequency{Every: beckon.Hours(1), Max: 2}, beckon.WithThrottleLimit(2, beckon.Days(1)))
	first := take(t, throttler, "k")
	clock.add(time.Hour)
	second := take(t, throttler, "k")
	clock.add(time.Minute)
	if p := take(t, throttler, "k"); p.Reason != beckon.ReasonMaxReached {
		t.Fatalf("third: %+v", p)
	}
	if err := throttler.Release(ctx, "k", second.ID()); err != nil {
		t.Fatal(err)
	}
	third := take(t, throttler, "k") // an hour and a minute after the first
	if !third.Allowed || third.Sequence != 3 || third.ID() == second.ID() {
		t.Errorf("after the release: %+v, want allowed under a new id", third)
	}
	for _, c := range []struct{ name, key, id string }{
		{"released already", "k", second.ID()},
		{"of another key", "l", first.ID()},
		{"unknown", "k", "x"},
		{"empty", "k", ""},
	} {
		if err := throttler.Release(ctx, c.key, c.id); !errors.Is(err, beckon.ErrDeliveryUnknown) {
			t.Errorf("%s: %v, want delivery_unknown", c.name, err)
		}
	}
	// Giving back the older one leaves the distance to run from the newer.
	if err := throttler.Release(ctx, "k", first.ID()); err != nil {
		t.Fatal(err)
	}
	if p := take(t, throttler, "k"); p.Reason != beckon.ReasonThrottled || !p.RetryAt.Equal(clock.now().Add(time.Hour)) || p.Remaining != 1 {
		t.Errorf("after releasing the older: %+v, want throttled for an hour", p)
	}
	if err := throttler.Release(ctx, "k", third.ID()); err != nil {
		t.Fatal(err)
	}
	if p := take(t, throttler, "k"); !p.Allowed || p.Remaining != 1 {
		t.Errorf("after releasing all: %+v, want allowed as at first", p)
	}
}

// A limit that was lowered leaves nothing, and never less.
func TestThrottlerLimitLowered(t *testing.T) {
	store, clock := memstore.New(), &hand{}
	clock.set(noon)
	of := func(n int) *beckon.Throttler {
		throttler, err := beckon.NewThrottler(store, beckon.Frequency{Every: beckon.Seconds(0)}, beckon.WithThrottleLimit(n, beckon.Hours(1)), beckon.WithThrottleClock(clock.now))
		if err != nil {
			t.Fatal(err)
		}
		return throttler
	}
	for range 3 {
		take(t, of(3), "k")
	}
	if p := take(t, of(1), "k"); p.Reason != beckon.ReasonCapped || p.Remaining != 0 || !p.RetryAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("got %+v, want capped for an hour with none remaining", p)
	}
}

// F4: an id is good for the name and the key that it was made for, also where
// another has a permit with the same sequence.
func TestThrottlerReleaseTakesOnlyItsOwnID(t *testing.T) {
	ctx, store := context.Background(), memstore.New()
	of := func(name string) *beckon.Throttler {
		throttler, err := beckon.NewThrottler(store, beckon.Frequency{Max: 1}, beckon.WithThrottleName(name))
		if err != nil {
			t.Fatal(err)
		}
		return throttler
	}
	mine, other := of("mine"), of("other")
	own := take(t, mine, "k").ID()
	for _, c := range []struct {
		name      string
		throttler *beckon.Throttler
		key, id   string
	}{
		{"another key's", mine, "k", take(t, mine, "l").ID()},
		{"another name's", other, "l", take(t, mine, "m").ID()},
		{"another name's, for the same key", other, "k", own},
		{"the sequence alone", mine, "k", "-1"},
		{"another hash", mine, "k", strings.Repeat("0", 32) + "-1"},
		{"a sequence written otherwise", mine, "k", strings.Replace(own, "-", "-0", 1)},
	} {
		take(t, c.throttler, c.key) // there is a first permit, or now there is
		if err := c.throttler.Release(ctx, c.key, c.id); !errors.Is(err, beckon.ErrDeliveryUnknown) {
			t.Errorf("%s: %v, want delivery_unknown", c.name, err)
		}
	}
	if err := mine.Release(ctx, "k", own); err != nil {
		t.Errorf("its own: %v", err)
	}
}

// What a limit must still see is never given back: as many permits as its
// maximum stay.
func TestThrottlerReleaseLeavesWhatLimitsSee(t *testing.T) {
	ctx := context.Background()
	throttler, clock := newThrottler(t, beckon.Frequency{Every: beckon.Seconds(0)},
		beckon.WithThrottleLimit(1, beckon.Minutes(1)), beckon.WithThrottleReleases(1))
	var ids []string
	for range 4 {
		ids = append(ids, take(t, throttler, "k").ID())
		clock.add(time.Minute)
	}
	if err := throttler.Release(ctx, "k", ids[3]); err != nil {
		t.Fatal(err)
	}
	if err := throttler.Release(ctx, "k", ids[2]); !errors.Is(err, beckon.ErrDeliveryUnknown) {
		t.Errorf("the last that the limit sees: %v, want delivery_unknown", err)
	}
	clock.add(-2 * time.Minute) // a second before its minute is over
	clock.add(-time.Second)
	if p := take(t, throttler, "k"); p.Reason != beckon.ReasonCapped {
		t.Errorf("within its minute: %+v, want capped", p)
	}
}

// F6: a permit that is kept no longer counts as taken when the step back was
// noticed, like those that are.
func TestThrottlerReleaseAfterTheClockSteppedBack(t *testing.T) {
	ctx := context.Background()
	throttler, clock := newThrottler(t, beckon.Frequency{Every: beckon.Hours(1)}, beckon.WithThrottleReleases(1))
	clock.add(1000 * time.Hour)
	take(t, throttler, "k")
	clock.add(time.Hour)
	second := take(t, throttler, "k")
	clock.set(noon)
	if p := take(t, throttler, "k"); !p.RetryAt.Equal(noon.Add(time.Hour)) {
		t.Fatalf("when it is noticed: %+v, want throttled for an hour", p)
	}
	if err := throttler.Release(ctx, "k", second.ID()); err != nil {
		t.Fatal(err)
	}
	clock.add(30 * time.Minute)
	if p := take(t, throttler, "k"); p.Reason != beckon.ReasonThrottled || !p.RetryAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("half an hour later: %+v, want throttled since it was noticed", p)
	}
}

// Past the newest few a permit can no longer be given back, and the distance
// after a release is that to the last one that stands, kept or not.
func TestThrottlerReleaseIsBounded(t *testing.T) {
	ctx := context.Background()
	throttler, clock := newThrottler(t, beckon.Frequency{}, beckon.WithThrottleReleases(1))
	first := take(t, throttler, "k")
	clock.add(time.Minute)
	second := take(t, throttler, "k")
	if err := throttler.Release(ctx, "k", first.ID()); !errors.Is(err, beckon.ErrDeliveryUnknown) {
		t.Errorf("releasing the older of two: %v, want delivery_unknown", err)
	}
	clock.set(noon.Add(30 * time.Second)) // the clock steps back
	if err := throttler.Release(ctx, "k", second.ID()); err != nil {
		t.Fatal(err)
	}
	if p := take(t, throttler, "k"); p.Reason != beckon.ReasonThrottled || !p.RetryAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("got %+v, want throttled since noon", p)
	}
}

// F3, faults 43: never one too many, never one too few.
func TestThrottlerRace(t *testing.T) {
	const goroutines, each, most = 64, 20, 37
	for _, c := range []struct {
		name string
		f    beckon.Frequency
		opts []beckon.ThrottleOption
		want int64
	}{
		{"maximum", beckon.Frequency{Every: beckon.Seconds(0), Max: most}, nil, most},
		{"limit", beckon.Frequency{Every: beckon.Seconds(0)}, []beckon.ThrottleOption{beckon.WithThrottleLimit(most, beckon.Hours(1))}, most},
		{"distance", beckon.Frequency{}, nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			throttler, _ := newThrottler(t, c.f, c.opts...)
			var granted atomic.Int64
			var ids sync.Map
			var all sync.WaitGroup
			for range goroutines {
				all.Add(1)
				go func() {
					defer all.Done()
					for range each {
						p, err := throttler.Take(context.Background(), "k")
						if err != nil {
							t.Error(err)
						}
						if !p.Allowed {
							continue
						}
						granted.Add(1)
						if _, twice := ids.LoadOrStore(p.ID(), true); twice {
							t.Errorf("%s was given twice", p.ID())
						}
					}
				}()
			}
			all.Wait()
			if granted.Load() != c.want {
				t.Errorf("%d permits, want %d", granted.Load(), c.want)
			}
		})
	}
}

// Against a list of instants: whatever the rules and the clock, what is
// allowed is what the list says.
func TestThrottlerAgainstList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type entry struct {
			at int64
			id string
		}
		every := rapid.Int64Range(0, 5).Draw(t, "every")
		most := rapid.IntRange(0, 6).Draw(t, "max")
		n := rapid.IntRange(1, 4).Draw(t, "n")
		within := rapid.Int64Range(1, 10).Draw(t, "within")
		releases := rapid.IntRange(1, 12).Draw(t, "releases")
		clock := &hand{}
		f := beckon.Frequency{Every: beckon.Seconds(int(every)), Max: most}
		if every == 0 {
			f.Every = beckon.Seconds(0)
		}
		throttler, err := beckon.NewThrottler(memstore.New(), f, beckon.WithThrottleClock(clock.now),
			beckon.WithThrottleLimit(n, beckon.Seconds(int(within))), beckon.WithThrottleReleases(releases))
		if err != nil {
			t.Fatal(err)
		}
		now := int64(1_000)
		var list []entry          // given and not given back; the newest n + releases can be, each once
		left := map[string]bool{} // too old to be given back, for good
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now += rapid.SampledFrom([]int64{0, 0, 1, 1, 2, 3, 7, -1, -5}).Draw(t, "after")
			clock.set(time.Unix(now, 0))
			if len(list) > 0 && rapid.IntRange(0, 4).Draw(t, "release") == 0 {
				i := rapid.IntRange(0, len(list)-1).Draw(t, "which")
				err := throttler.Release(context.Background(), "k", list[i].id)
				kept := 0
				for _, x := range list {
					if !left[x.id] {
						kept++
					}
				}
				if left[list[i].id] || kept < len(list) && kept <= n {
					if !errors.Is(err, beckon.ErrDeliveryUnknown) {
						t.Fatalf("releasing one too old or too many: %v, want delivery_unknown", err)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				list = append(list[:i:i], list[i+1:]...)
				continue
			}
			last, recent := int64(math.MinInt64), 0
			for i := range list {
				list[i].at = min(list[i].at, now) // F6
				last = max(last, list[i].at)
				if list[i].at > now-within {
					recent++
				}
			}
			want := beckon.Reason("")
			switch {
			case most > 0 && len(list) >= most:
				want = beckon.ReasonMaxReached
			case len(list) > 0 && now-last < every:
				want = beckon.ReasonThrottled
			case recent >= n:
				want = beckon.ReasonCapped
			}
			p, err := throttler.Take(context.Background(), "k")
			if err != nil {
				t.Fatal(err)
			}
			if p.Reason != want {
				t.Fatalf("at %d after %v: %q, want %q", now, list, p.Reason, want)
			}
			if p.Allowed {
				list = append(list, entry{now, p.ID()})
				if i := len(list) - 1 - n - releases; i >= 0 {
					left[list[i].id] = true
				}
			}
		}
	})
}

func TestNewThrottlerFaults(t *testing.T) {
	_, err := beckon.NewThrottler(nil, beckon.Frequency{Every: beckon.Minutes(-1), Max: -1}, nil,
		beckon.WithThrottleClock(nil), beckon.WithThrottleName("\xff"), beckon.WithThrottleLimit(0, beckon.Duration{}),
		beckon.WithThrottleLimit(1, beckon.Days(-1)), beckon.WithThrottleReleases(-1))
	var list beckon.ErrorList
	if !errors.As(err, &list) {
		t.Fatalf("got %v, want an ErrorList", err)
	}
	var paths []string
	for _, e := range list {
		paths = append(paths, e.Path)
	}
	want := "store frequency.every frequency.max clock name limits[0].max limits[0].within limits[1].within releases"
	if got := strings.Join(paths, " "); got != want || !errors.Is(err, beckon.ErrProgramInvalid) {
		t.Errorf("faults %s, want %s", got, want)
	}
	if _, err := beckon.NewThrottler(memstore.New(), beckon.Frequency{}, beckon.WithThrottleReleases(0)); err != nil {
		t.Errorf("0 releases are the default, got %v", err)
	}
}

func TestThrottlerErrors(t *testing.T) {
	store := memstore.New()
	throttler, err := beckon.NewThrottler(store, beckon.Frequency{})
	if err != nil {
		t.Fatal(err)
	}
	call := func(ctx context.Context, key string) []error {
		_, took := throttler.Take(ctx, key)
		_, peeked := throttler.Peek(ctx, key)
		return []error{took, peeked, throttler.Release(ctx, key, "x")}
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	check := func(name string, ctx context.Context, key string, want error) {
		for _, err := range call(ctx, key) {
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", name, err, want)
			}
		}
	}
	check("empty key", context.Background(), "", beckon.ErrContactMissing)
	check("bad key", context.Background(), "\xff", beckon.ErrTextNotUTF8)
	check("long key", context.Background(), strings.Repeat("k", beckon.MaxIdentityLength+1), beckon.ErrTypeInvalid)
	check("cancelled", cancelled, "k", context.Canceled)
	if p := take(t, throttler, "k"); !p.Allowed {
		t.Errorf("after errors: %+v, want allowed: they take nothing", p)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	check("closed store", context.Background(), "k", beckon.ErrClosed)
}

func TestThrottlerRefusalDoesNotAllocate(t *testing.T) {
	throttler, _ := newThrottler(t, beckon.Frequency{}, beckon.WithThrottleLimit(3, beckon.Hours(1)))
	take(t, throttler, "k")
	ctx := context.Background()
	// Under the race detector a pool forgets at random.
	if n := testing.AllocsPerRun(100, func() { _, _ = throttler.Take(ctx, "k") }); n > 1 {
		t.Errorf("%v allocations a refusal", n)
	}
}

// Throttlers of two names on one key share a record and nothing else: neither
// drops, counts or releases what is the other's.
func TestThrottlersShareARecord(t *testing.T) {
	ctx := context.Background()
	store, clock := memstore.New(), &hand{}
	clock.set(noon)
	var both [2]*beckon.Throttler
	for i, name := range []string{"a", "b"} {
		var err error
		both[i], err = beckon.NewThrottler(store, beckon.Frequency{Every: beckon.Seconds(0)}, beckon.WithThrottleName(name),
			beckon.WithThrottleLimit(2, beckon.Hours(1)), beckon.WithThrottleReleases(1), beckon.WithThrottleClock(clock.now))
		if err != nil {
			t.Fatal(err)
		}
	}
	var newest [2]beckon.Permit
	for round := range 12 { // six hours of two an hour each
		for _, i := range [2]int{round % 2, 1 - round%2} {
			if newest[i] = take(t, both[i], "k"); !newest[i].Allowed {
				t.Fatalf("at %v: %+v", clock.now(), newest[i])
			}
		}
		clock.add(30 * time.Minute)
	}
	if err := both[0].Release(ctx, "k", newest[1].ID()); !errors.Is(err, beckon.ErrDeliveryUnknown) {
		t.Errorf("releasing what is the other's: %v", err)
	}
	if err := both[0].Release(ctx, "k", newest[0].ID()); err != nil {
		t.Error(err)
	}
	for i, want := range []int{2, 1} {
		if got := peek(t, both[i], "k").Remaining; got != want {
			t.Errorf("%d remain of throttler %d, want %d", got, i, want)
		}
	}
}
