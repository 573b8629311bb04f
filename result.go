package beckon

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/store"
)

// A Delivery is one message, rendered, for one contact: what the host sends. The host checks
// that the contact has the address and that there is a text: no message is held for want of
// them. The fields are those of [store.Delivery].
type Delivery = store.Delivery

// A DeadLetter is a delivery given up ([Engine.GiveUp]), with Reason and At.
type DeadLetter = store.DeadLetter

// A Reason is a string that says why a message was held. Messages are judged by priority, then id.
// The first reason that applies, in the order of the constants, is reported. A
// message of another event is not listed. (A2, F5)
type Reason = store.Reason

// The reasons.
const (
	ReasonNotLive      = store.ReasonNotLive      // the message is a draft, paused or stopped, or goes live later (T2, D7)
	ReasonSource       = store.ReasonSource       // events of this source do not trigger its channel (D6)
	ReasonFilter       = store.ReasonFilter       // the trigger's where does not hold, or it is not the day of its date (T3, T5)
	ReasonAudience     = store.ReasonAudience     // the contact is not in the audience (A)
	ReasonAlreadySent  = store.ReasonAlreadySent  // it goes out once, and has (D2, D5)
	ReasonWaiting      = store.ReasonWaiting      // first it must be seen that another event does not follow (T6)
	ReasonWaitingFull  = store.ReasonWaitingFull  // it would wait, but too much waits for the contact already (T6, S2)
	ReasonSchedule     = store.ReasonSchedule     // it is outside of its hours, its start or its stop (S1, S2)
	ReasonQuiet        = store.ReasonQuiet        // quiet hours of the program concern its channel (S4)
	ReasonSnoozed      = store.ReasonSnoozed      // the contact is snoozed (S4)
	ReasonUnsubscribed = store.ReasonUnsubscribed // the contact does not want its channel, or its tag (D11)
	ReasonMaxReached   = store.ReasonMaxReached   // the contact has had it as often as its frequency allows (F1)
	ReasonThrottled    = store.ReasonThrottled    // the contact has had it too recently (F1, F2)
	ReasonControl      = store.ReasonControl      // the contact is in its control group (D10)
	ReasonCapped       = store.ReasonCapped       // a cap across messages has no room (F5)
	ReasonOutboxFull   = store.ReasonOutboxFull   // too many deliveries of the contact are pending (Z1)
	ReasonMissingValue = store.ReasonMissingValue // a variable that it insists on is unknown (R3)
	ReasonFailed       = store.ReasonFailed       // judging or rendering this message broke; the others went on
)

// A Result is what one call decided. The zero Result decided nothing.
type Result struct {
	EventID    string     // as it was sent
	Duplicate  bool       // a repeat of an event already taken (E7): nothing was decided
	Deliveries []Delivery // what was sent; one whose IsQueued is true is a worker's to send, all others are the caller's
	Warnings   []Warning

	failures []error // what broke while judging, one for each candidate held ReasonFailed
	held     decide.HeldList
	read     []Held // what was held, if the Result was read from JSON
}

// raise writes what a decision has come to into r, which is zero. A result is large:
// it is written where the caller wants it.
func (r *Result) raise(d *decide.Decision) {
	r.EventID, r.Duplicate, r.Deliveries, r.held = d.In.Event.ID, d.Out.Duplicate, d.Out.Deliveries, d.Out.Held
	if d.Out.Foreign {
		r.Warnings = append(r.Warnings, Warning{
			Code: WarnCompanyNotMember, Field: "company_id", Message: "the contact is no member of the company: rules and content see no company",
		})
	}
	if d.In.Event.Imported && !d.Out.Duplicate {
		r.Warnings = append(r.Warnings, Warning{
			Code: WarnEventImported, Field: "import", Message: "the event is history: it was recorded and triggers nothing",
		})
	}
	for _, f := range d.Out.Failures {
		err := f.Err
		if f.Message != "" {
			err = &MessageError{Message: f.Message, Err: raiseOne(err)}
		}
		r.failures = append(r.failures, err)
	}
}

// Held lists the candidates held, in the order of judging. It allocates.
func (r *Result) Held() []Held {
	if r.held.Count == 0 {
		return slices.Clone(r.read)
	}
	return raiseHeld(&r.held)
}

func raiseHeld(l *decide.HeldList) []Held {
	if l.Count == 0 {
		return nil
	}
	list := make([]Held, 0, l.Count)
	l.Each(func(x decide.HeldOne) {
		h := Held{Message: x.Message, CompanyID: x.Company, Reason: Reason(x.Reason.Text()), Cap: x.Cap}
		if x.RetryAt != 0 {
			h.RetryAt = unixMilli(x.RetryAt)
		}
		list = append(list, h)
	})
	return list
}

// Failures returns what broke without ending the call: an error per candidate
// held ReasonFailed, and the store's if the catalogue could not be written.
func (r *Result) Failures() []error { return r.failures }

// told joins the warnings of an event and those of what was decided; more
// counts those that are not in that list. It leaves out the last of the event's where they are
// too many, and says how many there are.
func told(event, decided []Warning, more int) []Warning {
	if over := len(event) + len(decided) - MaxErrors; over > 0 {
		left := max(len(event)-over, 0)
		more += len(event) - left
		event = event[:left]
	}
	list := append(event[:len(event):len(event)], decided...)
	if more > 0 {
		list = append(list, Warning{Code: WarnMore, Message: "and " + strconv.Itoa(more) + " more warnings"})
	}
	return list
}

// A MessageError is a failure of one message, which was held ReasonFailed.
type MessageError struct {
	Message string
	Err     error
}

// Error names the message.
func (e *MessageError) Error() string { return "beckon: message " + e.Message + ": " + e.Err.Error() }

// Unwrap returns what broke.
func (e *MessageError) Unwrap() error { return e.Err }

// A Held is a candidate that was not sent, and why. (Z2)
type Held struct {
	Message   string    `json:"message"`
	CompanyID string    `json:"company_id"` // empty unless the message uses company data
	Reason    Reason    `json:"reason"`
	RetryAt   time.Time `json:"retry_at,omitzero"` // when it could send; zero if never, or not known
	Cap       string    `json:"cap"`               // if capped: the ID of the cap that has room last, of several the first in the program; else empty (F10)
}

type resultJSON struct {
	EventID    string     `json:"event_id,omitempty"`
	Duplicate  bool       `json:"duplicate"`
	Deliveries []Delivery `json:"deliveries"`
	Held       []Held     `json:"held"`
	Warnings   []Warning  `json:"warnings"`
}

// MarshalJSON returns "event_id" if set, "duplicate", and the lists
// "deliveries", "held" and "warnings", [] if empty.
func (r Result) MarshalJSON() ([]byte, error) {
	j := resultJSON{
		EventID:    r.EventID,
		Duplicate:  r.Duplicate,
		Deliveries: r.Deliveries,
		Held:       r.Held(),
		Warnings:   r.Warnings,
	}
	if j.Deliveries == nil {
		j.Deliveries = []Delivery{}
	}
	if j.Held == nil {
		j.Held = []Held{}
	}
	if j.Warnings == nil {
		j.Warnings = []Warning{}
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what [Result.MarshalJSON] returns: without failures.
func (r *Result) UnmarshalJSON(data []byte) error {
	var j resultJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*r = Result{EventID: j.EventID, Duplicate: j.Duplicate}
	if len(j.Deliveries) > 0 {
		r.Deliveries = j.Deliveries
	}
	if len(j.Warnings) > 0 {
		r.Warnings = j.Warnings
	}
	for _, h := range j.Held {
		if !h.RetryAt.IsZero() {
			h.RetryAt = unixMilli(h.RetryAt.UnixMilli())
		}
		r.read = append(r.read, h)
	}
	return nil
}
