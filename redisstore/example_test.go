package redisstore_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/redis/go-redis/v9"
)

// Two engines, as in two processes, share one cap. (A test runs the same with a
// server of its own and checks what it prints: one sends, one holds.)
func Example() {
	var out strings.Builder
	if err := shareCap(context.Background(), "redis://127.0.0.1:6379", "shop", &out); err != nil {
		fmt.Println(err)
	}
	fmt.Print(out.String())
}

func shareCap(ctx context.Context, url, namespace string, out *strings.Builder) error {
	options, err := redis.ParseURL(url)
	if err != nil {
		return err
	}
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()

	for _, process := range []string{"first", "second"} {
		store, err := redisstore.New(ctx, client, redisstore.WithNamespace(namespace))
		if err != nil {
			return err // such as a server that may evict: redisstore.ErrEviction
		}
		engine, err := beckon.New(store)
		if err != nil {
			return err
		}
		err = engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
			ID: "cart", Channel: beckon.Banner, Status: beckon.Live,
			Trigger:   beckon.On("cart-left"),
			Frequency: &beckon.Frequency{Every: beckon.Days(1)},
			Content:   beckon.Content{Body: "Still thinking?"},
		}}})
		if err != nil {
			return err
		}
		res, err := engine.Track(ctx, beckon.Event{Name: "cart-left", UserID: "u1"})
		if err != nil {
			return err
		}
		for _, d := range res.Deliveries {
			fmt.Fprintf(out, "%s: send %s: %s\n", process, d.Message, d.Body)
		}
		for _, h := range res.Held() {
			fmt.Fprintf(out, "%s: hold %s: %s\n", process, h.Message, h.Reason)
		}
	}
	return nil
}
