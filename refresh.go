package beckon

import (
	"context"
	"slices"
	"unique"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// Refresh reads again what other engines over the store may have changed:
// pauses, stops, archived events, and whether there is an outbox. [Engine.Due]
// begins with it; call it to be sooner.
func (e *Engine) Refresh(ctx context.Context) error {
	if err := e.itself(); err != nil {
		return err
	}
	r := e.newRun(ctx)
	if err := e.refresh(ctx, r); err != nil {
		return err
	}
	return r.ended()
}

// refresh is Refresh as the beginning of a run.
func (e *Engine) refresh(ctx context.Context, r *run) error {
	var st, next *decide.State
	defer func() {
		if next != nil {
			e.logRefreshed(ctx, st, next)
		}
	}()
	ctx, unlock := e.lockProgram(ctx)
	defer unlock()
	if err := e.readSettings(ctx); err != nil {
		return err
	}
	st = e.states.Load()
	states, err := e.loadMessageStates(ctx, st.Plan, r.damaged)
	if err != nil {
		return storeError(err)
	}
	archived, err := e.loadArchived(ctx)
	switch key, damaged := damagedKey(err); {
	case damaged:
		r.damaged(key, err)
		archived = st.Archived // as far as it is known
	case err != nil:
		return storeError(err)
	}
	series, err := e.loadSeries(ctx, nil)
	switch key, damaged := damagedKey(err); {
	case damaged:
		r.damaged(key, err)
		series = st.Series
	case err != nil:
		return storeError(err)
	}
	next = e.newState(st.Plan, states, archived)
	next.Series = series
	e.states.Set(next)
	return nil
}

// logRefreshed logs what other engines had changed.
func (e *Engine) logRefreshed(ctx context.Context, before, after *decide.State) {
	w := e.cfg.watch
	if w == nil || w.Log == nil {
		return
	}
	var messages, series []string
	for _, m := range after.Plan.Messages {
		if before.Live[m.Place] != after.Live[m.Place] {
			messages = append(messages, m.ID)
		}
	}
	for _, s := range after.Plan.Series {
		if before.Series[s.ID] != after.Series[s.ID] {
			series = append(series, s.ID)
		}
	}
	w.Refreshed(ctx, "messages", messages)
	w.Refreshed(ctx, "series", series)
}

func (e *Engine) newState(p *plan.Plan, states map[string]decide.MessageState, archived map[unique.Handle[string]]bool) *decide.State {
	st := &decide.State{Plan: p, Live: make([]decide.Liveness, len(p.Messages)), Since: make([]int64, len(p.Messages)), Archived: archived, Zones: e.zones}
	for _, m := range p.Messages {
		st.SetLive(m, states[m.ID])
	}
	return st
}

// loadMarks reads the message records of a plan. If damaged is not nil, one that
// cannot be read is told to it and stands for a pause: it may have been a stop.
func (e *Engine) loadMessageStates(ctx context.Context, p *plan.Plan, damaged func(store.Key, error)) (map[string]decide.MessageState, error) {
	keys := make([]store.Key, len(p.Messages))
	for i, m := range p.Messages {
		keys[i] = store.Key{Kind: store.KindMessage, ID: m.ID}
	}
	states := make(map[string]decide.MessageState, len(keys))
	for {
		err := e.store.Read(ctx, keys, func(rec *store.Record) error {
			if rec.Exists {
				states[rec.Key.ID] = decide.ReadMessageState(rec)
			}
			return nil
		})
		key, ok := damagedKey(err)
		i := slices.Index(keys, key)
		if !ok || i < 0 || damaged == nil {
			return states, err
		}
		damaged(key, err)
		states[key.ID] = decide.MessageState{Status: plan.Paused}
		keys = keys[i+1:] // those before it are read
	}
}

// scanAll calls fn with every record that q chooses. fn must not call the
// store.
func (e *Engine) scanAll(ctx context.Context, q store.Query, fn func(*store.Record) error) error {
	var at store.Cursor
	for {
		next, err := e.store.Scan(ctx, q, at, scanPage, fn)
		if err != nil || next == "" {
			return err
		}
		at = next
	}
}

// scanPage is how many records one page of a scan asks for.
const scanPage = 256
