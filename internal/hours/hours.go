// Package hours says whether the hour is one for a message to go out to a contact: by the
// message's schedule, the quiet hours of the program, and the contact's own snooze.
package hours

import (
	"time"

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
