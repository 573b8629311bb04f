// Package identity finds whom an identity names, and what is wrong with one.
package identity

import (
	"strings"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/store"
)

// Deciding returns the identity that decides who the contact is: the first that
// is given, in the order user_id, id, email, anonymous_id, as the kind of its
// record and its text (E1). A blank one counts as not given, since no two
// hosts agree on what "  " names. The kind is 0 if there is none.
func Deciding(id store.Identity) (store.Kind, string) {
	switch {
	case !Blank(id.UserID):
		return store.KindUser, id.UserID
	case !Blank(id.ID):
		return store.KindContact, id.ID
	case !Blank(id.Email):
		return store.KindEmail, id.Email
	case !Blank(id.AnonymousID):
		return store.KindAnonymous, id.AnonymousID
	}
	return 0, ""
}

// KeyOf returns the kind of identity that decides and its text, an email in the
// spelling that is kept: of all other kinds the key of the record. It returns false
// for an identity that AddFaults refuses as contact_missing or email_invalid.
func KeyOf(id store.Identity) (store.Key, bool) {
	kind, text := Deciding(id)
	ok := kind != 0
	if kind == store.KindEmail {
		text, ok = fold.EmailSpelling(text)
	}
	return store.Key{Kind: kind, ID: text}, ok
}

// AddFaults appends all that is wrong with an identity. A field that the list
// has an error about already counts as given: a user_id that was a number is
// no missing contact.
//
// An email is checked only where it decides, because otherwise it is ignored
// (E1). Text may contain anything else that is UTF-8, control characters too:
// it is compared and never shown.
func AddFaults(id store.Identity, l *fault.List) {
	l.AddText("user_id", id.UserID, store.MaxIdentityLength)
	l.AddText("id", id.ID, store.MaxIdentityLength)
	l.AddText("email", id.Email, store.MaxIdentityLength)
	l.AddText("anonymous_id", id.AnonymousID, store.MaxIdentityLength)
	switch kind, text := Deciding(id); kind {
	case 0:
		if !l.About("user_id") && !l.About("id") && !l.About("email") && !l.About("anonymous_id") {
			l.Add(fault.ErrContactMissing, "user_id", "is missing: one of user_id, id, email or anonymous_id must name the contact")
		}
	case store.KindEmail:
		if l.About("email") || l.About("user_id") || l.About("id") {
			break // it has its error, or another field was meant to decide
		}
		if _, ok := fold.EmailSpelling(text); !ok {
			l.Add(fault.ErrEmailInvalid, "email", "must be a plain address such as ada@example.com, got "+fault.Quote(text))
		}
	}
}

// IsInteger reports whether a JSON number has neither point nor exponent: then
// its digits, and its sign, stand for an identity (E1).
func IsInteger(literal string) bool {
	for i := range len(literal) {
		if c := literal[i]; (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// NumberFault says why a number is none.
func NumberFault(literal string) string {
	return "must be a string, or an integer without point and exponent, got " + fault.Quote(literal)
}

// Blank reports whether a text is empty or all white space.
func Blank(text string) bool {
	if text == "" || text[0] > ' ' && text[0] < utf8.RuneSelf { // told at a glance
		return text == ""
	}
	return strings.TrimSpace(text) == ""
}
