package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/beckon-go/beckon"
)

// A send that could not be made is given back: the once-a-day message can go
// out after all.
func ExampleEngine_Release() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "hello", Channel: beckon.Push, Status: beckon.Live, Trigger: beckon.On("login"),
		Frequency: &beckon.Frequency{Every: beckon.Days(1)}, Content: beckon.Content{Body: "Hello"},
	}}})
	login := beckon.Event{Name: "login", UserID: "u1"}
	res, err := engine.Track(ctx, login)
	ok(err)
	d := res.Deliveries[0]
	fmt.Println("the gateway refuses number", d.Sequence)
	ok(engine.Release(ctx, d))
	fmt.Println(errors.Is(engine.Release(ctx, d), beckon.ErrDeliveryUnknown)) // once only

	res, err = engine.Track(ctx, login)
	ok(err)
	fmt.Println("again number", res.Deliveries[0].Sequence)
	// Output:
	// the gateway refuses number 1
	// true
	// again number 1
}

// Without the delivery at hand, the latest send of a message.
func ExampleEngine_ReleaseLatest() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "hello", Status: beckon.Live, Trigger: beckon.On("login"),
		Frequency: &beckon.Frequency{Every: beckon.Days(1)}, Content: beckon.Content{Body: "Hello"},
	}}})
	login := beckon.Event{Name: "login", UserID: "u1"}
	show(engine.Track(ctx, login))
	ok(engine.ReleaseLatest(ctx, user("u1"), "hello"))
	show(engine.Track(ctx, login))
	// Output:
	// send hello to u1: Hello
	// send hello to u1: Hello
}

// With the outbox a delivery is pending until the host says what became of it:
// what a crash kept from the caller goes to a worker when the lease has ended.
func ExampleEngine_Pending() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "receipt", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("order-paid"),
		Content: beckon.Content{Body: "Your order {{ event.order }}"},
	}}}, beckon.WithOutbox(), beckon.WithLease(30*time.Second))
	_, err := engine.Track(ctx, beckon.Event{
		Name: "order-paid", UserID: "u1", Metadata: beckon.Fields{{Key: "order", Value: beckon.String("TX18")}},
	})
	ok(err) // and here the process dies, with the result unread

	for range 3 {
		n := 0
		for d, err := range engine.Pending(ctx) {
			ok(err)
			fmt.Println("attempt", d.Attempt, "at", d.Message, d.Body)
			ok(engine.Acknowledge(ctx, d)) // it was sent; to do so twice is safe
			n++
		}
		fmt.Println(now.Format("15:04:05"), n)
		now = now.Add(30 * time.Second)
	}
	// Output:
	// 09:00:00 0
	// attempt 2 at receipt Your order TX18
	// 09:00:30 1
	// 09:01:00 0
}

// A delivery that cannot be made, again and again, is given up: it leaves the
// outbox, and its send stays counted.
func ExampleEngine_GiveUp() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "receipt", Status: beckon.Live, Trigger: beckon.On("order-paid"), Content: beckon.Content{Body: "Thank you"},
	}}}, beckon.WithOutbox())
	_, err := engine.Track(ctx, beckon.Event{Name: "order-paid", UserID: "u1"})
	ok(err)
	for range 5 {
		now = now.Add(beckon.LeaseFor)
		for d, err := range engine.Pending(ctx) {
			ok(err)
			if d.Attempt > 3 {
				fmt.Println("given up")
				ok(engine.GiveUp(ctx, d))
				continue
			}
			fmt.Println("the gateway does not answer attempt", d.Attempt) // nothing is said: it comes again
		}
	}
	totals, err := engine.Totals(ctx, "receipt")
	ok(err)
	fmt.Println(totals.Sent, "sent,", totals.GivenUp, "of them given up")
	// Output:
	// the gateway does not answer attempt 2
	// the gateway does not answer attempt 3
	// given up
	// 1 sent, 1 of them given up
}

// A dashboard looks without leasing. Of a contact with a full outbox no
// further message is decided until a worker has caught up.
func ExampleEngine_Outbox() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "hello", Status: beckon.Live, Trigger: beckon.On("login"),
		Frequency: &beckon.Frequency{Every: beckon.Seconds(0)}, Content: beckon.Content{Body: "Hello"},
	}}}, beckon.WithOutbox(), beckon.WithPendingLimit(2))
	for range 3 {
		show(engine.Track(ctx, beckon.Event{Name: "login", UserID: "u1"}))
	}
	for d, err := range engine.Outbox(ctx) {
		ok(err)
		fmt.Println("waiting:", d.Message, d.Sequence)
	}
	// Output:
	// send hello to u1: Hello
	// send hello to u1: Hello
	// hold hello: outbox_full
	// waiting: hello 1
	// waiting: hello 2
}

func ExampleEngine_Acknowledge() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "receipt", Status: beckon.Live, Trigger: beckon.On("order-paid"), Content: beckon.Content{Body: "Thank you"},
	}}}, beckon.WithOutbox())
	res, err := engine.Track(ctx, beckon.Event{Name: "order-paid", UserID: "u1", EventID: "order-18"})
	ok(err)

	// The client repeats a request whose answer it has not seen: what is still
	// pending is returned again, under the same id.
	again, err := engine.Track(ctx, beckon.Event{Name: "order-paid", UserID: "u1", EventID: "order-18"})
	ok(err)
	fmt.Println(again.Duplicate, again.Deliveries[0].ID == res.Deliveries[0].ID)

	ok(engine.Acknowledge(ctx, res.Deliveries...))
	again, err = engine.Track(ctx, beckon.Event{Name: "order-paid", UserID: "u1", EventID: "order-18"})
	ok(err)
	fmt.Println(again.Duplicate, len(again.Deliveries))
	// Output:
	// true true
	// true 0
}
