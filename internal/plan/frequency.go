package plan

import "github.com/beckon-go/beckon/internal/calendar"

// A Frequency is how often a message may reach one contact.
type Frequency struct {
	Every int64  // milliseconds; 0: no distance
	Max   uint64 // 0: no maximum
	Wait  int64  // milliseconds that what finds no room waits for some (F9); 0: it does not
	Per   string // a metadata key, folded: each of its values counts by itself (F7); empty: all together
}

// Judge decides whether a message that was sent count times, the last time at
// last, may be sent at now; all instants are Unix milliseconds, and last means
// nothing while count is 0. It returns NotHeld if it may, else the reason and
// the instant from which it may, 0 for never. A last send in the future counts
// as made now (F6).
func (p *Frequency) Judge(count uint64, last, now int64) (reason Reason, retryAt int64) {
	if p.Max > 0 && count >= p.Max {
		return heldMaxReached, 0
	}
	if count == 0 {
		return NotHeld, 0
	}
	last, _ = clampLast(last, now)
	// Unsigned, the difference is right however far apart they lie.
	if uint64(now)-uint64(last) < uint64(p.Every) {
		return HeldThrottled, calendar.AddMillis(last, p.Every)
	}
	return NotHeld, 0 // exactly the distance sends (F2)
}

// clampLast returns when a send made at last counts as made: at now if the
// clock has stepped back behind it (F6). changed says that this is to be
// stored.
func clampLast(last, now int64) (at int64, changed bool) {
	if last > now {
		return now, true
	}
	return last, false
}
