// Package replay plays recorded history through a program, on a clock and a store of its
// own: what it would have sent to whom and when, what it would have held and why; and what
// another program would have done differently. It decides as an engine does, step by step.
//
//	report, err := replay.Run(ctx, program, replay.Lines(file), replay.Against(edited))
//	fmt.Println(report.Difference.Added, report.Difference.Removed)
//
// History comes from JSON lines ([Lines]), from any iterator over steps ([Track], [Update],
// [Visit] …), or from what a store has kept ([Kept]).
//
// A replay touches nothing of yours. Its clock is that of the steps, what it decides goes
// into memory of its own, it has no outbox, and it tells no observer and no log. Package
// replay/report makes a page of what came of it.
package replay

import (
	"context"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
)

// A Step is one thing that happened: an event, a change of a contact, a visit, or time.
type Step struct {
	at     time.Time
	number int // of its line, from 1; 0: it has none
	kind   kind
	event  beckon.Event
	line   scenario.Step
	call   func(context.Context, *beckon.Engine) (beckon.Result, error)
	one    bool // call is about one contact
	given  *given
}

// A kind says how a step is played.
type kind uint8

const (
	callStep  kind = iota // by call
	eventStep             // by event
	lineStep              // by line
	givenStep             // given is put into the store before the program is published
)

// At returns when the step happened.
func (s *Step) At() time.Time { return s.at }

// single reports whether the step is surely about one contact.
func (s *Step) single() bool {
	switch s.kind {
	case eventStep:
		return true
	case lineStep:
		return s.line.Verb() != "due" && s.line.Verb() != "sweep" && s.line.Verb() != "send"
	}
	return s.one
}

// Track returns an event that arrived at an instant.
func Track(at time.Time, event beckon.Event) Step {
	return Step{at: at, kind: eventStep, event: event}
}

// Update returns a change of a contact at an instant.
func Update(at time.Time, contact beckon.Contact) Step {
	return Step{at: at, one: true, call: func(ctx context.Context, e *beckon.Engine) (beckon.Result, error) { return e.Update(ctx, contact) }}
}

// Visit returns a visit at an instant.
func Visit(at time.Time, visit beckon.Visit) Step {
	return Step{at: at, one: true, call: func(ctx context.Context, e *beckon.Engine) (beckon.Result, error) { return e.Visit(ctx, visit) }}
}

// Due returns a run of [beckon.Engine.Due] at an instant.
func Due(at time.Time) Step { return Step{at: at, kind: lineStep, line: scenario.RunStep(at, "due")} }

// Sweep returns a run of [beckon.Engine.Sweep] at an instant.
func Sweep(at time.Time) Step {
	return Step{at: at, kind: lineStep, line: scenario.RunStep(at, "sweep")}
}

// Call returns any other call of an engine at an instant, such as a merge. fn is called once
// for each program, with an engine that belongs to the replay. It must not keep it.
func Call(at time.Time, fn func(ctx context.Context, engine *beckon.Engine) (beckon.Result, error)) Step {
	return Step{at: at, call: fn}
}
