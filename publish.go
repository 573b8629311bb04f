package beckon

import (
	"context"
	"encoding/json"

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
	if err := modesFixed(p, states); err != nil {
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
	st := e.newState(p, states, archived)
	st.Series = series
	e.states.Set(st)
	return nil
}

// modesFixed is D7: the mode cannot change once a message has been live.
func modesFixed(p *plan.Plan, states map[string]decide.MessageState) error {
	var errs fault.List
	for _, m := range p.Messages {
		if k, ok := states[m.ID]; ok && k.Mode != "" && k.Mode != m.Mode {
			errs.Join(&fault.Error{
				Code: ErrModeFixed, Path: m.Path + ".mode", ID: m.ID,
				Message: "the message has been live as " + string(k.Mode) + ", which cannot change",
			})
		}
	}
	return raise(errs)
}

// goLive records, for each message that is live (or stopped) for the first
// time, what outlives the program.
func (e *Engine) goLive(ctx context.Context, p *plan.Plan, states map[string]decide.MessageState, now int64) error {
	var steps []store.Step
	var deciders []*goLive
	for _, m := range p.Messages {
		k := states[m.ID]
		first := m.Status == plan.Live && (k.Mode == "" || k.LiveAt == 0)
		stops := m.Status == plan.Stopped && k.Status != plan.Stopped
		if !first && !stops {
			continue
		}
		g := &goLive{m: m, now: now}
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
		states[deciders[i].m.ID] = deciders[i].after
	}
	return raise(errs)
}

// goLive is the decision on a message's record when it is published live.
type goLive struct {
	m     *plan.Message
	now   int64
	after decide.MessageState
}

// Decide implements [Decider]. Another engine may have published the message
// in another mode since the states were read; then this one is refused.
func (g *goLive) Decide(rec *store.Record, c *store.Changes) error {
	k := decide.ReadMessageState(rec)
	if k.Mode != "" && k.Mode != g.m.Mode {
		return fault.List{{Code: ErrModeFixed, Path: g.m.Path + ".mode", Message: "the message has been live as " + string(k.Mode)}}
	}
	p := decide.CloneProfile(rec.Profile)
	if g.m.Status == plan.Live {
		k.Mode = g.m.Mode
		if k.LiveAt == 0 {
			k.LiveAt = g.now
			if g.m.LiveAt != 0 {
				k.LiveAt = g.m.LiveAt
			}
		}
	} else {
		k.Status = plan.Stopped
	}
	decide.WriteMessageState(p, k)
	c.Profile = p
	g.after = k
	return nil
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
