package memstore

import (
	"context"

	"github.com/beckon-go/beckon/store"
)

// Step implements [beckon.Store]. The error is that of ctx, or [beckon.ErrClosed]; the
// steps that were not carried out then have it as their Err. A step's own Err is what
// Decide returned, a [*beckon.PanicError], or [ErrFull].
//
// A step on a record that is there allocates nothing if its changes fit into the
// record's memory. But the profile of a contact that no step was about of late is packed:
// then the step allocates the profile.
func (s *Store) Step(ctx context.Context, steps []store.Step) error {
	w := s.work() // lost, and no more than that, if a Decide ends its goroutine
	for i := range steps {
		if err := s.ready(ctx); err != nil {
			for j := range steps[i:] {
				steps[i+j].Err = err
			}
			s.done(w)
			return err
		}
		steps[i].Err = s.step(w, &steps[i])
	}
	s.done(w)
	return nil
}

// step carries out one step. Whatever ends Decide, a panic or the end of its
// goroutine, the shard is left unlocked and the record as it was: changes are
// applied after it has returned, and nothing after that can fail.
func (s *Store) step(w *work, step *store.Step) error {
	sh := s.shard(step.Key)
	hash := hashOf(s.seed, step.Key.ID)
	c := &w.changes
	sh.mu.Lock()
	defer sh.mu.Unlock()

	f := sh.find(step.Key, hash)
	r := w.load(s, step.Key, &f)
	if r.Profile != nil {
		sh.useProfile(s, f.e.more.profile, r.Profile)
	}
	if err := step.Decide(r, c); err != nil {
		c.Reset()
		return err
	}
	if c.IsEmpty() {
		c.KeepEvents, c.EventsFrom, c.SortSendLog = 0, 0, false // which alone change nothing
		return nil
	}
	err := s.commit(w, sh, step.Key, hash, f)
	c.Reset()
	return err
}

// commit carries out w.changes.
func (s *Store) commit(w *work, sh *shard, key store.Key, hash uint32, f spotted) error {
	c := &w.changes
	// What can refuse comes first, then what is written.
	if len(c.Totals) > 0 {
		if err := sh.totals.check(c.Totals, s.maxTotals); err != nil {
			return err
		}
	}
	switch {
	case c.SparesRecord(), c.Delete && !f.ok:
	case c.Delete:
		s.index.move(w.record.Key, facetsOf(&w.record), facets{})
		sh.remove(key.Kind, f)
		s.release(key.Kind)
	case !f.ok:
		if err := s.reserve(key.Kind); err != nil {
			return err
		}
		f = sh.insert(key, hash)
		if f.short == nil {
			w.record.Key.ID = f.e.id // which the index keeps
		}
		s.apply(w, sh, &f)
	default:
		s.apply(w, sh, &f)
	}
	if len(c.Totals) > 0 {
		sh.totals.add(c.Totals)
	}
	return nil
}

// apply applies w.changes to the record at f.
func (s *Store) apply(w *work, sh *shard, f *spotted) {
	r, c := &w.record, &w.changes
	if f.short != nil && f.e == nil {
		if f.short.update(r, c, &s.throttlers) {
			return
		}
		if r.Permits == nil {
			r.Permits = w.permits[:0] // keep copies it, if it does not fit
		}
	}
	if e := f.e; e != nil && e.more != nil { // what is to grow has room, if that moves enough
		if len(c.SendLog) > 0 {
			r.SendLog = e.more.log.room(len(c.SendLog))
		}
		if len(c.Dedup) > 0 {
			r.Dedup = e.more.seen.room(len(c.Dedup))
		}
	}
	// What is indexed is in the profile, except for when the first lease ends.
	whole := c.Profile != nil || c.Clear
	leases := len(c.Pending)+len(c.PendingDrop) > 0
	var before facets
	switch {
	case whole:
		before = facetsOf(r)
	case leases:
		before = leasesOf(r)
	}
	if (whole || leases) && f.short != nil {
		r.Key.ID = f.short.text() // the index keeps it
	}
	stats := c.Stats
	if !whole {
		if number, ok := s.names.update(f.e, r.Stats, stats, &w.place); ok {
			c.Stats = nil // they are in their places
			w.named = number
		}
	}
	r.Apply(c)
	w.keep(s, sh, f)
	c.Stats = stats
	switch {
	case whole:
		s.index.move(r.Key, before, facetsOf(r))
	case leases:
		s.index.move(r.Key, before, leasesOf(r))
	}
}

// Read implements [beckon.Store]. fn runs under the lock of the record's
// shard.
func (s *Store) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
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

func (s *Store) read(key store.Key, fn func(*store.Record) error) error {
	w := s.work()
	defer s.done(w)
	sh := s.shard(key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	f := sh.find(key, hashOf(s.seed, key.ID))
	return fn(w.load(s, key, &f))
}
