// Command stores measures all stores in the same way and writes what came out
// into docs/choosing-a-store.md. Run it in conformance/:
//
//	go run ./cmd/stores               the whole of it, below four minutes
//	go run ./cmd/stores -quick        the same form in less than a minute
//	go run ./cmd/stores -only SQLite  these stores, to the terminal
//
// It starts servers of its own from installed programs (see package
// testserver), on the loopback interface, with their data in the system's
// folder for temporary files, and removes them: set TMPDIR to measure another
// disk. The text of the page around the marked blocks stays as it is.
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
	"runtime"
	"runtime/pprof"
	"time"

	"github.com/beckon-go/beckon/internal/page"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "stores:", err)
		}
		os.Exit(1)
	}
}

// settings are what the flags say.
type settings struct {
	quick    bool
	turns    int
	time     time.Duration
	contacts int
	only     *regexp.Regexp
	page     string
	profile  string
	sizes    bool
}

func parse(args []string, progress io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("stores", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.BoolVar(&s.quick, "quick", false, "one short turn: for the form rather than for the figures")
	flags.IntVar(&s.turns, "turns", 0, "how many `turns` (default 3, with -quick 1)")
	flags.DurationVar(&s.time, "time", 0, "how long to measure each figure in each turn, those at 64 goroutines twice and the others half as long (default 600ms, with -quick 200ms)")
	flags.IntVar(&s.contacts, "contacts", 10_000, "how `many` contacts each store holds")
	only := flags.String("only", "", "measure only stores whose name matches the `regexp`, and print the tables instead of writing the page")
	flags.StringVar(&s.page, "page", "../docs/choosing-a-store.md", "the `file` to write into")
	flags.BoolVar(&s.sizes, "sizes", false, "measure only what a contact takes, and write only that")
	flags.StringVar(&s.profile, "cpuprofile", "", "write a processor profile of this process into a `file`")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("what is %q? See -help", flags.Arg(0))
	}
	if s.contacts < hot {
		return s, fmt.Errorf("-contacts: at least %d are needed", hot)
	}
	if *only != "" {
		var err error
		if s.only, err = regexp.Compile(*only); err != nil {
			return s, fmt.Errorf("-only: %w", err)
		}
	}
	usual, turns := 600*time.Millisecond, 3
	if s.quick {
		usual, turns = 200*time.Millisecond, 1
	}
	if s.time <= 0 {
		s.time = usual
	}
	if s.turns <= 0 {
		s.turns = turns
	}
	return s, nil
}

// ballast is what the process holds besides, as a service does: with a heap of
// next to nothing the collector would run all the time and be what is measured.
const ballast = 64 << 20

func run(ctx context.Context, args []string, out, progress io.Writer) (err error) {
	s, err := parse(args, progress)
	if err != nil {
		return err
	}
	if s.profile != "" {
		f, err := os.Create(s.profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return errors.Join(err, f.Close())
		}
		defer func() {
			pprof.StopCPUProfile()
			err = errors.Join(err, f.Close())
		}()
	}
	held := make([]byte, ballast)
	defer runtime.KeepAlive(held)
	r, err := measureAll(ctx, s, progress)
	if err != nil {
		return err
	}
	blocks := []struct{ name, text string }{
		{"contact", r.contactTable()}, {"run", r.describe(s)}, {"steps", r.stepTable()}, {"hot", r.hotTable()}, {"targets", r.targetTable()},
	}
	if s.sizes {
		blocks = blocks[:1]
	}
	if s.only != nil {
		for _, block := range blocks {
			fmt.Fprintf(out, "%s\n", block.text)
		}
		return nil
	}
	old, err := os.ReadFile(s.page)
	if err != nil {
		return err
	}
	text := string(old)
	for _, block := range blocks {
		if text, err = page.Splice(text, block.name, block.text); err != nil {
			return fmt.Errorf("%s: %w", s.page, err)
		}
	}
	if err := os.WriteFile(s.page, []byte(text), 0o644); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, blocks[len(blocks)-1].text)
	return err
}

// measureAll measures one store after the other. Within a turn the driver, the
// steps and the events of one number of goroutines follow each other, so that
// what is compared sees the same weather.
func measureAll(ctx context.Context, s settings, progress io.Writer) (r *results, err error) {
	dir, err := os.MkdirTemp("", "beckon-stores-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	r = &results{machine: machine(dir)}
	began := time.Now()
	for _, k := range kinds() {
		if s.only != nil && !s.only.MatchString(k.name) {
			continue
		}
		fmt.Fprintf(progress, "%4.0f s  %s\n", time.Since(began).Seconds(), k.name)
		row, err := measureKind(ctx, k, dir, s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.name, err)
		}
		r.rows = append(r.rows, row)
	}
	if len(r.rows) == 0 {
		return nil, fmt.Errorf("no store is called like %s", s.only)
	}
	fmt.Fprintf(progress, "%4.0f s  done\n", time.Since(began).Seconds())
	return r, nil
}

func measureKind(ctx context.Context, k kind, dir string, s settings) (row *row, err error) {
	b, err := k.start(ctx, dir, s.contacts)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.end(), b.stop()) }()
	row = newRow(k, b.versions)
	row.holds, row.wide = b.holds, b.wide
	if row.contact, err = contactBytes(ctx, b); err != nil || s.sizes {
		return row, err
	}
	for turn := range s.turns {
		if err := b.begin(ctx, turn, s.contacts, row); err != nil {
			return nil, err
		}
		if err := b.turn(ctx, s, row); err != nil {
			return nil, err
		}
	}
	return row, nil
}
