// Command order-confirmation renders one order as an HTML email, with a text version
// beside it. It shows money and dates in the customer's locale, links, an image, and
// what becomes of values that are hostile or missing.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// program has one email. Data holds further templates beside the body; they
// are in the body's format, so the text version is a message of its own.
func program() beckon.Program {
	paid := beckon.On("order-paid")
	return beckon.Program{
		Timezone: "Europe/Dublin",
		Messages: []beckon.Message{
			{
				ID: "confirmation", Channel: beckon.Email, Status: beckon.Live, Trigger: paid,
				// A receipt goes out to those who want no newsletters, and does
				// not use up what caps leave for them.
				Transactional: true, ExemptFromCaps: true,
				Frequency: beckon.EachTime(), // each order, however close
				Content: beckon.Content{
					Format: beckon.FormatHTML,
					// Without a price or an order this mail is worse than none:
					// it is held instead, as missing_value.
					Missing: beckon.MissingHold,
					Subject: `Your order {{ event.order }}: {{ event.price | money: "en-IE" }}`,
					Body: strings.Join([]string{
						`<p>Thank you, {{ user.name | fallback: "dear customer" }}.</p>`,
						`<p><img src="{{ event.picture }}" alt="{{ event.item }}">{{ event.item }}</p>`,
						`<p>Order {{ event.order }}, {{ event.price | money: "en-IE" }}, paid {{ event.paid_date | date: "2 January 2006 at 15:04" }}.</p>`,
						`<p>It arrives {{ event.arrives | fallback: "within a week" }}.</p>`,
					}, "\n"),
					Data: map[string]string{
						"preheader": `{{ event.item }} is on its way`,
						"button":    `<a href="{{ event.order }}">See your order</a>`,
						// For the copy to the shop's own desk: a link to its dashboard.
						"desk": `Payment {{ event.stripe_charge }}`,
					},
				},
			},
			{
				// The same in plain text, over a channel of the host's own that
				// it joins to the mail.
				ID: "confirmation-text", Channel: beckon.Custom("mail-text"), Status: beckon.Live, Trigger: paid,
				Frequency: beckon.EachTime(), ExemptFromCaps: true,
				Content: beckon.Content{
					Missing: beckon.MissingHold,
					Body: `Thank you, {{ user.name | fallback: "dear customer" }}.` + "\n" +
						`{{ event.item }}: {{ event.price }}, order {{ event.order }}.`,
				},
			},
		},
	}
}

// orders are bodies as the shop's backend posts them.
func orders() []string {
	return []string{
		// Amounts are in minor units: no float comes near the price.
		`{"event_name": "order-paid", "user_id": "c-77", "event_id": "order-18",
		  "metadata": {
		    "item": "Reading chair \"Oslo\"",
		    "order": {"url": "https://shop.example/orders/18?view=full&lang=en", "value": "TX-18"},
		    "price": {"amount": 134999, "currency": "eur"},
		    "paid_date": 1772442900,
		    "picture": "https://img.example/oslo.webp",
		    "stripe_charge": "ch_3PkT8e2eZvKYlo2C"}}`,
		// Values are data, never markup; a contact without a name has a fallback.
		`{"event_name": "order-paid", "user_id": "c-78", "event_id": "order-19",
		  "metadata": {
		    "item": "<img src=x onerror=alert(1)>",
		    "order": {"url": "https://shop.example/orders/19", "value": "</a><script>"},
		    "price": {"amount": 2500, "currency": "jpy"},
		    "paid_date": 1772442900,
		    "picture": "https://img.example/x.png",
		    "stripe_charge": "ch_3PkT8e2eZvKYlo2D",
		    "arrives": "on Friday"}}`,
		// No price: both are held, and the reason says so.
		`{"event_name": "order-paid", "user_id": "c-77", "event_id": "order-20",
		  "metadata": {"item": "Lamp", "order": {"url": "https://shop.example/orders/20", "value": "TX-20"}}}`,
		// A price in euros and cents is what many mean to send and is refused:
		// 19.5 cents do not exist.
		`{"event_name": "order-paid", "user_id": "c-77", "event_id": "order-21",
		  "metadata": {"item": "Lamp", "price": {"amount": 19.5, "currency": "eur"}}}`,
	}
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer) error {
	now := time.Date(2026, time.March, 2, 9, 15, 0, 0, time.UTC)
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		return err
	}
	if err := engine.Publish(ctx, program()); err != nil {
		return err
	}
	_, err = engine.Update(ctx, beckon.Contact{
		UserID: "c-77", Name: "Aoife O'Brien",
		Unsubscribed: []string{"email"}, // from news; a receipt is transactional
	})
	if err != nil {
		return err
	}
	for i, body := range orders() {
		now = now.Add(time.Minute)
		fmt.Fprintf(w, "order %d\n", i+1)
		res, err := engine.TrackJSON(ctx, strings.NewReader(body))
		if err != nil {
			var list beckon.ErrorList
			if !errors.As(err, &list) {
				return err // the store failed
			}
			for _, e := range list {
				fmt.Fprintf(w, "  refused: %s %s\n", e.Code, e.Field)
			}
			continue
		}
		show(w, res)
	}
	return nil
}

// show prints what the host hands to its mail server.
func show(w io.Writer, res beckon.Result) {
	for _, d := range res.Deliveries {
		fmt.Fprintf(w, "  %s to %s\n", d.Channel, d.Contact.UserID)
		if d.Subject != "" {
			fmt.Fprintf(w, "    subject:   %s\n", d.Subject)
		}
		names := make([]string, 0, len(d.Data))
		for name := range d.Data {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			fmt.Fprintf(w, "    %-10s %s\n", name+":", d.Data[name])
		}
		fmt.Fprintf(w, "    %s\n", strings.ReplaceAll(d.Body, "\n", "\n    "))
	}
	for _, h := range res.Held() {
		fmt.Fprintf(w, "  held %s: %s\n", h.Message, h.Reason)
	}
}
