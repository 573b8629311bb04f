package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/urfave/cli/v3"

	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
	"github.com/beckon-go/beckon/cmd/beckon/internal/testreport"
	"github.com/beckon-go/beckon/internal/scenario"
)

func testVerb() *verb {
	return &verb{
		name: "test", group: groupPrograms,
		purpose: "runs scenarios: tests of programs that are written as data.",
		usage:   "[-json] [-run REGEXP] [-v] [-junit FILE] [-watch] FILE…",
		about: `
It prints a line for each scenario, every difference between what came and what
was wanted, and last "N passed, N failed". A FILE is a file of scenarios, - for
the standard input, a folder, whose scenarios are found, or a pattern such as
'rules/*.json'. A program_file is found beside its scenario's file, and
may be a folder: one program in several files.

With -json it prints a line of JSON for each step, and the differences on the
standard error. The exit status is 1 if a scenario failed or a file has none,
and 2 if a file cannot be read, a program_file too.`,
		examples: []string{
			"beckon test scenarios/",
			"beckon test -run 'once an hour' -v scenarios/uploads.json",
			"beckon test -junit report.xml scenarios/",
			"beckon test -watch scenarios/",
		},
		flags: []cli.Flag{
			jsonFlag("print a line of JSON for each step"),
			textFlag("run", "only scenarios whose name matches the `regexp`"),
			boolFlag("v", "print what came of each step"),
			textFlag("junit", "write a report for build servers to the `file`, in the form of JUnit"),
			boolFlag("watch", "run again when a file changes, until interrupted"),
		},
		run: tests,
	}
}

// tests runs the scenarios of the files, in order.
func tests(ctx context.Context, c *call) error {
	if err := c.needArgs(1, math.MaxInt, "a file"); err != nil {
		return err
	}
	only, err := regexp.Compile(c.text("run"))
	if err != nil {
		return usagef("-run: %v", err)
	}
	t := &tester{call: c, only: only}
	if c.is("watch") {
		return t.watch(ctx)
	}
	return t.once(ctx)
}

// A tester runs scenarios once, or again and again.
type tester struct {
	*call
	only *regexp.Regexp // names of scenarios; matches all if it is empty
}

// once runs all scenarios. A file that cannot be read does not keep the others from being
// run.
func (t *tester) once(ctx context.Context) error {
	out := bufio.NewWriter(t.out)
	p := &printer{lines: out, differences: out, style: t.style, verbose: t.is("v")}
	if t.is("json") {
		p.steps, p.lines, p.differences = json.NewEncoder(out), io.Discard, t.err
		p.steps.SetEscapeHTML(false)
	}
	t.inputs = nil
	files, unread := t.files()
	if err := t.mayWrite(t.text("junit")); err != nil {
		return err
	}
	empty := false
	for _, f := range files {
		unread = unread || f.unread
		if len(f.scenarios) == 0 { // what tests nothing must not pass for a test
			t.warn(f.noScenario())
			empty = true
		}
	}
	shared := sharedNames(files)
	suites := testreport.New(t.now)
	for _, f := range files {
		for i := range f.scenarios {
			s := &f.scenarios[i]
			if !t.only.MatchString(s.Name) {
				continue
			}
			name := shown(cmp.Or(s.Name, f.name))
			if shared[s.Name] && s.Name != "" {
				name = f.name + ": " + name
			}
			began := t.now()
			report := s.Run(ctx)
			p.report(f, name, report)
			suites.Add(f.name, shown(cmp.Or(s.Name, f.name)), report, t.now().Sub(began))
		}
	}
	if p.passed+p.failed == 0 && t.text("run") != "" && !unread {
		t.warn(fmt.Errorf("no scenario's name matches %q", t.text("run")))
		empty = true
	}
	fmt.Fprintf(p.lines, "%s\n", p.summary())
	err := out.Flush()
	if file := t.text("junit"); file != "" {
		err = errors.Join(err, suites.WriteFile(file))
	}
	switch {
	case err != nil:
		return err
	case unread:
		return errUnread
	case empty || p.failed > 0:
		return errFound
	}
	return nil
}

// maxShown is how many characters of a scenario's name are printed.
const maxShown = 200

// shown returns a name as a line prints it: cut short if it is long, and quoted
// if it is no plain text.
func shown(name string) string {
	if runes := []rune(name); len(runes) > maxShown {
		name = string(runes[:maxShown-1]) + "…"
	}
	if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(name)
	}
	return name
}

// A printer prints reports and counts them.
type printer struct {
	lines, differences io.Writer
	steps              *json.Encoder // nil without -json
	style              term.Style
	verbose            bool
	passed, failed     int
}

// summary is the last line.
func (p *printer) summary() string {
	text := fmt.Sprintf("%d passed, %d failed", p.passed, p.failed)
	switch {
	case p.failed > 0:
		return p.style.Bad(text)
	case p.passed > 0:
		return p.style.Good(text)
	}
	return text
}

// report prints the report of a scenario of a file. What is wrong before its first step comes
// first.
func (p *printer) report(f *file, name string, r *scenario.Report) {
	if p.steps != nil {
		for _, s := range r.Steps {
			if err := p.steps.Encode(s); err != nil {
				r.Differences = append(r.Differences, scenario.Difference{Step: s.Step, Got: err.Error(), Want: "a step that can be printed"})
			}
		}
	}
	if r.OK() {
		p.passed++
		fmt.Fprintf(p.lines, "%s    %s\n", p.style.Good("ok"), name)
	} else {
		p.failed++
		fmt.Fprintf(p.lines, "%s  %s\n", p.style.Bad("FAIL"), name)
		if p.steps != nil {
			fmt.Fprintf(p.differences, "FAIL  %s\n", name)
		}
	}
	of := map[int][]int{} // by step
	for i, d := range r.Differences {
		if d.Step < 0 {
			p.difference(f, d)
		} else {
			of[d.Step] = append(of[d.Step], i)
		}
	}
	for k := range r.Steps {
		out := &r.Steps[k]
		for _, i := range of[out.Step] {
			p.difference(f, r.Differences[i])
		}
		switch {
		case len(of[out.Step]) > 0:
			p.outcome(p.differences, out)
		case p.verbose && out.Step >= 0:
			fmt.Fprintf(p.lines, "      step %d\n", out.Step)
			p.outcome(p.lines, out)
		}
	}
}

// difference prints what is not as wanted, with the rules behind it.
func (p *printer) difference(f *file, d scenario.Difference) {
	fmt.Fprintf(p.differences, "      %s: %s\n", d.Place(f.name), d)
	if tree := strings.TrimPrefix(d.Tree(), "\n"); tree != "" {
		fmt.Fprintf(p.differences, "      %s\n", strings.ReplaceAll(tree, "\n", "\n      "))
	}
}

// outcome prints what came of a step.
func (p *printer) outcome(w io.Writer, out *scenario.Outcome) {
	for _, line := range out.Lines() {
		fmt.Fprintf(w, "        %s\n", line)
	}
}
