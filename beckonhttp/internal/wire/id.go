// Package wire reads the bodies that clients of the REST interface send, and writes how a
// contact is named there.
package wire

import (
	"strings"

	"github.com/beckon-go/beckon/store"
)

// The prefixes of ids that stand for an identity of another kind than id.
const (
	userPrefix      = "user_id:"
	idPrefix        = "id:"
	emailPrefix     = "email:"
	anonymousPrefix = "anonymous_id:"
)

// ContactID returns the one id by which clients name a contact: its id as it is or, as it
// has none, its first identity with a prefix. Clients put it into paths, some without
// escaping it, so it has only characters that need none.
func ContactID(who store.Identity) string {
	switch {
	case who.UserID != "":
		return userPrefix + escape(who.UserID)
	case who.ID != "":
		if id := escape(who.ID); id != who.ID || ParseContactID(id) != (store.Identity{ID: id}) {
			return idPrefix + id
		}
		return who.ID
	case who.Email != "":
		return emailPrefix + escape(who.Email)
	case who.AnonymousID != "":
		return anonymousPrefix + escape(who.AnonymousID)
	}
	return ""
}

// ParseContactID returns whom an id names. What [ContactID] did not make is an id of the
// host's own.
func ParseContactID(id string) store.Identity {
	kind, rest, _ := strings.Cut(id, ":")
	text, ok := unescape(rest)
	switch kind + ":" {
	case userPrefix:
		if ok {
			return store.Identity{UserID: text}
		}
	case idPrefix:
		if ok {
			return store.Identity{ID: text}
		}
	case emailPrefix:
		if ok {
			return store.Identity{Email: text}
		}
	case anonymousPrefix:
		if ok {
			return store.Identity{AnonymousID: text}
		}
	}
	return store.Identity{ID: id}
}

const hex = "0123456789ABCDEF"

// escape writes what has a meaning in a path, or is not ASCII, as "~" and two digits.
func escape(text string) string {
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-_@+:", c) >= 0:
			b.WriteByte(c)
		case c == '.' && i > 0: // "." and ".." are no names in a path
			b.WriteByte(c)
		default:
			b.WriteByte('~')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}

// unescape reads what escape writes, and reports whether it is that.
func unescape(text string) (string, bool) {
	if text == "" {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '~' {
			b.WriteByte(text[i])
			continue
		}
		if i+2 >= len(text) {
			return "", false
		}
		high, low := strings.IndexByte(hex, text[i+1]), strings.IndexByte(hex, text[i+2])
		if high < 0 || low < 0 {
			return "", false
		}
		b.WriteByte(byte(high<<4 | low))
		i += 2
	}
	return b.String(), escape(b.String()) == text
}
