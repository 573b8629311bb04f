package beckon

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/clock"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
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
	*permit = Permit{Remaining: -1, Reason: Reason(reason.Text())}
	if t.plan.Max > 0 {
		permit.Remaining = int(t.plan.Max - min(p.count, t.plan.Max))
	}
	for i := range t.limits {
		limit := &t.limits[i]
		left := limit.Max - p.since(limit.From(now), now)
		if permit.Remaining < 0 || left < permit.Remaining {
			permit.Remaining = max(left, 0)
		}
		if left > 0 || permit.Reason == ReasonMaxReached {
			continue
		}
		if permit.Reason == "" {
			permit.Reason = ReasonCapped
		}
		// The place that frees last is that of the newest permit but max - 1.
		at := min(p.times[len(p.times)-2*limit.Max], now)
		retryAt = max(retryAt, calendar.AddMillis(at, limit.Within))
	}
	permit.Allowed = permit.Reason == ""
	if !permit.Allowed && permit.Reason != ReasonMaxReached {
		permit.RetryAt = time.UnixMilli(retryAt).UTC()
	}
}

// A throttleTake decides one Take. It is used again, but never by two at once.
type throttleTake struct {
	throttler *Throttler
	now       int64 // Unix milliseconds
	permit    Permit
	step      [1]store.Step
	times     []int64 // of the counter that Changes carry
	readings  clock.Readings
}

// Decide implements [Decider].
func (d *throttleTake) Decide(rec *store.Record, c *store.Changes) error {
	t := d.throttler
	p := t.permits(rec)
	d.readings.Begin()
	now, unsure := p.instant(&d.readings, d.now)
	if unsure {
		return decide.ErrNeed
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

// A throttleRedate moves a permit to a later instant.
type throttleRedate struct {
	throttler *Throttler
	sequence  uint64
	now       int64 // Unix milliseconds
}

// Decide implements [Decider]. A permit that was given back meanwhile, or has
// left the newest, stays as it is.
func (d *throttleRedate) Decide(rec *store.Record, c *store.Changes) error {
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

// A throttleRelease decides one Release.
type throttleRelease struct {
	throttler *Throttler
	id        string
	sequence  uint64
}

// Decide implements [Decider].
func (d *throttleRelease) Decide(rec *store.Record, c *store.Changes) error {
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
	return &Error{Code: ErrDeliveryUnknown, Field: "id", Message: fault.Quote(id) + " is no permit of this key that can still be released"}
}

// throttleID names the permit with that sequence: a hash, which tells nothing
// of the key and is no longer for a longer one, and the sequence, by which a
// release finds the permit. The lengths keep name and key apart.
func throttleID(name, key string, sequence uint64) string {
	var scratch [256]byte // on the stack, and enough for most
	b := scratch[:0]
	for _, s := range [...]string{"beckon throttle 1", name, key} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(b, sequence))
	id := hex.AppendEncode(b[:0], sum[:16])
	return string(strconv.AppendUint(append(id, '-'), sequence, 10))
}

// throttleSequence returns the sequence that an id of throttleID names; 0 if it
// is none of this name and key.
func throttleSequence(name, key, id string) uint64 {
	_, digits, _ := strings.Cut(id, "-")
	sequence, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || throttleID(name, key, sequence) != id {
		return 0
	}
	return sequence
}
