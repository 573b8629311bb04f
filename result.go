package beckon

import "time"

// A Delivery is one message, rendered, for one contact: what the host sends.
type Delivery struct {
	ID        string // the same whenever the same decision is made again: an idempotency key
	Message   string
	Channel   Channel
	Contact   Identity // user_id, id, email and anonymous_id as far as known
	CompanyID string
	Sequence  int // counts the sends of this message to this contact, over all companies, from 1
	At        time.Time
	Subject   string
	Body      string
	Data      map[string]string
	Series    string // the series that sent it; empty if none

	key Key // of the record that made it
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
	ReasonMissingValue Reason = "missing_value" // R3
	ReasonFailed       Reason = "failed"        // judging or rendering this message broke; the others went on
)

// A Held is a candidate that was not sent, and why (Z2).
type Held struct {
	Message   string
	CompanyID string
	Reason    Reason
	RetryAt   time.Time // when it could send; zero if never, or not known
}

// A Result is what one call decided.
type Result struct {
	EventID    string
	Duplicate  bool // a repeat of an event already taken (E7): nothing was decided
	Deliveries []Delivery
	Warnings   []Warning
}

// Held lists the candidates that were held, in the order in which they were
// judged.
func (r *Result) Held() []Held { return nil }
