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
	newest    []store.Permit // of the row that Changes carry
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
	old := p.newest
	if d.permit.Allowed {
		for ; len(old) >= t.keep; old = old[1:] {
			p.prior = min(old[0].At, now) // sorted: the latest that leaves
		}
	}
	d.newest = append(d.newest[:0], old...)
	for i := len(d.newest) - 1; ahead && i >= 0 && d.newest[i].At > now; i-- {
		d.newest[i].At = now // F6
	}
	if d.permit.Allowed {
		d.permit.Sequence = rec.EventSeq + 1
		if d.permit.Remaining > 0 {
			d.permit.Remaining--
		}
		p.count++
		p.last = now
		d.newest = append(d.newest, store.Permit{At: now, Sequence: d.permit.Sequence})
		c.EventSeq = d.permit.Sequence
	}
	p.newest = d.newest
	c.Permits = append(c.Permits, t.row(p))
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
	at := p.index(d.sequence)
	if at < 0 || p.newest[at].At >= d.now {
		return nil
	}
	newest := make([]store.Permit, 0, len(p.newest))
	newest = append(newest, p.newest[:at]...)
	rest := p.newest[at+1:]
	for len(rest) > 0 && rest[0].At <= d.now { // sorted
		newest, rest = append(newest, rest[0]), rest[1:]
	}
	newest = append(newest, store.Permit{At: d.now, Sequence: d.sequence})
	p.newest = append(newest, rest...)
	p.last = max(p.last, d.now)
	c.Permits = append(c.Permits, d.throttler.row(p))
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
	at := p.index(d.sequence)
	// What the limits look at must stay: as many as the greatest of them, unless
	// all that are counted stand here.
	least := uint64(d.throttler.keep - d.throttler.releases)
	if at < 0 || d.sequence == 0 || p.count > p.kept() && p.kept() <= least {
		return unknownPermit(d.id)
	}
	left := make([]store.Permit, 0, len(p.newest)-1)
	left = append(append(left, p.newest[:at]...), p.newest[at+1:]...)
	// What counts as the last is the newest that stands, kept or not.
	p.newest, p.last = left, p.prior
	if n := len(left); n > 0 {
		p.last = left[n-1].At
	}
	p.count -= min(p.count, 1)
	c.Permits = append(c.Permits, d.throttler.row(p))
	return nil
}

func unknownPermit(id string) error {
	return (&fault.Error{Code: fault.ErrDeliveryUnknown, Field: "id", Message: fault.Quote(id) + " is no permit of this key that can still be released"}).Err()
}
