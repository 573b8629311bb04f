package benchmarks

import (
	"cmp"
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"testing"
	"time"
)

// A growth is something that there may be many of: what is done with n of them,
// again and again.
type growth struct {
	name  string
	limit int     // of how many there may be; 0: no limit of its own
	most  float64 // how many times as long four times as much may take; 0: mostGrowth
	make  func(tb testing.TB, n int) (do func())
}

// sizes are how many it is measured at, four times as many each.
func (g *growth) sizes() []int {
	if g.limit > 0 {
		return []int{g.limit / 16, g.limit / 4, g.limit}
	}
	return []int{250, 1000, 4000}
}

// upToThousand is the limit of what there may be 1,000 of, in a number that can be
// divided.
const upToThousand = 960

// growths are all that a program, a contact, a store, or who sends events, may make
// large. docs/security.md has the limits.
func growths() []growth {
	return slices.Concat(programGrowths(), documentGrowths(), contactGrowths(), keptGrowths(), pendingGrowths(), mergeGrowths(), seriesGrowths(), toolGrowths(), scenarioGrowths())
}

// BenchmarkGrowth is what grows with what a program, or who sends events, may make
// large. Each is to cost in proportion: four times as much, about four times.
func BenchmarkGrowth(b *testing.B) {
	for _, g := range growths() {
		b.Run(g.name, func(b *testing.B) {
			for _, n := range g.sizes() {
				do := g.make(b, n)
				b.Run(strconv.Itoa(n), func(b *testing.B) { measure(b, each(do)) })
			}
		})
	}
}

// mostGrowth is how many times as long four times as much may take: n·log n takes
// five, n² sixteen.
const mostGrowth = 6

// mostOthers is how many times as long something may take if there are four times as
// many others that have nothing to do with it: a search takes a little longer.
const mostOthers = 2

// TestRatioOfGrowth is the gate of BenchmarkGrowth. A size and the one before it are
// measured in turn, as by TestRatios, but without the collector, whose work depends on
// what else there is.
func TestRatioOfGrowth(t *testing.T) {
	if !*ratiosFlag {
		t.Skip("without -ratios")
	}
	began := time.Now()
	for _, g := range growths() {
		t.Run(g.name, func(t *testing.T) {
			defer debug.SetGCPercent(debug.SetGCPercent(-1))
			defer debug.SetMemoryLimit(debug.SetMemoryLimit(2 << 30))
			g.gate(t)
		})
	}
	t.Logf("%.0f s", time.Since(began).Seconds())
}

// gate fails if n of it cost more than in proportion. What outgrows a cache of the
// processor takes longer once, what grows faster than its cause takes longer each
// time: so a size that is beyond the bound counts if the next one is, too, as far as
// there may be a next one.
func (g *growth) gate(t *testing.T) {
	sizes, most := g.sizes(), cmp.Or(g.most, mostGrowth)
	before := row{strconv.Itoa(sizes[0]), each(g.make(t, sizes[0]))}
	beyond := false
	for i := 1; i < len(sizes); i++ {
		now := row{strconv.Itoa(sizes[i]), each(g.make(t, sizes[i]))}
		got := math.Inf(1)
		for try := 0; try < 6 && got > most; try++ {
			got = min(got, growthOf(now, before))
		}
		t.Logf("%s, %s: %.2f × %s, at most %g", g.name, now.name, got, before.name, most)
		switch last := i == len(sizes)-1; {
		case got <= most:
			beyond = false
		case beyond || last && g.limit > 0:
			t.Errorf("%s take %.2f times as long as %s, more than %g", now.name, got, before.name, most)
			return
		default:
			if beyond = true; last {
				sizes = append(sizes, 4*sizes[i])
			}
		}
		before = now
	}
}

// growthOf is ratioOf without the collector: it runs between the rounds.
func growthOf(a, b row) float64 {
	const rounds = 5
	na, nb := runsIn(a), runsIn(b)
	leastA, leastB := math.Inf(1), math.Inf(1)
	for range rounds {
		runtime.GC()
		leastA, leastB = min(leastA, perRun(a, na)), min(leastB, perRun(b, nb))
	}
	return leastA / leastB
}
