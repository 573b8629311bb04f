package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/urfave/cli/v3"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
	"github.com/beckon-go/beckon/internal/scenario"
	"github.com/beckon-go/beckon/words"
)

func wordsVerb() *verb {
	return &verb{
		name: "words", group: groupPrograms,
		purpose: "says in plain English what programs do.",
		usage:   "[-json] [-id ID] FILE…",
		about:   aboutFolders,
		examples: []string{
			"beckon words program.json",
			"beckon words -id welcome program.json",
		},
		flags: []cli.Flag{
			textFlag("id", "only the message or the series of this `id`"),
			jsonFlag("print a line of JSON for each file: its name, and the words"),
		},
		run: sayWords,
	}
}

// sayWords says what programs do.
func sayWords(_ context.Context, c *call) error {
	if err := c.needArgs(1, math.MaxInt, "a file"); err != nil {
		return err
	}
	unread, unknown := false, false
	for i, name := range c.args() {
		program, err := c.readProgram(name)
		if err == nil {
			err = sayProgram(c, name, program, i)
		}
		var notKnown *unknownError
		if err != nil {
			c.warn(err)
			unknown = unknown || errors.As(err, &notKnown)
			unread = unread || !errors.As(err, &notKnown)
		}
	}
	switch {
	case unread:
		return errUnread
	case unknown:
		return errFound
	}
	return nil
}

func sayProgram(c *call, name string, program beckon.Program, i int) error {
	text, err := wordsOf(program, c.text("id"))
	if err != nil {
		return fmt.Errorf("%s: %w", fileName(name), err)
	}
	if c.is("json") {
		return c.printJSON(map[string]string{"file": fileName(name), "words": text})
	}
	if c.flags.NArg() > 1 {
		heading := c.style.Bold(fileName(name)) + "\n"
		if i > 0 {
			heading = "\n" + heading
		}
		if _, err := io.WriteString(c.out, heading); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(c.out, text)
	return err
}

// wordsOf returns the words of a program, or of one message or series of it.
func wordsOf(p beckon.Program, id string) (string, error) {
	if id == "" {
		return words.Program(p), nil
	}
	for i := range p.Series {
		if p.Series[i].ID == id {
			return words.Series(p.Series[i]), nil
		}
	}
	if _, err := messageOf(&p, id); err != nil {
		return "", err
	}
	return words.MessageOf(p, id), nil
}

// messageOf returns the message of an id, of a series too.
func messageOf(p *beckon.Program, id string) (*beckon.Message, error) {
	for i := range p.Messages {
		if p.Messages[i].ID == id {
			return &p.Messages[i], nil
		}
	}
	for i := range p.Series {
		for k := range p.Series[i].Blocks {
			if m := p.Series[i].Blocks[k].Message; m != nil && m.ID == id {
				return m, nil
			}
		}
	}
	return nil, unknownMessage(p, id)
}

// unknownMessage says that a program has no such message, and which one was probably meant.
func unknownMessage(p *beckon.Program, id string) error {
	var names scenario.Names
	names.Add(p)
	return unknownf("%s", names.NoMessage(id))
}

func diffVerb() *verb {
	return &verb{
		name: "diff", group: groupPrograms,
		purpose: "says in plain English what is different between two programs.",
		usage:   "[-json] BEFORE AFTER",
		about: `
It prints a line for each change, with its path. The exit status is 0 if both
programs say the same, and 1 if not. A folder is one program in several files: all
*.json in it.`,
		examples: []string{
			"beckon diff live.json edited.json",
			"git show HEAD:program.json | beckon diff - program.json",
		},
		flags: []cli.Flag{jsonFlag("print a line of JSON for each change")},
		run:   diffs,
	}
}

// diffs says what is different between two programs.
func diffs(_ context.Context, c *call) error {
	if err := c.needArgs(2, 2, "two programs: one of them"); err != nil {
		return err
	}
	before, err := c.readProgram(c.args()[0])
	if err != nil {
		return err
	}
	after, err := c.readProgram(c.args()[1])
	if err != nil {
		return err
	}
	changes := words.Diff(before, after)
	for _, change := range changes {
		if c.is("json") {
			err = c.printJSON(change)
		} else {
			_, err = fmt.Fprintf(c.out, "%s %s\n", c.mark(change.Kind), term.Line(change.String()))
		}
		if err != nil {
			return err
		}
	}
	if len(changes) > 0 {
		return errFound
	}
	return nil
}

// mark is the sign before a change.
func (c *call) mark(kind words.Kind) string {
	switch kind {
	case words.Added:
		return c.style.Good("+")
	case words.Removed:
		return c.style.Bad("-")
	case words.Moved:
		return ">"
	}
	return c.style.Warn("~")
}
