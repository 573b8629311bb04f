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

// F4
func TestThrottlerRelease(t *testing.T) {
	ctx := context.Background()
	throttler, clock := newThrottler(t, beckon.Frequency{Every: beckon.Hours(1), Max: 2}, throttle.WithLimit(2, 24*time.Hour))
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

// F4: an id is good for the name and the key that it was made for, also where
// another has a permit with the same sequence.
func TestThrottlerReleaseTakesOnlyItsOwnID(t *testing.T) {
	ctx, store := context.Background(), memstore.New()
	of := func(name string) *beckon.Throttler {
		throttler, err := beckon.NewThrottler(store, beckon.Frequency{Max: 1}, throttle.WithName(name))
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
		throttle.WithLimit(1, time.Minute), throttle.WithReleases(1))
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
	throttler, clock := newThrottler(t, beckon.Frequency{Every: beckon.Hours(1)}, throttle.WithReleases(1))
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
	throttler, clock := newThrottler(t, beckon.Frequency{}, throttle.WithReleases(1))
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
