package simulation

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// The things that can happen in a world. Each can be left out, to find how
// little it takes for a failure.
const (
	delays    = "delays"    // the store takes its time
	failures  = "failures"  // a call of the store fails and does nothing
	lost      = "lost"      // a call of the store fails and has done it all the same
	outages   = "outages"   // the store is down for a while
	crashes   = "crashes"   // a process dies
	stalls    = "stalls"    // a process is suspended after it has read its clock
	skew      = "skew"      // clocks differ
	steps     = "steps"     // clocks are set, forwards and back
	partial   = "partial"   // programs without messages that others have
	publishes = "publishes" // programs change
	pauses    = "pauses"    // messages are paused, resumed, stopped
	merges    = "merges"    // people log in
	deletes   = "deletes"   // people leave
	releases  = "releases"  // sends are given back
	cuts      = "cuts"      // consumers stop runs, contexts end
	repeats   = "repeats"   // clients send an event again
	history   = "history"   // events with a time of their own, and imports
	sweeps    = "sweeps"    // sweeps, checks, one-off messages
	rounds    = "rounds"    // workers with senders that fail, wait, are slow, panic and die
	shares    = "shares"    // engines share sweeps
	series    = "series"    // programs have series
	outbox    = "outbox"    // deliveries are kept until they are made
	untold    = "untold"    // engines that were not told of the outbox that the store has
	refusals  = "refusals"  // people unsubscribe
	throttles = "throttles" // hosts take permits of a throttler
	putOffs   = "put-offs"  // deliveries are put off, and leases made longer
	workers   = "workers"   // e-mail is left to workers of the outbox at once
	quiet     = "quiet"     // there are quiet hours
	returns   = "returns"   // series go round
	topics    = "topics"    // letters are about a topic, which people refuse instead of e-mail
)

func features() []string {
	return []string{
		delays, failures, lost, outages, crashes, stalls, skew, steps, partial, publishes, pauses, merges, deletes,
		releases, cuts, repeats, history, sweeps, series, outbox, untold, refusals, throttles, putOffs, workers, shares, rounds,
		quiet, topics, returns,
	}
}

// dials say what a world is like. A seed and dials make one history.
type dials struct {
	seed     uint64
	engines  int
	people   int
	messages int
	hours    int
	without  []string // of features
	ignored  []string // kinds of violations that are not told
	fault    storeFault
}

// dialsOf are those of a seed: every kind of world comes up.
func dialsOf(seed uint64, hours int) dials {
	r := rand.New(rand.NewPCG(seed, 0))
	d := dials{seed: seed, engines: 1 + r.IntN(4), people: 2 + r.IntN(5), messages: 3 + r.IntN(8), hours: hours}
	if seed%2 == 0 { // clocks are good: then distances hold to the millisecond
		d.without = append(d.without, skew, steps)
	}
	if r.IntN(2) == 0 {
		d.without = append(d.without, outbox)
	}
	for _, f := range features() {
		if r.IntN(8) == 0 && !slices.Contains(d.without, f) {
			d.without = append(d.without, f)
		}
	}
	return d
}

func (d *dials) has(feature string) bool { return !slices.Contains(d.without, feature) }

// lacking returns the dials with one feature less.
func (d dials) lacking(feature string) dials {
	d.without = append(slices.Clone(d.without), feature)
	return d
}

func (d dials) String() string {
	with := slices.DeleteFunc(features(), func(f string) bool { return !d.has(f) })
	return strings.Join(with, ", ")
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// between returns a time from low to high, both included, in whole milliseconds.
func between(r *rand.Rand, low, high time.Duration) time.Duration {
	return low + time.Duration(r.Int64N(int64((high-low)/time.Millisecond)+1))*time.Millisecond
}

func chance(r *rand.Rand, of float64) bool { return r.Float64() < of }
