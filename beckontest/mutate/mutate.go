// Package mutate finds the conditions of a program that no test notices. It changes one
// thing of the program at a time (a condition is negated or dropped, an operand, a cap or
// a window is a little larger), runs your tests with each of these mutants, and reports
// those with which all tests pass.
//
//	func TestNoticed(t *testing.T) {
//		mutate.Program(t, program(), func(t testing.TB, p beckon.Program) {
//			kit := beckontest.New(t, p)
//			…
//		})
//	}
//
// A mutant that survives is named by its path and in words, with a short history that it
// decides otherwise than the program does: the test that is missing. A mutant that random
// histories cannot tell from the program is taken to mean the same; it is counted and does
// not fail the test.
//
// It takes as long as your tests times the number of mutants, so call it in a test that
// -short skips, or for some messages with [Only]. The same program and tests have the same
// report.
package mutate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/words"
)

// MaxMutants is how many mutants are tried, if [Limit] does not say otherwise.
const MaxMutants = 500

// An Option says what is tried.
type Option func(*config)

type config struct {
	limit, workers int
	only           []string
	histories      int
}

// Limit sets how many mutants are tried at most, from 1. Of more, those that are tried are
// spread evenly over the program.
func Limit(n int) Option { return func(c *config) { c.limit = max(n, 1) } }

// Workers sets how many mutants are tried at once, from 1. The default is one for each
// processor that may be used: tests must not share what they change.
func Workers(n int) Option { return func(c *config) { c.workers = max(n, 1) } }

// Only tries the mutants of these messages, series, segments and caps, by id. Ids that the
// program does not have are an error.
func Only(ids ...string) Option { return func(c *config) { c.only = append(c.only, ids...) } }

// A Survivor is a mutant with which all tests pass.
type Survivor struct {
	Path    string // of what was changed, as faults have it, such as messages[0].audience.all[1].op
	What    string // in a few words, such as: a condition is negated
	Changes []words.Change
	Mutant  beckon.Program

	// History is a scenario's steps, in JSON, whose last one the mutant decides otherwise:
	// Was says what the program decides of it, and Now the mutant. It is nil if no random
	// history tells them apart, so that they may mean the same.
	History  []json.RawMessage
	Was, Now string
}

// A Report says what became of the mutants.
type Report struct {
	Tried     int        // mutants with which the tests were run
	Left      int        // mutants beyond the limit
	Survivors []Survivor // that differ from the program, in its order
	Same      []Survivor // that nothing tells from the program
}

// ErrTestsFail says that the tests fail with the program itself.
var ErrTestsFail = errors.New("the tests fail with the program as it is")

// Program runs the tests with each mutant of a program, and fails the test for each that
// survives. The tests run with a t of their own, whose failures only kill the mutant; they
// must fail it from their own goroutine, as ever. With the program itself they must pass.
func Program(t testing.TB, program beckon.Program, tests func(testing.TB, beckon.Program), opts ...Option) {
	t.Helper()
	report, err := Run(t.Context(), program, func(p beckon.Program) error { return passes(t, p, tests) }, opts...)
	if err != nil {
		t.Fatalf("mutate: %v", err)
		return
	}
	t.Logf("mutate: %s", report.summary())
	for i := range report.Survivors {
		t.Errorf("mutate: no test notices: %s", report.Survivors[i])
	}
}

// Run is [Program] for tests that return an error, whatever runs them. The error is
// [ErrTestsFail] if they return one for the program itself, that of the context, or why
// the program is none.
func Run(ctx context.Context, program beckon.Program, tests func(beckon.Program) error, opts ...Option) (Report, error) {
	c := config{limit: MaxMutants, workers: runtime.GOMAXPROCS(0), histories: 200}
	for _, o := range opts {
		o(&c)
	}
	doc, err := document(ctx, program)
	if err != nil {
		return Report{}, err
	}
	if err := tests(program); err != nil {
		return Report{}, fmt.Errorf("%w: %w", ErrTestsFail, err)
	}
	var m mutants
	m.of(doc)
	chosen, err := c.choose(ctx, doc, m.edits)
	if err != nil {
		return Report{}, err
	}
	report := Report{Tried: len(chosen)}
	if len(chosen) > c.limit {
		report.Tried, report.Left = c.limit, len(chosen)-c.limit
		for i := range c.limit {
			chosen[i] = chosen[i*len(chosen)/c.limit]
		}
		chosen = chosen[:c.limit]
	}
	for _, s := range c.try(ctx, program, chosen, tests) {
		switch {
		case s == nil:
		case s.History == nil:
			report.Same = append(report.Same, *s)
		default:
			report.Survivors = append(report.Survivors, *s)
		}
	}
	return report, ctx.Err()
}

// document returns the document of a program that can be published.
func document(ctx context.Context, whole beckon.Program) (object, error) {
	data, err := json.Marshal(whole)
	if err != nil {
		return nil, err
	}
	if _, err := program(ctx, json.RawMessage(data)); err != nil {
		return nil, err
	}
	in := json.NewDecoder(bytes.NewReader(data))
	in.UseNumber()
	doc := object{}
	return doc, in.Decode(&doc)
}

// A mutant is a program with one edit.
type mutant struct {
	edit    edit
	program beckon.Program
}

// choose makes the mutants that are programs and that are asked for. Each is another.
func (c *config) choose(ctx context.Context, doc object, edits []edit) ([]mutant, error) {
	wanted := map[string]bool{}
	for _, id := range c.only {
		wanted[id] = false
	}
	var chosen []mutant
	seen := map[string]bool{}
	for _, e := range edits {
		ids := owners(doc, e.path)
		asked := len(c.only) == 0
		for _, id := range ids {
			if _, is := wanted[id]; is {
				wanted[id], asked = true, true
			}
		}
		if !asked {
			continue
		}
		p, err := program(ctx, apply(doc, e.path, &e))
		if err != nil {
			continue
		}
		data, err := json.Marshal(p)
		if err != nil || seen[string(data)] {
			continue
		}
		seen[string(data)] = true
		chosen = append(chosen, mutant{e, p})
	}
	for _, id := range c.only {
		if !wanted[id] {
			return nil, fmt.Errorf("nothing of the program that can be mutated is called %q", id)
		}
	}
	return chosen, nil
}

// owners returns the ids of what a path lies in.
func owners(doc any, path []any) []string {
	var ids []string
	for i, step := range path {
		switch at := doc.(type) {
		case object:
			name, _ := step.(string) // a path fits its document
			if i == 1 && path[0] == "segments" {
				ids = append(ids, name)
			}
			doc = at[name]
		case list:
			place, _ := step.(int) // a path fits its document
			doc = at[place]
		}
		if one, is := doc.(object); is {
			if id, is := one["id"].(string); is {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// try runs the tests with each mutant, some at once, and returns the survivors at the
// places of their mutants.
func (c *config) try(ctx context.Context, program beckon.Program, list []mutant, tests func(beckon.Program) error) []*Survivor {
	survivors := make([]*Survivor, len(list))
	next := make(chan int)
	var group sync.WaitGroup
	for range min(c.workers, len(list)) {
		group.Go(func() {
			for i := range next {
				if m := &list[i]; tests(m.program) == nil {
					survivors[i] = c.tell(ctx, program, m)
				}
			}
		})
	}
	for i := range list {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	group.Wait()
	return survivors
}

func (r *Report) summary() string {
	text := fmt.Sprintf("%d mutants, %d survive", r.Tried, len(r.Survivors))
	if n := len(r.Same); n > 0 {
		text += fmt.Sprintf("; %d more are told from the program by no random history, and may mean the same", n)
	}
	if r.Left > 0 {
		text += fmt.Sprintf("; %d were not tried", r.Left)
	}
	return text
}

// String says what the mutant is, and what history it decides otherwise.
func (s Survivor) String() string {
	var b strings.Builder
	b.WriteString(s.Path + ": " + s.What)
	for _, change := range s.Changes {
		b.WriteString("\n    " + change.String())
	}
	if s.History == nil {
		return b.String()
	}
	b.WriteString("\nA history that tells:")
	for _, step := range s.History {
		b.WriteString("\n    " + string(step))
	}
	b.WriteString("\nOf its last step the program decides\n    " + s.Was + "\nand the mutant\n    " + s.Now)
	return b.String()
}
