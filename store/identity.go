package store

import (
	"encoding/json"

	"github.com/beckon-go/beckon/value"
)

// The limits of what names a contact, an event or a page.
const (
	MaxIdentityLength = 1024 // Unicode code points of user_id, id, email, anonymous_id, event_id and company_id
	MaxPageURLLength  = 8192 // Unicode code points of a page's URL
)

// An Identity names a contact: the first field that is given decides, in this
// order (E1). Spellings of an email that differ in letter case only are one
// address, which is kept and shown as it was first given; beckon.WithExactEmail
// compares exactly.
//
// An email need not be unique. Where it fits several contacts, events, visits,
// checks and sends are refused, contact_ambiguous. What is done to a contact
// (beckon.Engine.Update, beckon.Engine.Merge, beckon.Engine.Delete, beckon.Engine.Export,
// beckon.Engine.RecentEvents, beckon.Engine.Unsubscribe, beckon.Engine.Resubscribe) then means
// the one that was made by this email and is known by nothing else, and is
// refused only if there is none.
type Identity struct {
	UserID      string `json:"user_id,omitempty"`
	ID          string `json:"id,omitempty"`
	Email       string `json:"email,omitempty"`
	AnonymousID string `json:"anonymous_id,omitempty"`
}

// A Page is where the contact is at the moment of an event or a visit (T3).
// The URL is matched as text and need not be one. Of a URL that may be empty
// and Seconds that may be unknown, rules see the missing one as unknown (A5).
type Page struct {
	URL     string
	Seconds value.Value // a number that is not negative; the zero Value is unknown
}

// A Source tells how an event reached the host (E8).
type Source string

// The sources. D6 says what each may trigger. The zero Source may also be
// written "direct".
const (
	SourceDirect      Source = "" // the host's own request path
	SourceJavaScript  Source = "javascript"
	SourceTagManager  Source = "tag_manager"
	SourceMobileSDK   Source = "mobile_sdk"
	SourceREST        Source = "rest"
	SourceIntegration Source = "integration"
)

type pageJSON struct {
	URL     string      `json:"url,omitzero"`
	Seconds value.Value `json:"seconds,omitzero"`
}

// MarshalJSON returns the page as it stands in an event and in a visit.
func (p Page) MarshalJSON() ([]byte, error) { return json.Marshal(pageJSON(p)) }
