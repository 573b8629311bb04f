package beckon

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"time"
)

// What a throttler keeps of a key, in the key's record: one row of Sends under
// its name, the newest permits in the Log, and in EventSeq the number of
// permits ever given, which makes ids that are never used twice.

// sends gives the throttler's row; the zero row, with its name, if there is
// none yet.
func (t *Throttler) sends(rec *Record) Sends {
	for i := range rec.Sends {
		if s := &rec.Sends[i]; s.Message == t.name && s.Company == "" && !s.Control {
			return *s
		}
	}
	return Sends{Message: t.name}
}

// owns reports whether an entry of the log is the throttler's.
func (t *Throttler) owns(s *Sent) bool { return s.Channel == t.channel }

// judge decides by the record alone, and gives the row with its Last as F6
// wants it.
func (t *Throttler) judge(rec *Record, now int64) (Permit, Sends) {
	row := t.sends(rec)
	if row.Count > 0 {
		row.Last, _ = clampLast(row.Last, now)
	}
	permit := Permit{Remaining: -1}
	var retryAt int64
	permit.Reason, retryAt = t.plan.judge(uint64(row.Count), row.Last, now)
	if t.plan.max > 0 {
		permit.Remaining = int(t.plan.max - min(uint64(row.Count), t.plan.max))
	}
	for i := range t.limits {
		limit := &t.limits[i]
		left := limit.max - limit.since(rec.Log, limit.from(now), now)
		if permit.Remaining < 0 || left < permit.Remaining {
			permit.Remaining = max(left, 0)
		}
		if left > 0 || permit.Reason == ReasonMaxReached {
			continue
		}
		if permit.Reason == "" {
			permit.Reason = ReasonCapped
		}
		_, free := limit.judge(rec.Log, nil, now)
		retryAt = max(retryAt, free)
	}
	permit.Allowed = permit.Reason == ""
	if !permit.Allowed && permit.Reason != ReasonMaxReached {
		permit.RetryAt = time.UnixMilli(retryAt).UTC()
	}
	return permit, row
}

// A throttleTake decides one Take. It is used again, but never by two at once.
type throttleTake struct {
	throttler *Throttler
	now       int64 // Unix milliseconds
	permit    Permit
	step      [1]Step
}

// Decide implements [Decider].
func (d *throttleTake) Decide(rec *Record, c *Changes) error {
	t := d.throttler
	permit, row := t.judge(rec, d.now)
	own := 0
	for i := range rec.Log {
		s := &rec.Log[i]
		if !t.owns(s) {
			continue
		}
		own++
		if at, changed := clampLast(s.At, d.now); changed { // F6
			c.Log = append(c.Log, *s)
			c.Log[len(c.Log)-1].At = at
		}
	}
	if permit.Allowed {
		t.trim(rec, c, &row, own+1-t.keep, d.now)
		permit.Sequence = rec.EventSeq + 1
		permit.ID = throttleID(t.name, rec.Key.ID, permit.Sequence)
		if permit.Remaining > 0 {
			permit.Remaining--
		}
		if row.Count < math.MaxUint32 {
			row.Count++
		}
		row.Last = d.now
		c.EventSeq = permit.Sequence
		c.Log = append(c.Log, Sent{ID: permit.ID, At: d.now, Message: t.name, Channel: t.channel, Sequence: uint32(permit.Sequence)})
	}
	if row != t.sends(rec) {
		c.Sends = append(c.Sends, row)
	}
	d.permit = permit
	return nil
}

// trim drops the n oldest permits from the log; the row remembers the latest
// of them, for a release of all that are newer.
func (t *Throttler) trim(rec *Record, c *Changes, row *Sends, n int, now int64) {
	for i := 0; i < len(rec.Log) && n > 0; i++ {
		s := &rec.Log[i]
		if !t.owns(s) {
			continue
		}
		at, _ := clampLast(s.At, now)
		row.Prior = max(row.Prior, at)
		c.LogDrop = append(c.LogDrop, s.ID)
		n--
	}
}

// A throttleRelease decides one Release.
type throttleRelease struct {
	throttler *Throttler
	id        string
}

// Decide implements [Decider].
func (d *throttleRelease) Decide(rec *Record, c *Changes) error {
	t := d.throttler
	row := t.sends(rec)
	last, found := row.Prior, false
	for i := range rec.Log {
		s := &rec.Log[i]
		switch {
		case !t.owns(s):
		case s.ID == d.id:
			found = true
		default:
			last = max(last, s.At)
		}
	}
	if !found {
		return &Error{Code: ErrDeliveryUnknown, Field: "id", Message: quoteInput(d.id) + " is no permit of this key that can still be released"}
	}
	if row.Count > 0 {
		row.Count--
	}
	row.Last = last
	if row.Count == 0 {
		row.Last, row.Prior = 0, 0
	}
	c.LogDrop = append(c.LogDrop, d.id)
	c.Sends = append(c.Sends, row)
	return nil
}

// throttleID names the permit with that sequence. It is a hash, so that it
// tells nothing of the key and is no longer for a longer one; the lengths keep
// name and key apart.
func throttleID(name, key string, sequence uint64) string {
	var scratch [256]byte // on the stack, and enough for most
	b := scratch[:0]
	for _, s := range [...]string{"beckon throttle 1", name, key} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(b, sequence))
	var id [32]byte
	hex.Encode(id[:], sum[:16])
	return string(id[:])
}
