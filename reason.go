package beckon

// A why is a Reason as decisions note it: a number, for there may be many
// candidates, and most of them are held.
type why uint8

const (
	whyFailed why = iota
	whyNotLive
	whySource
	whyFilter
	whyAudience
	whyAlreadySent
	whyWaiting
	whyWaitingFull
	whySchedule
	whyUnsubscribed
	whyMaxReached
	whyThrottled
	whyControl
	whyCapped
	whyOutboxFull
	whyMissingValue
)

// totalPrefix is what the names of totals that count a reason begin with.
const totalPrefix = "held."

// total names the total that counts the reason.
func (w why) total() string {
	switch w {
	case whyNotLive:
		return totalPrefix + string(ReasonNotLive)
	case whySource:
		return totalPrefix + string(ReasonSource)
	case whyFilter:
		return totalPrefix + string(ReasonFilter)
	case whyAudience:
		return totalPrefix + string(ReasonAudience)
	case whyAlreadySent:
		return totalPrefix + string(ReasonAlreadySent)
	case whyWaiting:
		return totalPrefix + string(ReasonWaiting)
	case whyWaitingFull:
		return totalPrefix + string(ReasonWaitingFull)
	case whySchedule:
		return totalPrefix + string(ReasonSchedule)
	case whyUnsubscribed:
		return totalPrefix + string(ReasonUnsubscribed)
	case whyMaxReached:
		return totalPrefix + string(ReasonMaxReached)
	case whyThrottled:
		return totalPrefix + string(ReasonThrottled)
	case whyControl:
		return totalPrefix + string(ReasonControl)
	case whyCapped:
		return totalPrefix + string(ReasonCapped)
	case whyOutboxFull:
		return totalPrefix + string(ReasonOutboxFull)
	case whyMissingValue:
		return totalPrefix + string(ReasonMissingValue)
	default:
		return totalPrefix + string(ReasonFailed)
	}
}

// reason returns the reason itself.
func (w why) reason() Reason { return Reason(w.total()[len(totalPrefix):]) }
