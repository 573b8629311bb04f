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

// A delivery's own id is "id", so the contact's is "contact_id". Of the
// identities only user_id is always there, for it is the one that a host keys
// its own tables by.
type deliveryJSON struct {
	ID          string            `json:"id"`
	Message     string            `json:"message"`
	Channel     Channel           `json:"channel"`
	UserID      string            `json:"user_id"`
	ContactID   string            `json:"contact_id,omitempty"`
	Email       string            `json:"email,omitempty"`
	AnonymousID string            `json:"anonymous_id,omitempty"`
	CompanyID   string            `json:"company_id"`
	Sequence    int               `json:"sequence"`
	At          time.Time         `json:"at"`
	Subject     string            `json:"subject"`
	Body        string            `json:"body"`
	Data        map[string]string `json:"data"`
	Series      string            `json:"series,omitempty"`
	Attempt     int               `json:"attempt,omitempty"`
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

// MarshalJSON returns the delivery: "id" is the delivery's own, and the contact
// is told by "user_id" (empty if there is none) and, as far as they are known,
// "contact_id", "email" and "anonymous_id". "data" is {} if there is none;
// "series" stands only on what a series sent, "attempt" only with the outbox.
func (d Delivery) MarshalJSON() ([]byte, error) {
	j := deliveryJSON{
		ID: d.ID, Message: d.Message, Channel: d.Channel,
		UserID: d.Contact.UserID, ContactID: d.Contact.ID,
		Email: d.Contact.Email, AnonymousID: d.Contact.AnonymousID,
		CompanyID: d.CompanyID, Sequence: d.Sequence, At: d.At.UTC(),
		Subject: d.Subject, Body: d.Body, Data: d.Data, Series: d.Series, Attempt: d.Attempt,
	}
	if j.Data == nil {
		j.Data = map[string]string{}
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what [Delivery.MarshalJSON] gives. The record that made
// a delivery is not in the document: to release or acknowledge one that was
// read, name the contact.
func (d *Delivery) UnmarshalJSON(data []byte) error {
	var j deliveryJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*d = Delivery{
		ID: j.ID, Message: j.Message, Channel: j.Channel,
		Contact:   Identity{UserID: j.UserID, ID: j.ContactID, Email: j.Email, AnonymousID: j.AnonymousID},
		CompanyID: j.CompanyID, Sequence: j.Sequence, At: j.At,
		Subject: j.Subject, Body: j.Body, Series: j.Series, Attempt: j.Attempt,
	}
	if len(j.Data) > 0 {
		d.Data = j.Data
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
