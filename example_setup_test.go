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
	for range 2 {
		has, err := worker.HasOutbox(ctx)
		ok(err)
		fmt.Println(has)
		ok(web.Publish(ctx, beckon.Program{}))
	}
	// Output:
	// false
	// true
}
