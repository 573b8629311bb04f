package beckon_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/throttle"
)

func newThrottler(t testing.TB, f beckon.Frequency, opts ...throttle.Option) (*beckon.Throttler, *hand) {
	t.Helper()
	clock := &hand{}
	clock.set(noon)
	throttler, err := beckon.NewThrottler(memstore.New(), f, append(opts, throttle.WithClock(clock.now))...)
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
		opts  []throttle.Option
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
			opts: []throttle.Option{throttle.WithLimit(2, time.Hour)}, steps: []step{
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
			opts: []throttle.Option{throttle.WithLimit(1, time.Minute), throttle.WithLimit(2, time.Hour)}, steps: []step{
				{0, "", 0, 0},
				{30 * time.Second, "capped", time.Minute, 0},
				{time.Minute, "", 0, 0},
				{time.Minute + time.Second, "capped", time.Hour, 0},
			},
		},
		{
			name: "throttled stands before capped, the later instant counts", f: beckon.Frequency{Every: beckon.Minutes(1)},
			opts: []throttle.Option{throttle.WithLimit(1, time.Hour)}, steps: []step{
				{0, "", 0, 0},
				{time.Second, "throttled", time.Hour, 0},
				{time.Minute, "capped", time.Hour, 0},
			},
		},
		{
			name: "also where the distance is the later one", f: beckon.Frequency{Every: beckon.Hours(1)},
			opts: []throttle.Option{throttle.WithLimit(1, time.Minute)}, steps: []step{
				{0, "", 0, 0},
				{time.Second, "throttled", time.Hour, 0},
				{time.Hour, "", 0, 0},
			},
		},
		{
			name: "or the first of two limits", f: beckon.Frequency{Every: beckon.Seconds(0)},
			opts: []throttle.Option{throttle.WithLimit(1, time.Hour), throttle.WithLimit(1, time.Minute)}, steps: []step{
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
			opts: []throttle.Option{throttle.WithLimit(1, time.Hour)}, steps: []step{
				{1000 * time.Hour, "", 0, 0},
				{0, "capped", time.Hour, 0},
				{time.Hour - time.Millisecond, "capped", time.Hour, 0},
				{time.Hour, "", 0, 0},
			},
		},
		{
			name: "F6 a clock that jumped ahead and back forgets no permit", f: beckon.Frequency{Every: beckon.Seconds(0)},
			opts: []throttle.Option{throttle.WithLimit(2, time.Hour)}, steps: []step{
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
		throttler, err := beckon.NewThrottler(store, beckon.Frequency{Max: 1}, throttle.WithName(name))
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

// A limit that was lowered leaves nothing, and never less.
func TestThrottlerLimitLowered(t *testing.T) {
	store, clock := memstore.New(), &hand{}
	clock.set(noon)
	of := func(n int) *beckon.Throttler {
		throttler, err := beckon.NewThrottler(store, beckon.Frequency{Every: beckon.Seconds(0)}, throttle.WithLimit(n, time.Hour), throttle.WithClock(clock.now))
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

func TestNewThrottlerFaults(t *testing.T) {
	_, err := beckon.NewThrottler(nil, beckon.Frequency{Every: beckon.Minutes(-1), Max: -1}, nil,
		throttle.WithClock(nil), throttle.WithName("\xff"), throttle.WithLimit(0, 0),
		throttle.WithLimit(1, -24*time.Hour), throttle.WithReleases(-1))
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
	if _, err := beckon.NewThrottler(memstore.New(), beckon.Frequency{}, throttle.WithReleases(0)); err != nil {
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
	throttler, _ := newThrottler(t, beckon.Frequency{}, throttle.WithLimit(3, time.Hour))
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
		both[i], err = beckon.NewThrottler(store, beckon.Frequency{Every: beckon.Seconds(0)}, throttle.WithName(name),
			throttle.WithLimit(2, time.Hour), throttle.WithReleases(1), throttle.WithClock(clock.now))
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
