package beckon

import (
	"encoding/json"
	"time"
)

type resultJSON struct {
	EventID    string     `json:"event_id,omitempty"`
	Duplicate  bool       `json:"duplicate"`
	Deliveries []Delivery `json:"deliveries"`
	Held       []Held     `json:"held"`
	Warnings   []Warning  `json:"warnings"`
}

type heldJSON struct {
	Message   string    `json:"message"`
	CompanyID string    `json:"company_id"`
	Reason    Reason    `json:"reason"`
	RetryAt   time.Time `json:"retry_at,omitzero"`
}

// MarshalJSON returns the result as the data contract has it: "event_id" if the
// event has one, "duplicate", and the lists "deliveries", "held" and
// "warnings", each [] if there is nothing in it.
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

// UnmarshalJSON reads what [Result.MarshalJSON] returns. What broke while judging
// is not in the document.
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

// MarshalJSON returns "message", "company_id", "reason" and, if the message
// could be sent later, "retry_at".
func (h Held) MarshalJSON() ([]byte, error) {
	h.RetryAt = utcOrZero(h.RetryAt)
	return json.Marshal(heldJSON(h))
}

// UnmarshalJSON reads what [Held.MarshalJSON] gives.
func (h *Held) UnmarshalJSON(data []byte) error {
	var j heldJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*h = Held(j)
	return nil
}

// utcOrZero returns t in UTC; the zero time stays zero, whatever its zone.
func utcOrZero(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}
