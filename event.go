package beckon

import (
	"cmp"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/structs"
	"github.com/beckon-go/beckon/store"
)

// The limits of an event. Those of names are a contract: what one host accepts,
// every other does. Those of a body bound the memory that it takes.
const (
	MaxEventBytes      = event.MaxBytes          // of a posted body
	MaxEventDepth      = event.MaxDepth          // nested arrays and objects in a posted body
	MaxEventNameLength = fold.MaxEventName       // Unicode code points of an event name (E2)
	MaxIdentityLength  = store.MaxIdentityLength // Unicode code points of user_id, id, email, anonymous_id, event_id and company_id
	MaxPageURLLength   = store.MaxPageURLLength  // Unicode code points of a page's URL
)

// An Event is something a contact did; in JSON what [ParseEvent] reads. It is data:
// [Engine.Track] checks it; the library never keeps or changes it.
type Event struct {
	Name string // required; case and outer space do not matter, see [CanonicalEventName] (E2)

	// The contact: the first that is given decides, see [Identity] (E1).
	UserID      string
	ID          string // your identifier for a lead or a user
	Email       string
	AnonymousID string    // a visitor
	EventID     string    // optional; makes a repeat known, whatever its name (E7)
	CompanyID   string    // optional: the company that the event concerns; if the contact is no member when the event arrives, rules and content see none, with the warning company_not_member (D2, E11)
	CreatedAt   time.Time // when it happened, in whole seconds; zero, and the first second of 1970: now; earlier, and over 24 hours ahead, is refused (E5)
	Import      bool      // history: recorded and counted, triggers nothing (E5)
	Source      Source    // zero: the host's own request path (E8)
	Page        *Page     // where the contact is at this moment; nil: unknown (T3)
	Metadata    Fields    // first the MaxMetadataKeys keys that count, then those that are dropped (M1)

	found event.Findings // by the decoder, reported with all that is found later (E3)
}

// A Typed is an event whose metadata is a Go struct, safe for concurrent use.
type Typed[T any] struct {
	name string
	form *structs.Struct
}

// Define returns an event of a struct type, for a package variable: it panics if the name or a
// tag is wrong, or no metadata is of a field's type. Exported fields are metadata, in order,
// in snake case. A tag `beckon:"key,option"` names one ('a,b' with a comma), "-" leaves it
// out. Options are omitempty, link, image, stripe (of a string) and money=EUR (of an integer
// in minor units, or a decimal); the options event_id, company_id and created_at fill in these.
// A nil pointer is left out. Embedded structs count as their fields.
func Define[T any](name string) *Typed[T] {
	_, err := CanonicalEventName(name)
	form, wrong := structs.Of(reflect.TypeFor[T]())
	if err = cmp.Or(err, wrong); err != nil {
		panic(fmt.Sprintf("beckon: Define(%s): %v", fault.Quote(name), err))
	}
	return &Typed[T]{name, form}
}

// Name returns the event's name, for rules and triggers.
func (d *Typed[T]) Name() string { return d.name }

// Event returns the event of a contact, for [Engine.Track].
func (d *Typed[T]) Event(who Identity, data T) Event {
	ev := Event{Name: d.name, UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID}
	ev.Metadata = d.form.Make(reflect.ValueOf(data), func(part structs.Part, v reflect.Value) {
		switch part {
		case structs.EventID:
			ev.EventID = v.String()
		case structs.CompanyID:
			ev.CompanyID = v.String()
		case structs.CreatedAt:
			ev.CreatedAt, _ = v.Interface().(time.Time)
		}
	})
	return ev
}

// A Page is where the contact is. The URL is matched as text. An empty URL, and
// Seconds that are not set, are unknown to rules. (A5, T3)
type Page = store.Page

// A Source says how an event reached the host. (E8)
type Source = store.Source

// The sources. The zero Source may also be written "direct". (D6)
const (
	SourceDirect      = store.SourceDirect // the host's own request path
	SourceJavaScript  = store.SourceJavaScript
	SourceTagManager  = store.SourceTagManager
	SourceMobileSDK   = store.SourceMobileSDK
	SourceREST        = store.SourceREST
	SourceIntegration = store.SourceIntegration
)

// ParseEvent reads one posted event, to the end of r; a nil r is empty:
//
//	{"event_name": "upload-complete", "created_at": 1389913941, "user_id": "u1", "id": "", "email": "",
//	 "anonymous_id": "", "event_id": "01J…", "company_id": "acme", "import": false, "source": "javascript",
//	 "page": {"url": "https://…", "seconds": 12}, "metadata": {"file_name": "cat.jpg"}}
//
// The body is strict JSON in UTF-8, of at most [MaxEventBytes] and [MaxEventDepth]; no more is
// read. Unknown fields are ignored, but must be JSON; null is absent; one twice, or in other
// letter case, is json_invalid. Metadata keeps its order and every key. An integer as
// identity, event_id or company_id is its digits. created_at is whole Unix seconds up to the
// year 9999. A number in metadata is a date if its key ends in _date, in any case.
//
// The error is an [ErrorList] of what is wrong as far as can be told without a clock and
// options. [Engine.Track] reports it again with the rest, so you may ignore it. If the body is
// not JSON, too large or cannot be read, the list ends with an error without a field, and
// missing fields are not reported. The event's strings may share one copy of a body up to 4
// KiB. (E1, E5, M3)
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

// CanonicalEventName returns the one form of all spellings of an event name: outer
// space cut, letter case folded, "." and "$" as "-". It folds to itself. An
// [*Error] is event_name_missing if nothing is left, event_name_invalid for a
// control character or over [MaxEventNameLength], text_not_utf8. (E2)
func CanonicalEventName(name string) (string, error) {
	canonical, code := fold.EventName(name)
	if code != "" {
		return "", &Error{Code: code, Field: "event_name", Message: fold.EventNameFault(name, code)}
	}
	return canonical, nil
}

// DisplayKey returns a metadata key for people: "invited-friend" and "invited
// friend" are "Invited friend". Only dashes and the first letter change. (M2)
func DisplayKey(key string) string { return fold.DisplayKey(key) }

// MarshalJSON returns what [ParseEvent] reads, without what is empty; a metadata key
// without a value, which will be dropped, is null. The error is an [ErrorList] of text
// that is not UTF-8 and of refused values.
func (e Event) MarshalJSON() ([]byte, error) {
	w := objectWriter{buf: append(make([]byte, 0, 256), '{')}
	w.text("event_name", e.Name)
	if sec, given := event.Seconds(e.CreatedAt); given {
		w.name("created_at")
		w.buf = strconv.AppendInt(w.buf, sec, 10)
	}
	w.text("user_id", e.UserID)
	w.text("id", e.ID)
	w.text("email", e.Email)
	w.text("anonymous_id", e.AnonymousID)
	w.text("event_id", e.EventID)
	w.text("company_id", e.CompanyID)
	if e.Import {
		w.name("import")
		w.buf = append(w.buf, "true"...)
	}
	w.text("source", string(e.Source))
	if e.Page != nil {
		w.open("page")
		w.text("url", e.Page.URL)
		if !e.Page.Seconds.IsUnknown() {
			w.value("seconds", e.Page.Seconds, "page.seconds")
		}
		w.close()
	}
	if len(e.Metadata) > 0 {
		w.open("metadata")
		for _, f := range e.Metadata {
			w.value(f.Key, f.Value, event.FieldName(f.Key))
		}
		w.close()
	}
	w.close()
	return w.buf, raise(w.faults)
}

// UnmarshalJSON reads what [ParseEvent] reads. A null changes nothing.
func (e *Event) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var d event.Decoder
	known := d.DecodeString(string(data))
	_, errs := d.Event.Validate(time.Time{}, known)
	*e = raisedEvent(&d.Event)
	return raise(errs)
}

// An objectWriter writes JSON objects, leaving out what is empty.
type objectWriter struct {
	buf    []byte
	faults fault.List
}

// name writes the name of the next member, after a comma if it is not the first.
func (w *objectWriter) name(name string) {
	if w.buf[len(w.buf)-1] != '{' {
		w.buf = append(w.buf, ',')
	}
	w.buf = repr.AppendQuoted(w.buf, name)
	w.buf = append(w.buf, ':')
}

func (w *objectWriter) open(name string) {
	w.name(name)
	w.buf = append(w.buf, '{')
}

func (w *objectWriter) close() { w.buf = append(w.buf, '}') }

func (w *objectWriter) text(name, text string) {
	switch {
	case text == "":
	case !utf8.ValidString(text):
		w.faults.Add(ErrTextNotUTF8, name, "is not valid UTF-8: "+fault.Quote(text))
	default:
		w.name(name)
		w.buf = repr.AppendQuoted(w.buf, text)
	}
}

func (w *objectWriter) value(name string, v Value, field string) {
	if !utf8.ValidString(name) {
		w.faults.Add(ErrTextNotUTF8, field, "the key is not valid UTF-8: "+fault.Quote(name))
		return
	}
	parts := peek.Of(&v)
	if code, _ := parts.Fault(); code != "" && !v.IsUnknown() {
		parts.AddFaults(&w.faults, field)
		return
	}
	w.name(name)
	w.buf, _ = parts.AppendJSON(w.buf) // it fails for invalid values only
}
