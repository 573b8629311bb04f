// Command scale measures what a team feels with many contacts on a real database, each
// figure beside a floor in the same run, and writes it into docs/choosing-a-store.md. Run
// it in conformance/:
//
//	go run ./cmd/scale                     a million contacts, some ten minutes
//	go run ./cmd/scale -contacts 50000 -only PostgreSQL    one store, to the terminal
//
// It starts a server of its own from the installed program (see package testserver), with
// its data in the system's folder for temporary files, and removes it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"time"

	"github.com/beckon-go/beckon/internal/page"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "scale:", err)
		}
		os.Exit(1)
	}
}

// settings are what the flags say.
type settings struct {
	contacts, turns int
	time            time.Duration
	only, rows      *regexp.Regexp
	page            string
}

func parse(args []string, progress io.Writer) (s settings, err error) {
	flags := flag.NewFlagSet("scale", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.IntVar(&s.contacts, "contacts", 1_000_000, "how `many` contacts each store holds")
	flags.IntVar(&s.turns, "turns", 5, "how many `turns`")
	flags.DurationVar(&s.time, "time", 2*time.Second, "how long a figure without an end of its own takes")
	only := flags.String("only", "", "measure only stores whose name matches the `regexp`, and print the table")
	rows := flags.String("rows", "", "measure only rows whose name matches the `regexp`, and print the table")
	flags.StringVar(&s.page, "page", "../docs/choosing-a-store.md", "the `file` to write into")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("what is %q? See -help", flags.Arg(0))
	case s.contacts < leastContacts:
		return s, fmt.Errorf("-contacts: at least %d are needed", leastContacts)
	case s.turns < 1:
		return s, errors.New("-turns: at least 1 is needed")
	}
	for _, one := range []struct {
		text string
		to   **regexp.Regexp
	}{{*only, &s.only}, {*rows, &s.rows}} {
		if one.text == "" {
			continue
		}
		if *one.to, err = regexp.Compile(one.text); err != nil {
			return s, err
		}
	}
	return s, nil
}

var errNobody = errors.New("no store, or no row, has such a name")

func run(ctx context.Context, args []string, out, progress io.Writer) (err error) {
	s, err := parse(args, progress)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "beckon-scale-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	began, t := time.Now(), &table{settings: s}
	note := func(format string, args ...any) {
		fmt.Fprintf(progress, "%4.0f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	}
	for _, k := range kinds() {
		if s.only != nil && !s.only.MatchString(k.name) {
			continue
		}
		if err := measure(ctx, k, dir, s, t, note); err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
	}
	if len(t.lines) == 0 {
		return errNobody
	}
	if s.only != nil || s.rows != nil {
		_, err := fmt.Fprintf(out, "%s\n\n%s", t.describe(), t.text())
		return err
	}
	old, err := os.ReadFile(s.page)
	if err != nil {
		return err
	}
	text := string(old)
	for _, block := range []struct{ name, text string }{{"scale run", t.describe()}, {"scale", t.text()}} {
		if text, err = page.Splice(text, block.name, block.text); err != nil {
			return fmt.Errorf("%s: %w", s.page, err)
		}
	}
	return os.WriteFile(s.page, []byte(text), 0o644)
}

// measure fills one store and measures all rows in each turn, one after the other.
func measure(ctx context.Context, k kind, dir string, s settings, t *table, note func(string, ...any)) (err error) {
	note("%s: %d contacts", k.name, s.contacts)
	w, err := k.start(ctx, dir, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.stop()) }()
	if err := w.fill(ctx, note); err != nil {
		return err
	}
	t.versions = append(t.versions, w.version)
	for turn := range s.turns {
		for _, r := range rows() {
			if s.rows != nil && !s.rows.MatchString(r.name) {
				continue
			}
			ours, floor, err := r.measure(ctx, w)
			if err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			t.note(k.name, r, ours, floor)
			note("%s, turn %d: %s: %s/s, floor %s/s, %.2f", k.name, turn+1, r.name, short(ours), short(floor), ours/floor)
		}
	}
	return nil
}
