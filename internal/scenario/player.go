package scenario

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/virtual"
	"github.com/beckon-go/beckon/memstore"
)

// A Player plays steps on an engine of its own, over a store in memory, by a clock that
// the steps set. It belongs to one goroutine.
type Player struct {
	r    runner
	body ojson.Text // of the event at hand
}

// NewPlayer returns a player that runs a program from an instant on. The error is that of
// [beckon.Engine.Publish].
func NewPlayer(ctx context.Context, program beckon.Program, at time.Time, opts ...beckon.Option) (*Player, error) {
	return NewPlayerOver(ctx, NewStore(), program, at, opts...)
}

// A Store is what players play on: in memory, and nothing on it is real.
type Store struct{ *memstore.Store }

// NewStore returns an empty store.
func NewStore() Store { return Store{memstore.New()} }

// Virtual implements [virtual.Store].
func (Store) Virtual() {}

var _ virtual.Store = Store{}

// NewPlayerOver is [NewPlayer] over a store that may have something in it.
func NewPlayerOver(ctx context.Context, s Store, program beckon.Program, at time.Time, opts ...beckon.Option) (*Player, error) {
	p := &Player{r: runner{report: &Report{}, now: at}}
	var err error
	if p.r.engine, err = beckon.New(s, slices.Concat(opts, p.r.options(options{}))...); err != nil { // the clock is the steps'
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

// Explain returns why the step would decide as it would, with the clock where it stands;
// nil for a step that concerns many contacts, or that would be refused.
func (p *Player) Explain(ctx context.Context, s Step) []beckon.MessageTrace {
	return p.r.explained(ctx, &s.s)
}

// Track carries out a step that tracks an event, as Do does, and returns what the engine
// returned.
func (p *Player) Track(ctx context.Context, s *Step) (beckon.Result, error) {
	p.r.now = s.s.at
	return p.r.engine.TrackJSON(ctx, s.s.body(&p.body))
}

// Refusals returns the single errors of err, as an outcome has them.
func Refusals(err error) []*beckon.Error { return flatten(err) }

// Panicked is the error of a step that broke with a panic, which would be a bug.
func Panicked(v any) *beckon.Error { return &beckon.Error{Code: panicked, Message: fmt.Sprint(v)} }

// ParseHistory reads a contact's document that may have a "history" beside its own
// members: steps that were taken with it. What they want is passed over.
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
			one := &document{wantless: true}
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
