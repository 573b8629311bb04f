package main

import (
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// describe says what was run, where and when.
func (r *results) describe(s settings) string {
	turns := 0
	for _, t := range r.tables {
		for _, row := range t.rows {
			for _, values := range row.values {
				turns = max(turns, len(values))
			}
		}
	}
	kind := "A full run"
	if s.quick {
		kind = "A quick run, for the form rather than for the figures"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, Go %s, %s/%s, %s, %d processors of which 2 were used; %d turns of %v a row.\n\n", kind, time.Now().UTC().Format(time.DateOnly),
		strings.TrimPrefix(runtime.Version(), "go"), runtime.GOOS, runtime.GOARCH, r.cpu, runtime.NumCPU(), turns, s.time)
	names := make([]string, 0, len(r.versions))
	for _, p := range peers() {
		if v := r.versions[p.module]; v != "" && !slices.Contains(names, p.module+" "+v) {
			names = append(names, p.module+" "+v)
		}
	}
	slices.Sort(names)
	fmt.Fprintf(&b, "Peers: %s; the rest is of the standard library or written out by hand.", strings.Join(names, ", "))
	return b.String()
}

// A peer is a library, by the beginning of its rows' names.
type peer struct{ row, module string }

func peers() []peer {
	return []peer{
		{"expr-", "github.com/expr-lang/expr"},
		{"cel-", "cel.dev/cel-go"},
		{"launchdarkly", "github.com/launchdarkly/go-server-sdk-evaluation/v3"},
		{"jsonlogic", "github.com/diegoholiveira/jsonlogic/v3"},
		{"throttled-", "github.com/throttled/throttled/v2"},
		{"x-time-rate", "golang.org/x/time"},
		{"ulule-", "github.com/ulule/limiter/v3"},
		{"fasttemplate", "github.com/valyala/fasttemplate"},
		{"mustache", "github.com/cbroglie/mustache"},
		{"liquid", "github.com/osteele/liquid"},
		{"fastjson", "github.com/valyala/fastjson"},
		{"sonic", "github.com/bytedance/sonic"},
		{"gjson", "github.com/tidwall/gjson"},
		{"jsontext", "github.com/go-json-experiment/json"},
	}
}

// peerVersions asks which versions were measured.
func peerVersions() (map[string]string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Path}} {{.Version}}", "all").Output()
	if err != nil {
		return nil, fmt.Errorf("go list -m all: %w", err)
	}
	versions := map[string]string{}
	for _, line := range strings.Split(string(out), "\n") {
		if path, version, ok := strings.Cut(line, " "); ok {
			versions[path] = version
		}
	}
	return versions, nil
}

// allTables returns the tables that are neither drawn as curves nor of growth.
func (r *results) allTables() string {
	var b strings.Builder
	for _, t := range r.tables {
		if strings.HasPrefix(t.name, "Curve/") || strings.HasPrefix(t.name, "Growth/") || strings.HasPrefix(t.name, "Steps") {
			continue
		}
		fmt.Fprintf(&b, "### %s\n\n%s\n", t.name, r.markdown(t))
	}
	return b.String()
}

// markdown returns one table. What begins with "limit" is the limit of the rows
// behind it, up to the next; the first row of beckon is what others are
// compared with.
func (r *results) markdown(t *table) string {
	var b strings.Builder
	extra := extraMetrics(t)
	by := r.by
	if !slices.ContainsFunc(t.rows, func(row *row) bool { return len(row.values[by]) > 0 }) {
		by = "ns/op"
	}
	fmt.Fprintf(&b, "| %s | %s | spread | × limit | × beckon | B/op | allocs/op |", t.name, by)
	for _, m := range extra {
		fmt.Fprintf(&b, " %s |", m)
	}
	fmt.Fprintf(&b, "\n| --- |%s\n", strings.Repeat(" ---: |", 6+len(extra)))
	var limit *row
	for _, row := range t.rows {
		if strings.HasPrefix(row.name, "limit") {
			limit = row
		}
		fmt.Fprintf(&b, "| `%s` | %s | %.0f %% | %s | %s | %s | %s |", row.name, number(row.value(by)), 100*row.spread(by),
			number(ratio(row, limit, by)), number(ratio(row, t.beckon(row), by)), number(row.value("B/op")), number(row.value("allocs/op")))
		for _, m := range extra {
			fmt.Fprintf(&b, " %s |", number(row.value(m)))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// beckon returns the row of beckon that a row is compared with: the one in its
// own part of the table, where a limit begins a part.
func (t *table) beckon(of *row) *row {
	var found *row
	passed := false
	for _, row := range t.rows {
		if strings.HasPrefix(row.name, "limit") {
			if passed {
				break
			}
			found = nil
		}
		if found == nil && strings.HasPrefix(row.name, "beckon") {
			found = row
		}
		passed = passed || row == of
	}
	return found
}

// extraMetrics returns what some row of the table has beyond the usual.
func extraMetrics(t *table) []string {
	var list []string
	for _, row := range t.rows {
		for m := range row.values {
			if !slices.Contains([]string{"ns/op", "cpu-ns/op", "B/op", "allocs/op"}, m) && !slices.Contains(list, m) {
				list = append(list, m)
			}
		}
	}
	slices.Sort(list)
	return list
}

// number writes three digits, or what there is of greater ones.
func number(v float64, ok bool) string {
	switch {
	case !ok:
		return "–"
	case v == 0:
		return "0"
	case v < 0.1:
		return fmt.Sprintf("%.3f", v)
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	case v < 1e6:
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g million", v/1e6)
}
