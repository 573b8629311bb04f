package beckon

import (
	"time"
)

// A Delivery is one message, rendered, for one contact: what the host sends.
// It is a value of the caller's own; Data is not shared.
type Delivery struct {
	// ID is the same whenever the same decision is made again, so it is safe
	// as an idempotency key: 32 hexadecimal digits made of message, contact,
	// company and sequence. After a release the number, and so the ID, is used
	// again, for the first was never made (F4).
	ID        string
	Message   string
	Channel   Channel
	Contact   Identity // whose it is: all identities that are known
	CompanyID string   // the company it is about; empty unless the message uses company data (D2)
	Series    string   // the series that sent it; empty if none did
	Sequence  int      // counts the sends of this message to this contact, over all companies, from 1
	At        time.Time
	Subject   string // always text
	Body      string // text or HTML, as the content says
	Data      map[string]string
	// Attempt counts, with the outbox, who has been given the delivery to make:
	// 1 for whom it was decided, one more for each who got it after a lease
	// had ended (Z1). Zero without the outbox.
	Attempt int
}

// A Reason says why a message was held. Reasons are judged in the order in
// which they stand here; the first that applies is reported.
type Reason string

// The reasons.
const (
	ReasonNotLive      Reason = "not_live"      // T2, D7
	ReasonSource       Reason = "source"        // D6
	ReasonFilter       Reason = "filter"        // T3, T5
	ReasonAudience     Reason = "audience"      // A
	ReasonAlreadySent  Reason = "already_sent"  // D2, D5
	ReasonWaiting      Reason = "waiting"       // T6
	ReasonWaitingFull  Reason = "waiting_full"  // T6, S2
	ReasonSchedule     Reason = "schedule"      // S1, S2
	ReasonUnsubscribed Reason = "unsubscribed"  // D11
	ReasonMaxReached   Reason = "max_reached"   // F1
	ReasonThrottled    Reason = "throttled"     // F1, F2
	ReasonControl      Reason = "control"       // D10
	ReasonCapped       Reason = "capped"        // F5
	ReasonOutboxFull   Reason = "outbox_full"   // Z1
	ReasonMissingValue Reason = "missing_value" // R3
	ReasonFailed       Reason = "failed"        // judging or rendering this message broke; the others went on
)

// heldTotal names the total that counts a reason. A switch and not a
// concatenation: it runs for every message held, and must not allocate.
func heldTotal(r Reason) string {
	switch r {
	case ReasonNotLive:
		return "held.not_live"
	case ReasonSource:
		return "held.source"
	case ReasonFilter:
		return "held.filter"
	case ReasonAudience:
		return "held.audience"
	case ReasonAlreadySent:
		return "held.already_sent"
	case ReasonWaiting:
		return "held.waiting"
	case ReasonWaitingFull:
		return "held.waiting_full"
	case ReasonSchedule:
		return "held.schedule"
	case ReasonUnsubscribed:
		return "held.unsubscribed"
	case ReasonMaxReached:
		return "held.max_reached"
	case ReasonThrottled:
		return "held.throttled"
	case ReasonControl:
		return "held.control"
	case ReasonCapped:
		return "held.capped"
	case ReasonOutboxFull:
		return "held.outbox_full"
	case ReasonMissingValue:
		return "held.missing_value"
	default:
		return "held.failed"
	}
}

// A Held is a candidate that was not sent, and why (Z2).
type Held struct {
	Message   string
	CompanyID string // empty unless the message uses company data
	Reason    Reason
	RetryAt   time.Time // when it could send; zero if never, or not known
}

// inlineHeld is how many held candidates a Result carries without allocating.
const inlineHeld = 8

// held is a Held in the compact form in which decisions note it.
type held struct {
	message string
	company string
	reason  Reason
	retryAt int64 // Unix milliseconds; 0 is never
}

// A Result is what one call decided. The zero Result decided nothing.
type Result struct {
	EventID    string // as it was sent
	Duplicate  bool   // a repeat of an event already taken (E7): nothing was decided
	Deliveries []Delivery
	Warnings   []Warning

	failures []error // what broke while judging, one for each candidate held ReasonFailed
	n        int
	inline   [inlineHeld]held
	overflow []held
}

// reset empties r. It keeps no memory, which a caller may hold, unless nobody
// but the decision ever saw it.
func (r *Result) reset(keep bool) {
	overflow := r.overflow[:0]
	*r = Result{}
	if keep {
		r.overflow = overflow
	}
}

// expect makes room for n held candidates at once.
func (r *Result) expect(n int) {
	if n > inlineHeld && cap(r.overflow) == 0 {
		r.overflow = make([]held, 0, n-inlineHeld)
	}
}

func (r *Result) hold(h held) {
	if r.n < inlineHeld {
		r.inline[r.n] = h
	} else {
		r.overflow = append(r.overflow, h)
	}
	r.n++
}

// Held lists the candidates that were held, in the order in which they were
// judged: priority, then id. It allocates; a Result that nobody asks costs
// nothing for its first few.
func (r *Result) Held() []Held {
	if r.n == 0 {
		return nil
	}
	out := make([]Held, 0, r.n)
	for i := range r.n {
		out = append(out, r.at(i).public())
	}
	return out
}

func (r *Result) at(i int) held {
	if i < inlineHeld {
		return r.inline[i]
	}
	return r.overflow[i-inlineHeld]
}

// Failures gives what broke without ending the call: one error for each
// candidate held with ReasonFailed, the others were not concerned; and the
// store's if the catalogue of event names could not be written.
func (r *Result) Failures() []error { return r.failures }

func (h held) public() Held {
	out := Held{Message: h.message, CompanyID: h.company, Reason: h.reason}
	if h.retryAt != 0 {
		out.RetryAt = time.UnixMilli(h.retryAt).UTC()
	}
	return out
}
