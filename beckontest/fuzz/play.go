package fuzz

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
)

// A Step is one step of a history and what came of it.
type Step struct {
	Number int // from 0
	At     time.Time
	Verb   string          // such as track or visit, as in a scenario
	JSON   json.RawMessage // the step as a scenario has it
	Sent   []beckon.Delivery
	Held   []beckon.Held   // of a sweep and a send: none, for they judge everyone
	Errors []*beckon.Error // if it was refused

	// Engine can be asked more, such as for a contact. Its clock stands at At. What is
	// changed by it is not in the history that is printed.
	Engine *beckon.Engine
}

// A broken promise is what a history is reported for.
type broken struct {
	step int
	verb string
	name string
	err  error
}

// publishable returns why a program cannot be published.
func (f *fuzzer) publishable(ctx context.Context) error {
	_, err := scenario.NewPlayer(ctx, f.program, time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC), f.engine...)
	return err
}

// play plays a history, and returns the first promise that it breaks; nil if it breaks
// none.
func (f *fuzzer) play(ctx context.Context, steps []json.RawMessage) *broken {
	var player *scenario.Player
	w := newWitness(f.claimed)
	for i, raw := range steps {
		step, err := scenario.ParseStep(raw)
		if err != nil {
			return &broken{i, "", "history", err}
		}
		if player == nil {
			if player, err = scenario.NewPlayer(ctx, f.program, step.At(), f.engine...); err != nil {
				return &broken{-1, "", "publish", err}
			}
			w.engine = player.Engine()
		}
		player.Set(step.At())
		why := player.Explain(ctx, step)
		if err := foretold(ctx, player, step, why); err != nil {
			return &broken{i, step.Verb(), "could be sent at", err}
		}
		player.Set(step.At())
		w.before(ctx, &step)
		out := player.Do(ctx, step)
		s := Step{Number: i, At: step.At(), Verb: step.Verb(), JSON: raw, Errors: out.Errors, Engine: player.Engine()}
		if out.Result != nil {
			s.Sent, s.Held = out.Result.Deliveries, out.Result.Held
		}
		for _, p := range append([]promise{
			{"nothing breaks", nothingBreaks},
			{"explain agrees", func(s Step) error { return w.explained(s, &out, why) }},
			{"only what may be sent", func(s Step) error { return w.sent(ctx, s) }},
		}, f.checks...) {
			if err := guard(p, s); err != nil {
				return &broken{i, step.Verb(), p.name, err}
			}
		}
	}
	if err := w.totals(ctx); err != nil {
		return &broken{len(steps) - 1, "", "totals", err}
	}
	return nil
}

// guard asks whether a promise is kept. A check of the host's that panics has broken it.
func guard(p promise, s Step) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return p.kept(s)
}

// report says what was broken, and prints the history up to there as a scenario.
func (f *fuzzer) report(b *broken, steps []json.RawMessage) string {
	var s strings.Builder
	fmt.Fprintf(&s, "step %d", b.step)
	if b.verb != "" {
		s.WriteString(" " + b.verb)
	}
	fmt.Fprintf(&s, ": %s: %v\n\nThe history, as a scenario:\n{\"name\": %s, \"program\": ", b.name, b.err, quoted("fuzz: "+b.name))
	program, err := json.Marshal(f.program)
	if err != nil { // it was published
		program = []byte(quoted(err.Error()))
	}
	s.Write(program)
	s.WriteString(",\n \"steps\": [")
	for i, raw := range steps[:min(b.step+1, len(steps))] {
		if i > 0 {
			s.WriteByte(',')
		}
		s.WriteString("\n  " + string(raw))
	}
	s.WriteString("\n]}")
	return s.String()
}

func quoted(text string) string {
	data, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(data)
}
