package beckon

import "time"

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

// reason gives the reason itself.
func (w why) reason() Reason { return Reason(w.total()[len(totalPrefix):]) }

// A Held is a candidate that was not sent, and why (Z2).
type Held struct {
	Message   string
	CompanyID string // empty unless the message uses company data
	Reason    Reason
	RetryAt   time.Time // when it could send; zero if never, or not known
}

// inlineHeld is how many held candidates a Result carries without allocating.
const inlineHeld = 8

// A held is a Held in the compact form in which decisions note it, without a
// pointer.
type held struct {
	retryAt int64  // Unix milliseconds; 0 is never
	at      uint32 // of the message in the plan; from named on, of a heldName in the result
	why     why
}

const named = 1 << 31

// A heldName is what few of those that are held need: a company, or the name of
// a message that the plan does not have.
type heldName struct {
	message string
	company string
	reason  Reason
}

// A heldList is the candidates that one decision has held.
type heldList struct {
	messages []*messagePlan // the plan's
	n        int
	inline   [inlineHeld]held
	overflow []held
	names    []heldName
}

// reset empties l. It keeps no memory, which a caller may hold, unless nobody
// but the decision ever saw it.
func (l *heldList) reset(messages []*messagePlan, keep bool) {
	overflow, names := l.overflow[:0], l.names[:0]
	*l = heldList{messages: messages}
	if keep {
		l.overflow, l.names = overflow, names
	}
}

// expect makes room for n held candidates at once.
func (l *heldList) expect(n int) {
	if n > inlineHeld && cap(l.overflow) == 0 {
		l.overflow = make([]held, 0, n-inlineHeld)
	}
}

func (l *heldList) add(h held) {
	if l.n < inlineHeld {
		l.inline[l.n] = h
	} else {
		l.overflow = append(l.overflow, h)
	}
	l.n++
}

// hold notes a candidate of a message that the plan has.
func (l *heldList) hold(m *messagePlan, company string, w why, retryAt int64) {
	if company != "" {
		l.holdNamed(heldName{m.id, company, w.reason()}, w, retryAt)
		return
	}
	l.add(held{retryAt: retryAt, at: uint32(m.index), why: w})
}

// holdNamed notes any other.
func (l *heldList) holdNamed(name heldName, w why, retryAt int64) {
	l.add(held{retryAt: retryAt, at: named | uint32(len(l.names)), why: w})
	l.names = append(l.names, name)
}

func (l *heldList) at(i int) held {
	if i < inlineHeld {
		return l.inline[i]
	}
	return l.overflow[i-inlineHeld]
}

func (l *heldList) public(i int) Held {
	h := l.at(i)
	var out Held
	if h.at >= named {
		x := &l.names[h.at-named]
		out = Held{Message: x.message, CompanyID: x.company, Reason: x.reason}
	} else {
		out = Held{Message: l.messages[h.at].id, Reason: h.why.reason()}
	}
	if h.retryAt != 0 {
		out.RetryAt = time.UnixMilli(h.retryAt).UTC()
	}
	return out
}
