package beckonui

import "github.com/beckon-go/beckon"

// reasonText says what a reason means.
func reasonText(r beckon.Reason) string {
	switch r {
	case beckon.ReasonNotLive:
		return "the message is a draft, paused or stopped, or goes live later"
	case beckon.ReasonSource:
		return "events of this source do not trigger its channel"
	case beckon.ReasonFilter:
		return "the rule of its trigger does not hold, or it is not its day"
	case beckon.ReasonAudience:
		return "the contact is not in the audience"
	case beckon.ReasonAlreadySent:
		return "it goes out once, and has"
	case beckon.ReasonWaiting:
		return "it waits to see that another event does not follow, or for its instant"
	case beckon.ReasonWaitingFull:
		return "it would wait, but too much waits for the contact already"
	case beckon.ReasonSchedule:
		return "it is outside of its hours, its start or its stop"
	case beckon.ReasonQuiet:
		return "there are quiet hours on its channel"
	case beckon.ReasonSnoozed:
		return "the contact is snoozed"
	case beckon.ReasonUnsubscribed:
		return "the contact does not want its channel, its tag or its topic"
	case beckon.ReasonMaxReached:
		return "the contact has had it as often as its frequency allows"
	case beckon.ReasonThrottled:
		return "the contact has had it too recently"
	case beckon.ReasonControl:
		return "the contact is in the control group"
	case beckon.ReasonCapped:
		return "a cap across messages has no room"
	case beckon.ReasonOutboxFull:
		return "too many deliveries of the contact are pending"
	case beckon.ReasonMissingValue:
		return "a value that its content insists on is unknown"
	case beckon.ReasonFailed:
		return "judging or rendering it broke"
	}
	return string(r)
}
