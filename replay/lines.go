package replay

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/beckon-go/beckon/internal/scenario"
)

// MaxLine is how long a line of a recording may be, in bytes.
const MaxLine = 16 << 20

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
			if !yield(Step{at: s.At(), kind: lineStep, line: s, number: n}, err) {
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
