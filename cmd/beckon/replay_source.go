package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/stores"
	"github.com/beckon-go/beckon/replay"
)

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
