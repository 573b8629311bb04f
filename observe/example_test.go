package observe_test

import (
	"context"
	"fmt"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/observe"
)

// An observer that counts what was held, by message and reason.
func Example() {
	ctx := context.Background()
	held := make(map[string]int)
	engine, err := beckon.New(memstore.New(), beckon.WithObserver(observe.Observer{
		Decided: func(_ context.Context, d observe.Decision) {
			if !d.Sent {
				held[d.Message+" "+string(d.Reason)]++
			}
		},
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
		ID: "welcome", Status: beckon.Live, Trigger: beckon.On("login"), Frequency: beckon.Once(), Content: beckon.Content{Body: "Welcome"},
	}}}); err != nil {
		fmt.Println(err)
		return
	}
	for range 3 {
		if _, err := engine.Track(ctx, beckon.Event{Name: "login", UserID: "u1"}); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println(held)
	// Output:
	// map[welcome max_reached:2]
}

func ExampleNames() {
	names := observe.Names{Max: 2}
	for _, id := range []string{"welcome", "receipt", "news", "welcome"} {
		fmt.Println(names.Of(id))
	}
	// Output:
	// welcome
	// receipt
	// other
	// welcome
}
