package beckonhttp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/beckon-go/beckon"
)

// An Identifier says whose page sends a request: the host's session, [Signed], or several
// by [FirstOf]. Who is not known is [ErrUnauthorized]; any other error of the host's is 500
// and told to [WithErrors] only. It is called by several goroutines at once, before the
// body is read.
type Identifier func(*http.Request) (beckon.Identity, error)

// MinKeyLength is how many bytes a key of [Signed] has at least.
const MinKeyLength = 32

// Signed knows a page by two headers: Beckon-User-Id, and Beckon-User-Hash, which the host
// writes into the page ([UserHash]). It needs no session. The id may be percent-encoded, as
// by encodeURIComponent: a browser sends not every character in a header. The hash is good
// for as long as its key is: the first key is the one to sign with, the others are those of
// before, until no page has a hash by them any more. It is an error if there is no key, or one
// is shorter than [MinKeyLength]. A request without the headers is [ErrUnauthorized], one with
// a wrong hash [ErrForbidden].
func Signed(keys ...[]byte) (Identifier, error) {
	if len(keys) == 0 {
		return nil, errors.New("beckonhttp: Signed: there is no key")
	}
	own := make([][]byte, len(keys))
	for i, key := range keys {
		if len(key) < MinKeyLength {
			return nil, fmt.Errorf("beckonhttp: Signed: key %d has %d bytes, fewer than %d", i, len(key), MinKeyLength)
		}
		own[i] = append([]byte(nil), key...)
	}
	return func(r *http.Request) (beckon.Identity, error) {
		user, hash := r.Header.Get("Beckon-User-Id"), r.Header.Get("Beckon-User-Hash")
		if user == "" && hash == "" {
			return beckon.Identity{}, ErrUnauthorized
		}
		given, _ := hex.DecodeString(hash) // what is not one equals none
		ids := []string{user}
		if plain, err := url.PathUnescape(user); err == nil && plain != user {
			ids = append(ids, plain)
		}
		for _, id := range ids {
			if signedBy(own, [][]byte{given}, []byte(id)) && strings.TrimSpace(id) != "" {
				return beckon.Identity{UserID: id}, nil
			}
		}
		return beckon.Identity{}, ErrForbidden
	}, nil
}

// UserHash returns what proves to [Signed] that a page is of a user: the HMAC-SHA-256 of
// the user id, in hexadecimal.
func UserHash(key []byte, userID string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(userID))
	return hex.EncodeToString(mac.Sum(nil))
}

// Anonymous knows a page by the header Beckon-Anonymous-Id: an id that the page made up
// itself, for somebody who is not logged in. Who knows the id is that visitor, so it must
// be random: 16 to 64 letters, digits, dashes and underscores. Without the header it is
// [ErrUnauthorized].
func Anonymous(r *http.Request) (beckon.Identity, error) {
	id := r.Header.Get("Beckon-Anonymous-Id")
	if id == "" {
		return beckon.Identity{}, ErrUnauthorized
	}
	if len(id) < 16 || len(id) > 64 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		return beckon.Identity{}, ErrForbidden
	}
	return beckon.Identity{AnonymousID: id}, nil
}

// FirstOf asks several until one knows the page. Only one that is [ErrUnauthorized] lets
// the next be asked: a wrong signature makes nobody a visitor.
func FirstOf(list ...Identifier) Identifier {
	return func(r *http.Request) (beckon.Identity, error) {
		for _, one := range list {
			if who, err := one(r); !errors.Is(err, ErrUnauthorized) {
				return who, err
			}
		}
		return beckon.Identity{}, ErrUnauthorized
	}
}
