package beckon_test

import (
	"context"
	"fmt"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/throttle"
)

func ExampleThrottler() {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	throttler, err := beckon.NewThrottler(memstore.New(), beckon.Frequency{Every: beckon.Hours(1)},
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
	throttler, err := beckon.NewThrottler(memstore.New(), beckon.Frequency{Every: beckon.Minutes(10)},
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
