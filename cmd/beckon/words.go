package main

import (
	"context"
	"fmt"
	"io"
	"math"

	"github.com/urfave/cli/v3"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
	"github.com/beckon-go/beckon/words"
)

func wordsVerb() *verb {
	return &verb{
		name: "words", group: groupPrograms,
		purpose: "says in plain English what programs do.",
		usage:   "[-json] [-id ID] FILE…",
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
	unread := false
	for i, name := range c.args() {
		program, err := c.readProgram(name)
		if err == nil {
			err = sayProgram(c, name, program, i)
		}
		if err != nil {
			c.warn(err)
			unread = true
		}
	}
	if unread {
		return errUnread
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
	m, err := messageOf(&p, id)
	if err != nil {
		return "", err
	}
	return words.Message(*m), nil
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
	return usagef("%s", names.NoMessage(id))
}
