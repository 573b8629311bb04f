package beckon

import (
	"encoding/json"

	"github.com/beckon-go/beckon/store"
)

// An Identity names a contact: the first field that is given decides, in this
// order; blank is not given. Case and space count, except for the letter case
// of an email ([WithExactEmail]); the spelling that came first is kept and
// shown. If an email fits several contacts, events, visits, checks and sends
// are contact_ambiguous; Update, Merge, Delete, Export, RecentEvents,
// Unsubscribe and Resubscribe mean the one made by this email and known by
// nothing else, if there is one. (E1)
type Identity = store.Identity

// Attributes are the state of a contact or company by name, in exact case. In
// an update the zero Value unsets, and what is not named stays. (C1)
type Attributes map[string]Value

// A Contact is an update of what is known of a contact: what is named is set, a
// zero Value in Attributes unsets, the rest stays. The first identity that is
// given says whose it is; the others are attributes. (C1)
type Contact struct {
	UserID       string // of the four identities the first that is given decides (E1)
	ID           string // your identifier for a lead or a user
	Email        string
	AnonymousID  string
	Name         string   // as Attributes["name"]; empty leaves it as it is
	Timezone     string   // an IANA zone, as Attributes["timezone"]; empty leaves it
	Unsubscribed []string // "email", "push:promo" (D11); nil leaves it, empty and not nil clears it
	Attributes   Attributes
	Companies    []Membership // joined, in this order, after those already joined, or left (C1)
}

// A Membership is a company of a contact, with an update of the company's data,
// which all its members share. (C1)
type Membership struct {
	CompanyID  string
	Name       string
	Attributes Attributes
	Remove     bool // the contact leaves the company, and stays out if it was not in it (C1)
}

// A Visit is a login or a page view. (D3)
type Visit struct {
	UserID      string // of the four identities the first that is given decides (E1)
	ID          string // your identifier for a lead or a user
	Email       string
	AnonymousID string
	Page        *Page
	Source      Source
}

// identity returns whose data it is.
func (c *Contact) identity() Identity {
	return Identity{UserID: c.UserID, ID: c.ID, Email: c.Email, AnonymousID: c.AnonymousID}
}

// identity returns who visits.
func (v *Visit) identity() Identity {
	return Identity{UserID: v.UserID, ID: v.ID, Email: v.Email, AnonymousID: v.AnonymousID}
}

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

// MarshalJSON returns what [ParseContact] reads; an attribute to unset is null.
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
