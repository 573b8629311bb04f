package throttle_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/throttle"
)

// F1, F2, F5: distance, maximum and window, step by step.
func TestTake(t *testing.T) {
	start := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		f     throttle.Frequency
		opts  []throttle.Option
		steps string // instants after the start, each with what is answered
	}{
		{"the zero frequency permits everything", throttle.Frequency{}, nil, "0s ok,0s ok,0s ok"},
		{"a distance", throttle.Frequency{Every: time.Minute}, nil, "0s ok,59.999s throttled,60s ok"},
		{"a distance to the millisecond", throttle.Frequency{Every: time.Millisecond}, nil, "0s ok,0s throttled,1ms ok"},
		{"a maximum", throttle.Frequency{Max: 2}, nil, "0s ok,0s ok,1h max_reached"},
		{"a window", throttle.Frequency{}, []throttle.Option{throttle.WithLimit(2, time.Hour)}, "0s ok,30m ok,59m59.999s capped,60m ok,61m capped"},
		{"the longest distance", throttle.Frequency{Every: 36525 * 24 * time.Hour}, nil, "0s ok,876599h throttled,876600h ok"},
	} {
		now := start
		throttler, err := throttle.New(memstore.New(), c.f, append(c.opts, throttle.WithClock(func() time.Time { return now }))...)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for _, step := range strings.Split(c.steps, ",") {
			after, want, _ := strings.Cut(step, " ")
			d, err := time.ParseDuration(after)
			if err != nil {
				t.Fatal(err)
			}
			now = start.Add(d)
			permit, err := throttler.Take(context.Background(), "k")
			if got := string(permit.Reason); err != nil || permit.Allowed != (want == "ok") || !permit.Allowed && got != want {
				t.Errorf("%s, after %s: %+v, %v; want %s", c.name, after, permit, err, want)
			}
		}
	}
}

// All that is wrong is told at once, by path, as an error of package beckon.
func TestNewFaults(t *testing.T) {
	_, err := throttle.New(nil, throttle.Frequency{Every: -1, Max: -1}, nil, throttle.WithClock(nil), throttle.WithName("\xff"),
		throttle.WithLimit(0, 0), throttle.WithLimit(throttle.MaxLimit+1, 36526*24*time.Hour), throttle.WithReleases(-1))
	var list beckon.ErrorList
	if !errors.As(err, &list) {
		t.Fatalf("got %v, want an ErrorList", err)
	}
	var paths []string
	for _, e := range list {
		paths = append(paths, e.Path)
	}
	want := "store frequency.every frequency.max clock name limits[0].max limits[0].within limits[1].max limits[1].within releases"
	if got := strings.Join(paths, " "); got != want {
		t.Errorf("faults %s, want %s", got, want)
	}
	if _, err := throttle.New(memstore.New(), throttle.Frequency{Every: 36525*24*time.Hour + time.Millisecond}); !errors.Is(err, beckon.ErrProgramInvalid) {
		t.Errorf("a distance over 100 years: %v", err)
	}
}

// F4: what is given back was never taken, once.
func TestRelease(t *testing.T) {
	ctx := context.Background()
	throttler, err := throttle.New(memstore.New(), throttle.Frequency{Max: 1})
	if err != nil {
		t.Fatal(err)
	}
	first, err := throttler.Take(ctx, "k")
	if err != nil || !first.Allowed || first.Remaining != 0 {
		t.Fatalf("%+v, %v", first, err)
	}
	if peek, err := throttler.Peek(ctx, "k"); err != nil || peek.Allowed || peek.Reason != store.ReasonMaxReached || peek.ID() != "" {
		t.Errorf("Peek: %+v, %v", peek, err)
	}
	if err := throttler.Release(ctx, "k", first.ID()); err != nil {
		t.Fatal(err)
	}
	if err := throttler.Release(ctx, "k", first.ID()); !errors.Is(err, beckon.ErrDeliveryUnknown) {
		t.Errorf("given back twice: %v", err)
	}
	if again, err := throttler.Take(ctx, "k"); err != nil || !again.Allowed || again.Sequence != 2 {
		t.Errorf("after it: %+v, %v", again, err)
	}
	for _, key := range []string{"", "\xff", strings.Repeat("k", store.MaxIdentityLength+1)} {
		if _, err := throttler.Take(ctx, key); err == nil {
			t.Errorf("the key %.5q is taken", key)
		}
	}
}

// IDs outlive versions: a permit is given back by its own. These values never change.
func TestIDsArePinned(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name string
		ids  []string
	}{
		{"", []string{"6b0052043af24463b59da52671f505db-1"}},
		{"sms", []string{"", "cd3e582c37f8641e0749efcc1cd680c5-2"}},
	} {
		throttler, err := throttle.New(memstore.New(), throttle.Frequency{}, throttle.WithName(c.name))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.ids {
			permit, err := throttler.Take(ctx, "u1")
			if err != nil || want != "" && permit.ID() != want {
				t.Errorf("%q: %s, %v, want %s", c.name, permit.ID(), err, want)
			}
		}
	}
}
