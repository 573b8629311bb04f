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

// A provider does not answer, and is tried again in a minute; another has a limit, which is
// no fault of the delivery. What takes long is kept for as long.
func ExampleEngine_Retry() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "receipt", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("order-paid"), Content: beckon.Content{Body: "Thank you"},
	}}}, beckon.WithOutbox())
	_, err := engine.Track(ctx, beckon.Event{Name: "order-paid", UserID: "u1"})
	ok(err)
	now = now.Add(time.Minute)
	for _, provider := range []string{"does not answer", "takes no more now", "is slow"} {
		for d, err := range engine.Pending(ctx) {
			ok(err)
			fmt.Println("attempt", d.Attempt, "try", d.Tries(), "at", now.Format("15:04")+":", "the provider", provider)
			switch provider {
			case "does not answer":
				ok(engine.Retry(ctx, d, now.Add(5*time.Minute)))
			case "takes no more now":
				ok(engine.Postpone(ctx, d, now.Add(5*time.Minute)))
			default:
				ok(engine.Extend(ctx, d, now.Add(10*time.Minute)))
				now = now.Add(9 * time.Minute)
				ok(engine.Acknowledge(ctx, d))
			}
		}
		now = now.Add(5 * time.Minute)
	}
	// Output:
	// attempt 2 try 2 at 09:01: the provider does not answer
	// attempt 3 try 3 at 09:06: the provider takes no more now
	// attempt 4 try 3 at 09:11: the provider is slow
}

// Mail is left to the workers, who have it at once; what the page shows is shown here.
func ExampleWithWorkers() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{
		{ID: "receipt", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("order-paid"), Content: beckon.Content{Body: "Thank you"}},
		{ID: "thanks", Channel: beckon.Banner, Status: beckon.Live, Trigger: beckon.On("order-paid"), Content: beckon.Content{Body: "Paid!"}},
	}}, beckon.WithWorkers())
	res, err := engine.Track(ctx, beckon.Event{Name: "order-paid", UserID: "u1"})
	ok(err)
	for _, d := range res.Deliveries {
		if d.IsQueued() {
			fmt.Println("left to the workers:", d.Message)
			continue
		}
		fmt.Println("shown:", d.Message)
		ok(engine.Acknowledge(ctx, d))
	}
	for d, err := range engine.Pending(ctx) {
		ok(err)
		fmt.Println("mailed:", d.Message, "at try", d.Tries())
		ok(engine.Acknowledge(ctx, d))
	}
	// Output:
	// left to the workers: receipt
	// shown: thanks
	// mailed: receipt at try 1
}

// A mailbox was full, another does not exist. When there is room again, the first delivery
// is sent after all.
func ExampleEngine_DeadLetters() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "receipt", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("order-paid"), Content: beckon.Content{Body: "Thank you"},
	}}}, beckon.WithWorkers(), beckon.WithDeadLettersLimit(100))
	for _, who := range []string{"u1", "u2"} {
		_, err := engine.Track(ctx, beckon.Event{Name: "order-paid", UserID: who})
		ok(err)
	}
	reasons := map[string]string{"u1": "mailbox full", "u2": "no such mailbox"}
	for d, err := range engine.Pending(ctx) {
		ok(err)
		ok(engine.GiveUp(ctx, d, reasons[d.Contact.UserID]))
	}
	for x, err := range engine.DeadLetters(ctx) {
		ok(err)
		fmt.Println(x.Delivery.Contact.UserID, "after", x.Delivery.Tries(), "try:", x.Reason)
		if x.Reason == "mailbox full" {
			ok(engine.Replay(ctx, x.Delivery))
		} else {
			ok(engine.Discard(ctx, x.Delivery))
		}
	}
	for d, err := range engine.Pending(ctx) {
		ok(err)
		fmt.Println(d.Contact.UserID, "again, try", d.Tries())
		ok(engine.Acknowledge(ctx, d))
	}
	// Output:
	// u1 after 1 try: mailbox full
	// u2 after 1 try: no such mailbox
	// u1 again, try 2
}
