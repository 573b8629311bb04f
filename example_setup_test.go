package beckon_test

import (
	"context"
	"fmt"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// A store keeps that one of its engines has an outbox.
func ExampleEngine_HasOutbox() {
	ctx, store := context.Background(), memstore.New()
	web, err := beckon.New(store, beckon.WithWorkers())
	ok(err)
	worker, err := beckon.New(store)
	ok(err)
	fmt.Println("a lease of", worker.Lease())
	for range 2 {
		has, err := worker.HasOutbox(ctx)
		ok(err)
		fmt.Println(has)
		ok(web.Publish(ctx, beckon.Program{}))
	}
	// Output:
	// a lease of 1m0s
	// false
	// true
}

// A delivery that SendTo made is of no message of the program.
func ExampleEngine_IsComposed() {
	ctx := context.Background()
	engine, err := beckon.New(memstore.New())
	ok(err)
	ok(engine.Publish(ctx, beckon.Program{}))
	_, err = engine.Update(ctx, beckon.Contact{UserID: "u1"})
	ok(err)
	res, err := engine.SendTo(ctx, beckon.Identity{UserID: "u1"}, beckon.Message{ID: "note-1", Channel: beckon.Push, Content: beckon.Content{Body: "Hello"}})
	ok(err)
	fmt.Println(engine.IsComposed(res.Deliveries[0]))
	// Output: true
}

// A channel of the host's own needs a name.
func ExampleKnownChannel() {
	fmt.Println(beckon.KnownChannel(beckon.Email), beckon.KnownChannel(beckon.Custom("pager")), beckon.KnownChannel("custom:"), beckon.KnownChannel("e-mail"))
	// Output: true true false false
}
