package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// The whole way: an engine over a store, a program, an event, an answer.
func Example() {
	ctx := context.Background()
	engine, err := beckon.New(memstore.New())
	if err != nil {
		log.Fatal(err)
	}
	err = engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
		ID: "upload-ready", Channel: beckon.Banner, Status: beckon.Live,
		Trigger:   beckon.On("upload-complete"),
		Frequency: &beckon.Frequency{Every: beckon.Hours(1)},
		Content:   beckon.Content{Body: "{{ event.file_name }} is ready"},
	}}})
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"cat.mp4", "dog.mp4"} {
		res, err := engine.Track(ctx, beckon.Event{
			Name: "upload-complete", UserID: "u1",
			Metadata: beckon.Fields{{Key: "file_name", Value: beckon.String(name)}},
		})
		if err != nil {
			log.Fatal(err)
		}
		for _, d := range res.Deliveries {
			fmt.Printf("send %s by %s: %s\n", d.Message, d.Channel, d.Body)
		}
		for _, h := range res.Held() {
			fmt.Printf("hold %s: %s\n", h.Message, h.Reason)
		}
	}
	// Output:
	// send upload-ready by banner: cat.mp4 is ready
	// hold upload-ready: throttled
}

// The options are checked by New, all of them.
func ExampleNew() {
	_, err := beckon.New(memstore.New(), beckon.WithEventNamesLimit(-1), beckon.WithClock(nil))
	fmt.Println(err)
	// Output:
	// beckon: WithEventNamesLimit: -1 is negative
	// beckon: WithClock: the clock is nil
}

// running returns the later examples an engine over a store in memory that has
// published a program and whose clock is *now.
func running(now *time.Time, program beckon.Program, opts ...beckon.Option) *beckon.Engine {
	engine, err := beckon.New(memstore.New(), append(opts, beckon.WithClock(func() time.Time { return *now }))...)
	ok(err)
	ok(engine.Publish(context.Background(), program))
	return engine
}

// monday is the instant at which the later examples begin.
func monday() time.Time { return time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC) }

// ok ends an example that has met an error.
func ok(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// show prints what a call decided.
func show(res beckon.Result, err error) {
	var list beckon.ErrorList
	if errors.As(err, &list) {
		for _, e := range list {
			fmt.Println("error", e.Code, e.Field)
		}
		return
	}
	ok(err)
	for _, d := range res.Deliveries {
		fmt.Printf("send %s to %s: %s\n", d.Message, d.Contact.UserID, d.Body)
	}
	for _, h := range res.Held() {
		fmt.Printf("hold %s: %s\n", h.Message, h.Reason)
	}
	for _, w := range res.Warnings {
		fmt.Printf("warning %s: %s\n", w.Code, w.Field)
	}
}

// user names a contact by user_id.
func user(id string) beckon.Identity { return beckon.Identity{UserID: id} }
