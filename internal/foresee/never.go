package foresee

import (
	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// never says why no time alone has a message sent that is held for a reason.
func never(reason plan.Reason, m *plan.Message, t *explain.Message) string {
	switch reason {
	case plan.NotHeld:
		return "it would not be a candidate"
	case plan.HeldNotLive:
		return notLive(t.Live)
	case plan.HeldSource:
		return "an event of this source never triggers this channel"
	case plan.HeldFilter:
		if m.Dated {
			return "no day to come is one for its date"
		}
		return "the event itself does not fit, and time does not change it"
	case plan.HeldAudience:
		return "the contact is not in the audience, and time alone does not change that"
	case plan.HeldAlreadySent:
		return "it goes out once, and has"
	case plan.HeldWaitingFull:
		return "too much waits for the contact already"
	case plan.HeldSchedule:
		if m.Wait != nil && m.Wait.Date != "" && (t.Hours == nil || t.Hours.Open) {
			return "the time for it has passed"
		}
		if t.Hours != nil && len(t.Hours.Quiet) > 0 {
			return neverOpen
		}
		return "its schedule does not open any more"
	case plan.HeldQuiet:
		if m.Schedule != nil {
			return "the quiet hours never end while its schedule is open"
		}
		return "the quiet hours never end"
	case plan.HeldUnsubscribed:
		return "the contact does not want it"
	case plan.HeldControl:
		return "the contact is in the control group, and stays in it"
	case plan.HeldCapped:
		return "other messages of the same moment take all the room"
	case plan.HeldOutboxFull:
		return "too many deliveries are pending: they have to be acknowledged"
	case plan.HeldMissingValue:
		return "a value that it insists on is not known"
	case plan.HeldFailed:
		return "it breaks"
	}
	return "the contact has had it as often as it may"
}

const neverOpen = "its schedule does not open any more, or only in quiet hours"

// notLive says what has to happen to a message that is not live. To stop is final (D7).
func notLive(l *explain.Live) string {
	status := ""
	if l != nil {
		status = l.Status
	}
	switch plan.Status(status) {
	case plan.Stopped:
		return "the message is stopped, which is final"
	case plan.Paused:
		return "the message is paused, and somebody has to resume it"
	}
	return "the message is a draft, and somebody has to make it live"
}

// gaveUp says why what has waited is not sent.
func gaveUp(reason store.Reason, walks bool) string {
	if walks {
		return "its walk has passed it by: " + string(reason)
	}
	if reason == "" {
		return "the event that it waits to be sure of has followed"
	}
	return "when it is due it is dropped: " + string(reason)
}
