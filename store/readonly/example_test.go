package readonly_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store/readonly"
)

func ExampleNew() {
	ctx, kept := context.Background(), memstore.New()
	live, _ := beckon.New(kept)
	_, _ = live.Track(ctx, beckon.Event{Name: "signed-up", UserID: "u1"})

	engine, _ := beckon.New(readonly.New(kept))
	events, _ := engine.RecentEvents(ctx, beckon.Identity{UserID: "u1"}, nil, 10)
	_, err := engine.Track(ctx, beckon.Event{Name: "signed-up", UserID: "u1"})
	fmt.Println(len(events), errors.Is(err, readonly.ErrReadOnly))
	// Output: 1 true
}
