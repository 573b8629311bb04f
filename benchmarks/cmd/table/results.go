package main

import (
	"bufio"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// results are what all turns measured.
type results struct {
	by       string // the metric that is compared
	tables   []*table
	cpu      string
	versions map[string]string // of modules
	steps    []step
}

// A table has the rows that are compared with one another.
type table struct {
	name string
	rows []*row
}

// A row has, for each metric, the value of each turn.
type row struct {
	name   string
	values map[string][]float64
}

// read takes in what a test binary printed in a turn: of a row that is there several times the
// mean.
func (r *results) read(text string) error {
	var turn results
	if err := turn.readRows(text); err != nil {
		return err
	}
	r.cpu = cmp.Or(turn.cpu, r.cpu)
	for _, t := range turn.tables {
		for _, of := range t.rows {
			row := r.table(t.name).row(of.name)
			for metric, list := range of.values {
				row.values[metric] = append(row.values[metric], mean(list))
			}
		}
	}
	return nil
}

// readRows takes in each row as it is there.
func (r *results) readRows(text string) error {
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		if cpu, ok := strings.CutPrefix(line, "cpu: "); ok {
			r.cpu = cpu
			continue
		}
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(line, "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(strings.TrimSuffix(fields[0], "-2"), "Benchmark")
		place, peer := name, ""
		if i := strings.LastIndexByte(name, '/'); i >= 0 {
			place, peer = name[:i], name[i+1:]
		}
		row := r.table(place).row(peer)
		for i := 2; i+1 < len(fields); i += 2 {
			v, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return fmt.Errorf("%q: %w", line, err)
			}
			row.values[fields[i+1]] = append(row.values[fields[i+1]], v)
		}
	}
	return lines.Err()
}

// table returns the table of that name, and makes it if there is none.
func (r *results) table(name string) *table {
	if t := r.find(name); t != nil {
		return t
	}
	t := &table{name: name}
	r.tables = append(r.tables, t)
	return t
}

func (r *results) find(name string) *table {
	if i := slices.IndexFunc(r.tables, func(t *table) bool { return t.name == name }); i >= 0 {
		return r.tables[i]
	}
	return nil
}

func (t *table) row(name string) *row {
	if found := t.find(name); found != nil {
		return found
	}
	row := &row{name: name, values: map[string][]float64{}}
	t.rows = append(t.rows, row)
	return row
}

func (t *table) find(name string) *row {
	if t == nil {
		return nil
	}
	if i := slices.IndexFunc(t.rows, func(r *row) bool { return r.name == name }); i >= 0 {
		return t.rows[i]
	}
	return nil
}

// merge puts the rows that the library's own package measured beside those of
// the same workload here, behind the limit.
func (r *results) merge() {
	r.tables = slices.DeleteFunc(r.tables, func(t *table) bool {
		place, ok := strings.CutPrefix(t.name, "Workload/")
		if !ok {
			return false
		}
		into := r.find("Rule/" + place)
		if into == nil {
			return false
		}
		into.rows = slices.Insert(into.rows, 1, t.rows...)
		return true
	})
}

// value returns the median of a metric, and whether there is one.
func (r *row) value(metric string) (float64, bool) {
	if r == nil || len(r.values[metric]) == 0 {
		return 0, false
	}
	return median(r.values[metric]), true
}

// spread returns how far apart the turns are, in parts of the median.
func (r *row) spread(metric string) float64 {
	v := r.values[metric]
	if m := median(v); len(v) > 0 && m != 0 {
		return (slices.Max(v) - slices.Min(v)) / m
	}
	return 0
}

// ratio returns how many times the base a row takes: the median of what each turn
// says, for both were measured shortly after one another.
func ratio(row, base *row, metric string) (float64, bool) {
	list := ratios(row, base, metric)
	return median(list), len(list) > 0
}

// ratios returns how many times the base a row takes, by turn; nothing if one of the two
// was not measured.
func ratios(row, base *row, metric string) (list []float64) {
	if row == nil || base == nil {
		return nil
	}
	a, b := row.values[metric], base.values[metric]
	for i := range min(len(a), len(b)) {
		if b[i] > 0 {
			list = append(list, a[i]/b[i])
		}
	}
	return list
}

func mean(list []float64) float64 {
	sum := 0.0
	for _, v := range list {
		sum += v
	}
	return sum / float64(len(list))
}

func median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
