package replay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/beckon-go/beckon/internal/lines"
	"github.com/beckon-go/beckon/internal/scenario"
)

// MaxLine is how long a line of a recording may be, in bytes.
const MaxLine = 16 << 20

// Lines reads a recording: a step of a scenario on each line, such as
//
//	{"at": "2026-03-02T09:00:00Z", "track": {"event_name": "signed-up", "user_id": "u1"}}
//
// Empty lines are passed over, and so are a byte order mark before the first line and what a
// step wants, which may be any JSON. A line that is no step, or is longer than [MaxLine], is
// yielded as a [*LineError] that names it, the first as line 1, and the next go on. If r
// fails, its error is the last, with the line in its text. r belongs to the sequence until
// that ends. A nil r has no lines.
func Lines(r io.Reader) iter.Seq2[Step, error] {
	return func(yield func(Step, error) bool) {
		if r == nil {
			return
		}
		in := lines.New(r, MaxLine)
		for n := 1; ; n++ {
			text, err := in.Next()
			switch {
			case errors.Is(err, io.EOF):
				return
			case errors.Is(err, lines.ErrTooLong):
				if !yield(Step{number: n}, &LineError{n, fmt.Errorf("longer than %d bytes", MaxLine)}) {
					return
				}
				continue
			case err != nil:
				yield(Step{number: n}, fmt.Errorf("line %d: %w", n, err))
				return
			}
			if text = bytes.TrimSpace(text); len(text) == 0 {
				continue
			}
			s, err := scenario.ParseLine(string(text))
			if err != nil {
				err = &LineError{n, err}
			}
			if !yield(Step{at: s.At(), kind: lineStep, line: s, number: n}, err) {
				return
			}
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
