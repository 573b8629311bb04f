package beckon

import (
	"context"
	"iter"
	"time"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// OverdueFor is how long what is due waits for a program that has it. (D12)
const OverdueFor = decide.OverdueFor

// Due decides what time alone has brought: messages held until now, absences whose time is up,
// dates whose instant has come, and blocks of series whose time has come or whose rule time
// has made true. Run it every minute or so; late, it loses only dates that are over an hour
// old. It streams like [Engine.Sweep], in order of due time, begins with a Refresh, finishes
// merges cut short, and hourly at most drops visitors ([VisitorsKeptFor]) and event names
// ([NamesListedFor]).
//
// What waits for a message or a series that the program does not have is left for another
// engine, and delays nothing else, until it is overdue by more than [OverdueFor]: then it is
// dropped, not_live. A message whose state cannot be read is paused until it can; it is told
// as contacts are, see [OnDamaged]. (C5, D12, S2, T6, T9, X1)
func (e *Engine) Due(ctx context.Context, opts ...RunOption) iter.Seq2[Delivery, error] {
	return e.streamRun(ctx, opts, func(r *run, yield yieldFunc) error { return e.runDue(ctx, r, yield) })
}

func (e *Engine) runDue(ctx context.Context, r *run, yield yieldFunc) error {
	if err := r.forAll(); err != nil {
		return err
	}
	if err := e.beginRun(ctx); err != nil {
		return err
	}
	if !e.isView {
		if err := e.refresh(ctx, r); err != nil {
			return err
		}
	}
	now := e.clock()
	everyone := func(*store.Record) bool { return true }
	quiet := &run{onDamaged: r.damaged}
	if err := e.pages(ctx, store.Query{Moving: true}, quiet, toDoIf(everyone), quiet.each(func(key store.Key) error {
		return e.finishMove(ctx, key)
	})); err != nil {
		return err
	}
	// Due instants before 1970 do not occur, and zero is no query.
	p := &pass{what: decide.OnDue, now: now}
	ripe := func(rec *store.Record) bool {
		due := e.states.Load().NextDue(rec, now)
		return due != 0 && due <= now
	}
	if err := e.runPages(ctx, "due", store.Query{Due: max(now, 1), Only: new(store.Projection), ToStep: true}, r, toDoIf(ripe), func(page []found) error {
		return e.decideAll(ctx, page, r, p, yield)
	}); err != nil {
		return err
	}
	if !e.isView {
		if err := e.dropVisitors(ctx, now, r); err != nil {
			return err
		}
		if err := e.dropNames(ctx, now, r); err != nil {
			return err
		}
	}
	return r.ended()
}

// dropEvery is how often Due looks for visitors to drop: they are found by a
// scan over all of them.
const dropEvery = time.Hour

// dropVisitors drops visitors unseen for long, unless a cap still holds them.
func (e *Engine) dropVisitors(ctx context.Context, now int64, r *run) error {
	last := e.dropped.Load()
	if e.cfg.visitorsFor == 0 || last != 0 && now >= last && now-last < dropEvery.Milliseconds() {
		return nil
	}
	e.dropped.Store(now)
	st := e.states.Load()
	stopped, err := e.stoppedMessages(ctx, st.Plan, r)
	if err != nil {
		return err
	}
	droppable := func(rec *store.Record) bool { return st.Droppable(rec, stopped, now, e.cfg.visitorsFor) }
	quiet := &run{onDamaged: r.damaged}
	return e.pages(ctx, store.Query{Kinds: []store.Kind{store.KindAnonymous}}, quiet, toDoIf(droppable), quiet.each(func(key store.Key) error {
		return e.stepOnce(ctx, []store.Step{{Key: key, Decider: deciderFunc(func(rec *store.Record, c *store.Changes) error {
			// It may have come back since the scan saw it.
			if rec.Exists && droppable(rec) {
				decide.Remove(rec, c)
			}
			return nil
		})}})
	}))
}

// stoppedMessages returns the messages that were stopped, whether or not the program
// has them: nothing is sent of them any more (D7).
func (e *Engine) stoppedMessages(ctx context.Context, p *plan.Plan, r *run) (map[string]bool, error) {
	stopped := make(map[string]bool)
	damaged := func(key store.Key, err error) {
		if p.ByID[key.ID] == nil { // else it was told at the beginning
			r.damaged(key, err)
		}
	}
	err := e.scanAll(ctx, store.Query{Kinds: []store.Kind{store.KindMessage}, Damaged: damaged}, func(rec *store.Record) error {
		if decide.ReadMessageState(rec).Status == plan.Stopped {
			stopped[rec.Key.ID] = true
		}
		return nil
	})
	return stopped, storeError(err)
}
