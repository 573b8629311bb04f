package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/beckon-go/beckon/cmd/beckon/internal/stores"
	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
)

// The exit statuses.
const (
	passed = 0
	failed = 1 // findings, failures of tests, or what is not known
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

// An unknownError says that what was asked for is not known: the status is 1.
type unknownError struct{ text string }

func (e *unknownError) Error() string { return e.text }

func unknownf(format string, args ...any) error { return &unknownError{fmt.Sprintf(format, args...)} }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// A shell is what a verb has of the process.
type shell struct {
	in       io.Reader
	out, err io.Writer // once it runs: writers of text that acts on no terminal
	now      func() time.Time
	env      func(string) string // as os.Getenv
	style    term.Style          // of out

	stdout, stderr io.Writer       // once it runs: what out and err write to
	address        *stores.Address // of the store that is opened
}

// A masked writer writes errors without the passwords that addresses of stores have.
type masked struct {
	to    io.Writer
	shell *shell
}

// Write writes a whole message.
func (m masked) Write(p []byte) (int, error) {
	text := string(p)
	if a := m.shell.address; a != nil {
		text = a.Hide(text)
	}
	if _, err := io.WriteString(m.to, stores.HideAll(text)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// A call is one verb called with its flags.
type call struct {
	*shell
	verb      *verb
	flags     *cli.Command
	inputs    []input // read so far
	stdinRead bool
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
