// Package history makes random histories of contacts for a program: events, updates,
// visits, merges, sweeps and time that passes. They are drawn from what the program
// mentions. So events are those that it listens to, values lie at and beside the operands
// of its rules, and instants at and beside the edges of its windows, distances and
// deadlines. A history that is drawn from nothing would never come near them.
//
// A move says what happens, relative to the instant at which it will: moves can be left
// out, and the rest are still a history. [Program.Steps] makes steps of a scenario of them.
//
// Everything follows from the dice that the caller passes.
package history

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/beckon-go/beckon/internal/ojson"
)

// Dice make choices: IntN returns a number from 0 to n-1. Where a choice is arbitrary, 0
// is the simplest.
type Dice interface{ IntN(n int) int }

// A Program is what histories are drawn from.
type Program struct {
	words vocabulary
	start time.Time
}

// Of returns what a program mentions, of its document. The error is that it is not JSON.
func Of(program []byte) (*Program, error) {
	root, err := ojson.ParseString(string(program), ojson.Limits{Bytes: len(program), Depth: ojson.MaxDepth, Nodes: len(program) + 1})
	if err != nil {
		return nil, err
	}
	p := &Program{words: vocabulary{events: map[string]map[string][]any{}, users: map[string][]any{}, companies: map[string][]any{}}}
	p.words.program(&root)
	p.words.settle()
	p.start = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	if first := p.words.instants; len(first) > 0 && first[0].Before(p.start) {
		p.start = first[0].Add(-time.Hour)
	}
	return p, nil
}

// A Move is one thing that happens, some time after the one before it.
type Move struct {
	wait wait
	verb string
	arg  any // JSON, with values that are relative to the instant
}

// Steps returns the steps that moves are, in JSON, as a scenario has them.
func (p *Program) Steps(moves []Move) []json.RawMessage {
	at := p.start
	steps := make([]json.RawMessage, len(moves))
	for i, m := range moves {
		at = m.wait.after(at)
		step, err := json.Marshal(object{"at": at.UTC().Format(time.RFC3339Nano), m.verb: realize(m.arg, at)})
		if err != nil { // what is drawn can be written
			panic(err)
		}
		steps[i] = step
	}
	return steps
}

// object is a JSON object.
type object = map[string]any

// A relative value is a date at a distance from the instant at hand.
type relative struct {
	by   time.Duration
	unix bool // as a number of seconds, else as text
}

// realize puts instants in the place of what is relative to one.
func realize(v any, at time.Time) any {
	switch v := v.(type) {
	case relative:
		t := at.Add(v.by).UTC().Truncate(time.Second)
		switch {
		case t.Year() < 1 || t.Year() > 9999:
			return nil
		case v.unix:
			return json.Number(strconv.FormatInt(t.Unix(), 10))
		}
		return t.Format(time.RFC3339)
	case object:
		out := object{}
		for k, x := range v {
			out[k] = realize(x, at)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = realize(x, at)
		}
		return out
	}
	return v
}

// A wait is how long it is until the next move.
type wait struct {
	span    time.Duration
	instant time.Time      // then, if that lies ahead
	clock   int            // the next time it is so many minutes of the day in zone
	zone    *time.Location // nil: not at a time of day
}

// after returns the instant after the wait. It never lies before the one it follows.
func (w wait) after(at time.Time) time.Time {
	next := at
	switch {
	case !w.instant.IsZero():
		next = w.instant
	case w.zone != nil:
		local := at.In(w.zone)
		for day := range 3 {
			next = time.Date(local.Year(), local.Month(), local.Day()+day, w.clock/60, w.clock%60, 0, 0, w.zone)
			if next.Add(w.span).After(at) {
				break
			}
		}
	}
	next = next.Add(w.span)
	if next.Before(at) || next.Year() > 9000 {
		return at
	}
	return next
}
