package throttle_test

import (
	"context"
	"fmt"
	"time"

	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/throttle"
)

func ExampleThrottler() {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	throttler, err := throttle.New(memstore.New(), throttle.Frequency{Every: time.Hour},
		throttle.WithClock(func() time.Time { return now }))
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 4 {
		permit, err := throttler.Take(context.Background(), "u1")
		if err != nil {
			fmt.Println(err)
			return
		}
		if permit.Allowed {
			fmt.Println(now.Format("15:04"), "send")
		} else {
			fmt.Println(now.Format("15:04"), permit.Reason, "until", permit.RetryAt.Format("15:04"))
		}
		now = now.Add(20*time.Minute + 20*time.Second)
	}
	// Output:
	// 09:00 send
	// 09:20 throttled until 10:00
	// 09:40 throttled until 10:00
	// 10:01 send
}

// At most three text messages a day, and never two within ten minutes. One
// that could not be sent gives its place back.
func ExampleThrottler_Release() {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	throttler, err := throttle.New(memstore.New(), throttle.Frequency{Every: 10 * time.Minute},
		throttle.WithLimit(3, 24*time.Hour),
		throttle.WithClock(func() time.Time { return now }))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	permit, err := throttler.Take(ctx, "+353 1 555 0100")
	fmt.Println(permit.Allowed, permit.Remaining, err)

	err = throttler.Release(ctx, "+353 1 555 0100", permit.ID())
	fmt.Println(err)

	permit, err = throttler.Take(ctx, "+353 1 555 0100")
	fmt.Println(permit.Allowed, permit.Remaining, err)
	// Output:
	// true 2 <nil>
	// <nil>
	// true 2 <nil>
}

// Peek asks without taking: for a button that is to be grey.
func ExampleThrottler_Peek() {
	ctx, now := context.Background(), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	throttler, err := throttle.New(memstore.New(), throttle.Frequency{Every: time.Minute},
		throttle.WithClock(func() time.Time { return now }),
		throttle.WithName("password-mail"), throttle.WithReleases(2))
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		permit, err := throttler.Peek(ctx, "ada@example.com")
		fmt.Printf("%t %q %v\n", permit.Allowed, permit.Reason, err)
		_, err = throttler.Take(ctx, "ada@example.com")
		if err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// true "" <nil>
	// false "throttled" <nil>
}
