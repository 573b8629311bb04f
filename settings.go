package beckon

import (
	"context"
	"sync/atomic"
	"time"
)

// OverdueFor is how long what has fallen due waits for an engine whose program has
// its message or series (D12): longer than a deployment, or the wrong one and
// its rollback, takes.
const OverdueFor = 7 * 24 * time.Hour

// isAbandoned reports whether what was due then has waited for longer than
// OverdueFor.
func isAbandoned(due, now int64) bool { return due < now-OverdueFor.Milliseconds() }

// leavesHold reports whether the hold waits for a message that is not the
// program's, and is left to an engine that has it (D12).
func (s *state) leavesHold(h *Hold, now int64) bool {
	return s.plan.byID[h.Message] == nil && !isAbandoned(h.Due, now)
}

// leavesWalk reports whether nothing becomes of a walk by time: the series is not
// live, or the program does not know where it stands and leaves it to an engine
// that does (D12).
func (s *state) leavesWalk(w *Walk, now int64) bool {
	if x := s.plan.serieses[w.Series]; x != nil && x.status != Live {
		return true
	}
	return !s.knowsWalk(w) && !isAbandoned(w.Due, now)
}

// knowsWalk reports whether the program has the series of a walk that is not over,
// and the block at which it stands.
func (s *state) knowsWalk(w *Walk) bool {
	x := s.plan.serieses[w.Series]
	return x != nil && x.block(w.Block) >= 0
}

// programmed reports whether the engine takes calls, and has a program.
func (e *Engine) programmed() error {
	if err := e.open(); err != nil {
		return err
	}
	if e.states.load().plan.missing {
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

// settingOutbox is the attribute of the store's own record that says that there
// is an outbox: a boolean.
const settingOutbox = "outbox"

// settingsKey names the record of what is true of the store as a whole.
func settingsKey() Key { return Key{Kind: KindStore, ID: "settings"} }

// settings are what an engine knows of the store as a whole (D12).
type settings struct {
	known  atomic.Bool
	outbox atomic.Bool // the store has one
}

// hasOutbox reports whether what is decided goes into the outbox: the engine was
// told so, or the store has one.
func (e *Engine) hasOutbox() bool { return e.cfg.outbox || e.settings.outbox.Load() }

// heed has a decision follow the store's settings. Only the first call of an
// engine that has published nothing reads them.
func (e *Engine) heed(ctx context.Context, d *decision) error {
	if e.settings.known.Load() {
		return nil
	}
	err := e.readSettings(ctx)
	d.outbox = e.hasOutbox()
	return err
}

// readSettings learns what the store says, and has it say what the engine was
// told. A view only reads: what it writes may be rolled back.
func (e *Engine) readSettings(ctx context.Context) error {
	has := false
	err := e.store.Read(ctx, []Key{settingsKey()}, func(rec *Record) error {
		has, _ = rec.Profile.Attribute(settingOutbox).Bool()
		return nil
	})
	if err != nil {
		return storeError(err)
	}
	switch missing := e.cfg.outbox && !has; {
	case missing && e.isView:
		return nil
	case missing:
		if err := e.stepOnce(ctx, []Step{{Key: settingsKey(), Decider: deciderFunc(func(rec *Record, c *Changes) error {
			c.Profile = rec.Profile.clone()
			c.Profile.set(settingOutbox, Bool(true))
			return nil
		})}}); err != nil {
			return err
		}
		has = true
	}
	e.settings.outbox.Store(has)
	e.settings.known.Store(true)
	return nil
}
