package throttle

import (
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/clock"
	"github.com/beckon-go/beckon/store"
)

// What a throttler keeps of a key stands in one row of the key's record, under the
// throttler's name. Record.EventSeq is the number of permits ever given, which makes
// sequences that are never used twice.
//
// Newest is sorted by time: whatever lies in the future is brought back to now (F6)
// before a permit is added.

// permits is what a throttler knows of a key.
type permits struct {
	count  uint64
	last   int64          // Unix milliseconds; means nothing while count is 0
	prior  int64          // the latest that has left newest; means something only while more are counted than stand there
	newest []store.Permit // oldest first
}

// permits returns the throttler's part of a record.
func (t *Throttler) permits(rec *store.Record) permits {
	for i := range rec.Permits {
		if p := &rec.Permits[i]; p.Throttler == t.name {
			return permits{count: p.Count, last: p.Last, prior: p.Prior, newest: p.Newest}
		}
	}
	return permits{}
}

// row is the other way round.
func (t *Throttler) row(p permits) store.Permits {
	if p.count == 0 {
		return store.Permits{Throttler: t.name}
	}
	row := store.Permits{Throttler: t.name, Count: p.count, Last: p.last, Newest: p.newest}
	if p.count > p.kept() {
		row.Prior = p.prior
	}
	return row
}

// kept is how many permits stand in newest.
func (p *permits) kept() uint64 { return uint64(len(p.newest)) }

// index returns the place of a permit in newest, -1 if it does not stand there.
func (p *permits) index(sequence uint64) int {
	for i := len(p.newest) - 1; i >= 0; i-- {
		if p.newest[i].Sequence == sequence {
			return i
		}
	}
	return -1
}

// since counts the permits at from or later; those in the future count as
// given at now (F6).
func (p *permits) since(from, now int64) (n int) {
	for i := len(p.newest) - 1; i >= 0 && min(p.newest[i].At, now) >= from; i-- {
		n++
	}
	return n
}

// instant is the instant to judge the permits at, by a reading of the clock. A
// last permit ahead of the reading is one of three things: not known to lie in
// the future, then unsure says that the clock must be read again; in the
// future, then it counts as taken now (F6); or taken by another caller since,
// who read the same clock later, then the instant is that one.
func (p *permits) instant(r *clock.Readings, now int64) (at int64, unsure bool) {
	if p.count == 0 {
		return now, false
	}
	ahead, unsure := r.Lies(p.last, now)
	if ahead || unsure {
		return now, unsure
	}
	return max(now, p.last), false
}

// judge decides by what is known of the key alone.
func (t *Throttler) judge(p *permits, now int64, permit *Permit) {
	reason, retryAt := t.plan.Judge(p.count, p.last, now)
	*permit = Permit{Remaining: -1, Reason: store.Reason(reason.Text())}
	if t.plan.Max > 0 {
		permit.Remaining = int(t.plan.Max - min(p.count, t.plan.Max))
	}
	for i := range t.limits {
		limit := &t.limits[i]
		left := limit.Max - p.since(limit.From(now), now)
		if permit.Remaining < 0 || left < permit.Remaining {
			permit.Remaining = max(left, 0)
		}
		if left > 0 || permit.Reason == store.ReasonMaxReached {
			continue
		}
		if permit.Reason == "" {
			permit.Reason = store.ReasonCapped
		}
		// The place that frees last is that of the newest permit but max - 1.
		at := min(p.newest[len(p.newest)-limit.Max].At, now)
		retryAt = max(retryAt, calendar.AddMillis(at, limit.Within))
	}
	permit.Allowed = permit.Reason == ""
	if !permit.Allowed && permit.Reason != store.ReasonMaxReached {
		permit.RetryAt = time.UnixMilli(retryAt).UTC()
	}
}
