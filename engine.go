package beckon

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beckon-go/beckon/internal/ahead"
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/virtual"
)

// An Engine takes what contacts do and decides, in the same call, which messages to
// send. It is safe for concurrent use, leaves no goroutine behind, and keeps all that
// matters in its [Store]: several engines may share one.
type Engine struct {
	store   Store
	isView  bool // made by Using
	*shared      // nil in an Engine that New has not made
}

// shared is what an engine and its views have in common.
type shared struct {
	cfg        config
	states     decide.States
	zones      *calendar.ZoneCache
	catalogue  catalogue
	publishing sync.Mutex // one Publish, Pause, Archive or Refresh at a time
	closed     atomic.Bool
	settings   settings
	dropped    atomic.Int64  // when Due last looked for visitors to drop, Unix milliseconds
	loops      atomic.Uint64 // of Pending that have met another worker
	ahead      ahead.Batches

	companyChanges atomic.Uint64 // by this engine
	decisions      sync.Pool     // of *decision
}

// New makes an engine over a store, and checks the options. The store is required: so one in
// memory, which forgets caps, is a choice that you can see. Until [Engine.Publish] what comes
// is recorded, no message is a candidate, and Check, Due, Send and Sweep are refused,
// program_missing. (D12)
func New(store Store, opts ...Option) (*Engine, error) {
	if store == nil {
		return nil, errors.New("beckon: New: the store is nil")
	}
	e := &Engine{store: store, shared: &shared{cfg: defaultConfig(), zones: &calendar.ZoneCache{}}}
	var errs []error
	for _, o := range opts {
		if o != nil {
			errs = append(errs, o.apply(&e.cfg))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if _, is := store.(virtual.Store); is { // nothing happens: nobody is told, nobody sends
		e.cfg.watch, e.cfg.outbox, e.cfg.Workers = nil, false, nil
	}
	p, faults := compile(Program{}, &e.cfg)
	if err := raise(faults); err != nil {
		return nil, err
	}
	p.Missing = true
	e.decisions.New = func() any { return new(decide.Decision) }
	e.states.Set(decide.NewState(p, nil, nil, e.zones))
	return e, nil
}

// Close ends the engine and its views: later calls are refused, closed; those
// in flight finish. The store stays open. A second Close does nothing.
func (e *Engine) Close() error {
	switch {
	case e.isView:
		return e.itself()
	case e.shared != nil:
		e.closed.Store(true)
	}
	return nil
}

// open reports whether the engine takes calls.
func (e *Engine) open() error {
	switch {
	case e.store == nil || e.shared == nil:
		return ErrorList{{Code: ErrClosed, Message: "the engine was not made by New, or has no store"}}
	case e.closed.Load():
		return ErrorList{{Code: ErrClosed, Message: "the engine is closed"}}
	}
	return nil
}

// clock reads the clock, once for each call, in Unix milliseconds.
func (e *Engine) clock() int64 { return e.cfg.now().UnixMilli() }

// A StoreError says that the store failed. Nothing is delivered; the call took
// effect or not, and a repeat is safe. (E7)
type StoreError struct{ Err error }

// Error says so.
func (e *StoreError) Error() string { return "beckon: the store failed: " + e.Err.Error() }

// Unwrap returns the store's own error.
func (e *StoreError) Unwrap() error { return e.Err }

func storeError(err error) error {
	if _, done := err.(*StoreError); err == nil || done { //nolint:errorlint // to be wrapped once
		return err
	}
	var invalid *Error
	if errors.As(err, &invalid) && invalid.Code == fault.ErrQueryInvalid && invalid.Field == "cursor" {
		return ErrorList{invalid} // of the caller, as the store has told
	}
	return &StoreError{Err: err}
}

// stepError tells a refusal by a decision, which is a list and raised, from a failure
// of the store to commit, which may be a single Error.
func stepError(err error) error {
	switch list := err.(type) { //nolint:errorlint // Decide's errors come back unchanged
	case fault.List:
		return raise(list)
	case ErrorList:
		return list
	}
	return storeError(err)
}

func unixMilli(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// Using returns a view of the engine over another store: the same program, clock, options,
// pauses and stops, closed when the engine is. It is for a store that joins what the engine
// has in its own with something else, such as a transaction of the host (sqlstore.Tx). Deliver
// what it decided after the commit; [WithOutbox] makes that safe. For other data make another
// engine.
//
// A view is cheap, needs no Close, and is as safe for concurrent use as its store. A view has
// views too. It refuses Publish, Refresh, Pause, Resume, Stop, Archive, Unarchive and Close
// (engine_view). Due neither refreshes nor drops visitors. With a nil store every call is
// refused, closed.
func (e *Engine) Using(store Store) *Engine {
	return &Engine{store: store, isView: true, shared: e.shared}
}

// itself reports whether the engine takes a call that no view may take.
func (e *Engine) itself() error {
	if err := e.open(); err != nil {
		return err
	}
	if e.isView {
		return ErrorList{{Code: ErrEngineView, Message: "the call concerns the engine itself; this is a view of it over another store"}}
	}
	return nil
}
