package beckon

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
)

// MarshalJSON returns what [ParseEvent] reads, without what is empty; a
// metadata key without a value, which will be dropped, is null. The error is an
// [ErrorList] of text that is not UTF-8 and of values that a constructor
// refused.
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
