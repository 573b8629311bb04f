package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/replay"
)

// replays plays recorded steps through a program.
func replays(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("beckon replay", flag.ContinueOnError)
	flags.SetOutput(stderr)
	program := flags.String("program", "", "the file of the `program`")
	against := flags.String("against", "", "the file of `another` program, to be compared")
	events := flags.String("events", "", "the `file` of the steps, - for the standard input")
	asJSON := flags.Bool("json", false, "print lines of JSON")
	if status, ok := parseFlags(flags, args, stderr, program, events); !ok {
		return status
	}
	fail := func(err error) int {
		fmt.Fprintf(stderr, "beckon replay: %v\n", err)
		return unable
	}
	first, err := readProgram(*program)
	if err != nil {
		return fail(err)
	}
	var opts []replay.Option
	if *against != "" {
		second, err := readProgram(*against)
		if err != nil {
			return fail(err)
		}
		opts = append(opts, replay.Against(second))
	}
	in := os.Stdin
	if *events != "-" {
		if in, err = os.Open(*events); err != nil {
			return fail(err)
		}
		defer func() { _ = in.Close() }() // it was only read
	}
	out := bufio.NewWriter(stdout)
	if *asJSON {
		opts = append(opts, replay.OnStep(func(_ int, outcome []byte) {
			_, _ = out.Write(append(outcome, '\n')) // Flush returns the error
		}))
	}
	report, err := replay.Run(context.Background(), first, replay.Lines(in), opts...)
	if err != nil {
		return fail(err)
	}
	if *asJSON {
		lines := json.NewEncoder(out)
		lines.SetEscapeHTML(false)
		err = lines.Encode(map[string]any{"summary": report.Summary})
		if report.Difference != nil {
			err = errors.Join(err, lines.Encode(map[string]any{"difference": report.Difference}))
		}
	} else {
		err = report.WriteText(out)
	}
	if err = errors.Join(err, out.Flush()); err != nil {
		return fail(err)
	}
	return passed
}

// parseFlags parses a command line without further arguments, on which all of needed are to
// be set. Otherwise it returns the exit status.
func parseFlags(flags *flag.FlagSet, args []string, stderr io.Writer, needed ...*string) (status int, ok bool) {
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return passed, false
	} else if err != nil {
		return unable, false
	}
	for _, value := range needed {
		if *value == "" || flags.NArg() > 0 {
			fmt.Fprintf(stderr, "%s: a flag is missing, or there is something beside the flags\n\n%s", flags.Name(), usage)
			return unable, false
		}
	}
	return passed, true
}

func readProgram(name string) (beckon.Program, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return beckon.Program{}, err
	}
	program, err := beckon.ParseProgram(data)
	if err != nil {
		return program, fmt.Errorf("%s: %w", name, err)
	}
	return program, nil
}
