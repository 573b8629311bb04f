package throttle

import (
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/clock"
	"github.com/beckon-go/beckon/store"
)

// What a throttler keeps of a key stands in one Counter of the key's record,
// under the throttler's name: Count permits that were not given back, the Last
// of them, and in Times the newest, oldest first, each as two numbers: its
// instant in Unix milliseconds and its sequence. First is the latest permit
// that has left Times, and means something only while more are counted than
// stand there. EventSeq is the number of permits ever given, which makes
// sequences that are never used twice.
//
// Times is sorted: whatever lies in the future is brought back to now (F6)
// before a permit is added.

// permits is what a throttler knows of a key.
type permits struct {
	count uint64
	last  int64   // Unix milliseconds; means nothing while count is 0
	prior int64   // the latest that has left times
	times []int64 // pairs of instant and sequence
}

// permits returns the throttler's part of a record.
func (t *Throttler) permits(rec *store.Record) permits {
	for i := range rec.Counters {
		if k := &rec.Counters[i]; k.Def == t.name {
			return permits{count: k.Count, last: k.Last, prior: k.First, times: k.Times[:len(k.Times)&^1]}
		}
	}
	return permits{}
}

// counter is the other way round.
func (t *Throttler) counter(p permits) store.Counter {
	if p.count == 0 {
		return store.Counter{Def: t.name}
	}
	k := store.Counter{Def: t.name, Count: p.count, Last: p.last, Times: p.times}
	if p.count > p.kept() {
		k.First = p.prior
	}
	return k
}

// kept is how many permits stand in times.
func (p *permits) kept() uint64 { return uint64(len(p.times) / 2) }

// since counts the permits at from or later; those in the future count as
// given at now (F6).
func (p *permits) since(from, now int64) (n int) {
	for i := len(p.times) - 2; i >= 0 && min(p.times[i], now) >= from; i -= 2 {
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
		at := min(p.times[len(p.times)-2*limit.Max], now)
		retryAt = max(retryAt, calendar.AddMillis(at, limit.Within))
	}
	permit.Allowed = permit.Reason == ""
	if !permit.Allowed && permit.Reason != store.ReasonMaxReached {
		permit.RetryAt = time.UnixMilli(retryAt).UTC()
	}
}
