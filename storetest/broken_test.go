package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// A broken is a sound store with one thing wrong. Each function that is set
// stands in for the sound one.
type broken struct {
	name string
	by   string // the test that must notice

	key    func(store.Key) store.Key
	decide func(d store.Decider, rec *store.Record, c *store.Changes) error
	step   func(s *memstore.Store, ctx context.Context, steps []store.Step) error
	read   func(s *memstore.Store, ctx context.Context, keys []store.Key, fn func(*store.Record) error) error
	scan   func(s *memstore.Store, ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error)
	skip   func(s *memstore.Store, ctx context.Context, q store.Query, after store.Cursor, n int) (store.Cursor, error)
	events func(s *memstore.Store, ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error)
	totals func(list []store.Total) []store.Total
	crash  func(s *memstore.Store, last []*store.Record) // what it does to the data; last are the records as before the last call of Step
	other  func(s *memstore.Store) beckon.Store          // what a second process has, if not the same
	over   func(s *FaultStore) beckon.Store              // what stands over it where records are damaged, and in the test named by
}

func (b broken) open() testStore { return &brokenStore{broken: b, store: memstore.New()} }

type brokenStore struct {
	broken
	store *memstore.Store

	mu   sync.Mutex
	last []*store.Record // as before the last call of Step, if the store forgets it
}

func (b *brokenStore) reopened() beckon.Store {
	if b.crash != nil {
		b.crash(b.store, b.last)
	}
	return &brokenStore{broken: b.broken, store: b.store}
}

func (b *brokenStore) another() beckon.Store {
	if b.other != nil {
		return b.other(b.store)
	}
	return &brokenStore{broken: b.broken, store: b.store}
}

// remember keeps the records as they are before a call of Step.
func (b *brokenStore) remember(ctx context.Context, steps []store.Step) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = b.last[:0]
	for _, s := range steps {
		_ = b.store.Read(ctx, []store.Key{s.Key}, func(r *store.Record) error {
			b.last = append(b.last, clone(r))
			return nil
		})
	}
}

// as returns a record under the key that was asked for.
func as(r *store.Record, key store.Key) *store.Record {
	c := *r
	c.Key = key
	return &c
}

func (b *brokenStore) mapped(key store.Key) store.Key {
	if b.key == nil {
		return key
	}
	return b.key(key)
}

func (b *brokenStore) Step(ctx context.Context, steps []store.Step) error {
	inner := slices.Clone(steps)
	for i := range inner {
		asked, d := inner[i].Key, inner[i].Decider
		inner[i].Key = b.mapped(asked)
		inner[i].Decider = decide(func(r *store.Record, c *store.Changes) error {
			if b.decide != nil {
				return b.decide(d, as(r, asked), c)
			}
			return d.Decide(as(r, asked), c)
		})
	}
	if b.crash != nil {
		b.remember(ctx, steps)
	}
	step := (*memstore.Store).Step
	if b.step != nil {
		step = b.step
	}
	err := step(b.store, ctx, inner)
	for i := range steps {
		steps[i].Err = inner[i].Err
	}
	return err
}

func (b *brokenStore) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	if b.read != nil {
		return b.read(b.store, ctx, keys, fn)
	}
	for _, key := range keys {
		if err := b.store.Read(ctx, []store.Key{b.mapped(key)}, func(r *store.Record) error { return fn(as(r, key)) }); err != nil {
			return err
		}
	}
	return nil
}

func (b *brokenStore) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	if b.scan != nil {
		return b.scan(b.store, ctx, q, after, limit, fn)
	}
	return b.store.Scan(ctx, q, after, limit, fn)
}

func (b *brokenStore) Skip(ctx context.Context, q store.Query, after store.Cursor, n int) (store.Cursor, error) {
	if b.skip != nil {
		return b.skip(b.store, ctx, q, after, n)
	}
	return b.store.Skip(ctx, q, after, n)
}

func (b *brokenStore) Events(ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
	if b.events != nil {
		return b.events(b.store, ctx, b.mapped(key), before, limit)
	}
	return b.store.Events(ctx, b.mapped(key), before, limit)
}

func (b *brokenStore) Totals(ctx context.Context, message string) ([]store.Total, error) {
	list, err := b.store.Totals(ctx, message)
	if b.totals != nil {
		list = b.totals(list)
	}
	return list, err
}

// changing returns a decide that decides soundly and then breaks the changes.
func changing(change func(r *store.Record, c *store.Changes)) func(store.Decider, *store.Record, *store.Changes) error {
	return func(d store.Decider, r *store.Record, c *store.Changes) error {
		err := d.Decide(r, c)
		change(r, c)
		return err
	}
}

// renaming returns a decide that counts a total under another name.
func renaming(from, to string) func(store.Decider, *store.Record, *store.Changes) error {
	return changing(func(_ *store.Record, c *store.Changes) {
		for i := range c.Totals {
			if c.Totals[i].Name == from {
				c.Totals[i].Name = to
			}
		}
	})
}

// folding returns a key that folds ids.
func folding(fold func(string) string) func(store.Key) store.Key {
	return func(k store.Key) store.Key { return store.Key{Kind: k.Kind, ID: fold(k.ID)} }
}

// stepping returns a step that takes the steps of a call one by one.
func stepping(each func(s *memstore.Store, ctx context.Context, step *store.Step) error) func(*memstore.Store, context.Context, []store.Step) error {
	return func(s *memstore.Store, ctx context.Context, steps []store.Step) error {
		for i := range steps {
			if err := each(s, ctx, &steps[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

// one carries out one step.
func one(s *memstore.Store, ctx context.Context, step *store.Step) error {
	steps := []store.Step{*step}
	err := s.Step(ctx, steps)
	step.Err = steps[0].Err
	return err
}

func brokenStores() []broken {
	var all []broken
	for _, part := range [][]broken{brokenSteps(), brokenChanges(), brokenKeys(), brokenReads(), brokenScans(), brokenLogs(), brokenCalls(), brokenIndices(), brokenProcesses(), brokenDamages()} {
		all = append(all, part...)
	}
	return all
}

func brokenSteps() []broken {
	return []broken{
		{name: "lost update: load, decide and write are three things", by: "race/one cap", step: stepping(lostUpdate)},
		{name: "lost update, over several records", by: "race/many records", step: stepping(lostUpdate)},
		{name: "writes a record in two parts", by: "race/whole records are seen", step: stepping(inTwoParts)},
		{name: "ignores the context", by: "step/cancelled", step: func(s *memstore.Store, _ context.Context, steps []store.Step) error {
			return s.Step(context.Background(), steps)
		}},
		{name: "gives up, but writes first", by: "step/cancelled", step: func(s *memstore.Store, ctx context.Context, steps []store.Step) error {
			return errors.Join(s.Step(context.Background(), steps), ctx.Err())
		}},
		{name: "steps in reverse", by: "step/order on one key", step: func(s *memstore.Store, ctx context.Context, steps []store.Step) error {
			slices.Reverse(steps)
			defer slices.Reverse(steps)
			return s.Step(ctx, steps)
		}},
		{name: "steps of one call see the record from before it", by: "step/order on one key", step: func(s *memstore.Store, ctx context.Context, steps []store.Step) error {
			before := make(map[store.Key]*store.Record)
			for i := range steps {
				_ = s.Read(ctx, []store.Key{steps[i].Key}, func(r *store.Record) error { before[r.Key] = clone(r); return nil })
			}
			for i, d := range slices.Clone(steps) {
				steps[i].Decider = decide(func(_ *store.Record, c *store.Changes) error { return d.Decider.Decide(before[d.Key], c) })
			}
			return s.Step(ctx, steps)
		}},
		{name: "the first error ends all", by: "step/independent", step: func(s *memstore.Store, ctx context.Context, steps []store.Step) error {
			for i := range steps {
				if err := one(s, ctx, &steps[i]); err != nil || steps[i].Err != nil {
					return err
				}
			}
			return nil
		}},
		{name: "leaves an old Err", by: "step/error is set anew", step: stepping(func(s *memstore.Store, ctx context.Context, step *store.Step) error {
			old := step.Err
			err := one(s, ctx, step)
			if step.Err == nil {
				step.Err = old
			}
			return err
		})},
		{name: "wraps the error of Decide", by: "step/error writes nothing", step: stepping(func(s *memstore.Store, ctx context.Context, step *store.Step) error {
			err := one(s, ctx, step)
			if step.Err != nil {
				step.Err = fmt.Errorf("step: %w", step.Err)
			}
			return err
		})},
		{name: "drops the error of Decide", by: "step/independent", step: stepping(func(s *memstore.Store, ctx context.Context, step *store.Step) error {
			err := one(s, ctx, step)
			step.Err = nil
			return err
		})},
		{name: "writes although Decide failed", by: "step/error writes nothing", step: writesFailed},
		{name: "writes what was ready when Decide panicked", by: "step/panic writes nothing", decide: func(d store.Decider, r *store.Record, c *store.Changes) error {
			defer func() { _ = recover() }()
			return d.Decide(r, c)
		}},
		{name: "lets a panic through", by: "step/panic writes nothing", step: stepping(func(s *memstore.Store, ctx context.Context, step *store.Step) error {
			err := one(s, ctx, step)
			if p := (*beckon.PanicError)(nil); errors.As(step.Err, &p) {
				panic(p.Value)
			}
			return err
		})},
		{name: "gives an absent record no key", by: "step/absent record", decide: func(d store.Decider, r *store.Record, c *store.Changes) error {
			if !r.Exists {
				r.Key = store.Key{}
			}
			return d.Decide(r, c)
		}},
		{name: "an absent record exists", by: "step/absent record", decide: func(d store.Decider, r *store.Record, c *store.Changes) error {
			r.Exists = true
			return d.Decide(r, c)
		}},
		{name: "creates what is only looked at", by: "step/no changes no record", decide: changing(func(_ *store.Record, c *store.Changes) { c.Touch = true })},
		{name: "creates for the sake of totals", by: "step/no changes no record", decide: changing(func(_ *store.Record, c *store.Changes) {
			c.Touch = c.Touch || len(c.Totals) > 0 && !c.Delete
		})},
		{name: "decides with used changes", by: "step/changes begin empty", decide: func(d store.Decider, r *store.Record, c *store.Changes) error {
			if r.Exists {
				c.Dedup = append(c.Dedup, r.Dedup...)
			}
			return d.Decide(r, c)
		}},
	}
}

// lostUpdate decides over a copy that may be old by the time it writes.
func lostUpdate(s *memstore.Store, ctx context.Context, step *store.Step) error {
	var c store.Changes
	var rec *store.Record
	if err := s.Read(ctx, []store.Key{step.Key}, func(r *store.Record) error { rec = clone(r); return nil }); err != nil {
		return err
	}
	runtime.Gosched()
	if step.Err = step.Decide(rec, &c); step.Err != nil {
		return nil
	}
	return s.Step(ctx, []store.Step{{Key: step.Key, Decider: always(func(to *store.Changes) { *to = c })}})
}

// inTwoParts writes the statistics of a step by themselves.
func inTwoParts(s *memstore.Store, ctx context.Context, step *store.Step) error {
	var stats []store.Stats
	first := store.Step{Key: step.Key, Decider: decide(func(r *store.Record, c *store.Changes) error {
		err := step.Decider.Decide(r, c)
		stats, c.Stats = slices.Clone(c.Stats), nil
		return err
	})}
	err := one(s, ctx, &first)
	if step.Err = first.Err; err != nil || step.Err != nil || len(stats) == 0 {
		return err
	}
	runtime.Gosched()
	return one(s, ctx, &store.Step{Key: step.Key, Decider: always(func(c *store.Changes) { c.Stats = stats })})
}

func writesFailed(s *memstore.Store, ctx context.Context, steps []store.Step) error {
	for i := range steps {
		var failed error
		step := store.Step{Key: steps[i].Key, Decider: decide(func(r *store.Record, c *store.Changes) error {
			failed = steps[i].Decider.Decide(r, c)
			return nil
		})}
		if err := one(s, ctx, &step); err != nil {
			return err
		}
		steps[i].Err = errors.Join(failed, step.Err)
		if step.Err == nil {
			steps[i].Err = failed
		}
	}
	return nil
}

func brokenKeys() []broken {
	return []broken{
		{name: "joins kind and id by nothing", by: "keys/hostile ids", key: func(k store.Key) store.Key { return store.Key{Kind: store.KindUser, ID: k.ID} }},
		{name: "splits ids at a colon", by: "keys/hostile ids", key: folding(func(id string) string { before, _, _ := strings.Cut(id, ":"); return before })},
		{name: "ids end at NUL", by: "keys/hostile ids", key: folding(func(id string) string { before, _, _ := strings.Cut(id, "\x00"); return before })},
		{name: "ids in any case", by: "keys/hostile ids", key: folding(strings.ToLower)},
		{name: "ids trimmed", by: "keys/hostile ids", key: folding(strings.TrimSpace)},
		{name: "ids cut at 255 bytes", by: "keys/hostile ids", key: folding(func(id string) string { return id[:min(255, len(id))] })},
		{name: "messages in any case", by: "keys/hostile messages", decide: changing(func(_ *store.Record, c *store.Changes) {
			for i := range c.Totals {
				c.Totals[i].Message = strings.ToLower(c.Totals[i].Message)
			}
		})},
	}
}

func brokenReads() []broken {
	return []broken{
		{name: "skips absent records", by: "read/keys in turn", read: func(s *memstore.Store, ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
			return s.Read(ctx, keys, func(r *store.Record) error {
				if !r.Exists && len(keys) > 1 {
					return nil
				}
				return fn(r)
			})
		}},
		{name: "reads in the order of keys", by: "read/keys in turn", read: func(s *memstore.Store, ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
			return s.Read(ctx, slices.SortedFunc(slices.Values(keys), store.Key.Compare), fn)
		}},
		{name: "goes on after an error", by: "read/error ends it", read: func(s *memstore.Store, ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
			var all error
			return errors.Join(s.Read(ctx, keys, func(r *store.Record) error { all = errors.Join(all, fn(r)); return nil }), all)
		}},
		{name: "reads whatever the context says", by: "read/cancelled", read: func(s *memstore.Store, _ context.Context, keys []store.Key, fn func(*store.Record) error) error {
			return s.Read(context.Background(), keys, fn)
		}},
		{name: "adds instants up", by: "totals/latest", decide: renaming("last.sent", "sum.sent"), totals: func(list []store.Total) []store.Total {
			for i := range list {
				list[i].Name = strings.Replace(list[i].Name, "sum.sent", "last.sent", 1)
			}
			return list
		}},
		{name: "names every total twice", by: "totals/sums", totals: func(list []store.Total) []store.Total { return append(list, list...) }},
	}
}
