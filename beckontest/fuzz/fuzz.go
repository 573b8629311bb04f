// Package fuzz plays random histories on a program, and checks what must hold whatever
// happens.
//
//	func TestProgram(t *testing.T) { fuzz.Program(t, program) }
//
// The histories are drawn from what the program mentions: its events and keys, values at
// and beside the operands of its rules, instants at and beside the edges of its windows,
// distances and deadlines, also pauses, merges, visits, sweeps and refusals. After each
// step these promises are checked against models that are simpler than the engine:
//
//   - nothing breaks: no panic, no message held failed
//   - frequencies and caps are kept, one-off and ongoing messages go once
//   - nothing is sent while it is a draft, paused or stopped, outside its schedule, in
//     quiet hours, to who is snoozed, or to who has refused it
//   - Explain agrees with what is then done, and what it says of when a message could be
//     sent is so to the millisecond
//   - the totals are the sums of what was decided
//
// [Check] adds a promise of your own, which is what a team usually wants: "no message to a
// customer who has paid", "never two discounts in a week". Without one the package tests
// the engine with your program.
//
// A history that breaks a promise is made as small as it can be, and printed as a scenario:
// paste it into a file, say what you want of its last step, and beckontest.Scenarios and
// the command "beckon test" run it from then on.
//
// It uses the package pgregory.net/rapid, whose flags say how much is tried: -rapid.checks
// (100 histories; a fifth of it with -short), -rapid.seed to repeat a run, and
// -rapid.shrinktime.
package fuzz

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/history"
	"pgregory.net/rapid"
)

// An Option says how a program is fuzzed.
type Option func(*fuzzer)

// Check adds a promise, which is asked after each step; an error breaks it. The name
// stands in the report. It must not keep the step, and it must come to the same result
// for the same history.
func Check(name string, check func(Step) error) Option {
	return func(f *fuzzer) { f.checks = append(f.checks, promise{name, check}) }
}

// Engine sets options of the engine. A clock among them is overruled.
func Engine(opts ...beckon.Option) Option {
	return func(f *fuzzer) { f.engine = append(f.engine, opts...) }
}

// Length sets how many steps a history has at most, from 1; the default is
// [DefaultLength].
func Length(steps int) Option {
	return func(f *fuzzer) { f.length = max(steps, 1) }
}

// DefaultLength is how many steps a history has at most.
const DefaultLength = 30

// Program plays random histories on a program, and fails the test if one of them breaks a
// promise. A program that cannot be published stops the test.
//
// Of a *[testing.F] it calls Fuzz, so it must be called last: "go test -fuzz" then looks
// for histories that come to new code. Without -fuzz some random ones are played.
func Program(tb testing.TB, program beckon.Program, opts ...Option) {
	tb.Helper()
	f := newFuzzer(program, opts)
	if err := f.publishable(context.Background()); err != nil {
		tb.Fatalf("fuzz: %v", err)
		return
	}
	property, err := f.property()
	if err != nil {
		tb.Fatalf("fuzz: %v", err)
		return
	}
	if target, is := tb.(*testing.F); is {
		for _, seed := range seeds() {
			target.Add(seed)
		}
		target.Fuzz(rapid.MakeFuzz(property))
		return
	}
	rapid.Check(tb, property)
}

// A fuzzer plays histories on one program.
type fuzzer struct {
	program beckon.Program
	engine  []beckon.Option
	checks  []promise
	length  int

	claimed *beckon.Program // what the witness is told of the program: itself, except in tests of the witness
}

type promise struct {
	name string
	kept func(Step) error
}

func newFuzzer(program beckon.Program, opts []Option) *fuzzer {
	f := &fuzzer{program: program, length: DefaultLength}
	f.claimed = &f.program
	for _, o := range opts {
		o(f)
	}
	return f
}

// property returns what is asked of random histories.
func (f *fuzzer) property() (func(*rapid.T), error) {
	document, err := json.Marshal(f.program)
	if err != nil {
		return nil, err
	}
	of, err := history.Of(document)
	if err != nil {
		return nil, err
	}
	move := rapid.Custom(func(t *rapid.T) history.Move { return of.Draw(dice{t}) })
	lives := rapid.Custom(func(t *rapid.T) life {
		return of.Steps(rapid.SliceOfN(move, 1, f.length).Draw(t, "moves"))
	})
	return func(t *rapid.T) {
		steps := lives.Draw(t, "history")
		if broken := f.play(context.Background(), steps); broken != nil {
			t.Fatalf("fuzz: %s", f.report(broken, steps))
		}
	}, nil
}

// A life is the steps of a history. What rapid prints of it is short: the report has all.
type life []json.RawMessage

// GoString returns how long it is.
func (l life) GoString() string { return fmt.Sprintf("%d steps", len(l)) }

// dice are the choices of rapid, so that it can make a history smaller.
type dice struct{ t *rapid.T }

// IntN implements [history.Dice].
func (d dice) IntN(n int) int { return rapid.IntRange(0, n-1).Draw(d.t, "choice") }

// seeds are inputs for a fuzz target, so that it plays something without -fuzz, too.
func seeds() [][]byte {
	var key [32]byte
	random := rand.NewChaCha8(key)
	list := make([][]byte, 50)
	for i := range list {
		list[i] = make([]byte, 1<<14)
		_, _ = random.Read(list[i]) // it never fails
	}
	return list
}
