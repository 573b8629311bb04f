package beckon_test

import (
	"context"
	"fmt"
	"time"

	"github.com/beckon-go/beckon"
)

// A worker that sends mail leaves alone what the page shows.
func ExampleChannels() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{
		{ID: "receipt", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("order-paid"), Content: beckon.Content{Body: "Thank you"}},
		{ID: "thanks", Channel: beckon.Banner, Status: beckon.Live, Trigger: beckon.On("order-paid"), Content: beckon.Content{Body: "Paid!"}},
	}}, beckon.WithOutbox())
	_, err := engine.Track(ctx, beckon.Event{Name: "order-paid", UserID: "u1"})
	ok(err)
	now = now.Add(time.Minute)
	for d, err := range engine.Pending(ctx, beckon.Channels(beckon.Email, beckon.SMS)) {
		ok(err)
		fmt.Println("mailed:", d.Message)
		ok(engine.Acknowledge(ctx, d))
	}
	for d, err := range engine.Outbox(ctx) {
		ok(err)
		fmt.Println("still there:", d.Message)
	}
	// Output:
	// mailed: receipt
	// still there: thanks
}
