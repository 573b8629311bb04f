package sqlstore_test

import (
	"context"
	"errors"
	"testing"
	"unique"

	"github.com/beckon-go/beckon"
)

// decide is a decision written as a function.
type decide func(*beckon.Record, *beckon.Changes) error

func (d decide) Decide(r *beckon.Record, c *beckon.Changes) error { return d(r, c) }

// add counts in LastSeen of a record.
func add(ctx context.Context, s beckon.Store, key beckon.Key) error {
	steps := []beckon.Step{{Key: key, Decider: decide(func(r *beckon.Record, c *beckon.Changes) error {
		c.LastSeen = r.LastSeen + 1
		return nil
	})}}
	return errors.Join(s.Step(ctx, steps), steps[0].Err)
}

// seen returns LastSeen of a record.
func seen(t testing.TB, s beckon.Store, key beckon.Key) (n int64) {
	t.Helper()
	if err := s.Read(t.Context(), []beckon.Key{key}, func(r *beckon.Record) error { n = r.LastSeen; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func name1(s string) unique.Handle[string] { return unique.Make(s) }

func user(id string) beckon.Key { return beckon.Key{Kind: beckon.KindUser, ID: id} }
