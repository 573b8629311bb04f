package beckonhttp

import (
	"encoding/json"
	"slices"

	"github.com/beckon-go/beckon"
)

// A contactJSON is a contact as clients read it. Some ask for external_id and some for
// user_id: it has both.
type contactJSON struct {
	Type         string            `json:"type"` // contact, user or visitor
	ID           string            `json:"id"`
	ExternalID   *string           `json:"external_id"`
	UserID       *string           `json:"user_id"`
	AnonymousID  *string           `json:"anonymous_id"`
	Role         string            `json:"role"`
	Email        *string           `json:"email"`
	Phone        *string           `json:"phone"`
	Name         *string           `json:"name"`
	Timezone     *string           `json:"timezone"`
	Language     *string           `json:"language_override"`
	Unsubscribed bool              `json:"unsubscribed_from_emails"`
	CreatedAt    *int64            `json:"created_at"`
	SignedUpAt   *int64            `json:"signed_up_at"`
	FirstSeenAt  *int64            `json:"first_seen_at,omitempty"`
	LastSeenAt   *int64            `json:"last_seen_at"`
	Sessions     json.Number       `json:"session_count,omitempty"`
	ContactedAt  *int64            `json:"last_contacted_at"`
	Attributes   beckon.Attributes `json:"custom_attributes"`
	Companies    companiesJSON     `json:"companies"`
	Tags         emptyListJSON     `json:"tags"`
	Notes        emptyListJSON     `json:"notes"`
}

// A companiesJSON is a list that newer clients look for in data, and older ones in
// companies.
type companiesJSON struct {
	Type       string        `json:"type"`
	Data       []companyJSON `json:"data"`
	Companies  []companyJSON `json:"companies"`
	TotalCount int           `json:"total_count"`
	HasMore    bool          `json:"has_more"`
}

type companyJSON struct {
	Type       string            `json:"type"`
	ID         string            `json:"id"`
	CompanyID  string            `json:"company_id"`
	Name       *string           `json:"name"`
	Attributes beckon.Attributes `json:"custom_attributes"`
}

type emptyListJSON struct {
	Type       string     `json:"type"`
	Data       []struct{} `json:"data"`
	TotalCount int        `json:"total_count"`
	HasMore    bool       `json:"has_more"`
}

// viewOf returns a contact as clients of one kind read it.
func viewOf(kind string, c *beckon.Contact) contactJSON {
	none := emptyListJSON{Type: "list", Data: []struct{}{}}
	v := contactJSON{
		Type: kind, ID: wireID(c), ExternalID: orNull(c.UserID), UserID: orNull(c.UserID), AnonymousID: orNull(c.AnonymousID),
		Role: c.Attributes["role"].Text(), Email: orNull(c.Email), Phone: orNull(c.Attributes["phone"].Text()),
		Name: orNull(c.Name), Timezone: orNull(c.Timezone), Language: orNull(c.Attributes["language"].Text()),
		Unsubscribed: slices.Contains(c.Unsubscribed, string(beckon.Email)),
		CreatedAt:    seconds(c, "created_at"), SignedUpAt: seconds(c, "signed_up_at"),
		FirstSeenAt: seconds(c, "first_seen_at"), Sessions: json.Number(c.Attributes["session_count"].Text()),
		LastSeenAt: seconds(c, "last_seen_at"), ContactedAt: seconds(c, "last_contacted_at"),
		Attributes: beckon.Attributes{}, Companies: companyListOf(c), Tags: none, Notes: none,
	}
	if kind == "visitor" {
		v.UserID = orNull(c.AnonymousID)
	}
	for name, value := range c.Attributes {
		switch name {
		case "user_id", "id", "email", "anonymous_id", "name", "timezone":
			// known to be empty, or it would be a field of its own
		case "role", "phone", "language", "created_at", "signed_up_at", "first_seen_at", "last_seen_at", "session_count", "last_contacted_at":
		default:
			v.Attributes[name] = value
		}
	}
	return v
}

// seconds returns a date of a contact as Unix time, nil if it has none.
func seconds(c *beckon.Contact, name string) *int64 {
	at, ok := c.Attributes[name].Time()
	if !ok {
		return nil
	}
	sec := at.Unix()
	return &sec
}

func companyListOf(c *beckon.Contact) companiesJSON {
	list := companiesJSON{Type: "list", Data: []companyJSON{}, TotalCount: len(c.Companies)}
	for i := range c.Companies {
		list.Data = append(list.Data, companyOf(&c.Companies[i]))
	}
	list.Companies = list.Data
	return list
}

func companyOf(m *beckon.Membership) companyJSON {
	attributes := m.Attributes
	if attributes == nil {
		attributes = beckon.Attributes{}
	}
	return companyJSON{Type: "company", ID: m.CompanyID, CompanyID: m.CompanyID, Name: orNull(m.Name), Attributes: attributes}
}
