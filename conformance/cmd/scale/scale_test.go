package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/page"
)

// A short run over SQLite, to the terminal: every row is there, with a ratio and a
// verdict, and no page is written.
func TestForm(t *testing.T) {
	args := []string{"-contacts", "2000", "-turns", "2", "-time", "10ms", "-page", filepath.Join(t.TempDir(), "none")}
	var out bytes.Buffer
	if err := run(t.Context(), append(args, "-only", "SQLite"), &out, t.Output()); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, r := range rows() {
		if !strings.Contains(text, "\n| SQLite | "+r.name+" | ") {
			t.Errorf("no line of %s\n%s", r.name, text)
		}
	}
	for _, want := range []string{"2000 contacts, the median of 2 turns", "SQLite 3."} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q\n%s", want, text)
		}
	}
	if n := strings.Count(text, "\n| SQLite | "); n != len(rows()) || strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
		t.Errorf("%d lines\n%s", n, text)
	}
}

// The page has the blocks that are written.
func TestPageHasTheBlocks(t *testing.T) {
	s, err := parse(nil, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join("..", "..", s.page))
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range []string{"scale run", "scale"} {
		if _, err := page.Splice(string(text), block, "new"); err != nil {
			t.Error(err)
		}
	}
}

// A target is met or not only where all turns say so.
func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		target float64
		ratios []float64
		want   string
	}{
		{0, []float64{1, 2, 3}, "–"},
		{1, []float64{1.2, 1, 3}, "met"},
		{1, []float64{0.9, 0.2, 0.99}, "not met"},
		{1, []float64{2, 0.99, 2}, "undecided"},
		{1, []float64{0.5, 0.5, 1}, "undecided"},
	} {
		var table table
		for _, r := range c.ratios {
			table.note("S", row{name: "x", target: c.target}, 10*r, 10)
		}
		if got := table.lines[0].verdict(); got != c.want {
			t.Errorf("%v with a target of %v is %s, want %s", c.ratios, c.target, got, c.want)
		}
		if n := len(table.lines); n != 1 {
			t.Errorf("%d lines", n)
		}
	}
}

// What a table says is of the same turn: the median ratio, its least and its most.
func TestText(t *testing.T) {
	table := table{settings: settings{turns: 3, contacts: 9}, versions: []string{"S 1"}}
	for _, x := range [][2]float64{{100, 200}, {900, 300}, {40, 10}} {
		table.note("S", row{name: "x", floor: "y", target: 0.5}, x[0], x[1])
	}
	if want, got := "| S | x | 100 | y | 200 | 3.00 (0.50 to 4.00) | ≥ 0.50 | met |\n", table.text(); !strings.HasSuffix(got, want) {
		t.Errorf("%s\nwant at the end %s", got, want)
	}
	if got := table.describe(); !strings.Contains(got, "S 1. 9 contacts, the median of 3 turns") {
		t.Error(got)
	}
	if got := ratio(0.01); got != "1/100" {
		t.Error(got)
	}
	for v, want := range map[float64]string{2.5: "2.5", 734.6: "735", 9_999: "9999", 45_600: "46 k", 2.5e6: "2.5 M"} {
		if got := short(v); got != want {
			t.Errorf("%v is %s, want %s", v, got, want)
		}
	}
}

func TestFlags(t *testing.T) {
	for _, args := range [][]string{{"x"}, {"-only", "("}, {"-rows", "("}, {"-contacts", "1999"}, {"-turns", "0"}, {"-none"}} {
		if err := run(t.Context(), args, t.Output(), t.Output()); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
	if err := run(t.Context(), []string{"-only", "nobody"}, t.Output(), t.Output()); !errors.Is(err, errNobody) {
		t.Errorf("a store that is not there: %v", err)
	}
}
