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

// anonymous returns a text with "..." in each word of it for what stands between the place
// where a URL's host could begin and its last "@". A tab or a line break ends no word: browsers
// leave them out of a URL.
func anonymous(s string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	var b strings.Builder
	for s != "" && b.Len() <= MaxQuoted*utf8.UTFMax { // more is not shown
		end := strings.IndexFunc(s, endsWord)
		if end < 0 {
			end = len(s)
		}
		word := s[:end]
		if at := strings.LastIndexByte(word, '@'); at >= 0 {
			if from := authority(word[:at]); from >= 0 {
				b.WriteString(word[:from] + "...")
				word = word[at:]
			}
		}
		b.WriteString(word)
		s = s[end:]
		_, n := utf8.DecodeRuneInString(s)
		b.WriteString(s[:n])
		s = s[n:]
	}
	return b.String()
}

func endsWord(r rune) bool { return unicode.IsSpace(r) && r != '\t' && r != '\n' && r != '\r' }

// authority returns where the user of the first URL in a word could begin, as browsers read it:
// after two slashes of either kind, and after "http:" or "https:" and any number of them. It is
// negative if there is none.
func authority(word string) int {
	for i := range len(word) {
		switch {
		case isSlash(word[i]) && i+1 < len(word) && isSlash(word[i+1]):
			return i + 2
		case word[i] == ':' && (endsFold(word[:i], "http") || endsFold(word[:i], "https")):
			for i++; i < len(word) && isSlash(word[i]); i++ {
			}
			return i
		}
	}
	return -1
}

func isSlash(c byte) bool { return c == '/' || c == '\\' }

func endsFold(s, end string) bool {
	return len(s) >= len(end) && strings.EqualFold(s[len(s)-len(end):], end)
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
