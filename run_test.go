package beckon_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// plainStore hides what a store may offer beside the contract.
type plainStore struct{ beckon.Store }

// TestProgressTotal: a run says how many contacts there are if the store can.
func TestProgressTotal(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name  string
		store beckon.Store
		want  int64
	}{
		{"a store that can say", memstore.New(), 300},
		{"a store that cannot", plainStore{memstore.New()}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			engine, err := beckon.New(c.store, beckon.WithClock(func() time.Time { return modelStart }))
			if err != nil {
				t.Fatal(err)
			}
			if err := engine.Publish(ctx, beckon.Program{}); err != nil {
				t.Fatal(err)
			}
			for i := range 300 {
				if _, err := engine.Update(ctx, beckon.Contact{UserID: fmt.Sprint(i)}); err != nil {
					t.Fatal(err)
				}
			}
			var last beckon.Progress
			for _, err := range engine.Sweep(ctx, beckon.OnProgress(func(p beckon.Progress) { last = p })) {
				if err != nil {
					t.Fatal(err)
				}
			}
			if last.Done != 300 || last.Total != c.want || last.Cursor != "" {
				t.Errorf("at the end: %+v, want 300 done of %d", last, c.want)
			}
		})
	}
}
