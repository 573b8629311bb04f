// Package stores opens the store that an address names, without making or changing
// anything in it unless that is asked for. None of its errors has a password in it.
package stores

import (
	"path/filepath"
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
	kind    kind
	rest    string   // a path, or what the driver takes
	secrets []string // what no error may have, the longest first
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
	isURL := strings.HasPrefix(rest, "//")
	var a Address
	var err error
	switch scheme = strings.ToLower(scheme); {
	case !found:
		err = errScheme
	case rest == "":
		err = &AddressError{scheme + ": is followed by where the store is"}
	case scheme == "sqlite":
		a, err = parseSQLite(rest, isURL)
	case (scheme == "postgres" || scheme == "postgresql") && isURL:
		a, err = parsePostgres(scheme + ":" + rest)
	case scheme == "postgres" || scheme == "postgresql":
		a, err = parsePostgres(rest)
	case scheme == "rediss" && !isURL:
		err = &AddressError{"rediss: is followed by //, as in rediss://localhost:6379"}
	case scheme == "redis" || scheme == "rediss":
		if isURL {
			rest = scheme + ":" + rest
		}
		a, err = parseRedis(rest)
	default:
		err = errScheme
	}
	if err != nil {
		return Address{}, err
	}
	return a, nil
}

var errScheme = &AddressError{"the address of a store begins with sqlite:, postgres: or redis:"}

// parseSQLite reads a path. What looks like the settings of an address may be a key.
func parseSQLite(path string, isURL bool) (Address, error) {
	if isURL {
		return Address{}, &AddressError{"sqlite: is followed by a path, such as sqlite:beckon.db or sqlite:/var/lib/beckon.db"}
	}
	if _, settings, found := strings.Cut(path, "?"); found && strings.Contains(settings, "=") {
		return Address{}, &AddressError{"sqlite: is followed by a path alone: leave out the question mark and what follows it"}
	}
	return Address{kind: sqlite, rest: path}, nil
}

// Files returns the files that a store is in, also those that come and go, by each of their
// names; none for a server.
func (a Address) Files() (list []string) {
	if a.kind != sqlite {
		return nil
	}
	names := []string{a.rest}
	if file, err := filepath.EvalSymlinks(a.rest); err == nil && file != a.rest {
		names = append(names, file) // SQLite keeps the others beside it
	}
	for _, name := range names {
		for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
			list = append(list, name+suffix)
		}
	}
	return list
}
