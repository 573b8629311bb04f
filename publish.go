package beckon

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ledger"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// Publish compiles a program and runs it from now on; calls in flight finish
// under the one before. All faults come at once, as an [ErrorList] of
// program_invalid with their paths, or mode_fixed for a message that was live
// in another mode; then nothing has changed. The program is not kept.
//
// A live message without a live_at goes live when it is first published live. That
// moment, its mode, pauses and stops outlive programs. (A8, D7)
func (e *Engine) Publish(ctx context.Context, program Program) error {
	if err := e.itself(); err != nil {
		return err
	}
	p, faults := compile(program, &e.cfg)
	if err := raise(faults); err != nil {
		return err
	}
	if e.cfg.Decisions > 0 {
		form, err := json.Marshal(program)
		if err != nil {
			return storeError(err)
		}
		p.Number = ledger.ProgramOf(form)
	}
	ctx, unlock := e.lockProgram(ctx)
	defer unlock()
	if err := e.readSettings(ctx); err != nil {
		return err
	}
	now := e.clock()
	states, err := e.loadMessageStates(ctx, p, nil)
	if err != nil {
		return storeError(err)
	}
	if err := raise(decide.ModesFixed(p, states)); err != nil {
		return err
	}
	if err := e.goLive(ctx, p, states, now); err != nil {
		return err
	}
	series, err := e.loadSeries(ctx, p)
	if err != nil {
		return storeError(err)
	}
	archived, err := e.loadArchived(ctx)
	if err != nil {
		return storeError(err)
	}
	st := decide.NewState(p, states, archived, e.zones)
	st.Series = series
	e.states.Set(st)
	return nil
}

// goLive records, for each message that is live (or stopped) for the first
// time, what outlives the program.
func (e *Engine) goLive(ctx context.Context, p *plan.Plan, states map[string]decide.MessageState, now int64) error {
	var steps []store.Step
	var deciders []*decide.GoLive
	for _, m := range p.Messages {
		if !states[m.ID].Misses(m) {
			continue
		}
		g := &decide.GoLive{Message: m, Now: now}
		deciders = append(deciders, g)
		steps = append(steps, store.Step{Key: store.Key{Kind: store.KindMessage, ID: m.ID}, Decider: g})
	}
	if len(steps) == 0 {
		return nil
	}
	if err := e.write(ctx, steps); err != nil {
		return storeError(err)
	}
	var errs fault.List
	for i := range steps {
		if err := steps[i].Err; err != nil {
			list, ok := err.(fault.List) //nolint:errorlint // what Decide returned, unchanged
			if !ok {
				return storeError(err)
			}
			for _, e := range list {
				errs.Join(e)
			}
			continue
		}
		states[deciders[i].Message.ID] = deciders[i].After
	}
	return raise(errs)
}

// Pause holds a message back, not_live, until [Engine.Resume], whatever later
// programs say. Caps are kept. Other engines over the store follow with their
// next Due or Refresh. A message that no program here has and none had live is
// message_unknown; a stopped one is message_stopped. (D7)
func (e *Engine) Pause(ctx context.Context, message string) error {
	return e.setStatus(ctx, message, plan.Paused)
}

// Resume takes a pause back: the program's own status holds again. A stopped
// message is message_stopped. (D7)
func (e *Engine) Resume(ctx context.Context, message string) error {
	return e.setStatus(ctx, message, "")
}

// Stop ends a message for good: no send starts after it has returned (in other
// engines, after their next Due or Refresh), and no later program brings it
// back. Stopping twice is no error. (D7)
func (e *Engine) Stop(ctx context.Context, message string) error {
	return e.setStatus(ctx, message, plan.Stopped)
}

func (e *Engine) setStatus(ctx context.Context, message string, status plan.Status) error {
	if err := e.itself(); err != nil {
		return err
	}
	ctx, unlock := e.lockProgram(ctx)
	defer unlock()
	p := e.states.Plan()
	m, known := p.ByID[message]
	programStopped := known && m.Status == plan.Stopped
	var after decide.MessageState
	step := []store.Step{{Key: store.Key{Kind: store.KindMessage, ID: message}, Decider: deciderFunc(func(rec *store.Record, c *store.Changes) error {
		if !rec.Exists && !known {
			return unknownID("message", "no message "+fault.Quote(message)+" is known", message, p.Near.Messages)
		}
		k := decide.ReadMessageState(rec)
		if (k.Status == plan.Stopped || programStopped) && status != plan.Stopped {
			return ErrorList{{Code: ErrMessageStopped, Field: "message", Message: "the message " + fault.Quote(message) + " was stopped, for good"}}
		}
		after = k
		if k.Status == status {
			return nil
		}
		k.Status = status
		c.Profile, c.Touch = decide.CloneProfile(rec.Profile), true
		decide.WriteMessageState(c.Profile, k)
		after = k
		return nil
	})}}
	if err := e.stepOnce(ctx, step); err != nil {
		return err
	}
	if known {
		e.states.Note(func(n *decide.Noted) { n.Message(m, after) })
	}
	return nil
}

// Refresh reads again what other engines over the store may have changed: pauses, stops,
// archived events, and the outbox. [Engine.Due] begins with it.
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
	next = decide.NewState(st.Plan, states, archived, e.zones)
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

// loadMessageStates reads the message records of a plan. If damaged is not nil, one that
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
