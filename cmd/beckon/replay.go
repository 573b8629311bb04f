package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/beckon-go/beckon/cmd/beckon/internal/stores"
	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
	"github.com/beckon-go/beckon/replay"
	"github.com/beckon-go/beckon/replay/report"
)

func replayVerb() *verb {
	return &verb{
		name: "replay", group: groupHistory,
		purpose: "plays recorded steps through a program, or two side by side.",
		usage:   "[-json] [-html FILE] [-progress] -program P [-against P2] (-events E | -store S [-since T] [-until T])",
		about: `
It prints what was sent and held. Each line of E is a step of a scenario, in
order of time. With -against it prints what P2 would send in addition to P, and
what it would not send. A step that is refused is counted, and the rest go on.
With -json it prints a line for each step, then the summary, then the difference.
With -html it also writes a page with charts, in one file that needs nothing else.
The clock and the store are its own: nothing of yours is touched.

With -store it plays the events that a store has kept, and runs Due and Sweep
between them, as a host does. What was not kept cannot be played: visits, and how
attributes were before.`,
		examples: []string{
			"beckon replay -program live.json -events march.jsonl",
			"beckon replay -program live.json -against edited.json -events march.jsonl",
			"beckon replay -program live.json -against edited.json -events march.jsonl -html march.html -progress",
			"beckon replay -program live.json -against edited.json -store sqlite:beckon.db -since 2026-03-01T00:00:00Z",
		},
		flags: storeFlags(
			textFlag("program", "the `file` of the program"),
			textFlag("against", "the `file` of another program, to be compared"),
			textFlag("events", "the `file` of the steps, - for the standard input"),
			textFlag("since", "with -store: events from this `time` on, such as 2026-03-02T09:00:00Z"),
			textFlag("until", "with -store: events before this `time`"),
			textFlag("due", "with -store: run Due each so `long`; left out: 1m, 0s: never"),
			textFlag("sweep", "with -store: run Sweep each so `long`; left out: 1h, 0s: never"),
			textFlag("html", "also write a page to the `file`"),
			boolFlag("progress", "show how far it is, on a terminal"),
			jsonFlag("print lines of JSON"),
		),
		run: replays,
	}
}

// replays plays recorded steps through a program.
func replays(ctx context.Context, c *call) error {
	if err := cmp.Or(c.needArgs(0, 0, ""), c.need("program")); err != nil {
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
	source, err := c.history(ctx)
	if err != nil {
		return err
	}
	defer source.close()
	out := bufio.NewWriter(c.out)
	if c.is("json") {
		opts = append(opts, replay.OnStep(func(_ int, outcome []byte) {
			_, _ = out.Write(append(outcome, '\n')) // Flush returns the error
		}))
	}
	var bar *term.Bar
	if c.is("progress") {
		bar = term.NewBar(c.err, source.total)
		opts = append(opts, replay.OnProgress(func(p replay.Progress) { bar.Set(source.done(p), noteOf(p)) }))
	}
	// Nearly all that a replay needs for a step is garbage after it.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	result, err := replay.Run(ctx, first, source.steps, opts...)
	bar.Done()
	if err != nil {
		return err
	}
	return errors.Join(printReport(c, out, result), out.Flush(), c.writePage(result, source.name))
}

// A source is history to be played.
type source struct {
	name  string
	steps iter.Seq2[replay.Step, error]
	total int64                       // what done comes to at the end; 0 if that is not known
	done  func(replay.Progress) int64 // how much of it is played
	close func()
}

// history opens the file or the store that the flags name.
func (c *call) history(ctx context.Context) (*source, error) {
	name := c.text("events")
	switch {
	case name == "" && c.text("store") == "" && c.env(storeEnv) == "":
		return nil, usagef("-events is missing, and so is -store")
	case name == "":
		return c.keptHistory(ctx)
	case c.text("store") != "":
		return nil, usagef("-events and -store: take one of them")
	}
	if name == "-" {
		return &source{name: fileName(name), steps: replay.Lines(c.in), done: func(replay.Progress) int64 { return 0 }, close: func() {}}, nil
	}
	f, err := os.Open(name) //nolint:gosec // the user's own file
	if err != nil {
		return nil, err
	}
	read := &reading{r: f}
	s := &source{
		name: filepath.Base(name), steps: replay.Lines(read), done: func(replay.Progress) int64 { return read.n },
		close: func() { _ = f.Close() }, // it was only read
	}
	if info, err := f.Stat(); err == nil {
		s.total = info.Size()
	}
	return s, nil
}

// keptHistory opens the store that the flags name, and returns what it has kept.
func (c *call) keptHistory(ctx context.Context) (*source, error) {
	var window replay.Window
	spans := map[string]time.Duration{"due": time.Minute, "sweep": time.Hour}
	for name, into := range map[string]*time.Time{"since": &window.Since, "until": &window.Until} {
		if text := c.text(name); text != "" {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				return nil, usagef("-%s: %q is not a time such as 2026-03-02T09:00:00Z", name, text)
			}
			*into = at
		}
	}
	for name := range spans {
		if text := c.text(name); text != "" {
			d, err := time.ParseDuration(text)
			if err != nil || d < 0 {
				return nil, usagef("-%s: %q is not a length of time such as 15m or 1h", name, text)
			}
			spans[name] = d
		}
	}
	s, err := c.open(ctx, stores.Read)
	if err != nil {
		return nil, err
	}
	return &source{
		name: "a store", steps: replay.Ticking(replay.Kept(ctx, s, window), spans["due"], spans["sweep"]),
		done:  func(p replay.Progress) int64 { return int64(p.Steps) },
		close: func() { _ = s.close() }, // it was only read
	}, nil
}

// A reading counts what is read.
type reading struct {
	r io.Reader
	n int64
}

func (r *reading) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	r.n += int64(n)
	return n, err
}

// noteOf says how far a replay is.
func noteOf(p replay.Progress) string {
	note := fmt.Sprintf("%d steps", p.Steps)
	if !p.At.IsZero() {
		note += ", up to " + p.At.UTC().Format(time.DateOnly)
	}
	return note
}

// writePage writes the page that the flags ask for.
func (c *call) writePage(result *replay.Report, source string) (err error) {
	name := c.text("html")
	if name == "" {
		return nil
	}
	f, err := os.Create(name) //nolint:gosec // the user's own file
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	page := report.Page{Report: result, Title: "Replay of " + source, First: filepath.Base(c.text("program"))}
	if against := c.text("against"); against != "" {
		page.Other = filepath.Base(against)
	}
	return errors.Join(page.WriteHTML(w), w.Flush())
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
