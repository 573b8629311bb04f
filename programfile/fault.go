package programfile

import (
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/together"
)

// A Fault is one thing that is wrong with a program in files.
type Fault struct {
	File string // its name; empty if it is no one file's
	// Line and Column are where, from 1, the column in characters; zero if that is not
	// known.
	Line, Column int
	Err          *beckon.Error // its Path is the one in the file
}

// Error returns file, line and column, and what is wrong.
func (f *Fault) Error() string { return together.Fault(*f).String() }

// Unwrap returns the error, so that errors.Is finds its code.
func (f *Fault) Unwrap() error { return f.Err }

// Faults are all that is wrong with a program in files.
type Faults []*Fault

// Error returns them, one a line.
func (l Faults) Error() string {
	lines := make([]string, len(l))
	for i, f := range l {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the single faults to errors.Is and errors.As.
func (l Faults) Unwrap() []error {
	out := make([]error, len(l))
	for i, f := range l {
		out[i] = f
	}
	return out
}
