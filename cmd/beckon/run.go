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
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"github.com/beckon-go/beckon/internal/scenario"
)

// The exit statuses.
const (
	passed = 0
	failed = 1
	unable = 2 // a file that cannot be read, or a wrong command line
)

const usage = `beckon tests rule sets that are written as data, and shows what they do.

usage:
  beckon test [-json] FILE…   run the scenarios in the files
  beckon replay [-json] -program P [-against P2] -events E
                              play recorded steps through a program
  beckon explain [-json] -program P -contact C [-event E] [-at T]
                              say what every candidate does for a contact, and why
  beckon vet [-json] [-catalogue FILE] FILE…
                              find what in programs is legal and surely wrong
  beckon help                 print this

test prints a line for each scenario and every difference; with -json a line
of JSON for each step instead. The exit status is 1 if a scenario failed or a
file has none, 2 if a file could not be read.

vet prints what publishing would refuse, and else what no one can have meant:
rules that never or always hold, messages that never send, names that nobody
knows. FILE of -catalogue has the events and attributes that are known:
{"events": [{"name": "purchased", "metadata": [{"key": "price", "types":
["monetary"]}]}], "attributes": ["plan"]}. "vet_ignore": ["code"] on a message,
series, segment or the program silences a finding. The exit status is 1 if there
is any, 2 if a file could not be read.

replay prints what was sent and held. Each line of E is a step of a scenario,
in order of time; - is the standard input. With -against it prints what P2
would send in addition to P, and what it would not send. A step that is refused
is counted and the rest go on. With -json it prints a line for each step, then
the summary, then the difference.

explain applies the contact of C, plays the steps of its "history", and decides
the event of E at T; without E, a visit and a sweep. T is RFC 3339, and now if
it is left out.
`

// run is the whole command except for the process: it returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return unable
	}
	switch args[0] {
	case "test":
		return test(args[1:], stdout, stderr)
	case "vet":
		return vets(args[1:], stdout, stderr)
	case "replay":
		return replays(args[1:], stdout, stderr)
	case "explain":
		return explains(args[1:], stdout, stderr)
	case "help", "-h", "-help", "--help":
		fmt.Fprint(stdout, usage)
		return passed
	}
	fmt.Fprintf(stderr, "beckon: unknown command %q\n\n%s", args[0], usage)
	return unable
}

// test runs the scenarios of the files, in order. A file that cannot be read
// does not keep the others from being run.
func test(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("beckon test", flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print a line of JSON for each step")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return passed
	} else if err != nil {
		return unable
	}
	if flags.NArg() == 0 {
		fmt.Fprintf(stderr, "beckon test: no files\n\n%s", usage)
		return unable
	}
	out := bufio.NewWriter(stdout)
	p := &printer{lines: out, differences: out}
	if *asJSON {
		p.steps, p.lines, p.differences = json.NewEncoder(out), io.Discard, stderr
		p.steps.SetEscapeHTML(false)
	}
	status := passed
	var files []file
	for _, name := range flags.Args() {
		f, err := read(name)
		if err != nil {
			fmt.Fprintf(stderr, "beckon test: %s: %v\n", name, err)
			status = unable
			continue
		}
		if len(f.scenarios) == 0 { // what tests nothing must not pass for a test
			fmt.Fprintf(stderr, "beckon test: %s: no scenario in it\n", name)
			if status == passed {
				status = failed
			}
		}
		files = append(files, f)
	}
	shared := sharedNames(files)
	for _, f := range files {
		for i := range f.scenarios {
			name := shown(f.scenarios[i].Name)
			if shared[f.scenarios[i].Name] {
				name = f.name + ": " + name
			}
			p.report(f.name, name, f.scenarios[i].Run(context.Background()))
		}
	}
	fmt.Fprintf(p.lines, "%d passed, %d failed\n", p.passed, p.failed)
	if p.failed > 0 && status == passed {
		status = failed
	}
	if err := out.Flush(); err != nil {
		fmt.Fprintf(stderr, "beckon test: %v\n", err)
		return unable
	}
	return status
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

// A file is the scenarios of one file.
type file struct {
	name      string
	scenarios []scenario.Scenario
}

func read(name string) (file, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return file{}, err
	}
	scenarios, err := scenario.Parse(data)
	for i := range scenarios {
		scenarios[i].Load(func(program string) ([]byte, error) { return os.ReadFile(filepath.Join(filepath.Dir(name), program)) })
	}
	return file{name, scenarios}, err
}

// sharedNames returns the names of scenarios that are in several files, where
// only the file tells them apart.
func sharedNames(files []file) map[string]bool {
	shared, in := map[string]bool{}, map[string]string{}
	for _, f := range files {
		for i := range f.scenarios {
			name := f.scenarios[i].Name
			if first, seen := in[name]; !seen {
				in[name] = f.name
			} else if first != f.name {
				shared[name] = true
			}
		}
	}
	return shared
}

// A printer prints reports and counts them.
type printer struct {
	lines, differences io.Writer
	steps              *json.Encoder // nil without -json
	passed, failed     int
}

// report prints the report of a scenario, which is in a file. What is wrong before
// its first step is told with the file.
func (p *printer) report(file, name string, r *scenario.Report) {
	if p.steps != nil {
		for _, s := range r.Steps {
			if err := p.steps.Encode(s); err != nil {
				r.Differences = append(r.Differences, scenario.Difference{Step: s.Step, Got: err.Error(), Want: "a step that can be printed"})
			}
		}
	}
	if r.OK() {
		p.passed++
		fmt.Fprintf(p.lines, "ok    %s\n", name)
		return
	}
	p.failed++
	fmt.Fprintf(p.lines, "FAIL  %s\n", name)
	if p.steps != nil {
		fmt.Fprintf(p.differences, "FAIL  %s\n", name)
	}
	for _, d := range r.Differences {
		place := ""
		if d.Step < 0 {
			place = file + ": "
		}
		fmt.Fprintf(p.differences, "      %s%s\n", place, d)
	}
}
