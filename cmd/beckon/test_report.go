package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/beckon-go/beckon/internal/scenario"

	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
)

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
	for _, d := range r.Differences {
		if d.Step < 0 {
			p.difference(f, d)
		}
	}
	for k := range r.Steps {
		out := &r.Steps[k]
		wrong := false
		for _, d := range r.Differences {
			if d.Step == out.Step && d.Step >= 0 {
				p.difference(f, d)
				wrong = true
			}
		}
		switch {
		case wrong:
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
