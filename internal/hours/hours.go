// Package hours says whether the hour is one for a message to go out to a contact: by the
// message's schedule, the quiet hours of the program, and the contact's own snooze.
package hours

import (
	"math"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/schedule"
)

// A Contact is what hours depend on besides the message.
type Contact struct {
	Zone    *time.Location // its own; nil if it has none
	Snoozed int64          // until this instant, in Unix milliseconds; 0: not
}

// A Shut is why a message may not go out at an instant, and until when.
type Shut struct {
	Reason plan.Reason // NotHeld if it may
	Until  int64       // Unix milliseconds; 0: for good, or it is dropped
}

// Waits reports whether the message waits until then. What is dropped does not.
func (s Shut) Waits(m *plan.Message) bool {
	return s.Until != 0 && (s.Reason != plan.HeldSchedule || m.Schedule.Hold)
}

// At judges a message at an instant in Unix milliseconds: schedule, quiet, snoozed, in
// this order (S1, S4).
func At(m *plan.Message, c Contact, now int64) Shut {
	if m.Schedule != nil && !m.Schedule.Open(now, c.Zone) {
		next, _ := m.Schedule.NextOpen(now, c.Zone) // 0 if there is none
		return Shut{plan.HeldSchedule, next}
	}
	if len(m.Quiet) > 0 {
		if quiet, drops := schedule.QuietAt(m.Quiet, now, c.Zone); quiet {
			var until int64
			if !drops {
				until, _ = schedule.QuietEnds(m.Quiet, now, c.Zone)
			}
			return Shut{plan.HeldQuiet, until}
		}
	}
	if !m.Transactional && now < c.Snoozed {
		return Shut{plan.HeldSnoozed, c.Snoozed}
	}
	return Shut{}
}

// Ends returns the first instant at which what shuts a message at one is over, whether it
// waits or is dropped; 0 if nothing shuts it, or that has no end.
func Ends(m *plan.Message, c Contact, now int64) int64 {
	s := At(m, c, now)
	if s.Reason == plan.HeldQuiet && s.Until == 0 {
		s.Until, _ = schedule.QuietEnds(m.Quiet, now, c.Zone)
	}
	return s.Until
}

// Shuts returns an instant behind one at which the hour is for a message until which it stays
// so: it may be earlier than that at which it ends, and is never later. 0: it has no end.
func Shuts(m *plan.Message, c Contact, now int64) (at int64) {
	if m.Schedule != nil {
		if closes := m.Schedule.Closes(now, c.Zone); closes != math.MaxInt64 {
			at = closes
		}
	}
	if begins, ok := schedule.QuietBegins(m.Quiet, now, c.Zone); ok && (at == 0 || begins < at) {
		at = begins
	}
	return at
}

// Opens returns the first instant, from one on, at which the hour is one for a message; 0 if
// there is none within a year.
func Opens(m *plan.Message, c Contact, from int64) int64 {
	at, far := from, max(from, c.Snoozed)
	if m.Schedule != nil {
		far = max(far, m.Schedule.Start)
	}
	for range maxEnds {
		if At(m, c, at).Reason == plan.NotHeld {
			return at
		}
		if at = Ends(m, c, at); at == 0 || at > far+year {
			return 0
		}
	}
	return 0
}

// What opens and is quiet, turn by turn, is followed for so long, and so many turns: then
// clocks have been put forward and back.
const (
	year    = 366 * calendar.DaySeconds * 1000
	maxEnds = 5000
)

// maxWaits is how often a message is followed from one hour that is shut to the next.
// Where windows and quiet hours never leave a gap there is no end to it.
const maxWaits = 100

// Waits returns until when a message that is due at an instant waits, if it is judged
// whenever what it waits for is over; from itself if it does not wait.
func Waits(m *plan.Message, c Contact, from int64) int64 {
	at := from
	for range maxWaits {
		s := At(m, c, at)
		if !s.Waits(m) {
			return at
		}
		at = s.Until
	}
	return at
}
