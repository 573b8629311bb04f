package beckonwork_test

import (
	"context"
	"fmt"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
	"github.com/beckon-go/beckon/memstore"
)

// A worker sends mail: what an event led to, and what a sweep finds.
func Example() {
	ctx, end := context.WithTimeout(context.Background(), time.Minute)
	defer end()
	engine, err := beckon.New(memstore.New(), beckon.WithWorkers())
	ok(err)
	ok(engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
		ID: "receipt", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("order-paid"),
		Content: beckon.Content{Subject: "Thank you", Body: "We got {{ event.total }}"},
	}}}))
	_, err = engine.Track(ctx, beckon.Event{Name: "order-paid", Email: "ada@example.com", Metadata: beckon.Fields{beckon.F("total", beckon.Monetary(1999, "EUR"))}})
	ok(err)

	tries := 0
	mail := beckonwork.SenderFunc(func(_ context.Context, d beckon.Delivery) error {
		if tries++; tries == 1 {
			return beckonwork.Later(time.Now(), fmt.Errorf("greylisted"))
		}
		fmt.Printf("to %s: %s. %s.\n", d.Contact.Email, d.Subject, d.Body)
		return nil
	})
	worker, err := beckonwork.New(engine, beckonwork.Send(beckon.Email, mail), beckonwork.WithObserver(func(o beckonwork.Outcome) {
		fmt.Println(o.Result)
		if o.Result == beckonwork.Made {
			end() // a program that goes on would not
		}
	}))
	ok(err)
	ok(worker.Run(ctx))
	// Output:
	// postponed
	// to ada@example.com: Thank you. We got 19.99 EUR.
	// made
}

func ok(err error) {
	if err != nil {
		panic(err)
	}
}
