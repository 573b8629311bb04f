package beckon

import (
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
)

// spelt returns a contact that is not known, and is named by an email, as one that
// has the address as it was given. Every other record stays what it is.
func (d *decision) spelt(rec *Record) *Record {
	if rec.Exists {
		return rec
	}
	if text, ok := d.in.limits.spelling(rec.Key, d.in.email); ok {
		return &Record{Key: rec.Key, Profile: &Profile{Attributes: []Attribute{NewAttribute("email", String(text))}}}
	}
	return rec
}

// refusesUnknown reports whether the occasion refuses contacts that are not
// known, where the engine is to. An update and a refusal make them known, a rule
// is judged of them all the same, and a run met them when they were: they are
// gone.
func (d *decision) refusesUnknown() bool {
	switch d.in.what {
	case onUpdate, onMerge, onEve, onMatch, onConsent:
		return false
	case onSweep, onSend, onDue:
		return d.in.explain
	}
	return true
}

func unknownContact() fault.List {
	return fault.List{{Code: fault.ErrContactUnknown, Message: "no such contact is known"}}
}

// spelling returns an address as it was given, if it is that of the record under
// key, which has it in other letters (E1).
func (l *limits) spelling(key Key, email string) (string, bool) {
	if key.Kind != KindEmail {
		return "", false
	}
	text, ok := fold.EmailSpelling(email)
	return text, ok && text != key.ID && l.emailID(text) == key.ID
}

// emailID returns the id of the record that is kept under an address.
func (l *limits) emailID(spelling string) string {
	if l.exactEmail {
		return fold.EmailDomain(spelling)
	}
	return fold.Email(spelling)
}

// sameEmail reports whether two spellings are of one address.
func (l *limits) sameEmail(a, b string) bool {
	return a == b || len(a) == len(b) && l.emailID(a) == l.emailID(b)
}
