package beckon_test

import (
	"context"
	"fmt"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// What has been tracked, for a composer's menu.
func ExampleEngine_Catalogue() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{})
	_, err := engine.Track(ctx, beckon.Event{Name: "Order Paid", UserID: "u1", Metadata: beckon.Fields{
		{Key: "order-number", Value: beckon.String("TX18")},
		{Key: "price", Value: beckon.Monetary(34999, "eur")},
	}})
	ok(err)
	list, err := engine.Catalogue(ctx)
	ok(err)
	for _, d := range list {
		fmt.Printf("%s (%s)\n", d.Label, d.Name)
		for _, k := range d.Keys {
			fmt.Println(" ", k.Label, k.Key, k.Types)
		}
	}
	// Output:
	// Order Paid (order paid)
	//   Order number order-number [string]
	//   Price price [monetary]
}

// A name can be described before it is tracked.
func ExampleEngine_Describe() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{})
	ok(engine.Describe(ctx, "order-paid", "Sent by the shop when the money is there"))
	list, err := engine.Catalogue(ctx)
	ok(err)
	fmt.Println(list[0].Name, "-", list[0].Description)
	// Output:
	// order-paid - Sent by the shop when the money is there
}

// An archived name is accepted, records nothing and triggers nothing.
func ExampleEngine_Archive() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "hello", Status: beckon.Live, Trigger: beckon.On("login"), Content: beckon.Content{Body: "Hello"},
	}}})
	login := beckon.Event{Name: "login", UserID: "u1"}
	ok(engine.Archive(ctx, "login"))
	show(engine.Track(ctx, login))
	ok(engine.Unarchive(ctx, "login"))
	show(engine.Track(ctx, login))
	// Output:
	// warning event_archived: event_name
	// send hello to u1: Hello
}

func ExampleEngine_Unarchive() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{})
	for _, edit := range []func(context.Context, string) error{engine.Archive, engine.Unarchive} {
		ok(edit(ctx, "login"))
		list, err := engine.Catalogue(ctx)
		ok(err)
		fmt.Println(list[0].Name, list[0].Archived)
	}
	// Output:
	// login true
	// login false
}

// Names that visitors have made up need not stay. The catalogue lists as many as it
// is told, drops those that nobody sees, and forgets one at once when it is asked to.
func ExampleEngine_ForgetEvent() {
	ctx := context.Background()
	engine, err := beckon.New(memstore.New(), beckon.WithCatalogueLimit(1000), beckon.WithNamesListedFor(30*24*time.Hour))
	ok(err)
	_, err = engine.Track(ctx, beckon.Event{Name: "asdf", UserID: "u1"})
	ok(err)
	for range 2 {
		list, err := engine.Catalogue(ctx)
		ok(err)
		fmt.Println(len(list))
		ok(engine.ForgetEvent(ctx, "asdf"))
	}
	// Output:
	// 1
	// 0
}
