package storetest

import (
	"context"
	"errors"
	"sync"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A Fault is what becomes of one call of a [FaultStore].
type Fault uint8

// The faults. To the caller the first two look alike: that is what makes an
// error of a store indeterminate.
const (
	FailBefore  Fault = iota + 1 // nothing is done, and the call returns ErrFault
	FailAfter                    // it is done, and the call returns ErrFault all the same
	HangBefore                   // nothing is done, and the call returns when its context ends, with its error
	HangAfter                    // it is done, and the call returns when its context ends, with its error
	CrashBefore                  // as FailBefore, and so does every later call
	CrashAfter                   // as FailAfter, and every later call as FailBefore
)

// ErrFault is what a [FaultStore] fails with.
const ErrFault = faultError("the store fails, as the test wants it")

type faultError string

// Error returns the text.
func (e faultError) Error() string { return string(e) }

// A FaultStore is a store in which one call fails, the one that a test chooses, and in
// which records can be damaged ([FaultStore.Damage]). It is safe for concurrent use;
// chance then decides which call is the n-th.
type FaultStore struct {
	store beckon.Store

	mu    sync.Mutex
	calls int
	at    int // the call that does not go well, from 1; 0: none
	fault Fault
	dead  bool
	hung  func()

	damage damage
}

// NewFaultStore returns a store that passes its calls to another. No call fails yet.
func NewFaultStore(store beckon.Store) *FaultStore { return &FaultStore{store: store} }

// Arm makes the n-th call from now on, counted from 1, end in the fault. If hung is
// not nil, it is called when a call begins to hang: a test ends the call's context
// then.
func (f *FaultStore) Arm(n int, fault Fault, hung func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls, f.at, f.fault, f.dead, f.hung = 0, n, fault, false, hung
}

// Heal makes all calls work again, and returns how many calls there were since Arm.
func (f *FaultStore) Heal() (calls int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls = f.calls
	f.calls, f.at, f.dead, f.hung = 0, 0, false, nil
	return calls
}

// next counts a call and returns its fault, 0 if it is to go well.
func (f *FaultStore) next() (fault Fault, hung func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	switch {
	case f.dead:
		return FailBefore, nil
	case f.calls != f.at:
		return 0, nil
	}
	f.dead = f.fault == CrashBefore || f.fault == CrashAfter
	return f.fault, f.hung
}

func (f *FaultStore) call(ctx context.Context, do func() error) error {
	fault, hung := f.next()
	var err error
	switch fault {
	case FailBefore, CrashBefore:
		return ErrFault
	case HangBefore:
	default:
		err = do()
	}
	switch fault {
	case FailAfter, CrashAfter:
		return ErrFault
	case HangBefore, HangAfter:
		if hung != nil {
			hung()
		}
		<-ctx.Done()
		return ctx.Err()
	}
	return err
}

// Step implements [beckon.Store].
func (f *FaultStore) Step(ctx context.Context, steps []store.Step) error {
	return f.call(ctx, func() error { return f.stepDamaged(ctx, steps) })
}

// Read implements [beckon.Store].
func (f *FaultStore) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	return f.call(ctx, func() error { return f.readDamaged(ctx, keys, fn) })
}

// Scan implements [beckon.Store].
func (f *FaultStore) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (next store.Cursor, err error) {
	if err := f.call(ctx, func() (err error) {
		next, err = f.scanDamaged(ctx, q, after, limit, fn)
		return err
	}); err != nil {
		return "", err
	}
	return next, nil
}

// Events implements [beckon.Store].
func (f *FaultStore) Events(ctx context.Context, key store.Key, before store.EventCursor, limit int) (list []store.LoggedEvent, err error) {
	if err := f.call(ctx, func() (err error) {
		list, err = f.eventsDamaged(ctx, key, before, limit)
		return err
	}); err != nil {
		var damaged *beckon.DamagedError // those before it come with it
		if !errors.As(err, &damaged) {
			list = nil
		}
		return list, err
	}
	return list, nil
}

// Totals implements [beckon.Store].
func (f *FaultStore) Totals(ctx context.Context, message string) (list []store.Total, err error) {
	if err := f.call(ctx, func() (err error) {
		list, err = f.store.Totals(ctx, message)
		return err
	}); err != nil {
		return nil, err
	}
	return list, nil
}
