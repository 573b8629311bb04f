package plan

// A Reason says why a candidate is held. It is a number, for there may be
// many candidates, and most of them are held.
type Reason uint8

// The reasons, in the order in which they are judged. What breaks is held HeldFailed,
// wherever that is.
const (
	NotHeld Reason = iota
	HeldNotLive
	HeldSource
	HeldFilter
	HeldAudience
	HeldAlreadySent
	HeldWaiting
	HeldWaitingFull
	HeldSchedule
	HeldUnsubscribed
	heldMaxReached
	HeldThrottled
	HeldControl
	HeldCapped
	HeldOutboxFull
	HeldMissingValue
	HeldFailed
)

// totalPrefix is what the names of totals that count a reason begin with.
const totalPrefix = "held."

// ReasonTotals are the names of the totals that count the reasons.
var ReasonTotals = [...]string{ //nolint:gochecknoglobals // a table that nothing writes to
	HeldNotLive:      totalPrefix + "not_live",
	HeldSource:       totalPrefix + "source",
	HeldFilter:       totalPrefix + "filter",
	HeldAudience:     totalPrefix + "audience",
	HeldAlreadySent:  totalPrefix + "already_sent",
	HeldWaiting:      totalPrefix + "waiting",
	HeldWaitingFull:  totalPrefix + "waiting_full",
	HeldSchedule:     totalPrefix + "schedule",
	HeldUnsubscribed: totalPrefix + "unsubscribed",
	heldMaxReached:   totalPrefix + "max_reached",
	HeldThrottled:    totalPrefix + "throttled",
	HeldControl:      totalPrefix + "control",
	HeldCapped:       totalPrefix + "capped",
	HeldOutboxFull:   totalPrefix + "outbox_full",
	HeldMissingValue: totalPrefix + "missing_value",
	HeldFailed:       totalPrefix + "failed",
}

// Total returns the name of the total that counts the reason.
func (r Reason) Total() string { return ReasonTotals[r] }

// Text returns the reason as hosts read it, "" for none.
func (r Reason) Text() string {
	if r == NotHeld {
		return ""
	}
	return ReasonTotals[r][len(totalPrefix):]
}
