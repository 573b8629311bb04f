package fault

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxQuoted is how many characters of input an error may quote.
const MaxQuoted = 64

// Quote returns input for an error's sentence: in quotes, escaped, and cut
// after 64 characters. It hides no secret; what may hold one is not quoted.
func Quote(s string) string {
	n := 0
	for i := range s {
		if n == MaxQuoted {
			return strconv.QuoteToASCII(s[:i]) + "…"
		}
		n++
	}
	return strconv.QuoteToASCII(s)
}

// Shown returns a name for the field of an error.
func Shown(name string) string {
	if utf8.RuneCountInString(name) <= MaxQuoted && utf8.ValidString(name) && strings.IndexFunc(name, notShown) < 0 {
		return name
	}
	return strings.Replace(strings.TrimPrefix(strings.TrimSuffix(Quote(name), `"`), `"`), `"…`, "…", 1)
}

func notShown(r rune) bool { return r != ' ' && !unicode.IsPrint(r) }
