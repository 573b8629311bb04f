package main

import (
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// A step is a part of Track, as a profile sees it.
type step struct {
	name, why string
	share     float64 // of all samples within Track
}

// stepKinds says which functions belong to which step. A sample counts for the
// first step, from the top, that one of its frames belongs to, frames being
// looked at from the innermost: what a step calls is the step's.
func stepKinds() []struct{ name, frames, why string } {
	return []struct{ name, frames, why string }{
		{"decode the body", `beckon\.(decodeEvent|ParseEvent|\(\*eventDecoder\)|\(\*eventReader\))`, "Every byte is looked at once, and texts are parts of one copy."},
		{"check the event", `beckon\.(canonicalName|.*\.validate|.*\.admit|Fields\.copied)`, "Names, texts and numbers are looked at once; the event is copied because the caller may change it."},
		{"render", `beckon\.(\(\*Renderer\)|.*[rR]ender|\(\*template\)|\(\*compiledContent\))`, "Literals are copied, values are escaped in runs: bytes moved, and one allocation for the text."},
		{"rules", `beckon\.(\(\*compiledRule\)|\(\*decision\)\.eval|\(\*scope\))`, "One look at a value for each condition that decides anything."},
		{"frequency and caps", `beckon\.(\(\*frequencyPlan\)|frequencyPlan|\(\*capPlan\)|.*[fF]requency|.*[cC]apped|.*[cC]aps|\(\*sendLog\)|.*[sS]ends)`, "One search in the contact's sends for each candidate."},
		{"commit", `(memstore\.\(\*[a-z]+\)\.(apply|commit|append|put|log)|beckon\.\(\*Record\)\.Apply|memstore\..*[eE]vents?)`, "One pass over what changed: a count, a place in the log, the sends."},
		{"judge the candidates", `beckon\.\(\*decision\)\.(judge|decide|candidates|hold|try|Decide|track|arrive)`, "Some dozen questions for each candidate, most of which are a comparison with zero."},
		{"find the contact and lock it", `(memstore\.|sync\.\(\*Mutex\)|internal/sync)`, "A hash of the id, a look into a map, a lock that nobody else holds."},
		{"results and the rest", `beckon\.\(\*Engine\)|beckon\.`, "Calls, the clock, what is handed to the caller."},
	}
}

// readProfile asks pprof for the stacks of a profile.
func readProfile(binary, profile string) ([]step, error) {
	out, err := exec.Command("go", "tool", "pprof", "-traces", binary, profile).Output()
	if err != nil {
		return nil, fmt.Errorf("go tool pprof -traces: %w", err)
	}
	return stepsOf(string(out))
}

// stepsOf reads what pprof -traces prints: blocks behind lines of dashes, each
// a time and the stack it belongs to, innermost first.
func stepsOf(traces string) ([]step, error) {
	kinds := stepKinds()
	patterns := make([]*regexp.Regexp, len(kinds))
	for i, k := range kinds {
		patterns[i] = regexp.MustCompile(k.frames)
	}
	shares, total := make([]float64, len(kinds)), 0.0
	for _, block := range strings.Split(traces, "-----------+-------------------------------------------------------") {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		first := strings.Fields(lines[0])
		if len(first) < 2 {
			continue
		}
		spent, ok := parseTime(first[0])
		if !ok {
			continue
		}
		frames := []string{strings.Join(first[1:], " ")}
		for _, l := range lines[1:] {
			frames = append(frames, strings.TrimSpace(l))
		}
		if !strings.Contains(block, "beckon.(*Engine).Track") {
			continue // the collector, the benchmark itself
		}
		total += spent
	search:
		for _, f := range frames {
			for i, p := range patterns {
				if p.MatchString(f) {
					shares[i] += spent
					break search
				}
			}
		}
	}
	if total == 0 {
		return nil, fmt.Errorf("the profile has no sample of Track")
	}
	var steps []step
	for i, k := range kinds {
		steps = append(steps, step{k.name, k.why, shares[i] / total})
	}
	return steps, nil
}

// parseTime reads a time as pprof writes it.
func parseTime(s string) (seconds float64, ok bool) {
	for _, u := range []struct {
		suffix string
		unit   float64
	}{{"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}, {"mins", 60}, {"s", 1}} {
		if digits, found := strings.CutSuffix(s, u.suffix); found {
			v, err := strconv.ParseFloat(digits, 64)
			return v * u.unit, err == nil
		}
	}
	return 0, false
}

// profileTable says what the steps of a Track cost.
func (r *results) profileTable() string {
	if len(r.steps) == 0 {
		return "There was no profile in this run."
	}
	whole, ok := r.find("Steps").find("track-json").value(cpu)
	var b strings.Builder
	b.WriteString("| Step | Share | ns | Why it costs that |\n| --- | ---: | ---: | --- |\n")
	for _, s := range r.steps {
		fmt.Fprintf(&b, "| %s | %.0f %% | %s | %s |\n", s.name, 100*s.share, number(s.share*whole, ok), s.why)
	}
	return b.String()
}
