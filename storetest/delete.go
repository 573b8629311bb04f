package storetest

import (
	"github.com/beckon-go/beckon/store"
)

// deleteCases are about records that go (C4).
func deleteCases() []testCase {
	return []testCase{
		{name: "delete/nothing stays", run: deleteAll},
		{name: "delete/begins anew", run: deleteAnew},
	}
}

func deleteAll(e *env) {
	key, other := user("u"), user("other")
	e.step(other, always(func(c *store.Changes) { changeAll(c, 5) }))
	before := e.read(other)
	e.step(key, always(func(c *store.Changes) { changeAll(c, 7) }))
	for _, q := range queries() {
		if got := e.scan(q, 10); len(got) != 2 {
			e.Errorf("%+v finds %v, want both", q, keys(got))
		}
	}
	e.remove(key)
	if got, want := e.read(key), (&store.Record{Key: key}); !same(got, want) {
		e.Errorf("after its removal the record is %+v", got)
	}
	if got := e.events(key, store.EventCursor{}, 10); len(got) != 0 {
		e.Errorf("%d events stayed", len(got))
	}
	for _, q := range queries() {
		if got := keys(e.scan(q, 10)); len(got) != 1 || got[0] != other {
			e.Errorf("%+v finds %v, want only the record that stayed", q, got)
		}
	}
	if got := e.read(other); !same(got, before) || len(e.events(other, store.EventCursor{}, 10)) != 1 {
		e.Errorf("another record was touched: %+v", got)
	}
}

// The same key begins again, also within one call.
func deleteAnew(e *env) {
	key := user("u")
	write := always(func(c *store.Changes) { changeAll(c, 7) })
	gone := always(func(c *store.Changes) { c.Delete = true })
	var seen *store.Record
	steps := []store.Step{
		{Key: key, Decider: write},
		{Key: key, Decider: gone},
		{Key: key, Decider: gone},
		{Key: key, Decider: decide(func(r *store.Record, c *store.Changes) error {
			seen = clone(r)
			c.LastSeen = 3
			return nil
		})},
	}
	if err := e.store.Step(e.ctx, steps); err != nil {
		e.Fatalf("Step: %v", err)
	}
	for i, s := range steps {
		if s.Err != nil {
			e.Errorf("step %d: %v", i, s.Err)
		}
	}
	if want := (&store.Record{Key: key}); seen == nil || !same(seen, want) {
		e.Errorf("the step after the removal saw %+v", seen)
	}
	if got, want := e.read(key), (&store.Record{Key: key, Exists: true, LastSeen: 3}); !same(got, want) {
		e.Errorf("the new record is %+v, want %+v", got, want)
	}
	if got := e.events(key, store.EventCursor{}, 10); len(got) != 0 {
		e.Errorf("it has %d events of the old one", len(got))
	}
}
