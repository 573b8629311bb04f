package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// A short run over the stores that need no server, into a page.
func TestPageIsWritten(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers")
	}
	file := filepath.Join(t.TempDir(), "page.md")
	var old strings.Builder
	for _, block := range []string{"contact", "run", "steps", "hot", "targets"} {
		old.WriteString("before " + block + "\n<!-- measured: " + block + " -->\n<!-- end of " + block + " -->\n")
	}
	if err := os.WriteFile(file, []byte(old.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-quick", "-time", "2ms", "-contacts", "50", "-page", file}
	var out bytes.Buffer
	if err := run(t.Context(), append(args, "-only", "memory|^SQLite$"), &out, t.Output()); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, "A quick run") || strings.Count(text, "\n| memory | ") != 6 || strings.Count(text, "\n| SQLite | ") != 6 || strings.Contains(text, "| PostgreSQL | ") {
		t.Error(text)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != old.String() {
		t.Errorf("-only changed the page: %v\n%s", err, data)
	}
	out.Reset()
	err := run(t.Context(), args, &out, t.Output())
	if errors.Is(err, exec.ErrNotFound) && !testserver.Required() {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range kinds() {
		if n := strings.Count(string(data), "\n| "+k.name+" | "); n != 5 && (n != 6 || strings.Contains(k.name, ",")) {
			t.Errorf("%s has %d lines", k.name, n)
		}
	}
	if !strings.Contains(string(data), "before targets\n") || strings.Contains(string(data), "unknown version") {
		t.Errorf("%s", data)
	}
	if err := run(t.Context(), append(args, "-page", filepath.Join(t.TempDir(), "none")), &out, t.Output()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a page that is not there: %v", err)
	}
}

// What a contact takes is more than what is written of it, and not several times as much.
func TestContactTakes(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-sizes", "-only", "memory|^SQLite$"}, &out, t.Output()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"memory", "SQLite"} {
		var size float64
		_, text, _ := strings.Cut(out.String(), "\n| "+name+" | ")
		if _, err := fmt.Sscanf(text, "%f bytes of", &size); err != nil || size < 500 || size > 5_000 {
			t.Errorf("%s: %v bytes, %v\n%s", name, size, err, &out)
		}
	}
	if strings.Contains(out.String(), "Goroutines") {
		t.Errorf("it says more than sizes\n%s", &out)
	}
}

func TestFlags(t *testing.T) {
	for _, args := range [][]string{{"x"}, {"-only", "("}, {"-only", "nobody"}, {"-contacts", "3"}, {"-none"}} {
		if err := run(t.Context(), args, t.Output(), t.Output()); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
	s, err := parse(nil, t.Output())
	if err != nil || s.turns != 3 || s.time != 600*time.Millisecond {
		t.Errorf("%+v, %v", s, err)
	}
	// What the whole takes must stay below four minutes, what is around it
	// included: five stores with a driver, one without. On average a figure takes as long as -time says.
	figures := 5*(3*3+2) + 3*2 + 2
	if whole := time.Duration(figures*s.turns) * s.time; whole > 120*time.Second {
		t.Errorf("measuring alone takes %v", whole)
	}
	if s, err = parse([]string{"-quick", "-turns", "2"}, t.Output()); err != nil || s.turns != 2 || s.time != 200*time.Millisecond {
		t.Errorf("%+v, %v", s, err)
	}
}

func sample() *results {
	r := newRow(kind{name: "S", least: 0.5}, "S 1")
	r.bytes, r.wide = 1024, 1536
	for i, f := range []struct{ driver, step, few float64 }{{1000, 400, 300}, {3000, 1800, 1800}, {900, 540, 20}} {
		note := func(what string, rate float64, failed int) {
			r.note(what, many, figure{rate: rate, p50: time.Duration(i+1) * time.Millisecond, p99: 20 * time.Millisecond, failed: failed})
		}
		note("driver", f.driver, 0)
		note("step", f.step, 0)
		note("track", f.step/2, 0)
		note("hot step", f.few, 0)
		note("hot track", f.few, 0)
	}
	return &results{machine: "machine", rows: []*row{r}}
}

// Rates are medians; a ratio is the median of what the turns say, not the
// ratio of medians.
func TestTables(t *testing.T) {
	r := sample()
	if want, got := "| S | 64 | 1 k | 540 | 0.60 | 2 ms | 20 ms | 270 | 0.30 | 2 ms | 20 ms |\n", r.stepTable(); !strings.Contains(got, want) {
		t.Errorf("no line %s%s", want, got)
	}
	if want, got := "| S | 540 | 300 | 2 ms | 20 ms | 270 | 300 | 2 ms | 20 ms | 0 |\n", r.hotTable(); !strings.Contains(got, want) {
		t.Errorf("no line %s%s", want, got)
	}
	if want, got := "| S | 0.60 (0.40 to 0.60) | ≥ 0.5 | undecided | 0.75 (0.04 to 1.00) | 0 | ≥ 0.5, none failed | undecided |\n", r.targetTable(); !strings.Contains(got, want) {
		t.Errorf("no line %s%s", want, got)
	}
	p := place{"step", many}
	for i := range r.rows[0].figures[p] {
		r.rows[0].figures[p][i].rate *= 0.8
	}
	r.rows[0].note("hot track", many, figure{failed: 1, err: errors.New("it broke")})
	if want, got := "| S | 0.48 (0.32 to 0.48) | ≥ 0.5 | **not met** | 0.94 (0.05 to 1.25) | 1 | ≥ 0.5, none failed | **not met** |\n", r.targetTable(); !strings.Contains(got, want) || !strings.Contains(got, "\nS, hot track: it broke\n") {
		t.Errorf("no line %s%s", want, got)
	}
	r.rows[0].least = 0.3
	if got := r.targetTable(); !strings.Contains(got, "| ≥ 0.3 | met |") {
		t.Error(got)
	}
	if got := (&results{rows: []*row{newRow(kind{name: "M"}, "")}}).targetTable(); !strings.Contains(got, "| M | – | – | – | – | 0 | ≥ 0.5, none failed | – |\n") {
		t.Error(got)
	}
	if got := r.describe(settings{turns: 3, contacts: 7, time: time.Second}); !strings.HasPrefix(got, "A full run: 20") || !strings.Contains(got, "machine. S 1. 7 contacts in each store, the record of each has 1.0 KB. Its row, and the driver's, has 1.5 KB in S. 1s a figure") {
		t.Error(got)
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{0: "–", 7.4: "7", 812: "812", 1234: "1.23 k", 45600: "45.6 k", 2.5e6: "2.5 M"} {
		if got := count(v); got != want {
			t.Errorf("%v is %s, want %s", v, got, want)
		}
	}
	for d, want := range map[time.Duration]string{830: "0.83 µs", 47 * time.Microsecond: "47 µs", 250 * time.Microsecond: "0.25 ms", 8600 * time.Microsecond: "8.6 ms", 152 * time.Millisecond: "152 ms"} {
		if got := short(d); got != want {
			t.Errorf("%v is %s, want %s", d, got, want)
		}
	}
	if got := median([]float64{4, 1, 3, 2}); got != 2 {
		t.Errorf("the median is %v", got)
	}
}

// What fails is counted and not taken for fast.
func TestLoadCountsFailures(t *testing.T) {
	f := loadInTurn(8, 20*time.Millisecond, func(c int, _ *rand.Rand) error {
		if c < 3 {
			return errors.New("no")
		}
		time.Sleep(time.Millisecond) //nolint:forbidigo // what is measured is time
		return nil
	})[0]
	if f.failed != 3 || f.err == nil || f.p50 < time.Millisecond || f.p99 < f.p50 || f.rate <= 0 || f.rate > 5000 {
		t.Errorf("%+v", f)
	}
}

// Operations that are compared take turns, and each is measured by the calls of all its parts
// but the first.
func TestLoadsTakeTurns(t *testing.T) {
	var order []int
	op := func(which int) operation {
		return func(int, *rand.Rand) error {
			if len(order) == 0 || order[len(order)-1] != which {
				order = append(order, which)
			}
			if len(order) <= 2 {
				return nil // a first part is done a hundred times as fast
			}
			time.Sleep(time.Millisecond) //nolint:forbidigo // what is measured is time
			return nil
		}
	}
	list := loadInTurn(1, 40*time.Millisecond, op(0), op(1))
	if want := []int{0, 1, 0, 1, 0, 1, 0, 1, 0, 1}; !slices.Equal(order, want) {
		t.Errorf("the order was %v, want %v", order, want)
	}
	for _, f := range list {
		if f.failed != 0 || f.rate < 100 || f.rate > 1000 || f.p50 < time.Millisecond || f.p99 < f.p50 {
			t.Errorf("%+v", f)
		}
	}
	calls := 0
	fail := errors.New("no")
	list = loadInTurn(1, time.Minute, func(int, *rand.Rand) error { return fail }, func(int, *rand.Rand) error { calls++; return nil })
	if !errors.Is(list[0].err, fail) || calls != 0 {
		t.Errorf("after a failure %d calls were made: %+v", calls, list)
	}
}

// What is measured does what it says: every step counts an event, every track
// is a new event in the log with two messages held.
func TestWhatIsMeasured(t *testing.T) {
	ctx, kept := t.Context(), memstore.New()
	size, err := fill(ctx, kept, hot)
	if err != nil || size < 700 || size > 1400 {
		t.Fatalf("a contact of %d bytes: %v", size, err)
	}
	seen := func() (n uint64) {
		for i := range hot {
			if err := kept.Read(ctx, []store.Key{{Kind: store.KindUser, ID: contact(i)}}, func(r *store.Record) error { n += r.EventSeq; return nil }); err != nil {
				t.Fatal(err)
			}
		}
		return n
	}
	random := rand.New(rand.NewPCG(1, 2))
	step := steps(ctx, kept, 2, hot)
	for i := range 20 {
		if err := step(i%2, random); err != nil {
			t.Fatal(err)
		}
	}
	if n := seen(); n != 20 {
		t.Errorf("%d events were counted", n)
	}
	tracks, err := tracking(ctx, kept)
	if err != nil {
		t.Fatal(err)
	}
	track := tracks(2, hot)
	for i := range 20 {
		if err := track(i%2, random); err != nil {
			t.Fatal(err)
		}
	}
	if n := seen(); n != 40 {
		t.Errorf("%d events were counted", n)
	}
	reasons := map[string]int64{}
	for i := range eventNames() {
		for _, id := range []string{"held", "once"} {
			list, err := kept.Totals(ctx, fmt.Sprintf("%s-%d", id, i))
			if err != nil {
				t.Fatal(err)
			}
			for _, total := range list {
				reasons[id+" "+total.Name] += total.Count
			}
		}
	}
	if len(reasons) != 2 || reasons["held held.audience"] != 20 || reasons["once held.throttled"] != 20 {
		t.Errorf("%v", reasons)
	}
}

// The driver's rows are as wide as those of the store. They have more than the record, except
// where the record is all that is kept.
func TestRowsAreAsWide(t *testing.T) {
	record, err := recordBytes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, k := range kinds() {
		b, err := k.start(t.Context(), dir, hot)
		if errors.Is(err, exec.ErrNotFound) && !testserver.Required() {
			continue
		}
		if err != nil {
			t.Fatal(k.name, err)
		}
		least, most := record, record
		switch name, _, _ := strings.Cut(k.name, ","); name {
		case "memory":
			least, most = 0, 0
		case "SQLite", "PostgreSQL": // attributes and names stand in columns, too
			least, most = record+100, 2*record
		}
		if b.wide < least || b.wide > most {
			t.Errorf("%s has rows of %d bytes, the record has %d", k.name, b.wide, record)
		}
		if b.least != nil {
			if err := b.least(t.Context(), []string{contact(0), contact(hot - 1)}); err != nil {
				t.Errorf("%s: %v", k.name, err)
			}
		}
		if err := b.stop(); err != nil {
			t.Errorf("%s: %v", k.name, err)
		}
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "full-driver.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var rows, driver, wide int
	if err := db.QueryRow("SELECT count(*), max(length(data)) FROM driver").Scan(&rows, &driver); err != nil {
		t.Fatal(err)
	}
	if wide, err = liteWidth(t.Context(), filepath.Join(dir, "full.db"), "width"); err != nil || rows != hot || driver != wide {
		t.Errorf("%d rows of %d bytes, the store has %d: %v", rows, driver, wide, err)
	}
}

// The driver is asked for each contact of a group once, in groups no larger
// than those of the store, and its failure reaches the callers.
func TestDriver(t *testing.T) {
	var asked [][]string
	fail := errors.New("no")
	b := &bench{largest: 4, flights: 1, least: func(_ context.Context, ids []string) error {
		asked = append(asked, slices.Clone(ids))
		if len(asked) > 20 {
			return fail
		}
		time.Sleep(time.Millisecond) //nolint:forbidigo // a round trip, in which others gather
		return nil
	}}
	f := loadInTurn(16, time.Minute, b.driver(t.Context(), 16, 8))[0]
	if f.failed != 16 || !errors.Is(f.err, fail) {
		t.Errorf("%+v", f)
	}
	for _, ids := range asked {
		if len(ids) == 0 || len(ids) > 4 || len(slices.Compact(slices.Clone(ids))) != len(ids) {
			t.Errorf("%q", ids)
		}
	}
}
