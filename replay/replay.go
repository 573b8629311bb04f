// Package replay plays recorded history through a program, on a clock of its own and a
// store of its own: what it would have sent to whom and when, what it would have held and
// why; and what another program would have done differently. It decides as an engine does,
// step by step, and touches nothing of yours.
//
//	report, err := replay.Run(ctx, program, replay.Lines(file), replay.Against(edited))
//	fmt.Println(report.Difference.Added, report.Difference.Removed)
package replay

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
)

// MaxLine is how long a line of a recording may be, in bytes.
const MaxLine = 16 << 20

// A Step is one thing that happened: an event, a change of a contact, a visit, or time.
type Step struct {
	at     time.Time
	line   *scenario.Step
	number int // of its line, from 1; 0: it has none
	call   func(context.Context, *beckon.Engine) (beckon.Result, error)
}

// At returns when the step happened.
func (s *Step) At() time.Time { return s.at }

// Track returns an event that arrived at an instant.
func Track(at time.Time, event beckon.Event) Step {
	return Step{at: at, call: func(ctx context.Context, e *beckon.Engine) (beckon.Result, error) { return e.Track(ctx, event) }}
}

// Update returns a change of a contact at an instant.
func Update(at time.Time, contact beckon.Contact) Step {
	return Step{at: at, call: func(ctx context.Context, e *beckon.Engine) (beckon.Result, error) { return e.Update(ctx, contact) }}
}

// Visit returns a visit at an instant.
func Visit(at time.Time, visit beckon.Visit) Step {
	return Step{at: at, call: func(ctx context.Context, e *beckon.Engine) (beckon.Result, error) { return e.Visit(ctx, visit) }}
}

// Due returns a run of [beckon.Engine.Due] at an instant.
func Due(at time.Time) Step { return run(at, "due") }

// Sweep returns a run of [beckon.Engine.Sweep] at an instant.
func Sweep(at time.Time) Step { return run(at, "sweep") }

func run(at time.Time, verb string) Step {
	s := scenario.RunStep(at, verb)
	return Step{at: at, line: &s}
}

// Lines reads a recording: a step of a scenario on each line, such as
//
//	{"at": "2026-03-02T09:00:00Z", "track": {"event_name": "signed-up", "user_id": "u1"}}
//
// Empty lines are passed over, and so is what a step wants. A line that is no step is
// yielded as an error that names it, the first as line 1, and the next go on; if r fails,
// that is the last. r belongs to the sequence until that ends.
func Lines(r io.Reader) iter.Seq2[Step, error] {
	return func(yield func(Step, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(make([]byte, 0, 64<<10), MaxLine)
		n := 0
		for lines.Scan() {
			n++
			text := bytes.TrimSpace(lines.Bytes())
			if len(text) == 0 {
				continue
			}
			s, err := scenario.ParseStep(bytes.Clone(text)) // which keeps it
			if err != nil {
				err = &LineError{n, err}
			}
			if !yield(Step{at: s.At(), line: &s, number: n}, err) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			if errors.Is(err, bufio.ErrTooLong) {
				err = fmt.Errorf("longer than %d bytes", MaxLine)
			}
			yield(Step{number: n + 1}, &LineError{n + 1, err})
		}
	}
}

// A LineError says which line of a recording is no step, and why.
type LineError struct {
	Line int // the first is 1
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

func (e *LineError) Unwrap() error { return e.Err }
