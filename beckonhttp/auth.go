package beckonhttp

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
)

// An Authenticator says whether a caller may use the REST interface: nil if it may,
// [ErrUnauthorized], [ErrForbidden], or an error of its own, which is 500 and told to
// [WithErrors] only. It is called by several goroutines at once, before the body is read.
type Authenticator func(*http.Request) error

// Trusted lets everybody in: the host has looked at the caller before, in a handler of its
// own around this one.
func Trusted(*http.Request) error { return nil }

// Tokens lets in who has one of some tokens, as a Bearer token or as one half of Basic
// authentication, which is what clients that exist send. Empty tokens are none. The
// comparison takes the same time for all tokens.
func Tokens(tokens ...string) Authenticator {
	var sums [][sha256.Size]byte
	for _, t := range tokens {
		if t != "" {
			sums = append(sums, sha256.Sum256([]byte(t)))
		}
	}
	known := func(token string) int {
		sum, found := sha256.Sum256([]byte(token)), 0
		for i := range sums {
			found |= subtle.ConstantTimeCompare(sum[:], sums[i][:])
		}
		return found
	}
	return func(r *http.Request) error {
		found := 0
		if kind, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(kind, "Bearer") {
			found = known(strings.TrimSpace(token))
		} else if user, password, ok := r.BasicAuth(); ok {
			found = known(user) | known(password)
		}
		if found == 0 {
			return ErrUnauthorized
		}
		return nil
	}
}
