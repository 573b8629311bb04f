package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/beckon-go/beckon/replay"
)

func replayVerb() *verb {
	return &verb{
		name: "replay", group: groupHistory,
		purpose: "plays recorded steps through a program, or two side by side.",
		usage:   "[-json] -program P [-against P2] -events E",
		about: `
It prints what was sent and held. Each line of E is a step of a scenario, in
order of time. With -against it prints what P2 would send in addition to P, and
what it would not send. A step that is refused is counted, and the rest go on.
With -json it prints a line for each step, then the summary, then the difference.
The clock and the store are its own: nothing of yours is touched.`,
		examples: []string{
			"beckon replay -program live.json -events march.jsonl",
			"beckon replay -program live.json -against edited.json -events march.jsonl",
		},
		flags: []cli.Flag{
			textFlag("program", "the `file` of the program"),
			textFlag("against", "the `file` of another program, to be compared"),
			textFlag("events", "the `file` of the steps, - for the standard input"),
			jsonFlag("print lines of JSON"),
		},
		run: replays,
	}
}

// replays plays recorded steps through a program.
func replays(ctx context.Context, c *call) error {
	if err := errors.Join(c.needArgs(0, 0, ""), c.need("program", "events")); err != nil {
		return err
	}
	first, err := c.readProgram(c.text("program"))
	if err != nil {
		return err
	}
	var opts []replay.Option
	if against := c.text("against"); against != "" {
		second, err := c.readProgram(against)
		if err != nil {
			return err
		}
		opts = append(opts, replay.Against(second))
	}
	in := c.in
	if events := c.text("events"); events != "-" {
		f, err := os.Open(events) //nolint:gosec // the user's own file
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // it was only read
		in = f
	}
	out := bufio.NewWriter(c.out)
	if c.is("json") {
		opts = append(opts, replay.OnStep(func(_ int, outcome []byte) {
			_, _ = out.Write(append(outcome, '\n')) // Flush returns the error
		}))
	}
	report, err := replay.Run(ctx, first, replay.Lines(in), opts...)
	if err != nil {
		return err
	}
	return errors.Join(printReport(c, out, report), out.Flush())
}

func printReport(c *call, out io.Writer, report *replay.Report) error {
	if !c.is("json") {
		return report.WriteText(out)
	}
	lines := c.lines(out)
	if err := lines.Encode(map[string]any{"summary": report.Summary}); err != nil || report.Difference == nil {
		return err
	}
	return lines.Encode(map[string]any{"difference": report.Difference})
}
