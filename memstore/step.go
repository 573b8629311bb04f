package memstore

import (
	"context"

	"github.com/beckon-go/beckon"
)

// Step implements [beckon.Store]. The error is that of ctx or
// [beckon.ErrClosed]; the steps that were not carried out then have it as
// their Err. A step's own Err is what Decide returned, a
// [*beckon.PanicError], or [ErrFull]. A step on a record that is there, with
// changes that fit into its memory, allocates nothing.
func (s *Store) Step(ctx context.Context, steps []beckon.Step) error {
	for i := range steps {
		if err := s.ready(ctx); err != nil {
			for j := range steps[i:] {
				steps[i+j].Err = err
			}
			return err
		}
		steps[i].Err = s.step(&steps[i])
	}
	return nil
}

// step carries out one step. Whatever ends Decide, a panic or the end of its
// goroutine, the shard is left unlocked and the record as it was: changes are
// applied after it has returned, and nothing after that can fail.
func (s *Store) step(step *beckon.Step) error {
	sh := s.shard(step.Key)
	sh.mu.Lock()
	defer sh.done() // second
	defer sh.changes.Reset()

	hash := hashOf(s.seed, step.Key.ID)
	at, e := sh.find(step.Key, hash)
	if err := step.Decide(sh.load(&s.names, step.Key, e), &sh.changes); err != nil {
		return err
	}
	c := &sh.changes
	if c.IsEmpty() {
		return nil
	}
	// What can refuse comes first, then what is written.
	if err := sh.totals.prepare(c.Totals, s.maxTotals); err != nil {
		return err
	}
	switch {
	case c.SparesRecord(), c.Delete && e == nil:
	case c.Delete:
		s.index.move(sh.record.Key, facetsOf(&sh.record), facets{})
		sh.slabs[step.Key.Kind].remove(at)
		s.release(step.Key.Kind)
	case e == nil:
		if err := s.reserve(step.Key.Kind); err != nil {
			return err
		}
		e = sh.slab(step.Key.Kind).insert(hash, step.Key.ID)
		sh.record.Key.ID = e.id
		s.apply(sh, e)
	default:
		s.apply(sh, e)
	}
	sh.totals.add(c.Totals)
	return nil
}

// apply applies sh.changes to the record of e.
func (s *Store) apply(sh *shard, e *entry) {
	r, c := &sh.record, &sh.changes
	if c.Profile == nil && !c.Clear {
		r.Apply(c)
		sh.keep(&s.names, e)
		return
	}
	before := facetsOf(r) // all that is indexed stands in the profile
	r.Apply(c)
	sh.keep(&s.names, e)
	s.index.move(r.Key, before, facetsOf(r))
}

// Read implements [beckon.Store]. fn runs under the lock of the record's
// shard.
func (s *Store) Read(ctx context.Context, keys []beckon.Key, fn func(*beckon.Record) error) error {
	for _, key := range keys {
		if err := s.ready(ctx); err != nil {
			return err
		}
		if err := s.read(key, fn); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) read(key beckon.Key, fn func(*beckon.Record) error) error {
	sh := s.shard(key)
	sh.mu.Lock()
	defer sh.done()
	_, e := sh.find(key, hashOf(s.seed, key.ID))
	return fn(sh.load(&s.names, key, e))
}
