// Package clock tells an old reading of the clock from a clock that has stepped back.
package clock

import (
	"slices"
	"time"
)

// LateAfter is how long a step may take before what it has decided is dated anew.
const LateAfter = time.Second

// maxReadings is how often the clock is read for one decision that meets
// instants ahead of it. Where callers race for one contact, each reading may be
// older than what another has written meanwhile, so there has to be an end.
const maxReadings = 3

// Readings tell an old reading of the clock from a clock that has stepped back.
//
// A caller reads the clock and then waits: for a lock, for its turn, for the
// processor. If another sends meanwhile, the record holds an instant ahead of
// the reading, though the clock is good. So the clock is read again and the
// step repeated. An instant that was in the record before the clock was read,
// and still lies ahead of it, is in the future: the clock has stepped back.
// Only such an instant is written back as now (F6).
type Readings struct {
	known []int64 // ahead of an earlier reading, so in the record before the present one; sorted
	found []int64 // ahead of the present reading, and not known
	again int     // how often the clock was read again
}

// Lies reports whether an instant of a record lies in the future of now. If
// that is not known yet, it reports false, and unsure says that the clock must
// be read again. Once it was read as often as it may be, the instant counts as
// one that another caller has just written: nothing is written back.
func (r *Readings) Lies(at, now int64) (ahead, unsure bool) {
	switch {
	case at <= now:
		return false, false
	case r.knows(at):
		return true, false
	case r.again+1 >= maxReadings:
		return false, false
	}
	r.found = append(r.found, at)
	return false, true
}

func (r *Readings) knows(at int64) bool {
	_, known := slices.BinarySearch(r.known, at)
	return known
}

// Settled returns readings for a decision at an instant that no clock was read for: what lies
// ahead of it is not asked about.
func Settled() Readings { return Readings{again: maxReadings} }

// Next begins another reading: what was found before it is known.
func (r *Readings) Next() {
	if len(r.found) > 0 {
		r.known = append(r.known, r.found...)
		slices.Sort(r.known)
		r.found = r.found[:0]
		r.again++
	}
}

// Begin forgets what was found by a run that was void.
func (r *Readings) Begin() { r.found = r.found[:0] }

// Kept returns readings of nothing, in the memory of these.
func (r *Readings) Kept() Readings { return Readings{known: r.known[:0], found: r.found[:0]} }
