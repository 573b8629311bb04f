package beckon

import "encoding/json"

type contactJSON struct {
	UserID       string       `json:"user_id,omitempty"`
	ID           string       `json:"id,omitempty"`
	Email        string       `json:"email,omitempty"`
	AnonymousID  string       `json:"anonymous_id,omitempty"`
	Name         string       `json:"name,omitzero"`
	Timezone     string       `json:"timezone,omitzero"`
	Unsubscribed []string     `json:"unsubscribed,omitzero"`
	Attributes   Attributes   `json:"attributes,omitempty"`
	Companies    []Membership `json:"companies,omitzero"`
}

type membershipJSON struct {
	CompanyID  string     `json:"company_id"`
	Name       string     `json:"name,omitzero"`
	Attributes Attributes `json:"attributes,omitempty"`
	Remove     bool       `json:"remove,omitzero"`
}

type visitJSON struct {
	UserID      string `json:"user_id,omitempty"`
	ID          string `json:"id,omitempty"`
	Email       string `json:"email,omitempty"`
	AnonymousID string `json:"anonymous_id,omitempty"`
	Page        *Page  `json:"page,omitzero"`
	Source      Source `json:"source,omitzero"`
}

// MarshalJSON returns the document that [ParseContact] reads; an attribute to
// be unset is null, and what is zero is left out.
func (c Contact) MarshalJSON() ([]byte, error) { return json.Marshal(contactJSON(c)) }

// MarshalJSON returns the company as it stands in a contact.
func (m Membership) MarshalJSON() ([]byte, error) { return json.Marshal(membershipJSON(m)) }

// MarshalJSON returns the document that [ParseVisit] reads.
func (v Visit) MarshalJSON() ([]byte, error) { return json.Marshal(visitJSON(v)) }

// UnmarshalJSON reads what [ParseContact] reads.
func (c *Contact) UnmarshalJSON(data []byte) (err error) {
	*c, err = ParseContact(data)
	return err
}

// UnmarshalJSON reads what [ParseVisit] reads.
func (v *Visit) UnmarshalJSON(data []byte) (err error) {
	*v, err = ParseVisit(data)
	return err
}
