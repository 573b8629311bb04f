package throttle

import (
	"errors"

	"github.com/beckon-go/beckon/internal/clock"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/store"
)

// errAgain ends a step that needs another reading of the clock.
var errAgain = errors.New("the clock must be read again")

// A take decides one Take. It is used again, but never by two at once.
type take struct {
	throttler *Throttler
	now       int64 // Unix milliseconds
	permit    Permit
	step      [1]store.Step
	times     []int64 // of the counter that Changes carry
	readings  clock.Readings
}

// Decide implements [store.Decider].
func (d *take) Decide(rec *store.Record, c *store.Changes) error {
	t := d.throttler
	p := t.permits(rec)
	d.readings.Begin()
	now, unsure := p.instant(&d.readings, d.now)
	if unsure {
		return errAgain
	}
	t.judge(&p, now, &d.permit)
	ahead := p.count > 0 && p.last > now // the clock has stepped back
	if !d.permit.Allowed && !ahead {
		return nil
	}
	if ahead {
		p.prior, p.last = min(p.prior, now), now
	}
	old := p.times
	if d.permit.Allowed {
		for ; len(old) >= 2*t.keep; old = old[2:] {
			p.prior = min(old[0], now) // sorted: the latest that leaves
		}
	}
	d.times = append(d.times[:0], old...)
	for i := len(d.times) - 2; ahead && i >= 0 && d.times[i] > now; i -= 2 {
		d.times[i] = now // F6
	}
	if d.permit.Allowed {
		d.permit.Sequence = rec.EventSeq + 1
		if d.permit.Remaining > 0 {
			d.permit.Remaining--
		}
		p.count++
		p.last = now
		d.times = append(d.times, now, int64(d.permit.Sequence))
		c.EventSeq = d.permit.Sequence
	}
	p.times = d.times
	c.Counters = append(c.Counters, t.counter(p))
	return nil
}

// A redate moves a permit to a later instant.
type redate struct {
	throttler *Throttler
	sequence  uint64
	now       int64 // Unix milliseconds
}

// Decide implements [store.Decider]. A permit that was given back meanwhile, or has
// left the newest, stays as it is.
func (d *redate) Decide(rec *store.Record, c *store.Changes) error {
	p := d.throttler.permits(rec)
	at := -1
	for i := 0; i < len(p.times); i += 2 {
		if uint64(p.times[i+1]) == d.sequence {
			at = i
		}
	}
	if at < 0 || p.times[at] >= d.now {
		return nil
	}
	times := make([]int64, 0, len(p.times))
	times = append(times, p.times[:at]...)
	rest := p.times[at+2:]
	for len(rest) > 0 && rest[0] <= d.now { // sorted
		times, rest = append(times, rest[0], rest[1]), rest[2:]
	}
	times = append(times, d.now, int64(d.sequence))
	p.times = append(times, rest...)
	p.last = max(p.last, d.now)
	c.Counters = append(c.Counters, d.throttler.counter(p))
	return nil
}

// A release decides one Release.
type release struct {
	throttler *Throttler
	id        string
	sequence  uint64
}

// Decide implements [store.Decider].
func (d *release) Decide(rec *store.Record, c *store.Changes) error {
	p := d.throttler.permits(rec)
	at := -1
	for i := 0; i < len(p.times); i += 2 {
		if uint64(p.times[i+1]) == d.sequence {
			at = i
		}
	}
	// What the limits look at must stay: as many as the greatest of them, unless
	// all that are counted stand here.
	least := uint64(d.throttler.keep - d.throttler.releases)
	if at < 0 || d.sequence == 0 || p.count > p.kept() && p.kept() <= least {
		return unknownPermit(d.id)
	}
	left := make([]int64, 0, len(p.times)-2)
	left = append(append(left, p.times[:at]...), p.times[at+2:]...)
	// What counts as the last is the newest that stands, kept or not.
	p.times, p.last = left, p.prior
	if n := len(left); n > 0 {
		p.last = left[n-2]
	}
	p.count -= min(p.count, 1)
	c.Counters = append(c.Counters, d.throttler.counter(p))
	return nil
}

func unknownPermit(id string) error {
	return (&fault.Error{Code: fault.ErrDeliveryUnknown, Field: "id", Message: fault.Quote(id) + " is no permit of this key that can still be released"}).Err()
}
