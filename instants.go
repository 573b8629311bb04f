package beckon

import "github.com/beckon-go/beckon/internal/calendar"

// steppedBack reports whether an instant of the record lies in the future. If that
// takes another reading, the run is void.
func (d *decision) steppedBack(at int64) bool {
	ahead, unsure := d.in.readings.Lies(at, d.in.now)
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
		m := d.in.st.plan.ByID[d.reused.sent[i].Message]
		if m == nil || m.Frequency.Every > 0 || len(m.Caps) > 0 {
			return true
		}
	}
	return false
}
