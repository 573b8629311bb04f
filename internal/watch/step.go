package watch

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/beckon-go/beckon/observe"
	"github.com/beckon-go/beckon/store"
)

// Steps reports whether steps are told to anybody.
func (w *Watch) Steps() bool {
	if w == nil {
		return false
	}
	for i := range w.Observers {
		if w.Observers[i].Stepped != nil {
			return true
		}
	}
	return false
}

// Step has a store carry out steps, and tells of it.
func (w *Watch) Step(ctx context.Context, s store.Store, call string, steps []store.Step) error {
	var again atomic.Int64
	own := make([]store.Decider, len(steps))
	counts := make([]counting, len(steps))
	for i := range steps {
		own[i] = steps[i].Decider
		counts[i] = counting{own: own[i], again: &again}
		if damaged, is := own[i].(store.DamagedDecider); is {
			steps[i].Decider = &countingDamaged{&counts[i], damaged}
		} else {
			steps[i].Decider = &counts[i]
		}
	}
	began := w.Now()
	err := s.Step(ctx, steps)
	took := w.Now().Sub(began)
	failed := err
	for i := range steps {
		if steps[i].Decider = own[i]; failed == nil && counts[i].said == nil {
			failed = steps[i].Err // of the store, for this record alone
		}
	}
	told := observe.Step{Call: call, Records: len(steps), Began: began, Duration: took, Again: int(again.Load()), Err: failed}
	if l, is := ctx.Value(laterKey{w}).(*later); is {
		l.mu.Lock()
		l.steps = append(l.steps, told)
		l.mu.Unlock()
	} else {
		w.stepped(ctx, &told)
	}
	return err
}

// A counting decides as another, and counts how often it does so again. It is read when the
// store has no error of the whole call: then no decision is under way any more.
type counting struct {
	own   store.Decider
	again *atomic.Int64
	ran   atomic.Bool
	said  error // what it refused last; a store passes it on
}

func (c *counting) run() {
	if c.ran.Swap(true) {
		c.again.Add(1)
	}
}

// Decide implements [store.Decider].
func (c *counting) Decide(rec *store.Record, changes *store.Changes) error {
	c.run()
	c.said = c.own.Decide(rec, changes)
	return c.said
}

// A countingDamaged decides on what cannot be read, too.
type countingDamaged struct {
	*counting
	damaged store.DamagedDecider
}

// DecideDamaged implements [store.DamagedDecider].
func (c *countingDamaged) DecideDamaged(key store.Key, err error, changes *store.Changes) error {
	c.run()
	c.said = c.damaged.DecideDamaged(key, err, changes)
	return c.said
}

// laterKey is the key of what is told later, in a context.
type laterKey struct{ of *Watch }

// A later has steps that are told when their caller holds no lock and nothing decided ahead any more.
type later struct {
	mu    sync.Mutex // steps beside one another
	steps []observe.Step
}

// Later returns a context whose steps wait for the function that it returns: it tells of
// them. Who holds a lock calls that when it is released. Within another Later they wait for
// the end of that one.
func (w *Watch) Later(ctx context.Context) (context.Context, func()) {
	if !w.Steps() || ctx.Value(laterKey{w}) != nil {
		return ctx, func() {}
	}
	l := new(later)
	return context.WithValue(ctx, laterKey{w}, l), func() {
		list := l.steps
		l.steps = nil
		for i := range list {
			w.stepped(ctx, &list[i])
		}
	}
}
