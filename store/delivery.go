package store

import (
	"encoding/json"
	"time"

	"github.com/beckon-go/beckon/value"
)

// A Delivery is one message, rendered, for one contact: what the host sends.
// It is a value of the caller's own; Data and Parameters are not shared. Whether the contact has an
// address that the channel needs, and whether there is a text, is for the host to
// check: no message is held for want of them.
type Delivery struct {
	// ID is the same whenever the same decision is made again, so it is safe
	// as an idempotency key: 32 hexadecimal digits made of message, contact,
	// company and sequence. After a release the number, and so the ID, is used
	// again, for the first was never made (F4).
	ID        string
	Message   string
	Channel   Channel
	Contact   Identity // whose it is: all identities that are known; Email may be empty for the channel email too
	CompanyID string   // the company it is about; empty unless the message uses company data (D2)
	Series    string   // the series that sent it; empty if none did
	Sequence  int      // counts the sends of this message to this contact, over all companies, from 1
	At        time.Time
	Subject   string // always text
	Format    Format // of Body and Data: FormatHTML, or zero for text
	Body      string
	Text      string // the same as text, beside a body in HTML; empty if the content has none
	Data      map[string]string
	// Parameters are values for a template of the host's own, with the type that they
	// have. One that is unknown is not there.
	Parameters map[string]value.Value
	// Attempt counts, with the outbox, who has been given the delivery to make:
	// 1 for whom it was decided, one more for each who got it after a lease
	// had ended (Z1). Zero without the outbox.
	Attempt int
	// Postponed is how many of these attempts do not count as tries: it was put off
	// until later, or nobody was to make it yet.
	Postponed int
	Composed  bool // the host composed the message, for this contact (D14)
}

// A Format says how a body is written and escaped.
type Format string

// The formats. Zero is text.
const (
	FormatText Format = "text"
	FormatHTML Format = "html"
)

// IsQueued reports whether the delivery was left to the workers: who got it was told of it,
// and is not to make it.
func (d *Delivery) IsQueued() bool { return d.Attempt > 0 && d.Tries() < 1 }

// Tries returns how often the delivery was tried, this time included: what a limit of
// tries is about. Zero without the outbox.
func (d *Delivery) Tries() int { return d.Attempt - d.Postponed }

// A DeadLetter is a delivery that was given up: it is kept, and handed out to nobody.
type DeadLetter struct {
	Delivery Delivery  `json:"delivery"` // with its latest Attempt
	Reason   string    `json:"reason"`   // as the host said it, cut to its limit
	At       time.Time `json:"at"`       // when it was given up
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
	Format      Format            `json:"format,omitempty"`
	Body        string            `json:"body"`
	Text        string            `json:"text,omitempty"`
	Data        map[string]string `json:"data"`
	Parameters  parameters        `json:"parameters,omitempty"`
	Series      string            `json:"series,omitempty"`
	Attempt     int               `json:"attempt,omitempty"`
	Postponed   int               `json:"postponed,omitempty"`
	Composed    bool              `json:"composed,omitempty"`
}

// MarshalJSON returns the delivery: "id" is the delivery's own, and the contact
// is told by "user_id" (empty if there is none) and, as far as they are known,
// "contact_id", "email" and "anonymous_id". "data" is {} if there is none;
// "format" stands only where the body is "html", and "text" only beside such a body;
// "parameters" only if there are any, each in the form that JSON has for its value;
// "series" stands only on what a series sent, "attempt" only with the outbox,
// "postponed" only if it is not zero, "composed" only if it is.
func (d Delivery) MarshalJSON() ([]byte, error) {
	j := deliveryJSON{
		ID: d.ID, Message: d.Message, Channel: d.Channel,
		UserID: d.Contact.UserID, ContactID: d.Contact.ID,
		Email: d.Contact.Email, AnonymousID: d.Contact.AnonymousID,
		CompanyID: d.CompanyID, Sequence: d.Sequence, At: d.At.UTC(),
		Subject: d.Subject, Format: d.Format, Body: d.Body, Text: d.Text, Data: d.Data, Parameters: d.Parameters, Series: d.Series, Attempt: d.Attempt, Postponed: d.Postponed, Composed: d.Composed,
	}
	if j.Data == nil {
		j.Data = map[string]string{}
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what [Delivery.MarshalJSON] returns. A parameter has the type that
// its text and its name would have in metadata, or is a list. The record that made
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
		Subject: j.Subject, Format: j.Format, Body: j.Body, Text: j.Text, Parameters: j.Parameters, Series: j.Series, Attempt: j.Attempt, Postponed: j.Postponed, Composed: j.Composed,
	}
	if len(j.Data) > 0 {
		d.Data = j.Data
	}
	return nil
}

// parameters are the parameters of a delivery in JSON.
type parameters map[string]value.Value

// UnmarshalJSON implements [json.Unmarshaler].
func (p *parameters) UnmarshalJSON(data []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*p = nil
	for name, doc := range raw {
		v, err := parameter(name, doc)
		if err != nil {
			return err
		}
		if *p == nil {
			*p = make(parameters, len(raw))
		}
		(*p)[name] = v
	}
	return nil
}

// parameter reads one: as metadata if it could be some, else as an attribute or as the
// text that it is, which may be longer than those.
func parameter(name string, doc json.RawMessage) (v value.Value, err error) {
	var fields value.Fields
	one, err := json.Marshal(map[string]json.RawMessage{name: doc})
	if err == nil {
		err = json.Unmarshal(one, &fields)
	}
	if err == nil {
		return fields[0].Value, nil
	}
	var text *string
	if json.Unmarshal(doc, &text) == nil && text != nil {
		return value.String(*text), nil
	}
	if json.Unmarshal(doc, &v) == nil && v.Kind() == value.KindList {
		return v, nil
	}
	return v, err
}
