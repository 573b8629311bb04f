package memstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// The store is an argument in sight: this one forgets when the process ends.
func ExampleNew() {
	ctx := context.Background()
	store := memstore.New()
	engine, err := beckon.New(store)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := engine.Track(ctx, beckon.Event{Name: "login", UserID: "u1"}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(store.Len()) // the contact, the definition of the event, and what is true of the store

	if err := store.Close(); err != nil {
		log.Fatal(err)
	}
	_, err = engine.Track(ctx, beckon.Event{Name: "login", UserID: "u1"})
	fmt.Println(errors.Is(err, beckon.ErrClosed))
	// Output:
	// 3
	// true
}

// A full store refuses newcomers and evicts nobody: a record may hold a cap.
func ExampleWithMaxRecords() {
	ctx := context.Background()
	engine, err := beckon.New(memstore.New(memstore.WithMaxRecords(2)))
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range []string{"u1", "u2", "u1"} {
		_, err := engine.Track(ctx, beckon.Event{Name: "login", UserID: id})
		fmt.Println(id, errors.Is(err, memstore.ErrFull))
	}
	// Output:
	// u1 false
	// u2 true
	// u1 false
}

func ExampleWithMaxTotals() {
	ctx := context.Background()
	engine, err := beckon.New(memstore.New(memstore.WithMaxTotals(1)))
	if err != nil {
		log.Fatal(err)
	}
	program := beckon.Program{}
	for _, id := range []string{"hello", "welcome"} {
		program.Messages = append(program.Messages, beckon.Message{
			ID: id, Status: beckon.Live, Trigger: beckon.On(id), Content: beckon.Content{Body: "Hi"},
		})
	}
	if err := engine.Publish(ctx, program); err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"hello", "welcome"} {
		_, err := engine.Track(ctx, beckon.Event{Name: name, UserID: "u1"})
		fmt.Println(name, errors.Is(err, memstore.ErrFull))
	}
	// Output:
	// hello false
	// welcome true
}

// A snapshot is the same for the same contents, and shows that what was
// deleted is gone.
func ExampleStore_Snapshot() {
	ctx := context.Background()
	store := memstore.New()
	engine, err := beckon.New(store)
	if err != nil {
		log.Fatal(err)
	}
	ada := beckon.Identity{Email: "ada@example.com"}
	if _, err := engine.Update(ctx, beckon.Contact{Email: ada.Email}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(bytes.Contains(store.Snapshot(), []byte("ada@example.com")))
	if err := engine.Delete(ctx, ada); err != nil {
		log.Fatal(err)
	}
	fmt.Println(bytes.Contains(store.Snapshot(), []byte("ada@example.com")))
	// Output:
	// true
	// false
}
