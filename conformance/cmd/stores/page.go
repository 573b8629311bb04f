package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// results are what was measured.
type results struct {
	machine string
	rows    []*row
}

// A row is one store. Its figures stand by what was done and in how many
// goroutines, one for each turn.
type row struct {
	name     string
	least    float64 // of its steps to the driver's: the target
	versions string
	bytes    int     // of a contact's record
	wide     int     // bytes of a row of the driver, and of the store; 0 if it has none
	contact  float64 // bytes that one takes in the store
	holds    string  // of what
	figures  map[place][]figure
}

type place struct {
	what    string // driver, step, track, hot step, hot track
	callers int
}

func newRow(k kind, versions string) *row {
	return &row{name: k.name, least: k.least, versions: versions, figures: map[place][]figure{}}
}

func (r *row) note(what string, callers int, f figure) {
	p := place{what, callers}
	r.figures[p] = append(r.figures[p], f)
}

// of returns the medians of the turns, each figure by itself; what failed is added
// up.
func (r *row) of(what string, callers int) figure {
	list := r.figures[place{what, callers}]
	if len(list) == 0 {
		return figure{}
	}
	var sum figure
	var rates []float64
	var p50, p99 []time.Duration
	for _, f := range list {
		sum.failed += f.failed
		sum.err = cmp.Or(sum.err, f.err)
		rates, p50, p99 = append(rates, f.rate), append(p50, f.p50), append(p99, f.p99)
	}
	sum.rate, sum.p50, sum.p99 = median(rates), median(p50), median(p99)
	return sum
}

// median returns the middle one, of two the lesser.
func median[T cmp.Ordered](list []T) T {
	return slices.Sorted(slices.Values(list))[(len(list)-1)/2]
}

// times returns a rate in parts of another, by turn.
func (r *row) times(what, base place) (list []float64) {
	a, b := r.figures[what], r.figures[base]
	for i := range min(len(a), len(b)) {
		if b[i].rate > 0 {
			list = append(list, a[i].rate/b[i].rate)
		}
	}
	return list
}

// describe says what was run, where and when.
func (r *results) describe(s settings) string {
	kind := "A full run"
	if s.quick {
		kind = "A quick run, for the form rather than for the figures"
	}
	var versions []string
	for _, row := range r.rows {
		if row.versions != "" && !slices.Contains(versions, row.versions) {
			versions = append(versions, row.versions)
		}
	}
	var widths []string
	for _, row := range r.rows {
		name, _, _ := strings.Cut(row.name, ",")
		if text := fmt.Sprintf("%.1f KB in %s", float64(row.wide)/1024, name); row.wide > 0 && !slices.Contains(widths, text) {
			widths = append(widths, text)
		}
	}
	rows := ""
	if len(widths) > 0 {
		rows = " Its row, and the driver's, has " + strings.Join(widths, ", ") + "."
	}
	turns := "the median of " + fmt.Sprint(s.turns) + " turns"
	if s.turns == 1 {
		turns = "one turn"
	}
	return fmt.Sprintf("%s: %s, Go %s, %s. %s. %d contacts in each store, the record of each has %.1f KB.%s %v a figure in each turn (at %d goroutines twice that, at %d and %d half), %s. "+
		"Servers and what calls them share the machine.", kind, time.Now().UTC().Format(time.DateOnly), strings.TrimPrefix(runtime.Version(), "go"),
		r.machine, strings.Join(versions, ", "), s.contacts, float64(r.rows[0].bytes)/1024, rows, s.time, many, 1, 512, turns)
}

// stepTable has a line for each store and number of goroutines.
func (r *results) stepTable() string {
	var b strings.Builder
	b.WriteString("| Store | Goroutines | Driver/s | Steps/s | × driver | p50 | p99 | Track/s | × driver | p50 | p99 |\n" +
		"| --- |" + strings.Repeat(" ---: |", 10) + "\n")
	for _, row := range r.rows {
		for _, n := range goroutines() {
			step, track, driver := row.of("step", n), row.of("track", n), place{"driver", n}
			fmt.Fprintf(&b, "| %s | %d | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", row.name, n, count(row.of("driver", n).rate),
				count(step.rate), ratio(row.times(place{"step", n}, driver)), short(step.p50), short(step.p99),
				count(track.rate), ratio(row.times(place{"track", n}, driver)), short(track.p50), short(track.p99))
		}
	}
	return b.String()
}

// hotTable says what 64 goroutines on a few contacts do.
func (r *results) hotTable() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| Store | Steps/s, all contacts | Steps/s, %d contacts | p50 | p99 | Track/s, all contacts | Track/s, %d contacts | p50 | p99 | Failed |\n"+
		"| --- |%s\n", hot, hot, strings.Repeat(" ---: |", 9))
	for _, row := range r.rows {
		step, track := row.of("hot step", many), row.of("hot track", many)
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %d |\n", row.name, count(row.of("step", many).rate), count(step.rate), short(step.p50), short(step.p99),
			count(row.of("track", many).rate), count(track.rate), short(track.p50), short(track.p99), step.failed+track.failed)
	}
	return b.String()
}

// half is the target on a few contacts: no fewer steps than half of those on all.
const half = 0.5

// targetTable says which targets are met. A store without a driver has none of the first
// kind.
func (r *results) targetTable() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| Store | Steps at %d goroutines, in parts of the driver's | Target | | Steps on %d contacts, in parts of those on all | Failed | Target | |\n| --- | ---: | --- | --- | ---: | ---: | --- | --- |\n", many, hot)
	for _, row := range r.rows {
		target := fmt.Sprintf("≥ %.1f", row.least)
		driver := row.times(place{"step", many}, place{"driver", many})
		if len(driver) == 0 {
			target = "–"
		}
		few := row.times(place{"hot step", many}, place{"step", many})
		failed := row.of("hot step", many).failed + row.of("hot track", many).failed
		fewVerdict := verdict(few, half)
		if failed > 0 {
			fewVerdict = "**not met**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %d | ≥ %.1f, none failed | %s |\n", row.name, spread(driver), target, verdict(driver, row.least), spread(few), failed, half, fewVerdict)
	}
	for _, row := range r.rows {
		for _, what := range []string{"hot step", "hot track"} {
			if err := row.of(what, many).err; err != nil {
				fmt.Fprintf(&b, "\n%s, %s: %v\n", row.name, what, err)
			}
		}
	}
	return b.String()
}

// verdict says whether a ratio reaches a target: only if all turns lie on the same side of it
// is that known.
func verdict(turns []float64, target float64) string {
	switch {
	case len(turns) == 0:
		return "–"
	case slices.Min(turns) >= target:
		return "met"
	case slices.Max(turns) < target:
		return "**not met**"
	}
	return "undecided"
}

// spread writes the median of what the turns say, and the least and the most.
func spread(turns []float64) string {
	if len(turns) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f (%.2f to %.2f)", median(turns), slices.Min(turns), slices.Max(turns))
}

// count writes a rate as people do, to three digits.
func count(v float64) string {
	switch {
	case v == 0:
		return "–"
	case v >= 1e6:
		return fmt.Sprintf("%.3g M", v/1e6)
	case v >= 1e3:
		return fmt.Sprintf("%.3g k", v/1e3)
	}
	return fmt.Sprintf("%.0f", v)
}

// ratio writes the median of what the turns say.
func ratio(turns []float64) string {
	if len(turns) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", median(turns))
}

// short writes a duration to two or three digits.
func short(d time.Duration) string {
	switch {
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%.0f ms", d.Seconds()*1e3)
	case d >= 100*time.Microsecond:
		return fmt.Sprintf("%.2g ms", d.Seconds()*1e3)
	}
	return fmt.Sprintf("%.2g µs", d.Seconds()*1e6)
}

// machine says what this one is, and how long its disk takes for what a durable
// store waits for.
func machine(dir string) string {
	text := runtime.GOOS + "/" + runtime.GOARCH
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, after, ok := strings.Cut(string(info), "model name"); ok {
			name, _, _ := strings.Cut(after, "\n")
			text += ", " + strings.TrimSpace(strings.TrimLeft(name, "\t :"))
		}
	}
	text += fmt.Sprintf(", %d processors", runtime.NumCPU())
	if took, err := syncTime(filepath.Join(dir, "sync")); err == nil {
		text += ", fsync of 4 KB in " + short(took)
	}
	return text
}

// syncTime measures a small write that reaches the disk.
func syncTime(path string) (time.Duration, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // it goes with its folder
	block := make([]byte, 4096)
	var failed error
	took := loadInTurn(1, 100*time.Millisecond, func(int, *rand.Rand) error {
		if _, failed = f.Write(block); failed == nil {
			failed = f.Sync()
		}
		return failed
	})[0]
	return took.p50, failed
}

// module returns the version of a module that is linked in.
func module(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "of an unknown version"
}
