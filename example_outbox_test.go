package beckon_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/beckon-go/beckon"
)

// A send that could not be made is given back: the once-a-day message can go
// out after all.
func ExampleEngine_Release() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "hello", Channel: beckon.Push, Status: beckon.Live, Trigger: beckon.On("login"),
		Frequency: &beckon.Frequency{Every: beckon.Day}, Content: beckon.Content{Body: "Hello"},
	}}})
	login := beckon.Event{Name: "login", UserID: "u1"}
	res, err := engine.Track(ctx, login)
	ok(err)
	d := res.Deliveries[0]
	fmt.Println("the gateway refuses number", d.Sequence)
	ok(engine.Release(ctx, d.Contact, d.ID))
	fmt.Println(errors.Is(engine.Release(ctx, d.Contact, d.ID), beckon.ErrDeliveryUnknown)) // once only

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
		Frequency: &beckon.Frequency{Every: beckon.Day}, Content: beckon.Content{Body: "Hello"},
	}}})
	login := beckon.Event{Name: "login", UserID: "u1"}
	show(engine.Track(ctx, login))
	ok(engine.ReleaseLatest(ctx, user("u1"), "hello"))
	show(engine.Track(ctx, login))
	// Output:
	// send hello to u1: Hello
	// send hello to u1: Hello
}

// With the outbox a delivery is pending until it is acknowledged: what a crash
// kept from the caller is found again.
func ExampleEngine_Pending() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "receipt", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("order-paid"),
		Content: beckon.Content{Body: "Your order {{ event.order }}"},
	}}}, beckon.WithOutbox())
	_, err := engine.Track(ctx, beckon.Event{
		Name: "order-paid", UserID: "u1", Metadata: beckon.Fields{{Key: "order", Value: beckon.String("TX18")}},
	})
	ok(err) // and here the process dies, with the result unread

	for range 2 {
		n := 0
		for d, err := range engine.Pending(ctx) {
			ok(err)
			fmt.Println("pending:", d.Message, d.Body)
			ok(engine.Acknowledge(ctx, d)) // it was sent; to do so twice is safe
			n++
		}
		fmt.Println(n)
	}
	// Output:
	// pending: receipt Your order TX18
	// 1
	// 0
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
