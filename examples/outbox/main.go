// Command outbox sends receipts with workers, through crashes. The web process dies
// after it has decided, a worker dies after it has sent, and one address takes no mail
// at all.
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
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer) error {
	now := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	engine, err := beckon.New(memstore.New(), // a durable store where processes really die
		beckon.WithClock(func() time.Time { return now }),
		beckon.WithOutbox(), beckon.WithLease(30*time.Second))
	if err != nil {
		return err
	}
	if err := engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
		ID: "receipt", Channel: beckon.Email, Status: beckon.Live, Transactional: true,
		Trigger: beckon.On("order-paid"),
		Content: beckon.Content{Body: "Your order {{ event.order }}"},
	}}}); err != nil {
		return err
	}

	// The web process decides and dies: nobody reads the results.
	for i, address := range []string{"ada@example.com", "brian@example.com", "gone@example.com"} {
		if _, err := engine.Track(ctx, beckon.Event{Name: "order-paid", Email: address, Metadata: beckon.Fields{
			{Key: "order", Value: beckon.String(fmt.Sprintf("TX%d", 18+i))},
		}}); err != nil {
			return err
		}
	}

	gateway := &gateway{w: w, seen: map[string]bool{}}
	first := &worker{name: "first", engine: engine, gateway: gateway, dies: true}
	second := &worker{name: "second", engine: engine, gateway: gateway}
	for _, turn := range []*worker{first, first, second, second} {
		fmt.Fprintf(w, "%s  %s worker\n", now.Format("15:04:05"), turn.name)
		if err := turn.work(ctx, w); err != nil {
			return err
		}
		now = now.Add(30 * time.Second) // what is leased is free again
	}

	totals, err := engine.Totals(ctx, "receipt")
	if err != nil {
		return err
	}
	left := 0
	for _, err := range engine.Outbox(ctx) {
		if err != nil {
			return err
		}
		left++
	}
	fmt.Fprintf(w, "%d decided, %d given up, %d in the outbox\n", totals.Sent, totals.GivenUp, left)
	return nil
}

// A worker makes what is in the outbox. Any number of them may be at it.
type worker struct {
	name    string
	engine  *beckon.Engine
	gateway *gateway
	dies    bool // after its first delivery, before it can say so
}

func (k *worker) work(ctx context.Context, w io.Writer) error {
	for d, err := range k.engine.Pending(ctx) {
		if err != nil {
			return err
		}
		err = k.gateway.send(d)
		if k.dies {
			fmt.Fprintln(w, "          it dies")
			return nil
		}
		switch {
		case err == nil:
			err = k.engine.Acknowledge(ctx, d)
		case errors.Is(err, errRefused) || d.Attempt >= 5:
			fmt.Fprintf(w, "          %v: given up\n", err)
			err = k.engine.GiveUp(ctx, d)
		default:
			err = nil // it comes again when the lease has ended
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// A gateway takes mail, each once: it knows a repeat by the delivery's ID.
type gateway struct {
	w    io.Writer
	seen map[string]bool
}

var errRefused = errors.New("the address takes no mail")

func (g *gateway) send(d beckon.Delivery) error {
	switch {
	case d.Contact.Email == "gone@example.com":
		return errRefused
	case g.seen[d.ID]:
		fmt.Fprintf(g.w, "          attempt %d for %s: taken before\n", d.Attempt, d.Contact.Email)
		return nil
	}
	g.seen[d.ID] = true
	fmt.Fprintf(g.w, "          attempt %d for %s: %s\n", d.Attempt, d.Contact.Email, d.Body)
	return nil
}
