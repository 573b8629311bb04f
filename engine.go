package beckon

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
)

// An Engine takes what contacts do and decides, in the same call, which
// messages to show or send. It is safe for concurrent use by any number of
// goroutines, starts none, and keeps everything that matters in its [Store],
// so that several engines may share one.
type Engine struct {
	store   Store
	isView  bool // made by Using
	*shared      // nil in an Engine that New has not made
}

// shared is what an engine and its views have in common.
type shared struct {
	cfg        config
	states     states
	zones      *calendar.ZoneCache
	catalogue  catalogue
	publishing sync.Mutex // one Publish, Pause, Archive or Refresh at a time
	closed     atomic.Bool
	settings   settings
	dropped    atomic.Int64  // when Due last looked for visitors to drop, Unix milliseconds
	loops      atomic.Uint64 // of Pending that have met another worker
	decisions  sync.Pool     // of *decision
}

// New makes an engine over a store, which is required: an in-memory store
// forgets caps when the process ends and is not shared by replicas, so that
// choice is to be seen where it is made. Every option is checked here. The
// engine runs an empty program until [Engine.Publish].
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
	p, faults := compile(Program{}, &e.cfg)
	if err := raise(faults); err != nil {
		return nil, err
	}
	p.missing = true
	e.decisions.New = func() any { return new(decision) }
	e.states.p.Store(e.newState(p, nil, nil))
	return e, nil
}

// Close ends the engine: later calls return an error with the code closed,
// those in flight finish. It does not close the store, which is the host's. A
// second Close does nothing. The views of the engine end with it; through one
// of them Close is refused (see [Engine.Using]).
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

// A StoreError says that the store failed. Nothing is delivered then (fail
// closed). What was to be recorded may or may not be; to repeat the call is
// safe, since repeats are known (E7).
type StoreError struct{ Err error }

// Error says so.
func (e *StoreError) Error() string { return "beckon: the store failed: " + e.Err.Error() }

// Unwrap returns the store's own error.
func (e *StoreError) Unwrap() error { return e.Err }

func storeError(err error) error {
	if _, done := err.(*StoreError); err == nil || done { //nolint:errorlint // to be wrapped once
		return err
	}
	return &StoreError{Err: err}
}

// stepError tells a refusal by a decision, which is an ErrorList and returned as
// it is, from a failure of the store to commit, which may be a single Error.
func stepError(err error) error {
	if list, ok := err.(ErrorList); ok { //nolint:errorlint // Decide's errors come back unchanged
		return list
	}
	return storeError(err)
}

// maxTries bounds how often one call goes back for what a decision lacked:
// every need met is met for good, so more would be a fault of the store.
const maxTries = 64

// errNoEnd is the store's fault that maxTries guards against.
var errNoEnd = errors.New("what a decision lacked was fetched and still lacking, again and again")

// newDecision takes a decision from the pool, under the current state.
func (e *Engine) newDecision(what occasion, now int64) *decision {
	d := e.decisions.Get().(*decision) //nolint:errcheck // the pool holds nothing else
	d.st, d.cfg, d.what = e.states.load(), &e.cfg, what
	d.outbox = e.hasOutbox()
	d.setNow(now)
	return d
}

func (e *Engine) putDecision(d *decision) {
	d.release()
	e.decisions.Put(d)
}

// step carries a decision out on a contact: it follows identities that lead
// elsewhere, finishes merges it meets and fetches what the decision lacks,
// until the decision has run whole and is committed.
func (e *Engine) step(ctx context.Context, key Key, d *decision) (Key, error) {
	if err := e.heed(ctx, d); err != nil {
		return key, err
	}
	for range maxTries {
		d.steps[0] = Step{Key: key, Decider: d}
		if err := e.store.Step(ctx, d.steps[:]); err != nil {
			return key, storeError(err)
		}
		err := d.steps[0].Err
		if err == nil {
			e.redate(ctx, key, d)
			return key, nil
		}
		if !errors.Is(err, errNeed) {
			return key, stepError(err)
		}
		if key, err = e.fetch(ctx, key, d); err != nil {
			return key, err
		}
		// What was fetched took its time.
		e.readAgain(d)
	}
	return key, storeError(errNoEnd)
}

// view runs a decision over a snapshot and commits nothing: explanations,
// sweeps' first look, A9.
func (e *Engine) view(ctx context.Context, key Key, d *decision) (Key, error) {
	if err := e.heed(ctx, d); err != nil {
		return key, err
	}
	var c Changes
	for range maxTries {
		var decided error
		c.Reset()
		if err := e.store.Read(ctx, []Key{key}, func(rec *Record) error {
			decided = d.Decide(rec, &c)
			return nil
		}); err != nil {
			return key, storeError(err)
		}
		if decided == nil {
			return key, nil
		}
		if !errors.Is(decided, errNeed) {
			return key, decided
		}
		again := d.need.clock
		var err error
		if key, err = e.fetch(ctx, key, d); err != nil {
			return key, err
		}
		if again {
			e.readAgain(d)
		}
	}
	return key, storeError(errNoEnd)
}

// fetch gets what a decision lacked, outside the store's lock.
func (e *Engine) fetch(ctx context.Context, key Key, d *decision) (Key, error) {
	n := d.need
	switch {
	case !n.forward.IsZero():
		return n.forward, nil
	case n.moving:
		return key, e.finishMove(ctx, key)
	}
	if len(n.companies) > 0 {
		if err := e.fetchCompanies(ctx, n.companies, d); err != nil {
			return key, err
		}
	}
	if n.events {
		events, err := e.store.Events(ctx, key, Mark{}, max(e.cfg.recentEvents, 1))
		var damaged *DamagedError
		if err != nil && (!errors.As(err, &damaged) || damaged.Event == nil) {
			return key, storeError(err)
		}
		d.setEvents(events, n.seq)
		d.complete = d.complete && damaged == nil // it reaches back to what cannot be read
	}
	return key, nil
}

// fetchCompanies reads company data. A company is a record of its own: it is
// not isolated with the contact's, only as current as can be.
func (e *Engine) fetchCompanies(ctx context.Context, ids []string, d *decision) error {
	keys := make([]Key, len(ids))
	for i, id := range ids {
		keys[i] = Key{Kind: KindCompany, ID: id}
	}
	if d.companies == nil {
		d.companies = make(map[string]*Record, len(ids))
	}
	err := e.store.Read(ctx, keys, func(rec *Record) error {
		d.companies[rec.Key.ID] = &Record{Key: rec.Key, Exists: rec.Exists, Profile: rec.Profile}
		return nil
	})
	return storeError(err)
}

func unixMilli(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
