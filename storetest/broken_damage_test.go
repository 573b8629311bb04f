package storetest

import (
	"context"
	"errors"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A clumsy is a store that does not get on with what is damaged in it.
type clumsy struct {
	*FaultStore
	step   func(s *FaultStore, ctx context.Context, steps []store.Step) error
	scan   func(s *FaultStore, ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error)
	read   func(s *FaultStore, ctx context.Context, keys []store.Key, fn func(*store.Record) error) error
	events func(s *FaultStore, ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error)
}

func (c clumsy) Step(ctx context.Context, steps []store.Step) error {
	if c.step == nil {
		return c.FaultStore.Step(ctx, steps)
	}
	return c.step(c.FaultStore, ctx, steps)
}

func (c clumsy) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	if c.scan == nil {
		return c.FaultStore.Scan(ctx, q, after, limit, fn)
	}
	return c.scan(c.FaultStore, ctx, q, after, limit, fn)
}

func (c clumsy) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	if c.read == nil {
		return c.FaultStore.Read(ctx, keys, fn)
	}
	return c.read(c.FaultStore, ctx, keys, fn)
}

func (c clumsy) Events(ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
	if c.events == nil {
		return c.FaultStore.Events(ctx, key, before, limit)
	}
	return c.events(c.FaultStore, ctx, key, before, limit)
}

// A hasty is a store that counts what it scans, those that lead elsewhere and those that
// are moving too.
type hasty struct{ *FaultStore }

func (h hasty) CountFilter(ctx context.Context, q store.Query) (n int64, exact bool, err error) {
	_, err = h.Scan(ctx, store.Query{Kinds: q.Kinds}, "", 1000, func(r *store.Record) error {
		if q.Filter.Holds(r) {
			n++
		}
		return nil
	})
	return n, true, err
}

// A bold is a store whose walk leaves out the first record.
type bold struct{ *FaultStore }

func (b bold) Walk(ctx context.Context, q store.Query, fn func(*store.Record) error) error {
	n := 0
	_, err := b.Scan(ctx, q, "", 1000, func(r *store.Record) error {
		if n++; n == 1 {
			return nil
		}
		return fn(r)
	})
	return err
}

func brokenDamages() []broken {
	of := func(c clumsy) func(*FaultStore) beckon.Store {
		return func(s *FaultStore) beckon.Store { c.FaultStore = s; return c }
	}
	// deaf has deciders that know nothing of damage.
	deaf := func(steps []store.Step) []store.Step {
		out := make([]store.Step, len(steps))
		for i, s := range steps {
			out[i] = store.Step{Key: s.Key, Decider: decide(s.Decider.Decide)}
		}
		return out
	}
	return []broken{
		{name: "counts what is moving", by: "filter/counts", over: func(s *FaultStore) beckon.Store { return hasty{s} }},
		{name: "a walk misses one", by: "scan/kinds", over: func(s *FaultStore) beckon.Store { return bold{s} }},
		{name: "a walk with a filter misses one", by: "filter/nothing that it holds for is left out", over: func(s *FaultStore) beckon.Store { return bold{s} }},
		{name: "a scan ends with what is damaged", by: "damaged/passed by", over: of(clumsy{
			scan: func(s *FaultStore, ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
				q.Damaged = nil
				return s.Scan(ctx, q, after, limit, fn)
			},
		})},
		{name: "a scan says nothing of what is damaged", by: "damaged/passed by", over: of(clumsy{
			scan: func(s *FaultStore, ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
				q.Damaged = func(store.Key, error) {}
				return s.Scan(ctx, q, after, limit, fn)
			},
		})},
		{name: "what is damaged is everybody's error", by: "damaged/nobody else's error", over: of(clumsy{
			step: func(s *FaultStore, ctx context.Context, steps []store.Step) error {
				err := s.Step(ctx, steps)
				for i := range steps {
					err = errors.Join(err, steps[i].Err)
				}
				for i := range steps {
					steps[i].Err = err
				}
				return nil
			},
		})},
		{name: "what is damaged is empty", by: "damaged/nobody else's error", over: of(clumsy{
			read: func(s *FaultStore, ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
				for _, key := range keys {
					if s.Read(ctx, []store.Key{key}, fn) != nil {
						_ = fn(&store.Record{Key: key})
					}
				}
				return nil
			},
		})},
		{name: "what is damaged stays", by: "damaged/deleted", over: of(clumsy{
			step: func(s *FaultStore, ctx context.Context, steps []store.Step) error {
				inner := deaf(steps)
				err := s.Step(ctx, inner)
				for i := range steps {
					steps[i].Err = inner[i].Err
				}
				return err
			},
		})},
		{name: "what is damaged cannot be replaced", by: "damaged/replaced", over: of(clumsy{
			step: func(s *FaultStore, ctx context.Context, steps []store.Step) error {
				inner := deaf(steps)
				err := s.Step(ctx, inner)
				for i := range steps {
					steps[i].Err = inner[i].Err
				}
				return err
			},
		})},
		{name: "looks at no key", by: "damaged/moved under another key", over: of(clumsy{
			read: func(s *FaultStore, ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
				_ = s.Read(ctx, keys, fn)
				return nil
			},
		})},
		{name: "a damaged event ends the log", by: "damaged/event", over: of(clumsy{
			events: func(s *FaultStore, ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
				list, _ := s.Events(ctx, key, before, limit)
				return list, nil
			},
		})},
	}
}
