package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const sample = `goos: linux
cpu: Some Processor
BenchmarkRule/small/limit-struct-2   	100	 2.0 ns/op	 2.0 cpu-ns/op	 0 B/op	 0 allocs/op
BenchmarkRule/small/expr-map-2   	100	 40.0 ns/op	 44.0 cpu-ns/op	 8 B/op	 1 allocs/op
BenchmarkWorkload/small/beckon-rule-2   	100	 6.0 ns/op	 5.0 cpu-ns/op	 0 B/op	 0 allocs/op
BenchmarkRender/limit-builder-2   	100	 200 ns/op	 200 cpu-ns/op	 0 B/op	 1 allocs/op
BenchmarkCurve/messages/1000-2   	100	 1000 ns/op	 1000 cpu-ns/op	 0 B/op	 0 allocs/op
BenchmarkCurve/messages/100000-2   	100	 1050 ns/op	 1050 cpu-ns/op	 0 B/op	 0 allocs/op
BenchmarkGrowth/event-names-due/250-2   	100	 1000 ns/op	 1000 cpu-ns/op	 10 B/op	 0 allocs/op
BenchmarkGrowth/event-names-due/1000-2   	100	 5000 ns/op	 5000 cpu-ns/op	 30 B/op	 0 allocs/op
PASS
`

func read(t *testing.T, texts ...string) *results {
	t.Helper()
	r := &results{by: cpu}
	for _, text := range texts {
		if err := r.read(text); err != nil {
			t.Fatal(err)
		}
	}
	r.merge()
	return r
}

// A ratio is the median of what each turn says, not what the medians say.
func TestRatioIsOfTurns(t *testing.T) {
	slow := strings.NewReplacer(" 2.0 cpu-ns", " 20.0 cpu-ns", " 5.0 cpu-ns", " 60.0 cpu-ns").Replace(sample)
	r := read(t, sample, slow, sample)
	table := r.find("Rule/small")
	if got, ok := ratio(table.find("beckon-rule"), table.find("limit-struct"), cpu); !ok || got != 2.5 {
		t.Errorf("%v, %v; want 2.5", got, ok)
	}
	if v, _ := table.find("limit-struct").value(cpu); v != 2 {
		t.Errorf("median %v", v)
	}
	if got := table.find("limit-struct").spread(cpu); got != 9 {
		t.Errorf("spread %v, want 9 medians", got)
	}
	if _, ok := ratio(table.find("beckon-rule"), table.find("nobody"), cpu); ok {
		t.Error("a ratio to a row that is not there")
	}
}

// A turn that is measured in parts has the mean of each, in a file of -raw, too.
func TestTurnInParts(t *testing.T) {
	slow := strings.NewReplacer(" 2.0 cpu-ns", " 4.0 cpu-ns", " 5.0 cpu-ns", " 25.0 cpu-ns").Replace(sample)
	file := filepath.Join(t.TempDir(), "raw")
	if err := os.WriteFile(file, []byte(turnMark+sample+slow+turnMark+sample+sample), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := run([]string{"-from", file, "-only", "Rule"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	// The limit took 3 and 2 ns, the rule 15 and 5: 5 times and 2.5 times as long.
	for _, want := range []string{"| `limit-struct` | 2.50 | 40 % |", "| `beckon-rule` | 10.0 | 100 % | 3.75 |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s\nis not in\n%s", want, out.String())
		}
	}
}

// What the library measured by itself comes after the limit of its workload.
func TestMarkdown(t *testing.T) {
	r := read(t, sample)
	want := "| Rule/small | cpu-ns/op | spread | × limit | × beckon | B/op | allocs/op |\n" +
		"| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n" +
		"| `limit-struct` | 2.00 | 0 % | 1.00 | 0.40 | 0 | 0 |\n" +
		"| `beckon-rule` | 5.00 | 0 % | 2.50 | 1.00 | 0 | 0 |\n" +
		"| `expr-map` | 44.0 | 0 % | 22.0 | 8.80 | 8.00 | 1.00 |\n"
	if got := r.markdown(r.find("Rule/small")); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := r.allTables(); strings.Contains(got, "Curve") || strings.Contains(got, "Growth") || strings.Contains(got, "Workload") {
		t.Error(got)
	}
}

// What four times as much costs is beside it.
func TestGrowthTable(t *testing.T) {
	want := "| event names that the store knows | 250, 1000 | Due | 1000, 5000 | 5.00 | 10.0, 30.0 | 3.00 |\n"
	if got := read(t, sample).growthTable(); !strings.HasSuffix(got, want) {
		t.Errorf("%s\nwant at the end %s", got, want)
	}
	if got := (&results{by: cpu}).growthTable(); got != "" {
		t.Error(got)
	}
}

// A table with two limits has two parts, each with a row of beckon of its own.
func TestPartsOfATable(t *testing.T) {
	table := &table{}
	for _, name := range []string{"limit-a", "beckon-a", "peer-a", "limit-b", "beckon-b", "peer-b"} {
		table.row(name)
	}
	for _, row := range table.rows {
		if got, want := table.beckon(row).name, "beckon-"+row.name[len(row.name)-1:]; got != want {
			t.Errorf("%s is compared with %s", row.name, got)
		}
	}
}

func TestTargetTable(t *testing.T) {
	got := read(t, sample).targetTable()
	for _, want := range []string{
		"| Rule, small | within 3× of a struct by hand | 2.50× | met |",
		"| Rule, small | 6× faster than expr and cel-go at their best | 8.80× | met |",
		"| Rule, small | 25× faster than LaunchDarkly's evaluator | – | not measured |",
		"| Candidates | 100,000 messages of other events cost no more than 1,000 (within a tenth) | 1.05× | met |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no line %s\n%s", want, got)
		}
	}
	slower := strings.ReplaceAll(sample, " 5.0 cpu-ns", " 7.0 cpu-ns")
	got = read(t, slower).targetTable()
	if !strings.Contains(got, "| 3.50× | **not met** (1) |") || !strings.Contains(got, "\n1. ") {
		t.Error(got)
	}
}

// Where not all turns lie on one side of a target, it is undecided.
func TestUndecided(t *testing.T) {
	slower := strings.ReplaceAll(sample, " 5.0 cpu-ns", " 7.0 cpu-ns")
	got := read(t, sample, sample, slower).targetTable()
	if !strings.Contains(got, "| Rule, small | within 3× of a struct by hand | 2.50× (2.50 to 3.50) | undecided (1) |") {
		t.Error(got)
	}
	if want := "3 of 37 are met, 0 are not, and 1 are undecided"; !strings.Contains(got, want) {
		t.Errorf("it does not say %q\n%s", want, got)
	}
	for _, c := range []struct {
		turns []float64
		want  verdict
	}{{nil, unknown}, {[]float64{1, 2}, met}, {[]float64{3, 4}, notMet}, {[]float64{1, 4, 1}, undecided}} {
		if got := judge(c.turns, func(v float64) bool { return v <= 2 }); got != c.want {
			t.Errorf("%v is %s, want %s", c.turns, got, c.want)
		}
	}
	const track = `
BenchmarkPublish/track-beside-publish-2   	100	 10 ns/op	 10 p50-ns	 100 p99-ns
BenchmarkPublish/track-beside-other-engine-2   	100	 10 ns/op	 10 p50-ns	 50 p99-ns
BenchmarkMatch/1000/index-by-hand-noting-reasons-2   	100	 30 ns/op	 30 cpu-ns/op
BenchmarkMatch/1000/beckon-decision-2   	100	 200 ns/op	 200 cpu-ns/op
BenchmarkMatch/10000/index-by-hand-noting-reasons-2   	100	 130 ns/op	 130 cpu-ns/op
BenchmarkMatch/10000/beckon-decision-2   	100	 460 ns/op	 460 cpu-ns/op
BenchmarkReplay/sixth-2   	100	 2500 ns/op	 2500 cpu-ns/op
BenchmarkReplay/each-2   	100	 4000 ns/op	 4000 cpu-ns/op
BenchmarkTrack/held/beckon-TrackJSON-2   	100	 10 ns/op	 10 cpu-ns/op	 5 allocs/op
BenchmarkTrack/held/assembled-tuned-json-2   	100	 30 ns/op	 30 cpu-ns/op	 0 allocs/op
BenchmarkTrack/held/beckon-Track-without-metadata-2   	100	 10 ns/op	 10 cpu-ns/op	 0 allocs/op
`
	got = read(t, track).targetTable()
	for _, want := range []string{
		"| One held candidate more | within 2.5× of an index and rules by hand that note reasons | 2.60× | **not met** (",
		"| Replay, one event in six sends | 300,000 events a second on one core | 400 k/s | met |",
		"| Replay, each event sends | 300,000 events a second on one core | 250 k/s | **not met** (", "| Replay of JSON lines | 300,000 events a second on one core | – | not measured |",
		"| p50 1.00×, p99 2.00× | **not met** (", "| Track without metadata, all held | no allocation | 0 | met |",
		"| Track, all held | 3.5× faster than the tuned assembly, with JSON | 3.00× | **not met** (",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s\n%s", want, got)
		}
	}
}

// The page begins with what a reader wants to know. Where something of it was not
// measured, what is there stays.
func TestAnswer(t *testing.T) {
	const more = `
BenchmarkTrack/held/beckon-TrackJSON-2   	100	 2000 ns/op	 2000 cpu-ns/op	 0 B/op	 0 allocs/op
BenchmarkTrack/held/assembled-json-2   	100	 12000 ns/op	 12000 cpu-ns/op	 0 B/op	 0 allocs/op
BenchmarkTrack/sent/beckon-TrackJSON-2   	100	 4000 ns/op	 4000 cpu-ns/op	 0 B/op	 0 allocs/op
BenchmarkTrack/sent/assembled-json-2   	100	 18000 ns/op	 18000 cpu-ns/op	 0 B/op	 0 allocs/op
BenchmarkCap/allowed/beckon-Throttler-2   	100	 400 ns/op	 400 cpu-ns/op	 0 B/op	 0 allocs/op
BenchmarkCap/allowed/x-time-rate-per-key-2   	100	 300 ns/op	 300 cpu-ns/op	 0 B/op	 0 allocs/op
BenchmarkCap/allowed/ulule-limiter-memory-2   	100	 600 ns/op	 600 cpu-ns/op	 0 B/op	 0 allocs/op
`
	got := read(t, sample+more).answer()
	for _, want := range []string{
		"costs 2.00 µs of processor time if all of them are held, and 4.00 µs if one is sent",
		"takes 6.00× and 4.50× as much", "takes 1.05× what it takes with 1,000", "runs at 0.75× the speed",
	} {
		if !strings.Contains(strings.ReplaceAll(got, "\n", " "), want) {
			t.Errorf("the answer does not say %q\n%s", want, got)
		}
	}
	if got := read(t, sample).answer(); got != "" {
		t.Errorf("with half of it measured the answer is\n%s", got)
	}
}

// The innermost frame that begins a step has the sample; what is not within a
// Track does not count.
func TestSteps(t *testing.T) {
	const line = "-----------+-------------------------------------------------------\n"
	steps, err := stepsOf("File: x\nDuration: 1s\n" + line +
		"      30ms   runtime.memmove\n             github.com/beckon-go/beckon/internal/render.(*Content).fill (inline)\n" +
		"             github.com/beckon-go/beckon/internal/decide.(*Decision).judge\n             github.com/beckon-go/beckon.(*Engine).Track\n" + line +
		"      60ms   github.com/beckon-go/beckon/internal/event.(*Decoder).event\n             github.com/beckon-go/beckon.(*Engine).TrackJSON\n" + line +
		"      10ms   runtime.x\n             github.com/beckon-go/beckon.(*Engine).Track\n" + line +
		"     5s   runtime.gcBgMarkWorker\n")
	if err != nil {
		t.Fatal(err)
	}
	got, sum := map[string]float64{}, 0.0
	for _, s := range steps {
		got[s.name] = math.Round(s.share * 100)
		sum += s.share
	}
	if got["render"] != 30 || got["decode the body"] != 60 || got["all else"] != 10 || math.Abs(sum-1) > 1e-9 {
		t.Errorf("%v, %v in all", got, sum)
	}
	if _, err := stepsOf("File: x\n"); err == nil {
		t.Error("a profile without a Track")
	}
}

// Every function that a step begins with is there, under that name.
func TestStepsAreFunctions(t *testing.T) {
	known := map[string][]string{} // by package, what profiles call its functions
	for _, k := range stepKinds() {
		for _, f := range k.frames {
			dir, name, _ := strings.Cut(f, ".")
			if known[dir] == nil {
				known[dir] = functionsOf(t, filepath.Join("../../..", dir))
			}
			if !slices.ContainsFunc(known[dir], func(have string) bool {
				return have == name || strings.HasSuffix(f, ".") && strings.HasPrefix(have, name)
			}) {
				t.Errorf("%s: there is no %s", k.name, f)
			}
		}
	}
}

// functionsOf returns the functions of a package as profiles call them, behind its path.
func functionsOf(t *testing.T, dir string) (list []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || strings.HasSuffix(file, "_test.go") {
				continue
			}
			name := f.Name.Name
			if f.Recv != nil {
				switch of := f.Recv.List[0].Type.(type) {
				case *ast.StarExpr:
					if id, ok := of.X.(*ast.Ident); ok {
						name = "(*" + id.Name + ")." + name
					}
				case *ast.Ident:
					name = of.Name + "." + name
				}
			}
			list = append(list, name)
		}
	}
	return list
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.0123: "0.012", 2.345: "2.35", 23.45: "23.4", 234.5: "234", 98765: "98765", 4.5e6: "4.5 million"} {
		if got := number(v, true); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
	if got := number(1, false); got != "–" {
		t.Error(got)
	}
}

// The picture has a panel for each curve that was measured.
func TestPicture(t *testing.T) {
	r := read(t, sample)
	if got := r.picture(); strings.Count(got, "<polyline") != 1 || strings.Count(got, "<circle") != 2 || !strings.Contains(got, "flat") || strings.Contains(got, "NaN") {
		t.Error(got)
	}
	if got := (&results{by: cpu}).picture(); strings.Contains(got, "NaN") || strings.Contains(got, "Inf") {
		t.Error(got)
	}
}

// Every name in front of a row is of a module that is measured here.
func TestPeersAreKnown(t *testing.T) {
	versions, err := peerVersions()
	if err != nil {
		t.Skip(err)
	}
	for _, p := range peers() {
		if versions[p.module] == "" {
			t.Errorf("%s is not among the modules", p.module)
		}
	}
}

// The table has a row for each kind of BenchmarkGrowth, and no other.
func TestGrowthRows(t *testing.T) {
	files, err := filepath.Glob("../../growth_*_test.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var measured, shown []string
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^\t\t\{"([a-z-]+)", `).FindAllStringSubmatch(string(text), -1) {
			measured = append(measured, m[1])
		}
	}
	for _, g := range growths() {
		shown = append(shown, g.table)
	}
	slices.Sort(measured)
	slices.Sort(shown)
	if !slices.Equal(measured, shown) {
		t.Errorf("measured: %q, in the table: %q", measured, shown)
	}
}
