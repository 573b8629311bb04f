// Package stores opens the store that an address names, without making or changing
// anything in it unless that is asked for. None of its errors has a password in it.
package stores

import (
	"net/url"
	"strings"
)

// A kind is what keeps the records.
type kind string

const (
	sqlite   kind = "sqlite"
	postgres kind = "postgres"
	redisKV  kind = "redis"
)

// An Address names a store.
type Address struct {
	kind kind
	rest string // a path, or what the driver takes
}

// An AddressError says that a text is no address. It does not quote it, since there may be a
// password in it.
type AddressError struct{ text string }

// Error says what an address looks like.
func (e *AddressError) Error() string { return e.text }

// Parse reads an address: sqlite:PATH, postgres:DSN or postgres://…, redis:HOST:PORT,
// redis://… or rediss://…; several hosts of redis, divided by commas, are a cluster. The error
// is an [*AddressError].
func Parse(text string) (Address, error) {
	scheme, rest, found := strings.Cut(text, ":")
	if !found {
		return Address{}, &AddressError{"the address of a store begins with sqlite:, postgres: or redis:"}
	}
	isURL := strings.HasPrefix(rest, "//")
	a := Address{rest: rest}
	switch strings.ToLower(scheme) {
	case "sqlite":
		a.kind = sqlite
		if isURL {
			return Address{}, &AddressError{"sqlite: is followed by a path, such as sqlite:beckon.db or sqlite:/var/lib/beckon.db"}
		}
	case "postgres", "postgresql":
		a.kind = postgres
		if isURL {
			a.rest = text
		}
	case "redis", "rediss":
		a.kind = redisKV
		if isURL {
			a.rest = text
		}
	default:
		return Address{}, &AddressError{"the address of a store begins with sqlite:, postgres: or redis:"}
	}
	if a.rest == "" {
		return Address{}, &AddressError{string(a.kind) + ": is followed by where the store is"}
	}
	return a, nil
}

// secrets returns the passwords of an address, as they are written and as they are meant.
func (a Address) secrets() (list []string) {
	if a.kind == sqlite {
		return nil
	}
	add := func(s string) {
		if s != "" {
			list = append(list, s)
		}
	}
	if _, after, found := strings.Cut(a.rest, "://"); found {
		// Not by package url: what it cannot read has its password all the same.
		authority := after
		if i := strings.IndexAny(authority, "/?#"); i >= 0 && strings.LastIndex(authority, "@") < i {
			authority = authority[:i]
		}
		if i := strings.LastIndex(authority, "@"); i >= 0 {
			if _, password, found := strings.Cut(authority[:i], ":"); found {
				add(password)
				if plain, err := url.PathUnescape(password); err == nil && plain != password {
					add(plain)
				}
			}
		}
		if u, err := url.Parse(a.rest); err == nil {
			add(u.Query().Get("password"))
		}
		return list
	}
	for _, word := range strings.Fields(a.rest) {
		if value, found := strings.CutPrefix(word, "password="); found {
			add(strings.Trim(value, "'"))
		}
	}
	return list
}

// Hide returns a text without the passwords of the address.
func (a Address) Hide(text string) string {
	for _, s := range a.secrets() {
		text = strings.ReplaceAll(text, s, "***")
	}
	return text
}
