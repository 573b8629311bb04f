package decide

import "github.com/beckon-go/beckon/internal/fold"

// EmailID returns the id of the record that is kept under an address.
func (l *Limits) EmailID(spelling string) string {
	if l.ExactEmail {
		return fold.EmailDomain(spelling)
	}
	return fold.Email(spelling)
}

// SameEmail reports whether two spellings are of one address.
func (l *Limits) SameEmail(a, b string) bool {
	return a == b || len(a) == len(b) && l.EmailID(a) == l.EmailID(b)
}
