// Command table measures beckon beside its peers, and writes what came out into
// docs/benchmarks.md. Run it in benchmarks/:
//
//	go run ./cmd/table              the whole of it, some ten minutes
//	go run ./cmd/table -quick       the same form within a few minutes
//	go run ./cmd/table -only Match  one table, to the terminal
//
// It runs the benchmarks of this module, and those of the library that need
// what is not exported, several times in turn, so that a row and what it is
// compared with see the same weather; it takes medians, and ratios within each
// turn. The text of the page around the marked blocks stays as it is.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/page"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "table:", err)
		}
		os.Exit(1)
	}
}

// settings are what the flags say.
type settings struct {
	quick   bool
	count   int
	time    time.Duration
	only    string
	by      string
	page    string
	picture string
	raw     string
	from    string
}

func run(args []string, out, progress io.Writer) error {
	var s settings
	flags := flag.NewFlagSet("table", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.BoolVar(&s.quick, "quick", false, "measure each row for a shorter time, and the largest sizes not at all")
	flags.IntVar(&s.count, "count", 6, "how many `turns`")
	flags.DurationVar(&s.time, "benchtime", 0, "how long to measure each row in each turn (default 200ms, with -quick 50ms)")
	flags.StringVar(&s.only, "only", "", "measure only tables whose name matches the `regexp`, and print them instead of writing the page")
	flags.StringVar(&s.by, "by", "cpu-ns/op", "the `metric` that is compared: cpu-ns/op or ns/op")
	flags.StringVar(&s.page, "page", "../docs/benchmarks.md", "the `file` to write into")
	flags.StringVar(&s.picture, "picture", "../docs/benchmarks.svg", "the `file` for the curves")
	flags.StringVar(&s.raw, "raw", "", "keep what the benchmarks print in a `file`, as benchstat reads it")
	flags.StringVar(&s.from, "from", "", "measure nothing, and read such a `file` instead")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("what is %q? See -help", flags.Arg(0))
	}
	only, err := regexp.Compile(s.only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	if s.time == 0 {
		s.time = 200 * time.Millisecond
		if s.quick {
			s.time = 50 * time.Millisecond
		}
	}
	r := &results{by: s.by}
	if s.from != "" {
		text, err := os.ReadFile(s.from)
		if err != nil {
			return err
		}
		for turn := range strings.SplitSeq(string(text), turnMark) {
			if err := r.read(turn); err != nil {
				return err
			}
		}
	} else if err := measure(s, only, r, progress); err != nil {
		return err
	}
	if s.only != "" {
		r.merge()
		for _, t := range r.tables {
			if !strings.HasPrefix(t.name, "Growth/") {
				fmt.Fprintln(out, r.markdown(t))
			}
		}
		fmt.Fprint(out, r.growthTable())
		return nil
	}
	return publish(s, r, out)
}

// publish writes the page and its picture.
func publish(s settings, r *results, out io.Writer) error {
	r.merge()
	versions, err := peerVersions()
	if err != nil {
		return err
	}
	r.versions = versions
	old, err := os.ReadFile(s.page)
	if err != nil {
		return err
	}
	text := string(old)
	for _, block := range []struct{ name, text string }{
		{"answer", r.answer()},
		{"run", r.describe(s)},
		{"targets", r.targetTable()},
		{"tables", r.allTables()},
		{"curves", r.curveTable()},
		{"growth", r.growthTable()},
		{"profile", r.profileTable()},
	} {
		if block.text == "" {
			continue // nothing was measured that would take the place of what is there
		}
		if text, err = page.Splice(text, block.name, block.text); err != nil {
			return fmt.Errorf("%s: %w", s.page, err)
		}
	}
	if err := os.WriteFile(s.picture, []byte(r.picture()), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(s.page, []byte(text), 0o644); err != nil {
		return err
	}
	fmt.Fprintln(out, r.targetTable())
	return nil
}
