package stores

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/store/readonly"
)

// Preview returns a store on which a program can be published without anything being
// written: what a publication would write of messages, such as since when they are live, and
// of the store itself is kept in memory. All other writes are refused, as by
// [readonly.Store].
func Preview(s store.Store) store.Store {
	return &preview{Store: readonly.New(s), own: map[store.Key]*store.Record{}}
}

type preview struct {
	readonly.Store
	mu  sync.Mutex
	own map[store.Key]*store.Record
}

// Step implements [store.Store].
func (p *preview) Step(ctx context.Context, steps []store.Step) error {
	for i := range steps {
		if kind := steps[i].Key.Kind; kind != store.KindMessage && kind != store.KindStore {
			if err := p.Store.Step(ctx, steps[i:i+1]); err != nil {
				return err
			}
			continue
		}
		if err := p.step(ctx, &steps[i]); err != nil {
			return err
		}
	}
	return nil
}

// step decides on a record, and keeps what is to become of it.
func (p *preview) step(ctx context.Context, x *store.Step) error {
	return p.Read(ctx, []store.Key{x.Key}, func(rec *store.Record) error {
		var c store.Changes
		if x.Err = x.Decide(rec, &c); x.Err != nil || c.IsEmpty() {
			return nil //nolint:nilerr // it is the step's own
		}
		after := decide.KeptRecord(rec)
		after.Apply(&c)
		p.mu.Lock()
		p.own[x.Key] = after
		p.mu.Unlock()
		return nil
	})
}

// Read implements [store.Store].
func (p *preview) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	for _, key := range keys {
		p.mu.Lock()
		rec := p.own[key]
		p.mu.Unlock()
		var err error
		if rec != nil {
			err = fn(rec)
		} else {
			err = p.Store.Read(ctx, []store.Key{key}, fn)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Engine returns an engine over a store, set up as that has it: whether addresses of
// different letter case are different contacts is written there.
func Engine(ctx context.Context, s store.Store, opts ...beckon.Option) (*beckon.Engine, error) {
	engine, err := beckon.New(s, opts...)
	if err != nil {
		return nil, err
	}
	if _, err = engine.HasOutbox(ctx); err == nil {
		return engine, nil
	}
	if !errors.Is(err, beckon.ErrOptionConflict) {
		return nil, err
	}
	return beckon.New(s, append(slices.Clone(opts), beckon.WithExactEmail())...)
}
