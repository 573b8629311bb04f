package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/gen"
)

func genVerb() *verb {
	return &verb{
		name: "gen", group: groupPrograms,
		purpose: "writes typed events, for Go or TypeScript.",
		usage:   "[-lang go|ts] [-package NAME] [-o OUT] FILE… | -catalogue FILE",
		about: `
It reads the events that programs declare, or that a catalogue lists: what an engine
knows of the events it has seen. In Go each event is a struct that package beckon
tracks, in TypeScript an interface. A folder is one program in several files: all
*.json in it.`,
		examples: []string{
			"beckon gen -o events/events.go program.json",
			"beckon gen -o events.ts programs/*.json",
			"beckon gen -catalogue known.json",
		},
		flags: []cli.Flag{
			textFlag("catalogue", "the `file` of a catalogue, instead of programs"),
			textFlag("lang", "the `language`: go or ts; left out: ts for a FILE.ts, else go"),
			&cli.StringFlag{Name: "package", Value: "events", Usage: "the `name` of the Go package"},
			textFlag("o", "write into this `file`; left out: print it"),
		},
		run: generate,
	}
}

// generate writes code of events.
func generate(_ context.Context, c *call) error {
	write := map[string]func(io.Writer, []gen.Event) error{
		"go": func(w io.Writer, events []gen.Event) error { return gen.Go(w, events, c.text("package")) },
		"ts": gen.TypeScript,
	}[c.language()]
	if write == nil {
		return usagef("-lang is go or ts, not %q", c.text("lang"))
	}
	events, err := c.events()
	if err != nil {
		return err
	}
	var out bytes.Buffer
	err = write(&out, events)
	var list beckon.ErrorList
	if errors.As(err, &list) && list[0].Field == "package" {
		return usagef("-package: %s", list[0].Message)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", c.sources(), err)
	}
	if name := c.text("o"); name != "" {
		if err := c.mayWrite(name); err != nil {
			return err
		}
		return os.WriteFile(name, out.Bytes(), 0o644) //nolint:gosec // source code is for all to read
	}
	_, err = c.out.Write(out.Bytes())
	return err
}

// language returns the language that is asked for, or else that of the file that is written.
func (c *call) language() string {
	switch lang, ext := c.text("lang"), strings.ToLower(filepath.Ext(c.text("o"))); {
	case lang != "":
		return lang
	case ext == ".ts" || ext == ".mts" || ext == ".cts":
		return "ts"
	}
	return "go"
}

// sources names the files that are read.
func (c *call) sources() string {
	names := c.args()
	if name := c.text("catalogue"); name != "" {
		names = []string{name}
	}
	for i := range names {
		names[i] = fileName(names[i])
	}
	return strings.Join(names, ", ")
}

// events reads what is declared or known.
func (c *call) events() ([]gen.Event, error) {
	name := c.text("catalogue")
	if name == "" {
		if err := c.needArgs(1, math.MaxInt, "a program (or -catalogue)"); err != nil {
			return nil, err
		}
		var programs []beckon.Program
		for _, file := range c.args() {
			program, err := c.readProgram(file)
			if err != nil {
				return nil, err
			}
			programs = append(programs, program)
		}
		events, err := gen.Declared(programs...)
		if err == nil && len(events) == 0 {
			err = errors.New(`no event is declared in "events"`)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", c.sources(), err)
		}
		return events, err
	}
	if err := c.needArgs(0, 0, "nothing else"); err != nil {
		return nil, err
	}
	data, err := c.readFile(name)
	if err != nil {
		return nil, err
	}
	events, err := gen.ParseCatalogue(data)
	if err != nil {
		return nil, mistaken(name, data, aCatalogue, err)
	}
	return events, nil
}
