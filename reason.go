package beckon

// A reasonCode is the reason for which a candidate is held, as a number: there may be
// many candidates, and most of them are held.
type reasonCode uint8

// The reasons, in the order in which they are judged. What breaks is held heldFailed,
// wherever that is.
const (
	notHeld reasonCode = iota
	heldNotLive
	heldSource
	heldFilter
	heldAudience
	heldAlreadySent
	heldWaiting
	heldWaitingFull
	heldSchedule
	heldUnsubscribed
	heldMaxReached
	heldThrottled
	heldControl
	heldCapped
	heldOutboxFull
	heldMissingValue
	heldFailed
)

// totalPrefix is what the names of totals that count a reason begin with.
const totalPrefix = "held."

// reasonTotals are the names of the totals that count the reasons.
var reasonTotals = [...]string{
	heldNotLive:      totalPrefix + "not_live",
	heldSource:       totalPrefix + "source",
	heldFilter:       totalPrefix + "filter",
	heldAudience:     totalPrefix + "audience",
	heldAlreadySent:  totalPrefix + "already_sent",
	heldWaiting:      totalPrefix + "waiting",
	heldWaitingFull:  totalPrefix + "waiting_full",
	heldSchedule:     totalPrefix + "schedule",
	heldUnsubscribed: totalPrefix + "unsubscribed",
	heldMaxReached:   totalPrefix + "max_reached",
	heldThrottled:    totalPrefix + "throttled",
	heldControl:      totalPrefix + "control",
	heldCapped:       totalPrefix + "capped",
	heldOutboxFull:   totalPrefix + "outbox_full",
	heldMissingValue: totalPrefix + "missing_value",
	heldFailed:       totalPrefix + "failed",
}

// total returns the name of the total that counts the reason.
func (r reasonCode) total() string { return reasonTotals[r] }

// text returns the reason as hosts read it, "" for none.
func (r reasonCode) text() string {
	if r == notHeld {
		return ""
	}
	return reasonTotals[r][len(totalPrefix):]
}
