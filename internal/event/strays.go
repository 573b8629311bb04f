package event

import (
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/suggest"
)

// A stray is a field of a posted event that is none, but near one: userId,
// properties. Real clients send extras, so it is ignored as they are; the
// result tells it.
type stray struct {
	field string // as it was sent, ready to be shown
	near  string // the field that was meant
}

// Of a body that is nothing but strays, this many fields are looked at. They are fewer than
// the warnings that are told.
const maxStrays = 64

// bodyFields and pageFields are the fields that a stray may have been meant for.
var (
	bodyFields = [...]string{ //nolint:gochecknoglobals // a table that nothing writes to
		"event_name", "created_at", "user_id", "id", "email", "anonymous_id", "event_id", "company_id", "import", "source", "page", "metadata",
	}
	pageFields = [...]string{"url", "seconds"} //nolint:gochecknoglobals // a table that nothing writes to
)

// stray notes a field that is not known, if it is near one that is. A number
// behind a name makes it another (metadata2), and three letters are near too
// much (ip), except in a page. It allocates nothing where there is nothing to tell.
func (d *Decoder) stray(prefix, name string) {
	if d.unknown++; d.unknown > maxStrays || len(name) > fault.MaxQuoted {
		return
	}
	known := bodyFields[:]
	if prefix != "" {
		known = pageFields[:]
	}
	near := fault.OtherWord(name, known)
	least := 4
	if prefix != "" {
		least = 3 // of a page, few extras have three letters, and url has no more
	}
	if near == "" && len(name) >= least && (name[len(name)-1] < '0' || name[len(name)-1] > '9') {
		near = suggest.Nearest(name, known)
		if len(near) <= len("source") && !suggest.OneSlip(name, near) {
			near = ""
		}
	}
	if near != "" {
		d.Event.Found.strays = append(d.Event.Found.strays, stray{field: prefix + fault.Shown(name), near: prefix + near})
	}
}

// sentence says what was meant.
func (s stray) sentence() string {
	return fault.Quote(s.field) + " is no field of an event, did you mean " + fault.Quote(s.near) + "?"
}

// addStrays tells the strays of an accepted event as warnings.
func (e *Event) addStrays(warnings []fault.Warning) []fault.Warning {
	for _, s := range e.Found.strays {
		warnings = append(warnings, fault.Warning{Code: fault.WarnFieldUnknown, Field: s.field, Message: s.sentence() + " It was ignored."})
	}
	return warnings
}

// blameStrays tells, beside what is missing of a refused event, the strays that
// may be it.
func (e *Event) blameStrays(errs fault.List) {
	for _, s := range e.Found.strays {
		for _, x := range errs {
			who := s.near == "user_id" || s.near == "id" || s.near == "email" || s.near == "anonymous_id"
			if x.Code == fault.ErrContactMissing && who || x.Code == fault.ErrEventNameMissing && s.near == "event_name" {
				x.Message += "; " + s.sentence()
			}
		}
	}
}
