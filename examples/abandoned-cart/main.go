// Command abandoned-cart reminds contacts of carts that they left. The message is
// about something that did not happen: it waits with the cart, and goes out when an
// hour has passed without a checkout of the same cart.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

func program() beckon.Program {
	return beckon.Program{
		Timezone: "Europe/Dublin",
		Messages: []beckon.Message{{
			ID: "cart-waiting", Channel: beckon.Push, Status: beckon.Live,
			// "Same" is what tells two carts apart: a checkout cancels only what
			// waits for its own cart_id. Without it any checkout would do.
			Trigger: beckon.On("added-to-cart").
				Where(beckon.Metadata("total").GreaterThan(0)).
				Unless("checked-out", beckon.Hours(1), "cart_id"),
			// Judged when the time is up, with all that has happened since: two
			// carts that are left at once are one reminder, not two.
			Frequency: beckon.Every(beckon.Days(1)),
			Content:   beckon.Content{Body: `{{ event.item }} is still in your cart ({{ event.total | money: "en-IE" }})`},
		}},
	}
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A step is something a shopper does, or, without a name, a run of Due.
type step struct {
	minute int
	event  string
	cart   string
	item   string
	cents  int64
}

func run(ctx context.Context, w io.Writer) error {
	start := time.Date(2026, time.March, 2, 19, 0, 0, 0, time.UTC)
	now := start
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		return err
	}
	if err := engine.Publish(ctx, program()); err != nil {
		return err
	}
	for _, s := range []step{
		{minute: 0, event: "added-to-cart", cart: "phone-1", item: "Kettle", cents: 4900},
		{minute: 10, event: "added-to-cart", cart: "laptop-2", item: "Desk lamp", cents: 2500},
		// The same cart again: its hour begins anew, and it is this event's item
		// that the reminder will name.
		{minute: 20, event: "added-to-cart", cart: "phone-1", item: "Toaster", cents: 8800},
		// The laptop's cart is paid, the phone's goes on waiting.
		{minute: 30, event: "checked-out", cart: "laptop-2"},
		{minute: 70}, // the lamp's hour would be up
		{minute: 79},
		{minute: 80}, // the phone's hour is up
		{minute: 81, event: "checked-out", cart: "phone-1"},
	} {
		now = start.Add(time.Duration(s.minute) * time.Minute)
		if s.event == "" {
			fmt.Fprintf(w, "%s  due\n", now.Format("15:04"))
			for d, err := range engine.Due(ctx) {
				if err != nil {
					return err
				}
				fmt.Fprintf(w, "       send %s: %s\n", d.Message, d.Body)
			}
			continue
		}
		fields := beckon.Fields{{Key: "cart_id", Value: beckon.String(s.cart)}}
		if s.item != "" {
			fields = append(fields,
				beckon.Field{Key: "item", Value: beckon.String(s.item)},
				beckon.Field{Key: "total", Value: beckon.Monetary(s.cents, "eur")})
		}
		fmt.Fprintf(w, "%s  %s %s %s\n", now.Format("15:04"), s.event, s.cart, s.item)
		res, err := engine.Track(ctx, beckon.Event{UserID: "u9", Name: s.event, Metadata: fields})
		if err != nil {
			return err
		}
		for _, h := range res.Held() {
			fmt.Fprintf(w, "       hold %s: %s until %s\n", h.Message, h.Reason, h.RetryAt.Format("15:04"))
		}
	}

	// What waits is data in the contact's record; nothing ticks in between. The
	// totals say how many carts were paid in time.
	t, err := engine.Totals(ctx, "cart-waiting")
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%d sent, %d followed by a checkout, %d times waiting\n", t.Sent, t.Followed, t.Held[beckon.ReasonWaiting])
	return nil
}
