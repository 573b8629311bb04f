package simulation

import (
	"flag"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var (
	seed    = flag.Uint64("simulation.seed", 0, "run the world of this seed alone, and print its trace")
	seeds   = flag.Uint64("simulation.from", 1, "the first seed")
	hours   = flag.Int("simulation.hours", 0, "hours to be simulated, over all worlds; 0 is 100, or 40 with -short")
	without = flag.String("simulation.without", "", "with a seed: what does not happen, separated by commas")
	ignore  = flag.String("simulation.ignore", "", "promises whose breaking is not told, separated by commas")
	trace   = flag.Int("simulation.trace", 60, "how many lines of the trace are printed")
)

// worldHours is how long a world lasts before it settles.
const worldHours = 10

// simulate runs the world of some dials.
func simulate(t *testing.T, d dials) (w *world) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		w = newWorld(d)
		w.live()
	})
	return w
}

func TestSimulation(t *testing.T) {
	ignored := strings.Split(*ignore, ",")
	if *seed != 0 {
		d := dialsOf(*seed, worldHours)
		d.ignored = ignored
		if *without != "" {
			d.without = append(d.without, strings.Split(*without, ",")...)
		}
		if w := simulate(t, d); w.broken != nil {
			t.Fatal(w.report())
		}
		return
	}
	total := *hours
	switch {
	case total > 0:
	case testing.Short():
		total = 40
	default:
		total = 100
	}
	began := time.Now()
	calls := 0
	n := 0
	for s := *seeds; n*worldHours < total; s++ {
		d := dialsOf(s, worldHours)
		d.ignored = ignored
		w := simulate(t, d)
		n++
		calls += w.calls
		if w.broken != nil {
			shrunk := shrink(t, d, w)
			t.Fatalf("go test ./internal/simulation -run '^TestSimulation$' -simulation.seed=%d -simulation.without=%s -simulation.ignore=%s\n%s",
				s, strings.Join(shrunk.dials.without, ","), *ignore, shrunk.report())
		}
	}
	t.Logf("%d worlds of %d hours, %d calls, in %v", n, worldHours, calls, time.Since(began).Round(time.Millisecond))
}

// Worlds that once broke a promise.
func TestMendedWorlds(t *testing.T) {
	for _, x := range []struct {
		seed    uint64
		without string
	}{
		{1460, "skew,steps,stalls,deletes,pauses,merges,refusals,throttles,quiet,topics,returns"},                                                                                                                  // a round sent with too short a lease, since the store had answered late
		{770312, "skew,steps,delays,releases,put-offs,lost,outages,stalls,partial,pauses,merges,deletes,cuts,repeats,history,sweeps,series,outbox,untold,refusals,throttles,workers,shares,rounds,topics,returns"}, // quiet hours that leave none of a message's windows
		{5545, "failures,crashes,series,steps,releases,throttles,put-offs,shares,rounds,quiet,topics,returns"},                                                                                                     // a program published in the middle of a sweep has a message more
		{6770, "skew,steps,outbox,failures,pauses,releases,throttles,workers,rounds,lost,outages,crashes,publishes,merges,repeats,history,sweeps,untold,put-offs,shares,quiet,topics"},                             // a series goes round from when a send was decided, and that was dated anew
		{7355, "outbox,failures,lost,publishes,rounds,outages,crashes,steps,merges,untold,refusals,throttles,put-offs,workers,quiet,topics,returns"},                                                               // one for whom Due has decided ahead leaves
		{7707, "skew,publishes,merges,cuts,untold,shares,quiet,topics,returns"},                                                                                                                                    // a round is stalled each time that it makes a lease longer
		{8272, "skew,steps,delays,publishes,refusals,topics"},                                                                                                                                                      // what is left to workers is told of one who leaves
	} {
		d := dialsOf(x.seed, worldHours)
		d.without = append(d.without, strings.Split(x.without, ",")...)
		if w := simulate(t, d); w.broken != nil {
			t.Errorf("seed %d: %s", x.seed, w.report())
		}
	}
}

// shrink looks for a simpler world that breaks the same promise: less happens in it.
func shrink(t *testing.T, d dials, w *world) *world {
	t.Helper()
	for _, f := range features() {
		if !d.has(f) {
			continue
		}
		less := d.lacking(f)
		if x := simulate(t, less); x.broken != nil && x.broken.kind == w.broken.kind {
			d, w = less, x
		}
	}
	return w
}

// The same seed makes the same history, to the last line.
func TestReplays(t *testing.T) {
	for s := range uint64(4) {
		d := dialsOf(s+100, 10)
		first, second := simulate(t, d), simulate(t, d)
		if !slices.Equal(first.trace, second.trace) {
			for i := range first.trace {
				if i >= len(second.trace) || first.trace[i] != second.trace[i] {
					t.Fatalf("seed %d: %s, and then %s", d.seed, first.trace[i], second.trace[min(i, len(second.trace)-1)])
				}
			}
		}
	}
}
