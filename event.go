package beckon

import (
	"io"
	"time"

	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/store"
)

// The limits of an event. Those of names are part of the data contract, so
// that what one host accepts every other accepts; those of a body bound what a
// sender can make the library hold in memory.
const (
	MaxEventBytes      = event.MaxBytes          // of a posted body
	MaxEventDepth      = event.MaxDepth          // nested arrays and objects in a posted body
	MaxEventNameLength = fold.MaxEventName       // Unicode code points of an event name (E2)
	MaxIdentityLength  = store.MaxIdentityLength // Unicode code points of user_id, id, email, anonymous_id, event_id and company_id
	MaxPageURLLength   = store.MaxPageURLLength  // Unicode code points of a page's URL
)

// An Event is something a contact did (E1). In JSON it is the document that
// [ParseEvent] reads.
//
// An Event is data, and nothing is checked when it is made: [Engine.Track]
// reports all that is wrong with it at once (E3). It is never kept nor changed
// by the library, so its maker may use it again.
type Event struct {
	// Name is required. Letter case and surrounding space do not matter, and
	// "." and "$" are "-" (E2); see [CanonicalEventName].
	Name string

	// The contact. The first of these four that is given decides, in this
	// order; the others are ignored (E1). Blank is not given. They are exact: no
	// case is folded and no space trimmed, but that the letter case of an email
	// does not count; see [WithExactEmail].
	UserID      string
	ID          string // your identifier for a lead or a user
	Email       string
	AnonymousID string // a visitor

	// EventID is optional and makes a repeat known, whatever its name (E7).
	EventID string

	// CompanyID is optional: the company that the event concerns (D2). It counts
	// only if the contact is a member of it when the event arrives; otherwise the
	// event is taken, rules and content see no company, and the result warns
	// company_not_member. [WithForeignCompanies] lifts this.
	CompanyID string

	// CreatedAt is when it happened, in whole seconds: a fraction is cut off.
	// The zero Time and the first second of 1970, which is a zero on the wire,
	// mean now. Earlier times, and those more than 24 hours ahead, are
	// refused (E5).
	CreatedAt time.Time

	// Import marks history: it is recorded and counted, and triggers nothing (E5).
	Import bool

	// Source is how the event came to the host; the zero Source is the host's
	// own request path (E8).
	Source Source

	// Page is where the contact is at this moment, nil if unknown (T3).
	Page *Page

	// Metadata are the first MaxMetadataKeys keys that count and, after them,
	// those that will be dropped (M1).
	Metadata Fields

	found event.Findings // by the decoder, reported with all that is found later (E3)
}

// A Page is where the contact is at the moment of an event or a visit (T3).
// The URL is matched as text and need not be one. Of a URL that may be empty
// and Seconds that may be unknown, rules see the missing one as unknown (A5).
type Page = store.Page

// A Source tells how an event reached the host (E8).
type Source = store.Source

// The sources. D6 says what each may trigger. The zero Source may also be
// written "direct".
const (
	SourceDirect      = store.SourceDirect // the host's own request path
	SourceJavaScript  = store.SourceJavaScript
	SourceTagManager  = store.SourceTagManager
	SourceMobileSDK   = store.SourceMobileSDK
	SourceREST        = store.SourceREST
	SourceIntegration = store.SourceIntegration
)

// ParseEvent reads one posted event, to the end of r:
//
//	{"event_name": "upload-complete", "created_at": 1389913941, "user_id": "u1", "id": "", "email": "",
//	 "anonymous_id": "", "event_id": "01J…", "company_id": "acme", "import": false, "source": "javascript",
//	 "page": {"url": "https://…", "seconds": 12}, "metadata": {"file_name": "cat.jpg"}}
//
// The body is JSON in the strict sense of RFC 8259, in UTF-8, of at most
// MaxEventBytes bytes and MaxEventDepth levels; no more than that is ever read
// from r. A nil r is an empty body. Fields that are not known are ignored, as
// real clients send extras, but their JSON is checked like all other. A known
// field that is null is as if it were absent; one that is there twice, or in
// other letter case, is json_invalid, since another reader of the same body
// might see another value. Metadata keeps its order, and every key of it.
//
// An integer, a number without point and exponent, is taken as its digits where
// an identity, event_id or company_id stands: 42 is "42" (E1).
//
// created_at is whole Unix seconds: a number, however it is written, that is
// no fraction, not negative, and not after the year 9999, as milliseconds
// are. Zero means now.
//
// In metadata a number is a date under a key that ends in _date, in any case of its
// letters, and nowhere else (M3): renewal_date, and not paid_at, whose number stays a
// number. Date operators and the filter date read Unix seconds all the same.
//
// The error is nil or an [ErrorList] with all that is wrong and can be told
// without a clock and without an engine's options; [Engine.Track] looks at the
// rest, and reports what is here again: anyone who ignores the error loses
// nothing. Where the body is not JSON, or too large, or cannot be read, the
// list ends there: an error without a field says so, and nothing is said of
// the fields that may have been missed.
//
// The strings of the event may share one copy of the body's memory if it is
// small (4 KiB).
func ParseEvent(r io.Reader) (Event, error) {
	var d event.Decoder
	known := d.Decode(r)
	_, errs := d.Event.Validate(time.Time{}, known)
	return raisedEvent(&d.Event), raise(errs)
}

// lower writes the event to the form in which it is judged.
func (e *Event) lower(to *event.Event) {
	*to = event.Event{
		Name: e.Name, UserID: e.UserID, ID: e.ID, Email: e.Email, AnonymousID: e.AnonymousID,
		EventID: e.EventID, CompanyID: e.CompanyID, CreatedAt: e.CreatedAt, Import: e.Import,
		Source: e.Source, Page: e.Page, Metadata: e.Metadata, Found: e.found,
	}
}

// raisedEvent returns what was decoded as the event that a host gets.
func raisedEvent(e *event.Event) Event {
	return Event{
		Name: e.Name, UserID: e.UserID, ID: e.ID, Email: e.Email, AnonymousID: e.AnonymousID,
		EventID: e.EventID, CompanyID: e.CompanyID, CreatedAt: e.CreatedAt, Import: e.Import,
		Source: e.Source, Page: e.Page, Metadata: e.Metadata, found: e.Found,
	}
}

// CanonicalEventName returns the one form of an event name that stands for all
// spellings of it: without leading and trailing space, letter case folded, "."
// and "$" as "-" (E2). What it gives for a canonical name is that name. The
// error is an [*Error]: event_name_missing for an empty or blank name,
// event_name_invalid for one with a control character or with more than
// MaxEventNameLength code points, text_not_utf8.
func CanonicalEventName(name string) (string, error) {
	canonical, code := fold.EventName(name)
	if code != "" {
		return "", &Error{Code: code, Field: "event_name", Message: fold.EventNameFault(name, code)}
	}
	return canonical, nil
}

// DisplayKey returns a metadata key as people read it: dashes are spaces, the
// first letter is a capital, all else stays (M2). Different keys may be shown
// alike: "invited-friend" and "invited friend" are both "Invited friend".
func DisplayKey(key string) string { return fold.DisplayKey(key) }
