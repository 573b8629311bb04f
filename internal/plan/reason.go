package plan

import (
	"strings"

	"github.com/beckon-go/beckon/store"
)

// A Reason says why a candidate is held. It is a number, for there may be
// many candidates, and most of them are held.
type Reason uint8

// The reasons, in the order of package store, which is the one in which they are judged.
// The last is HeldFailed: what breaks is held so, wherever that is.
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
	HeldQuiet
	HeldSnoozed
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

// reasonTotals are the names of the totals that count the reasons.
var reasonTotals = [...]store.Reason{ //nolint:gochecknoglobals // a table that nothing writes to
	HeldNotLive:      totalPrefix + store.ReasonNotLive,
	HeldSource:       totalPrefix + store.ReasonSource,
	HeldFilter:       totalPrefix + store.ReasonFilter,
	HeldAudience:     totalPrefix + store.ReasonAudience,
	HeldAlreadySent:  totalPrefix + store.ReasonAlreadySent,
	HeldWaiting:      totalPrefix + store.ReasonWaiting,
	HeldWaitingFull:  totalPrefix + store.ReasonWaitingFull,
	HeldSchedule:     totalPrefix + store.ReasonSchedule,
	HeldQuiet:        totalPrefix + store.ReasonQuiet,
	HeldSnoozed:      totalPrefix + store.ReasonSnoozed,
	HeldUnsubscribed: totalPrefix + store.ReasonUnsubscribed,
	heldMaxReached:   totalPrefix + store.ReasonMaxReached,
	HeldThrottled:    totalPrefix + store.ReasonThrottled,
	HeldControl:      totalPrefix + store.ReasonControl,
	HeldCapped:       totalPrefix + store.ReasonCapped,
	HeldOutboxFull:   totalPrefix + store.ReasonOutboxFull,
	HeldMissingValue: totalPrefix + store.ReasonMissingValue,
	HeldFailed:       totalPrefix + store.ReasonFailed,
}

// Total returns the name of the total that counts the reason.
func (r Reason) Total() string { return string(reasonTotals[r]) }

// Text returns the reason as hosts read it, "" for none.
func (r Reason) Text() string { return strings.TrimPrefix(r.Total(), totalPrefix) }

// CountsByPass reports whether a total is of contacts that are held for a reason, of whom
// each pass over all finds the same. To be in the control group is no such reason: it is
// decided once, as a send is.
func CountsByPass(total string) bool {
	return strings.HasPrefix(total, totalPrefix) && total != HeldControl.Total()
}

// Reasons returns the reasons as hosts read them, in the order in which they are judged.
func Reasons() []store.Reason {
	list := make([]store.Reason, 0, len(reasonTotals)-1)
	for r := NotHeld + 1; int(r) < len(reasonTotals); r++ {
		list = append(list, store.Reason(r.Text()))
	}
	return list
}
