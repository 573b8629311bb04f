package benchmarks

import (
	"flag"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/workload"
	"github.com/beckon-go/beckon/memstore"
)

var ratiosFlag = flag.Bool("ratios", false, "check ratios to the limits: TestRatios")

// A gate is how many times as long as another a row may take. Bounds are about
// twice what was measured: they are to catch what went wrong, not what became a
// little slower.
type gate struct {
	row, base string
	most      float64
}

// ratioTable has the rows of a table of the benchmarks, and its gates.
type ratioTable struct {
	name  string
	rows  func(tb testing.TB) []row
	gates []gate
}

func ratioTables() []ratioTable {
	var tables []ratioTable
	for i, most := range []float64{30, 13, 10} {
		c := workload.Rules()[i]
		tables = append(tables, ratioTable{
			"Rule/" + c.Name, func(tb testing.TB) []row { return ruleRows(tb, c) },
			[]gate{{"beckon-decision", "limit-struct", most}, {"beckon-decision", "expr-map-reusedVM", 1}},
		})
	}
	return append(tables,
		ratioTable{"Match/1000", func(tb testing.TB) []row { return matchRows(tb, 1000) }, []gate{
			{"beckon-decision", "limit-index", 20}, {"beckon-decision", "index-expr-map-reusedVM", 1},
		}},
		ratioTable{"Messages", messagesRows, []gate{{"10000", "100", 1.5}}},
		ratioTable{"Cap/allowed", func(tb testing.TB) []row {
			at, keys, asked := start, makeCapKeys(100_000), makeCapKeys(100_000)
			var rows []row
			for _, p := range capPeers(capCases()[0], &at)[:2] {
				rows = append(rows, capRow(tb, capCases()[0], p, &at, keys, asked))
			}
			return rows
		}, []gate{{"beckon-Throttler", "limit-sharded-map", 3.5}}},
		ratioTable{"Render", renderRows, []gate{{"beckon-Renderer", "limit-builder", 1.8}, {"beckon-Renderer", "html-template-struct", 0.25}}},
		ratioTable{"Decode", decodeRows, []gate{{"beckon-ParseEvent", "limit-by-hand", 4}, {"beckon-ParseEvent", "encoding-json-Token", 0.3}}},
		ratioTable{"Track/sent", func(tb testing.TB) []row { return trackRows(tb, true) }, []gate{
			{"beckon-TrackJSON", "limit-by-hand-json", 12}, {"beckon-Track", "limit-by-hand", 15}, {"beckon-TrackJSON", "assembled-json", 0.7},
		}},
		ratioTable{"Track/held", func(tb testing.TB) []row { return trackRows(tb, false) }, []gate{
			{"beckon-TrackJSON", "limit-by-hand-json", 10}, {"beckon-Track", "limit-by-hand", 32}, {"beckon-TrackJSON", "assembled-json", 0.6},
		}},
		ratioTable{"State", stateRows, []gate{{"beckon-memstore-Step", "limit-inline-arrays", 40}, {"beckon-memstore-Step", "map-of-maps", 2}}},
	)
}

// messagesRows have the same five candidates among more and more messages.
func messagesRows(tb testing.TB) []row {
	tb.Helper()
	var rows []row
	for _, n := range []int{100, 10_000} {
		messages := matchMessages(n)
		for i := range messages {
			if i < 5 {
				messages[i].Trigger = beckon.On("candidate")
			}
		}
		store := memstore.New()
		check(tb, matchPerson().Store(store, "u1"))
		engine := newEngine(tb, store, (&clock{at: start}).now, messages...)
		track := tracker(tb, engine, beckon.Event{Name: "candidate", UserID: "u1"}, 5)
		for range 2100 {
			track()
		}
		rows = append(rows, row{fmt.Sprint(n), each(track)})
	}
	return rows
}

func stateRows(tb testing.TB) []row {
	tb.Helper()
	const contacts = 10_000
	var rows []row
	ids := stateIDs(contacts)
	for _, p := range statePeers(ids) {
		add := p.make(tb)
		for contact := range contacts {
			for name := range stateNames {
				add(contact, name)
			}
		}
		copy(ids, stateIDs(contacts)) // as BenchmarkState does
		i := 0
		rows = append(rows, row{p.name, each(func() {
			i += 7919
			add(i%contacts, i%stateNames)
		})})
	}
	return rows
}

// TestRatios is for CI, where a machine is slow or fast and never quiet: it
// compares processor time with that of a limit, both measured in turn, and the
// least of each. What is beyond its bound is measured again before it counts.
func TestRatios(t *testing.T) {
	if !*ratiosFlag {
		t.Skip("without -ratios")
	}
	began := time.Now()
	for _, table := range ratioTables() {
		t.Run(table.name, func(t *testing.T) {
			rows := table.rows(t)
			find := func(name string) row {
				i := slices.IndexFunc(rows, func(r row) bool { return r.name == name })
				if i < 0 {
					t.Fatalf("there is no row %s", name)
				}
				return rows[i]
			}
			for _, g := range table.gates {
				a, b := find(g.row), find(g.base)
				got := math.Inf(1)
				for try := 0; try < 5 && got > g.most; try++ { // neighbours take caches away for a while
					got = min(got, ratioOf(a, b))
				}
				t.Logf("%s: %.2f × %s, at most %.2f", g.row, got, g.base, g.most)
				if !(got <= g.most) {
					t.Errorf("%s takes %.2f times as long as %s, more than %.2f", g.row, got, g.base, g.most)
				}
			}
		})
	}
	t.Logf("%.0f s", time.Since(began).Seconds())
}

// ratioOf returns how many times the least time of b the least time of a is.
func ratioOf(a, b row) float64 {
	const rounds = 7
	na, nb := runsIn(a), runsIn(b)
	leastA, leastB := math.Inf(1), math.Inf(1)
	runtime.GC() // what was made before is not to be collected now
	for range rounds {
		leastA, leastB = min(leastA, perRun(a, na)), min(leastB, perRun(b, nb))
	}
	return leastA / leastB
}

// perRun returns the nanoseconds of one run, of the processors where that is known.
func perRun(r row, n int) float64 {
	began, wall := workload.ProcessorTime(), time.Now()
	r.run(n)
	if used := workload.ProcessorTime() - began; used > 0 {
		return float64(used) / float64(n)
	}
	return float64(time.Since(wall)) / float64(n)
}

// runsIn returns how often a row runs in some ten milliseconds.
func runsIn(r row) int {
	const enough = 10e6
	for n := 1; ; n *= 4 {
		if spent := perRun(r, n) * float64(n); spent > enough/8 {
			return max(1, int(float64(n)*enough/spent))
		}
	}
}

// The instrument itself: twice the work takes about twice as long.
func TestRatioOfTwice(t *testing.T) {
	if !*ratiosFlag {
		t.Skip("without -ratios")
	}
	sum := 0
	work := func(times int) row {
		return row{"", func(n int) {
			for i := range n * times * 100 {
				sum += i ^ sum
			}
		}}
	}
	got := math.Inf(1)
	for try := 0; try < 5 && (got < 1.6 || got > 2.5); try++ {
		got = ratioOf(work(2), work(1))
	}
	if got < 1.6 || got > 2.5 {
		t.Errorf("%v", got)
	}
}
