// Package sample makes values for a preview of a message: what an event of its kind could
// carry, as the program declares it, and what a contact could be.
package sample

import (
	"maps"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
)

// Day is when samples happen, so that they are the same every time.
func Day() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

// Metadata returns metadata as the declaration has it: the first of the values that a key may
// have, or else one of its type. Keys stand in the order of their names, which a declaration
// has none of.
func Metadata(d beckon.EventDeclaration) beckon.Fields {
	var fields beckon.Fields
	for _, key := range slices.Sorted(maps.Keys(d.Metadata)) {
		fields = append(fields, beckon.Field{Key: key, Value: Key(key, d.Metadata[key])})
	}
	return fields
}

// Key returns a value for a metadata key.
func Key(key string, d beckon.KeyDeclaration) beckon.Value {
	if len(d.Values) > 0 {
		return d.Values[0]
	}
	switch d.Type {
	case "number":
		return beckon.Number(42)
	case "boolean":
		return beckon.Bool(true)
	case "date":
		return beckon.Date(Day())
	case "link":
		return beckon.Link("https://example.com/" + slug(key))
	case "rich_link":
		return beckon.RichLink("https://example.com/"+slug(key), key)
	case "image":
		return beckon.Image("https://example.com/" + slug(key) + ".png")
	case "stripe":
		return beckon.Stripe("cus_sample")
	case "monetary":
		return beckon.Monetary(4999, "usd")
	}
	return beckon.String(key)
}

// slug returns a key as part of an address.
func slug(key string) string {
	out := make([]byte, 0, len(key))
	for _, c := range []byte(key) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
			out = append(out, c)
		default:
			out = append(out, '-')
		}
	}
	return string(out)
}

// User returns a value for an attribute of a contact.
func User(name string) beckon.Value {
	switch name {
	case "name":
		return beckon.String("Ada Lovelace")
	case "email":
		return beckon.String("ada@example.com")
	case "phone":
		return beckon.String("+353 1 555 0100")
	case "user_id", "id", "anonymous_id":
		return beckon.String("u1")
	case "role":
		return beckon.String("user")
	case "timezone":
		return beckon.String("Europe/Dublin")
	case "language":
		return beckon.String("en")
	case "session_count":
		return beckon.Number(7)
	case "created_at", "signed_up_at", "first_seen_at", "last_seen_at", "last_contacted_at":
		return beckon.Date(Day())
	}
	return beckon.String(name)
}

// Company returns a value for an attribute of a company.
func Company(name string) beckon.Value {
	switch name {
	case "name":
		return beckon.String("Acme")
	case "company_id":
		return beckon.String("acme")
	}
	return beckon.String(name)
}
