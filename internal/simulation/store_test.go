package simulation

import (
	"context"
	"runtime"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A shakyStore is the world's store as one process sees it: it takes time, fails,
// loses answers, and the process may die at any of its calls. What it commits it
// tells the book.
type shakyStore struct {
	w *world
	p *process
}

var _ beckon.Store = (*shakyStore)(nil)

// A fate is what becomes of one call.
type fate uint8

const (
	well       fate = iota
	failBefore      // it does nothing, and fails
	failAfter       // it is done, and fails
	dieBefore
	dieAfter
	hang // it does nothing until its context ends
)

// call carries out one call of the store.
func (s *shakyStore) call(ctx context.Context, do func() error) error {
	w, t := s.w, s.w.current
	if w.ends(t) {
		runtime.Goexit() // what is deferred calls the store once more
	}
	how := w.fate(t, ctx)
	w.pause(w.delay(t))
	if t.call == nil {
		t.call = &call{process: s.p, what: t.name, ctx: ctx, began: time.Now(), said: map[totalKey]int64{}}
	}
	switch {
	case how == dieBefore:
		w.crash(s.p)
		runtime.Goexit()
	case w.down || how == failBefore:
		t.call.unsure, s.p.unsure = true, time.Now()
		w.note("the store fails")
		return errStore
	case how == hang:
		t.call.unsure, s.p.unsure = true, time.Now()
		w.note("the store hangs")
		end, _ := ctx.Deadline()
		w.pause(time.Until(end) + time.Millisecond)
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		s.p.unsure = time.Now()
		return err
	}
	err := do()
	if w.over {
		runtime.Goexit()
	}
	if how == dieAfter {
		w.crash(s.p)
		runtime.Goexit()
	}
	w.pause(w.delay(t))
	if how == failAfter {
		t.call.unsure, s.p.unsure = true, time.Now()
		w.note("the store loses its answer")
		return errStore
	}
	return err
}

func (w *world) fate(t *task, ctx context.Context) fate {
	if w.calm {
		return well
	}
	_, limited := ctx.Deadline()
	switch x := t.dice.Float64(); {
	case x < 0.008 && w.dials.has(failures):
		return failBefore
	case x > 0.008 && x < 0.016 && w.dials.has(lost):
		return failAfter
	case x > 0.016 && x < 0.017 && w.dials.has(crashes):
		return dieBefore
	case x > 0.017 && x < 0.018 && w.dials.has(crashes):
		return dieAfter
	case x > 0.018 && x < 0.022 && w.dials.has(delays) && limited:
		return hang
	}
	return well
}

func (w *world) delay(t *task) time.Duration {
	switch x := t.dice.Float64(); {
	case !w.dials.has(delays) || w.calm:
		return 0
	case x < 0.5:
		return 0
	case x < 0.98:
		return between(t.dice, 0, 5*time.Millisecond)
	case x < 0.998:
		return between(t.dice, 0, 2*time.Second)
	}
	return between(t.dice, 0, 2*time.Minute)
}

// Step implements [beckon.Store].
func (s *shakyStore) Step(ctx context.Context, list []store.Step) error {
	spied := make([]store.Step, len(list))
	spies := make([]spy, len(list))
	for i := range list {
		spies[i] = spy{w: s.w, inner: list[i].Decider}
		spied[i] = store.Step{Key: list[i].Key, Decider: &spies[i]}
	}
	var decided, dated int // by the steps that came earlier
	err := s.call(ctx, func() error {
		decided, dated = len(s.w.current.call.decided), len(s.w.current.call.dated)
		err := s.w.dials.fault.step(ctx, s.w, spied)
		for i := range spied {
			if list[i].Err = spied[i].Err; err == nil && spied[i].Err == nil {
				s.w.committed(s.p, spied[i].Key, &spies[i])
			}
		}
		return err
	})
	if err == nil {
		for _, d := range s.w.current.call.decided[decided:] {
			d.answered = true
		}
		for _, d := range s.w.current.call.dated[dated:] {
			d.unsure = false
		}
	} else {
		for i := range list {
			list[i].Err = err
		}
	}
	return err
}

// Read implements [beckon.Store].
func (s *shakyStore) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	return s.call(ctx, func() error { return s.w.memory.Read(ctx, keys, s.w.deciding(fn)) })
}

// Scan implements [beckon.Store]. Its pages are small, so that much happens
// between them, and of one record for a worker: who shuffles a page does so
// without the seed.
func (s *shakyStore) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (next store.Cursor, err error) {
	if limit = min(limit, 1+s.w.current.dice.IntN(4)); q.Pending != 0 {
		limit = 1
	}
	err = s.call(ctx, func() (err error) {
		fn := s.w.dials.fault.scan(s.w, &q, s.w.deciding(fn))
		next, err = s.w.memory.Scan(ctx, q, after, limit, fn)
		return err
	})
	if err != nil {
		return "", err
	}
	return next, nil
}

// Events implements [beckon.Store].
func (s *shakyStore) Events(ctx context.Context, key store.Key, before store.EventCursor, limit int) (list []store.LoggedEvent, err error) {
	err = s.call(ctx, func() (err error) {
		list, err = s.w.memory.Events(ctx, key, before, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// Totals implements [beckon.Store].
func (s *shakyStore) Totals(ctx context.Context, message string) (list []store.Total, err error) {
	err = s.call(ctx, func() (err error) {
		list, err = s.w.memory.Totals(ctx, message)
		s.w.current.call.sees(message, list)
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// deciding marks that the engine's code runs under the store's lock.
func (w *world) deciding(fn func(*store.Record) error) func(*store.Record) error {
	return func(rec *store.Record) error {
		w.current.deciding = true
		defer func() { w.current.deciding = false }()
		return fn(rec)
	}
}
