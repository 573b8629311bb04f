package beckon

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/store"
)

// A Store keeps records: of contacts, companies, event names and messages.
// Package memstore has one in memory; the modules sqlstore and redisstore are
// for SQLite, PostgreSQL and Redis; package store says how to write one.
type Store = store.Store

// A DamagedError says that records cannot be read: they are damaged (data_corrupt) or of a
// newer version (data_version). A call about one contact fails with it; one about many goes on
// and ends with it ([OnDamaged]). [Engine.Delete] removes such a contact, [Engine.DropDamaged]
// any record.
type DamagedError = store.DamagedError

// A PanicError says that a decision panicked: nothing was written.
type PanicError = store.PanicError

// programmed reports whether the engine takes calls, and has a program.
func (e *Engine) programmed() error {
	if err := e.open(); err != nil {
		return err
	}
	if e.states.Load().Plan.Missing {
		return ErrorList{{Code: ErrProgramMissing, Message: "no program was published: there is nothing to decide by"}}
	}
	return nil
}

// beginRun reports whether a run can begin. It reads the store's settings again:
// a process that only sweeps may never refresh.
func (e *Engine) beginRun(ctx context.Context) error {
	if err := e.programmed(); err != nil {
		return err
	}
	return e.readSettings(ctx)
}

// The attributes of the store's own record, which are booleans.
const (
	settingOutbox     = "outbox"      // there is an outbox
	settingExactEmail = "exact_email" // addresses are compared exactly
)

// settingsKey names the record of what is true of the store as a whole.
func settingsKey() store.Key { return store.Key{Kind: store.KindStore, ID: "settings"} }

// settings are what an engine knows of the store as a whole (D12).
type settings struct {
	known  atomic.Bool
	outbox atomic.Bool // the store has one
}

// hasOutbox reports whether what is decided goes into the outbox: the engine was
// told so, or the store has one.
func (e *Engine) hasOutbox() bool { return e.cfg.outbox || e.settings.outbox.Load() }

// HasOutbox reports whether what is decided goes into the outbox: the engine was made
// with one ([WithOutbox], [WithWorkers]), or the store keeps that another engine was.
// The error is closed, option_conflict or a [StoreError].
func (e *Engine) HasOutbox(ctx context.Context) (bool, error) {
	if err := e.open(); err != nil || e.hasOutbox() {
		return err == nil, err
	}
	err := e.compareSettings(ctx, false)
	return e.hasOutbox(), err
}

// Lease returns how long a delivery belongs to its caller ([WithLease]).
func (e *Engine) Lease() time.Duration {
	if e.shared == nil {
		return LeaseFor
	}
	return time.Duration(e.cfg.Lease) * time.Millisecond
}

// heed has a decision follow the store's settings. Only the first call of an
// engine that has published nothing reads them.
func (e *Engine) heed(ctx context.Context, d *decide.Decision) error {
	if e.settings.known.Load() {
		return nil
	}
	err := e.readSettings(ctx)
	d.In.Outbox = e.hasOutbox()
	return err
}

// agreed reports whether the engine compares addresses as the store does, before
// it looks for one. It writes nothing: it may be that somebody only reads.
func (e *Engine) agreed(ctx context.Context) error {
	if e.settings.known.Load() {
		return nil
	}
	return e.compareSettings(ctx, false)
}

// readSettings learns what the store says, and has it say what the engine was
// told. A view only reads: what it writes may be rolled back.
func (e *Engine) readSettings(ctx context.Context) error { return e.compareSettings(ctx, !e.isView) }

func (e *Engine) compareSettings(ctx context.Context, says bool) error {
	outbox, missing := false, false
	look := func(rec *store.Record) error {
		outbox, _ = rec.Profile.Attribute(settingOutbox).Bool()
		exact, said := rec.Profile.Attribute(settingExactEmail).Bool()
		missing = !said || e.cfg.outbox && !outbox
		if said && exact != e.cfg.ExactEmail {
			return exactConflict(exact)
		}
		return nil
	}
	var conflict error
	err := e.store.Read(ctx, []store.Key{settingsKey()}, func(rec *store.Record) error {
		conflict = look(rec)
		return nil
	})
	switch {
	case err != nil:
		return storeError(err)
	case conflict != nil:
		return conflict
	case missing && !says:
		return nil
	case missing:
		if err := e.stepOnce(ctx, []store.Step{{Key: settingsKey(), Decider: deciderFunc(func(rec *store.Record, c *store.Changes) error {
			if err := look(rec); err != nil || !missing {
				return err
			}
			c.Profile = decide.CloneProfile(rec.Profile)
			decide.SetAttribute(c.Profile, settingExactEmail, Bool(e.cfg.ExactEmail))
			if e.cfg.outbox {
				decide.SetAttribute(c.Profile, settingOutbox, Bool(true))
				outbox = true
			}
			return nil
		})}}); err != nil {
			return err
		}
	}
	e.settings.outbox.Store(outbox)
	e.settings.known.Store(true)
	return nil
}

// exactConflict is the error of an engine that was told otherwise than the store
// says how addresses are compared: each of the two would find contacts that the
// other does not.
func exactConflict(exact bool) error {
	is, engine := "in any letter case", "with WithExactEmail"
	if exact {
		is, engine = "exactly", "without WithExactEmail"
	}
	return ErrorList{{
		Code: ErrOptionConflict, Field: "exact_email",
		Message: "the store compares email addresses " + is + ", and the engine was made " + engine,
	}}
}
