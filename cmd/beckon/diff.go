package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/beckon-go/beckon/words"
)

func diffVerb() *verb {
	return &verb{
		name: "diff", group: groupPrograms,
		purpose: "says in plain English what is different between two programs.",
		usage:   "[-json] BEFORE AFTER",
		about: `
It prints a line for each change, with its path. The exit status is 0 if both
programs say the same, and 1 if not.`,
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
			_, err = fmt.Fprintf(c.out, "%s %s\n", c.mark(change.Kind), change)
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
