package beckon_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// errStore is what a faultStore fails with.
var errStore = errors.New("the store is out of order")

// A fault is what a faultStore does to one call.
type fault uint8

const (
	sound        fault = iota
	failBefore         // nothing is done, the call fails
	failAfter          // it is done, and the call fails all the same: indeterminate
	hang               // nothing is done, the call returns when its context ends
	failFromHere       // as failBefore, and so does every later call: a crash
	failPastHere       // as failAfter, and every later call as failBefore
)

// A faultStore is a store whose calls fail, hang, or have something happen
// between them, as a test says. It is safe for concurrent use.
type faultStore struct {
	*memstore.Store

	mu    sync.Mutex
	calls int // made so far
	at    int // the call that does not go well, from 1; 0: none
	kind  fault
	dead  bool
	// between is called before every call, with its number, while no lock is
	// held: it may call the engine. It is not called for the calls it makes.
	between func(call int)
	inside  bool
}

func newFaultStore() *faultStore { return &faultStore{Store: memstore.New()} }

// arm has the n-th call from now, counted from 1, go wrong.
func (f *faultStore) arm(n int, kind fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls, f.at, f.kind, f.dead = 0, n, kind, false
}

// heal makes all calls sound again, and gives how many there were since arm.
func (f *faultStore) heal() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.calls
	f.calls, f.at, f.kind, f.dead = 0, 0, sound, false
	return n
}

// interleave has fn called before every call.
func (f *faultStore) interleave(fn func(call int)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.between, f.calls = fn, 0
}

func (f *faultStore) call(ctx context.Context, do func() error) error {
	f.mu.Lock()
	f.calls++
	n, kind, between := f.calls, sound, f.between
	if n == f.at {
		kind = f.kind
	}
	if f.dead {
		kind = failBefore
	}
	if kind == failFromHere || kind == failPastHere {
		f.dead = true
	}
	if f.inside {
		between = nil
	}
	f.inside = f.inside || between != nil
	f.mu.Unlock()
	if between != nil {
		between(n)
		f.mu.Lock()
		f.inside = false
		f.mu.Unlock()
	}
	switch kind {
	case failBefore, failFromHere:
		return errStore
	case hang:
		<-ctx.Done()
		return ctx.Err()
	}
	err := do()
	if kind == failAfter || kind == failPastHere {
		return errStore
	}
	return err
}

func (f *faultStore) Step(ctx context.Context, steps []beckon.Step) error {
	return f.call(ctx, func() error { return f.Store.Step(ctx, steps) })
}

func (f *faultStore) Read(ctx context.Context, keys []beckon.Key, fn func(*beckon.Record) error) error {
	return f.call(ctx, func() error { return f.Store.Read(ctx, keys, fn) })
}

func (f *faultStore) Scan(ctx context.Context, q beckon.Query, after beckon.Cursor, limit int, fn func(*beckon.Record) error) (next beckon.Cursor, err error) {
	err = f.call(ctx, func() error {
		next, err = f.Store.Scan(ctx, q, after, limit, fn)
		return err
	})
	if err != nil {
		next = ""
	}
	return next, err
}

func (f *faultStore) Events(ctx context.Context, key beckon.Key, before beckon.Mark, limit int) (list []beckon.LoggedEvent, err error) {
	err = f.call(ctx, func() error {
		list, err = f.Store.Events(ctx, key, before, limit)
		return err
	})
	if err != nil {
		list = nil
	}
	return list, err
}

func (f *faultStore) Totals(ctx context.Context, message string) (list []beckon.Total, err error) {
	err = f.call(ctx, func() error {
		list, err = f.Store.Totals(ctx, message)
		return err
	})
	if err != nil {
		list = nil
	}
	return list, err
}

func TestFaultStore(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	f := newFaultStore()
	touch := func() error {
		return f.Step(ctx, []beckon.Step{{Key: beckon.Key{Kind: beckon.KindUser, ID: "u"}, Decider: addOne{}}})
	}
	count := func() int64 {
		var n int64
		if err := f.Read(ctx, []beckon.Key{{Kind: beckon.KindUser, ID: "u"}}, func(r *beckon.Record) error {
			n = r.LastSeen
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, c := range []struct {
		kind fault
		want int64
	}{{failBefore, 1}, {failAfter, 2}, {failFromHere, 0}, {failPastHere, 1}} {
		before := count()
		f.arm(1, c.kind)
		if err := touch(); !errors.Is(err, errStore) {
			t.Errorf("fault %d: %v", c.kind, err)
		}
		_ = touch()
		if n := f.heal(); n != 2 {
			t.Errorf("fault %d: %d calls, want 2", c.kind, n)
		}
		if got := count() - before; got != c.want {
			t.Errorf("fault %d: %d steps done of two, want %d", c.kind, got, c.want)
		}
	}
	f.arm(1, hang)
	cancel()
	if err := touch(); !errors.Is(err, context.Canceled) {
		t.Errorf("a call that hangs returned %v", err)
	}
}

// addOne counts in LastSeen how often it was committed.
type addOne struct{}

func (addOne) Decide(r *beckon.Record, c *beckon.Changes) error {
	c.LastSeen = r.LastSeen + 1
	return nil
}
