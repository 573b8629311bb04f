package beckon

import (
	"slices"

	"github.com/beckon-go/beckon/internal/calendar"
)

// maxReadings is how often the clock is read for one decision that meets
// instants ahead of it. Where callers race for one contact, each reading may be
// older than what another has written meanwhile, so there has to be an end.
const maxReadings = 3

// readings tell an old reading of the clock from a clock that has stepped back.
//
// A caller reads the clock and then waits: for a lock, for its turn, for the
// processor. If another sends meanwhile, the record holds an instant ahead of
// the reading, though the clock is good. So the clock is read again and the
// step repeated. An instant that was in the record before the clock was read,
// and still lies ahead of it, is in the future: the clock has stepped back.
// Only such an instant is written back as now (F6).
type readings struct {
	known []int64 // ahead of an earlier reading, so in the record before the present one; sorted
	found []int64 // ahead of the present reading, and not known
	again int     // how often the clock was read again
}

// lies reports whether an instant of a record lies in the future of now. If
// that is not known yet, it reports false, and unsure says that the clock must
// be read again. Once it was read as often as it may be, the instant counts as
// one that another caller has just written: nothing is written back.
func (r *readings) lies(at, now int64) (ahead, unsure bool) {
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

func (r *readings) knows(at int64) bool {
	_, known := slices.BinarySearch(r.known, at)
	return known
}

// next begins another reading: what was found before it is known.
func (r *readings) next() {
	if len(r.found) > 0 {
		r.known = append(r.known, r.found...)
		slices.Sort(r.known)
		r.found = r.found[:0]
		r.again++
	}
}

// steppedBack reports whether an instant of the record lies in the future. If that
// takes another reading, the run is void.
func (d *decision) steppedBack(at int64) bool {
	ahead, unsure := d.in.readings.lies(at, d.in.now)
	if unsure {
		d.out.need.clock = true
	}
	return ahead
}

// setNow sets the instant that the decision is made at, in Unix milliseconds,
// and what follows from it.
func (d *decision) setNow(now int64) {
	d.in.now, d.in.until = now, now+d.in.limits.lease
	d.in.at = calendar.FloorSeconds(now)
	if e := &d.in.event; e.dated {
		d.in.at = min(d.in.at, e.created)
	}
}

// spaced reports whether a distance or a cap counts from what the decision has
// sent: then it matters at which instant that was.
func (d *decision) spaced() bool {
	for i := range d.reused.sent {
		m := d.in.st.plan.byID[d.reused.sent[i].Message]
		if m == nil || m.frequency.every > 0 || len(m.caps) > 0 {
			return true
		}
	}
	return false
}
