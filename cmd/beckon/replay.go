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

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/stores"
	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
	"github.com/beckon-go/beckon/replay"
	"github.com/beckon-go/beckon/replay/report"
)

func replayVerb() *verb {
	return &verb{
		name: "replay", group: groupHistory,
		purpose: "plays recorded steps through a program, or two side by side.",
		usage:   "[-json] [-html FILE] [-progress] -program P [-against P2] -events E | -store S",
		about: `
It prints what was sent and held. Each line of E is a step of a scenario, in
order of time. With -against it prints what P2 would send in addition to P, and
what it would not send. A step that is refused is counted, and the rest go on.
With -json it prints a line for each step, then the summary, then the difference.
With -html it also writes a page with charts, in one file that needs nothing else.
The clock and the store are its own: nothing of yours is touched.

With -store in the place of -events it plays what a store has kept of its contacts:
their events, and what is known of them now. It only reads, and the store may be in
use. Visits and attributes of back then are not kept; "go doc
github.com/beckon-go/beckon/replay.Kept" says what else is not. Due and sweeps are
added by the clock: -due and -sweep say how often.
` + aboutStores,
		examples: []string{
			"beckon replay -program live.json -events march.jsonl",
			"beckon replay -program live.json -against edited.json -events march.jsonl",
			"beckon replay -program live.json -against edited.json -events march.jsonl -html march.html -progress",
			"beckon replay -program live.json -against edited.json -store sqlite:app.db -since 2026-03-01T00:00:00Z",
		},
		flags: storeFlags(
			textFlag("program", "the `file` of the program, or the folder of its files"),
			textFlag("against", "the `file` of another program, or its folder, to be compared"),
			textFlag("events", "the `file` of the steps, - for the standard input"),
			textFlag("html", "also write a page to the `file`"),
			boolFlag("progress", "show how far it is, on a terminal"),
			textFlag("since", "with a store: the `time` from which on events are played; left out: 90 days ago"),
			textFlag("until", "with a store: the `time` before which they arrived; left out: now"),
			textFlag("due", "with a store: how `often` Due runs, 0s for never; left out: 5m"),
			textFlag("sweep", "with a store: how `often` a sweep runs, 0s for never; left out: 1d"),
			jsonFlag("print lines of JSON"),
		),
		run: replays,
	}
}

// replays plays recorded steps through a program.
func replays(ctx context.Context, c *call) error {
	if err := errors.Join(c.needArgs(0, 0, ""), c.need("program")); err != nil {
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
	if err := c.mayWrite(c.text("html")); err != nil {
		return errors.Join(err, source.close())
	}
	return errors.Join(c.replay(ctx, &first, source, opts), source.close())
}

// replay plays a source through a program and prints what came of it.
func (c *call) replay(ctx context.Context, program *beckon.Program, source *source, opts []replay.Option) error {
	out := bufio.NewWriter(c.out)
	if c.is("json") {
		opts = append(opts, replay.OnStep(func(_ int, outcome []byte) {
			_, _ = out.Write(append(outcome, '\n')) // Flush returns the error
		}))
	}
	var bar *term.Bar
	if c.is("progress") {
		bar = term.NewBar(c.stderr, source.total)
		opts = append(opts, replay.OnProgress(func(p replay.Progress) { bar.Set(source.done(p), noteOf(p)) }))
	}
	// Nearly all that a replay needs for a step is garbage after it.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	result, err := replay.Run(ctx, *program, source.steps, opts...)
	bar.Done()
	if err != nil {
		return err
	}
	err = errors.Join(printReport(c, out, result), out.Flush(), c.writePage(result, source.name))
	switch {
	case result.Steps == 0:
		c.warn(fmt.Errorf("nothing was played: %s", source.empty))
	case result.Steps == result.Refused:
		c.warn(fmt.Errorf("each step was refused: %s", source.refused))
	}
	return err
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

// A source is history to be played.
type source struct {
	name    string
	empty   string // why there may be no steps
	refused string // why each of them may be refused
	steps   iter.Seq2[replay.Step, error]
	total   int64                       // what done comes to at the end; 0 if that is not known
	done    func(replay.Progress) int64 // how much of it is played
	close   func() error
}

// history opens what the flags name: a file, or a store.
func (c *call) history(ctx context.Context) (*source, error) {
	switch events := c.text("events"); {
	case events != "" && c.text("store") != "":
		return nil, usagef("-events and -store: take one of them")
	case events == "" && c.text("store") == "" && c.env(storeEnv) == "":
		return nil, usagef("-events is missing, and so is -store")
	case events == "":
		return c.keptHistory(ctx)
	default:
		for _, flag := range []string{"since", "until", "due", "sweep"} {
			if c.text(flag) != "" {
				return nil, usagef("-%s goes with -store: a recording has its own", flag)
			}
		}
		return c.recordedHistory(events)
	}
}

// recordedHistory opens a recording.
func (c *call) recordedHistory(name string) (*source, error) {
	in, size, err := c.openInput(name)
	if err != nil {
		return nil, err
	}
	read := &reading{r: in}
	done := func(replay.Progress) int64 { return read.n }
	if size == 0 {
		done = func(replay.Progress) int64 { return 0 }
	}
	return &source{
		name: filepath.Base(fileName(name)), empty: fileName(name) + " has no line in it",
		refused: "is " + fileName(name) + " a recording, with a step of a scenario on each line?",
		steps:   replay.Lines(read), total: size, done: done,
		close: func() error { _ = in.Close(); return nil }, // it was only read
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

// keptHistory opens a store for reading.
func (c *call) keptHistory(ctx context.Context) (*source, error) {
	until, err := c.instantOf("until", c.now())
	if err != nil {
		return nil, err
	}
	since, err := c.instantOf("since", until.Add(-beckon.RecentEventsFor))
	if err != nil {
		return nil, err
	}
	if !since.Before(until) {
		return nil, usagef("-since: %s is not before %s, the end", since.Format(time.RFC3339), until.Format(time.RFC3339))
	}
	due, err := c.spanOf("due", "5m")
	if err != nil {
		return nil, err
	}
	sweep, err := c.spanOf("sweep", "1d")
	if err != nil {
		return nil, err
	}
	s, err := c.open(ctx, stores.Read)
	if err != nil {
		return nil, err
	}
	return &source{
		name:    "what the store has kept",
		refused: `"beckon check" tells what in the store is damaged`,
		empty:   fmt.Sprintf("the store has kept nothing that happened from %s until %s; -since names an earlier time", since.Format(time.RFC3339), until.Format(time.RFC3339)),
		steps:   replay.Ticking(replay.Kept(ctx, s.Store, replay.Window{Since: since, Until: until}), replay.Ticks{Due: due, Sweep: sweep, Until: until}),
		total:   int64(until.Sub(since) / time.Second),
		done:    func(p replay.Progress) int64 { return max(0, int64(p.At.Sub(since)/time.Second)) },
		close:   s.close,
	}, nil
}

// instantOf returns the instant that a flag names.
func (c *call) instantOf(flag string, otherwise time.Time) (time.Time, error) {
	text := c.text(flag)
	if text == "" {
		return otherwise, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, usagef("-%s: %q is not a time such as 2026-03-02T09:00:00Z", flag, text)
	}
	return t, nil
}

// spanOf returns the time that a flag says, which is not negative.
func (c *call) spanOf(flag, otherwise string) (time.Duration, error) {
	text := cmp.Or(c.text(flag), otherwise)
	d, err := beckon.ParseDuration(text)
	if err == nil && d.Elapsed() < 0 {
		err = fmt.Errorf("%q is negative", text)
	}
	if err != nil {
		return 0, usagef("-%s: %v", flag, err)
	}
	return d.Elapsed(), nil
}
