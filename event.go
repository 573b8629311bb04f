package beckon

import (
	"io"
	"time"
)

// An Event is something a contact did (E1).
type Event struct {
	Name        string // required; canonical form by E2
	UserID      string // of the four identities the first that is given decides (E1)
	ID          string // your identifier for a lead or a user
	Email       string
	AnonymousID string
	EventID     string    // optional: makes repeats known (E7)
	CompanyID   string    // optional: which company the event concerns (D2)
	CreatedAt   time.Time // zero means now (E5); whole seconds count
	Import      bool      // history: recorded and counted, triggers nothing (E5)
	Source      Source
	Page        *Page // the page the contact is on; nil if unknown
	Metadata    Fields

	faults ErrorList // found while decoding, reported with all others (E3)
}

// A Page is where the contact is at the moment of an event or a visit (T3).
type Page struct {
	URL     string
	Seconds Value // a number; the zero Value is unknown
}

// A Source tells how an event reached the host (E8).
type Source string

// The sources. D6 says what each may trigger.
const (
	SourceDirect      Source = "" // the host's own request path
	SourceJavaScript  Source = "javascript"
	SourceTagManager  Source = "tag_manager"
	SourceMobileSDK   Source = "mobile_sdk"
	SourceREST        Source = "rest"
	SourceIntegration Source = "integration"
)

// ParseEvent reads one posted event.
func ParseEvent(r io.Reader) (Event, error) { return Event{}, nil }

// canonicalName gives the one canonical form of an event name (E2), and
// whether the name is valid.
func canonicalName(name string) (canonical string, code Code) { return name, "" }
