package golden

import (
	"strings"

	"github.com/google/go-cmp/cmp"
)

// around is how many lines that are the same stand around a difference.
const around = 3

// diff returns the lines that differ, each with - or + in front, and some lines around
// them.
func diff(want, got string) string {
	r := &reporter{}
	cmp.Equal(strings.Split(want, "\n"), strings.Split(got, "\n"), cmp.Reporter(r))
	r.settle()
	var b strings.Builder
	last := -1
	for i, line := range r.lines {
		if !r.near(i) {
			continue
		}
		if i > last+1 {
			b.WriteString("    …\n")
		}
		last = i
		b.WriteString("    " + line + "\n")
	}
	if last < len(r.lines)-1 {
		b.WriteString("    …\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// A reporter turns the steps of a comparison into lines. Of a run of lines that differ,
// those of the file come first.
type reporter struct {
	path  cmp.Path
	lines []string
	added []string // of the run at hand
}

// PushStep is told of a step into the values.
func (r *reporter) PushStep(s cmp.PathStep) { r.path = append(r.path, s) }

// PopStep is told of a step out of them.
func (r *reporter) PopStep() { r.path = r.path[:len(r.path)-1] }

// Report is told whether two lines are the same.
func (r *reporter) Report(result cmp.Result) {
	old, fresh := r.path.Last().Values()
	if result.Equal() {
		r.settle()
		r.lines = append(r.lines, "  "+fresh.String())
		return
	}
	if old.IsValid() {
		r.lines = append(r.lines, "- "+old.String())
	}
	if fresh.IsValid() {
		r.added = append(r.added, "+ "+fresh.String())
	}
}

// settle ends a run of lines that differ.
func (r *reporter) settle() {
	r.lines = append(r.lines, r.added...)
	r.added = nil
}

// near reports whether a line differs, or stands near one that does.
func (r *reporter) near(i int) bool {
	for _, line := range r.lines[max(0, i-around):min(len(r.lines), i+around+1)] {
		if line[0] != ' ' {
			return true
		}
	}
	return false
}
