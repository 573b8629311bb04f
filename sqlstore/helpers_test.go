package sqlstore_test

import (
	"context"
	"errors"
	"testing"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// decide is a decision written as a function.
type decide func(*store.Record, *store.Changes) error

func (d decide) Decide(r *store.Record, c *store.Changes) error { return d(r, c) }

// add counts in LastSeen of a record.
func add(ctx context.Context, s beckon.Store, key store.Key) error {
	steps := []store.Step{{Key: key, Decider: decide(func(r *store.Record, c *store.Changes) error {
		c.LastSeen = r.LastSeen + 1
		return nil
	})}}
	return errors.Join(s.Step(ctx, steps), steps[0].Err)
}

// seen returns LastSeen of a record.
func seen(t testing.TB, s beckon.Store, key store.Key) (n int64) {
	t.Helper()
	if err := s.Read(t.Context(), []store.Key{key}, func(r *store.Record) error { n = r.LastSeen; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func name1(s string) unique.Handle[string] { return unique.Make(s) }

func user(id string) store.Key { return store.Key{Kind: store.KindUser, ID: id} }
