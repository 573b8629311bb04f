// Command throttle uses the frequency rules alone, for what an application sends by
// itself: password mails, at most one a minute and five a day for each address, with a
// mail server that fails once.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/throttle"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer) error {
	start := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	now := start
	throttler, err := beckon.NewThrottler(memstore.New(), beckon.Frequency{Every: beckon.Minutes(1)},
		throttle.WithClock(func() time.Time { return now }),
		throttle.WithName("password-mail"), // other throttlers on this store do not meet it
		throttle.WithLimit(5, 24*time.Hour))
	if err != nil {
		return err
	}

	const address = "ada@example.com"
	for _, request := range []struct {
		seconds int
		fails   bool
	}{
		{0, false},
		{20, false},  // too soon
		{60, true},   // exactly a minute later is allowed; but the mail server is down
		{61, false},  // the failed one was given back: no distance from it
		{121, false}, // 3
		{181, false}, // 4
		{241, false}, // 5
		{301, false}, // one too many for a day
	} {
		now = start.Add(time.Duration(request.seconds) * time.Second)
		permit, err := throttler.Take(ctx, address)
		if err != nil {
			return err // the store failed: nothing was permitted
		}
		if !permit.Allowed {
			fmt.Fprintf(w, "%s  no: %s, again at %s\n", now.Format("15:04:05"), permit.Reason, permit.RetryAt.UTC().Format("Mon 15:04:05"))
			continue
		}
		if err := sendMail(request.fails); err != nil {
			// What was not sent must not count. Only what is known not to have
			// gone out may be given back.
			if err := throttler.Release(ctx, address, permit.ID()); err != nil {
				return err
			}
			fmt.Fprintf(w, "%s  %v: given back\n", now.Format("15:04:05"), err)
			continue
		}
		fmt.Fprintf(w, "%s  sent number %d, %d left today\n", now.Format("15:04:05"), permit.Sequence, permit.Remaining)
	}

	// Peek asks without taking, as for a button that is to be grey. Every key is
	// by itself.
	for _, key := range []string{address, "brian@example.com"} {
		permit, err := throttler.Peek(ctx, key)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "peek %s: allowed %t, %d left\n", key, permit.Allowed, permit.Remaining)
	}
	return nil
}

func sendMail(fails bool) error {
	if fails {
		return errors.New("the mail server is down")
	}
	return nil
}
