package storetest

import (
	"context"
	"errors"

	"github.com/beckon-go/beckon"
)

// A clumsy is a store that does not get on with what is damaged in it.
type clumsy struct {
	*FaultStore
	step   func(s *FaultStore, ctx context.Context, steps []beckon.Step) error
	scan   func(s *FaultStore, ctx context.Context, q beckon.Query, after beckon.Cursor, limit int, fn func(*beckon.Record) error) (beckon.Cursor, error)
	read   func(s *FaultStore, ctx context.Context, keys []beckon.Key, fn func(*beckon.Record) error) error
	events func(s *FaultStore, ctx context.Context, key beckon.Key, before beckon.Mark, limit int) ([]beckon.LoggedEvent, error)
}

func (c clumsy) Step(ctx context.Context, steps []beckon.Step) error {
	if c.step == nil {
		return c.FaultStore.Step(ctx, steps)
	}
	return c.step(c.FaultStore, ctx, steps)
}

func (c clumsy) Scan(ctx context.Context, q beckon.Query, after beckon.Cursor, limit int, fn func(*beckon.Record) error) (beckon.Cursor, error) {
	if c.scan == nil {
		return c.FaultStore.Scan(ctx, q, after, limit, fn)
	}
	return c.scan(c.FaultStore, ctx, q, after, limit, fn)
}

func (c clumsy) Read(ctx context.Context, keys []beckon.Key, fn func(*beckon.Record) error) error {
	if c.read == nil {
		return c.FaultStore.Read(ctx, keys, fn)
	}
	return c.read(c.FaultStore, ctx, keys, fn)
}

func (c clumsy) Events(ctx context.Context, key beckon.Key, before beckon.Mark, limit int) ([]beckon.LoggedEvent, error) {
	if c.events == nil {
		return c.FaultStore.Events(ctx, key, before, limit)
	}
	return c.events(c.FaultStore, ctx, key, before, limit)
}

func brokenDamages() []broken {
	of := func(c clumsy) func(*FaultStore) beckon.Store {
		return func(s *FaultStore) beckon.Store { c.FaultStore = s; return c }
	}
	// deaf has deciders that know nothing of damage.
	deaf := func(steps []beckon.Step) []beckon.Step {
		out := make([]beckon.Step, len(steps))
		for i, s := range steps {
			out[i] = beckon.Step{Key: s.Key, Decider: decide(s.Decider.Decide)}
		}
		return out
	}
	return []broken{
		{name: "a scan ends with what is damaged", by: "damaged/passed by", over: of(clumsy{
			scan: func(s *FaultStore, ctx context.Context, q beckon.Query, after beckon.Cursor, limit int, fn func(*beckon.Record) error) (beckon.Cursor, error) {
				q.Damaged = nil
				return s.Scan(ctx, q, after, limit, fn)
			},
		})},
		{name: "a scan says nothing of what is damaged", by: "damaged/passed by", over: of(clumsy{
			scan: func(s *FaultStore, ctx context.Context, q beckon.Query, after beckon.Cursor, limit int, fn func(*beckon.Record) error) (beckon.Cursor, error) {
				q.Damaged = func(beckon.Key, error) {}
				return s.Scan(ctx, q, after, limit, fn)
			},
		})},
		{name: "what is damaged is everybody's error", by: "damaged/nobody else's error", over: of(clumsy{
			step: func(s *FaultStore, ctx context.Context, steps []beckon.Step) error {
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
			read: func(s *FaultStore, ctx context.Context, keys []beckon.Key, fn func(*beckon.Record) error) error {
				for _, key := range keys {
					if s.Read(ctx, []beckon.Key{key}, fn) != nil {
						_ = fn(&beckon.Record{Key: key})
					}
				}
				return nil
			},
		})},
		{name: "what is damaged stays", by: "damaged/deleted", over: of(clumsy{
			step: func(s *FaultStore, ctx context.Context, steps []beckon.Step) error {
				inner := deaf(steps)
				err := s.Step(ctx, inner)
				for i := range steps {
					steps[i].Err = inner[i].Err
				}
				return err
			},
		})},
		{name: "what is damaged cannot be replaced", by: "damaged/replaced", over: of(clumsy{
			step: func(s *FaultStore, ctx context.Context, steps []beckon.Step) error {
				inner := deaf(steps)
				err := s.Step(ctx, inner)
				for i := range steps {
					steps[i].Err = inner[i].Err
				}
				return err
			},
		})},
		{name: "looks at no key", by: "damaged/moved under another key", over: of(clumsy{
			read: func(s *FaultStore, ctx context.Context, keys []beckon.Key, fn func(*beckon.Record) error) error {
				_ = s.Read(ctx, keys, fn)
				return nil
			},
		})},
		{name: "a damaged event ends the log", by: "damaged/event", over: of(clumsy{
			events: func(s *FaultStore, ctx context.Context, key beckon.Key, before beckon.Mark, limit int) ([]beckon.LoggedEvent, error) {
				list, _ := s.Events(ctx, key, before, limit)
				return list, nil
			},
		})},
	}
}
