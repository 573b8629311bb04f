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
// after 64 characters. What may be the user and password of a URL is left out; any other
// secret is not, so what may hold one is not quoted.
func Quote(s string) string {
	s = anonymous(s)
	n := 0
	for i := range s {
		if n == MaxQuoted {
			return strconv.QuoteToASCII(s[:i]) + "…"
		}
		n++
	}
	return strconv.QuoteToASCII(s)
}

// anonymous returns a text with "..." in each word of it for what stands between its first "//"
// and its last "@".
func anonymous(s string) string {
	if !strings.Contains(s, "//") || !strings.Contains(s, "@") {
		return s
	}
	var b strings.Builder
	for s != "" && b.Len() <= MaxQuoted*utf8.UTFMax { // more is not shown
		end := strings.IndexFunc(s, unicode.IsSpace)
		if end < 0 {
			end = len(s)
		}
		word := s[:end]
		if from, at := strings.Index(word, "//"), strings.LastIndexByte(word, '@'); from >= 0 && from < at {
			b.WriteString(word[:from] + "//...")
			word = word[at:]
		}
		b.WriteString(word)
		s = s[end:]
		_, n := utf8.DecodeRuneInString(s)
		b.WriteString(s[:n])
		s = s[n:]
	}
	return b.String()
}

// Shown returns a name for the field of an error.
func Shown(name string) string {
	name = anonymous(name)
	if utf8.RuneCountInString(name) <= MaxQuoted && utf8.ValidString(name) && strings.IndexFunc(name, notShown) < 0 {
		return name
	}
	return strings.Replace(strings.TrimPrefix(strings.TrimSuffix(Quote(name), `"`), `"`), `"…`, "…", 1)
}

func notShown(r rune) bool { return r != ' ' && !unicode.IsPrint(r) }
