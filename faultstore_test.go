package beckon_test

import (
	"context"
	"sync"

	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/storetest"
)

// errStore is what a faultStore fails with.
const errStore = storetest.ErrFault

// A fault is what a faultStore does to one call.
type fault = storetest.Fault

const (
	failBefore   = storetest.FailBefore
	failAfter    = storetest.FailAfter
	hang         = storetest.HangBefore
	failFromHere = storetest.CrashBefore
	failPastHere = storetest.CrashAfter
)

// A faultStore is a store in memory whose calls fail or hang as a test says, or
// have something happen between them. It is safe for concurrent use.
type faultStore struct {
	*memstore.Store // the rest of it: what is asked beside the calls that may fail
	faults          *storetest.FaultStore

	mu    sync.Mutex
	calls int
	// between is called before every call, with its number, while no lock is
	// held: it may call the engine. It is not called for the calls it makes.
	between func(call int)
	inside  bool
}

func newFaultStore() *faultStore {
	store := memstore.New()
	return &faultStore{Store: store, faults: storetest.NewFaultStore(store)}
}

// arm has the n-th call from now, counted from 1, go wrong.
func (f *faultStore) arm(n int, kind fault) { f.faults.Arm(n, kind, nil) }

// heal makes all calls sound again, and returns how many there were since arm.
func (f *faultStore) heal() int { return f.faults.Heal() }

// interleave has fn called before every call.
func (f *faultStore) interleave(fn func(call int)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.between, f.calls = fn, 0
}

// meet lets happen what is to happen before a call.
func (f *faultStore) meet() {
	f.mu.Lock()
	f.calls++
	n, between := f.calls, f.between
	if f.inside {
		between = nil
	}
	f.inside = f.inside || between != nil
	f.mu.Unlock()
	if between == nil {
		return
	}
	between(n)
	f.mu.Lock()
	f.inside = false
	f.mu.Unlock()
}

func (f *faultStore) Step(ctx context.Context, steps []store.Step) error {
	f.meet()
	return f.faults.Step(ctx, steps)
}

func (f *faultStore) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	f.meet()
	return f.faults.Read(ctx, keys, fn)
}

func (f *faultStore) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (next store.Cursor, err error) {
	f.meet()
	return f.faults.Scan(ctx, q, after, limit, fn)
}

func (f *faultStore) Events(ctx context.Context, key store.Key, before store.EventCursor, limit int) (list []store.LoggedEvent, err error) {
	f.meet()
	return f.faults.Events(ctx, key, before, limit)
}

func (f *faultStore) Totals(ctx context.Context, message string) (list []store.Total, err error) {
	f.meet()
	return f.faults.Totals(ctx, message)
}
