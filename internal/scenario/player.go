package scenario

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// A Step is one step of a scenario that stands alone, in a recording. What it wants is
// passed over.
type Step struct{ s step }

// ParseStep reads a step. The error lists all that is wrong with it.
func ParseStep(raw json.RawMessage) (Step, error) {
	if !json.Valid(raw) {
		return Step{}, beckon.ErrorList{{Code: scenarioInvalid, Message: "not JSON"}}
	}
	d := &document{}
	st := Step{d.step(raw, "step")}
	if st.s.at.IsZero() && len(d.faults) == 0 {
		d.fault("step.at", "missing: each step of a recording has its time")
	}
	return st, d.err()
}

// RunStep returns a step that does what concerns all contacts: due or sweep.
func RunStep(at time.Time, verb string) Step {
	return Step{step{at: at, verb: verb, arg: json.RawMessage("{}")}}
}

// At returns when the step happens.
func (s *Step) At() time.Time { return s.s.at }

// Verb returns what the step does.
func (s *Step) Verb() string { return s.s.verb }

// A Player plays steps on an engine of its own, over a store in memory, by a clock that
// the steps set. It belongs to one goroutine.
type Player struct{ r runner }

// NewPlayer returns a player that runs a program from an instant on. The error is that of
// [beckon.Engine.Publish].
func NewPlayer(ctx context.Context, program beckon.Program, at time.Time, opts ...beckon.Option) (*Player, error) {
	p := &Player{runner{report: &Report{}, now: at}}
	var err error
	if p.r.engine, err = beckon.New(memstore.New(), slices.Concat(opts, p.r.options(options{}))...); err != nil { // the clock is the steps'
		return nil, err
	}
	return p, p.r.engine.Publish(ctx, program)
}

// Engine returns the engine, to be asked between two steps.
func (p *Player) Engine() *beckon.Engine { return p.r.engine }

// Set sets the clock.
func (p *Player) Set(at time.Time) { p.r.now = at }

// Do sets the clock to a step's time and carries it out. A step that is refused is an
// outcome with errors; the next goes on.
func (p *Player) Do(ctx context.Context, s Step) Outcome {
	p.r.now = s.s.at
	return p.r.do(ctx, &s.s)
}

// Guard carries out a call as Do does a step.
func (p *Player) Guard(at time.Time, call func(*beckon.Engine) (beckon.Result, error)) Outcome {
	p.r.now = at
	return p.r.guard(func() (Outcome, error) {
		res, err := call(p.r.engine)
		if err != nil {
			return Outcome{}, err
		}
		return Outcome{Result: &Result{res.EventID, res.Duplicate, res.Deliveries, res.Held(), res.Warnings}}, nil
	})
}

// ParseHistory reads a contact's document that may have a "history" beside its own
// members: steps that were taken with it.
func ParseHistory(data []byte) (beckon.Contact, []Step, error) {
	if len(strings.TrimSpace(string(data))) == 0 || !json.Valid(data) {
		contact, err := beckon.ParseContact(data)
		return contact, nil, err
	}
	d := &document{}
	contact := []byte{'{'}
	var history []Step
	for _, m := range d.members([]byte(strings.TrimSpace(string(data))), "contact") {
		if m.name != "history" {
			name, _ := json.Marshal(m.name)
			if len(contact) > 1 {
				contact = append(contact, ',')
			}
			contact = append(append(append(contact, name...), ':'), m.value...)
			continue
		}
		var list []json.RawMessage
		if err := json.Unmarshal(m.value, &list); err != nil {
			d.fault("history", "must be a list of steps")
		}
		for i, raw := range list {
			one := &document{}
			st := Step{one.step(raw, "history["+strconv.Itoa(i)+"]")}
			if st.s.at.IsZero() && len(one.faults) == 0 {
				one.fault("history["+strconv.Itoa(i)+"].at", "missing: each step has its time")
			}
			d.faults = append(d.faults, one.faults...)
			history = append(history, st)
		}
	}
	if err := d.err(); err != nil {
		return beckon.Contact{}, nil, err
	}
	c, err := beckon.ParseContact(append(contact, '}'))
	return c, history, err
}

// StepJSON returns the outcome of a step outside of a scenario: {"step", "result",
// "errors"}.
func StepJSON(n int, out Outcome) []byte {
	if out.Errors == nil {
		out.Errors = []*beckon.Error{}
	}
	data, err := encode(struct {
		Step   int             `json:"step"`
		Result *Result         `json:"result"`
		Errors []*beckon.Error `json:"errors"`
	}{n, out.Result, out.Errors})
	if err != nil { // what was decided can be told; else that is what is told
		data, _ = encode(map[string]any{"step": n, "result": nil, "errors": []string{err.Error()}})
	}
	return data
}

// encode returns v as JSON in which <, > and & stand as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}
