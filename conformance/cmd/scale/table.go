package main

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"
)

// A table is what was measured.
type table struct {
	settings
	versions []string
	lines    []*line
}

// A line is one row of one store.
type line struct {
	store         string
	row           row
	ours, floor   []float64 // a second, by turn
	ratios        []float64
	least, median float64
	most          float64
}

func (t *table) note(store string, r row, ours, floor float64) {
	i := slices.IndexFunc(t.lines, func(l *line) bool { return l.store == store && l.row.name == r.name })
	if i < 0 {
		t.lines, i = append(t.lines, &line{store: store, row: r}), len(t.lines)
	}
	l := t.lines[i]
	l.ours, l.floor, l.ratios = append(l.ours, ours), append(l.floor, floor), append(l.ratios, ours/floor)
	sorted := slices.Sorted(slices.Values(l.ratios))
	l.least, l.median, l.most = sorted[0], sorted[(len(sorted)-1)/2], sorted[len(sorted)-1]
}

// verdict says whether a target is met. The ratio of a row has a spread: only if all of
// it lies on one side is that known.
func (l *line) verdict() string {
	switch {
	case l.row.target == 0:
		return "–"
	case l.least >= l.row.target:
		return "met"
	case l.most < l.row.target:
		return "not met"
	}
	return "undecided"
}

func (t *table) describe() string {
	turns := fmt.Sprintf("the median of %d turns, with the least and the most", t.turns)
	if t.turns == 1 {
		turns = "one turn"
	}
	return fmt.Sprintf("%s, Go %s, %s/%s, %d processors. %s. %d contacts, %s. Servers and what calls them share the machine.",
		time.Now().UTC().Format(time.DateOnly), strings.TrimPrefix(runtime.Version(), "go"), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(),
		strings.Join(t.versions, ", "), t.contacts, turns)
}

func (t *table) text() string {
	var b strings.Builder
	b.WriteString("| Store | What | A second | Floor | A second | Ratio | Target | |\n| --- | --- | ---: | --- | ---: | ---: | ---: | --- |\n")
	for _, l := range t.lines {
		target := "–"
		if l.row.target != 0 {
			target = fmt.Sprintf("≥ %s", ratio(l.row.target))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s (%s to %s) | %s | %s |\n", l.store, l.row.name, short(middle(l.ours)), l.row.floor, short(middle(l.floor)),
			ratio(l.median), ratio(l.least), ratio(l.most), target, l.verdict())
	}
	return b.String()
}

func middle(list []float64) float64 {
	return slices.Sorted(slices.Values(list))[(len(list)-1)/2]
}

func ratio(r float64) string {
	if r < 0.1 {
		return fmt.Sprintf("1/%.0f", 1/r)
	}
	return fmt.Sprintf("%.2f", r)
}

// short writes a number with three digits.
func short(n float64) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%.3g M", n/1e6)
	case n >= 1e4:
		return fmt.Sprintf("%.0f k", n/1e3)
	case n >= 100:
		return fmt.Sprintf("%.0f", math.Round(n))
	}
	return fmt.Sprintf("%.3g", n)
}
