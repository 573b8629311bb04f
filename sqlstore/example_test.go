package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
)

// What was sent is known after a restart.
func ExampleOpenSQLite() {
	dir, err := os.MkdirTemp("", "beckon")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "beckon.db")
	for range 2 { // two runs of a program
		if err := run(context.Background(), path); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// sent: welcome
	// held: welcome throttled
}

func run(ctx context.Context, path string) (err error) {
	store, err := sqlstore.OpenSQLite(ctx, path, sqlstore.WithNamespace("shop"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	engine, err := beckon.New(store)
	if err != nil {
		return err
	}
	program := beckon.Program{Messages: []beckon.Message{{
		ID: "welcome", Status: beckon.Live, Trigger: beckon.On("signed-up"), Content: beckon.Content{Body: "Welcome"},
	}}}
	if err := engine.Publish(ctx, program); err != nil {
		return err
	}
	res, err := engine.Track(ctx, beckon.Event{Name: "signed-up", UserID: "u1"})
	if err != nil {
		return err
	}
	for _, d := range res.Deliveries {
		fmt.Println("sent:", d.Message)
	}
	for _, h := range res.Held() {
		fmt.Println("held:", h.Message, h.Reason)
	}
	return nil
}
