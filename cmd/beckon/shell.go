package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/urfave/cli/v3"

	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
)

// The exit statuses.
const (
	passed = 0
	failed = 1 // findings, or failures of tests
	unable = 2 // what cannot be read, or a wrong command line
)

// errFound ends a verb that has told what it found: the status is 1, and there is nothing
// to add.
var errFound = errors.New("found")

// errUnread ends a verb that has told what it could not read: the status is 2, and there is
// nothing to add.
var errUnread = errors.New("unread")

// A usageError says what is wrong with a command line.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// A shell is what a verb has of the process.
type shell struct {
	in       io.Reader
	out, err io.Writer
	now      func() time.Time
	env      func(string) string // as os.Getenv
	style    term.Style          // of out
}

// A call is one verb called with its flags.
type call struct {
	*shell
	verb  *verb
	flags *cli.Command
}

func (c *call) args() []string          { return c.flags.Args().Slice() }
func (c *call) text(flag string) string { return c.flags.String(flag) }
func (c *call) is(flag string) bool     { return c.flags.Bool(flag) }

// warn tells of something that does not end the verb.
func (c *call) warn(err error) { fmt.Fprintf(c.err, "beckon %s: %v\n", c.verb.name, err) }

// need returns an error if one of the flags is not set.
func (c *call) need(flags ...string) error {
	for _, name := range flags {
		if c.text(name) == "" {
			return usagef("-%s is missing", name)
		}
	}
	return nil
}

// needArgs returns an error unless there are so many arguments beside the flags.
func (c *call) needArgs(least, most int, what string) error {
	n := c.flags.NArg()
	switch {
	case n < least && what != "":
		return usagef("%s is missing", what)
	case n > most && most == 0:
		return usagef("there is %q beside the flags", c.args()[0])
	case n > most:
		return usagef("there is %q beside %s", c.args()[most], what)
	}
	return nil
}

// lines returns an encoder of lines of JSON.
func (c *call) lines(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}

// printJSON prints one line of JSON.
func (c *call) printJSON(v any) error { return c.lines(c.out).Encode(v) }

// maxFile is how long a file that is read whole may be, in bytes.
const maxFile = 64 << 20

// readFile reads a file, or, by the name -, the standard input.
func (c *call) readFile(name string) ([]byte, error) {
	in := c.in
	if name != "-" {
		f, err := os.Open(name) //nolint:gosec // the user's own file
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }() // it was only read
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, fmt.Errorf("%s is a folder", name)
		}
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", fileName(name), err)
	case len(data) > maxFile:
		return nil, fmt.Errorf("%s has more than %d MB", fileName(name), maxFile>>20)
	}
	return data, nil
}

// fileName returns the name by which a file is told.
func fileName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

func (c *call) readProgram(name string) (beckon.Program, error) {
	data, err := c.readFile(name)
	if err != nil {
		return beckon.Program{}, err
	}
	program, err := beckon.ParseProgram(data)
	if err != nil {
		return program, fmt.Errorf("%s: %w", fileName(name), err)
	}
	return program, nil
}

// readAt returns the instant that the flag at names; now, if it is left out.
func (c *call) readAt() (time.Time, error) {
	at := c.text("at")
	if at == "" {
		return c.now(), nil
	}
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return t, usagef("-at: %q is not a time such as 2026-03-02T09:00:00Z", at)
	}
	return t, nil
}

// A verb is one thing that the command does.
type verb struct {
	name     string
	group    string
	purpose  string // in one sentence
	usage    string // behind its name
	about    string // further sentences, wrapped as they are
	examples []string
	flags    []cli.Flag
	run      func(ctx context.Context, c *call) error
}

// flagNames returns the names of a verb's flags, sorted.
func (v *verb) flagNames() []string {
	var names []string
	for _, f := range v.flags {
		names = append(names, f.Names()...)
	}
	slices.Sort(names)
	return names
}

// jsonFlag is the flag of all verbs that print.
func jsonFlag(usage string) cli.Flag { return &cli.BoolFlag{Name: "json", Usage: usage} }

// textFlag returns a flag with a value. usage has the value's name in backquotes.
func textFlag(name, usage string) cli.Flag { return &cli.StringFlag{Name: name, Usage: usage} }

func boolFlag(name, usage string) cli.Flag { return &cli.BoolFlag{Name: name, Usage: usage} }

// unquoted returns a flag's usage without its backquotes, and what stood in them.
func unquoted(usage string) (value, text string) {
	before, rest, ok := strings.Cut(usage, "`")
	value, after, closed := strings.Cut(rest, "`")
	if !ok || !closed {
		return "", usage
	}
	return value, before + value + after
}
