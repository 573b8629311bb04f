package redisstore_test

import (
	"context"
	"testing"

	"github.com/beckon-go/beckon/store"
)

// A decision to delete what is not there is committed by a script that has
// nothing to carry out, and leaves nothing.
func TestDeleteOfNothing(t *testing.T) {
	client := single(t)
	s := open(t, client)
	ctx := context.Background()
	if err := step(ctx, s, user("nobody"), func(_ *store.Record, c *store.Changes) error {
		c.Delete = true
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	err := s.Read(ctx, []store.Key{user("nobody")}, func(r *store.Record) error {
		if r.Exists {
			t.Errorf("there is a record: %+v", r)
		}
		return nil
	})
	if err != nil {
		t.Errorf("what was never there cannot be read: %v", err)
	}
}
