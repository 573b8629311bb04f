package stores

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hidden stands in the place of what is hidden.
const hidden = "***"

// Hide returns a text without the passwords of the address.
func (a Address) Hide(text string) string {
	for _, s := range a.secrets {
		if len(s) < short {
			text = hideWord(text, s)
			continue
		}
		text = strings.ReplaceAll(text, s, hidden)
	}
	return text
}

// short is below how many bytes a password is hidden only where it is a word of its own. Within
// other words it would be found by chance, and what is hidden there would tell it.
const short = 4

func hideWord(text, secret string) string {
	var b strings.Builder
	before := ' '
	for text != "" {
		rest, found := strings.CutPrefix(text, secret)
		after, _ := utf8.DecodeRuneInString(rest)
		if found && !inWord(before) && (rest == "" || !inWord(after)) {
			b.WriteString(hidden)
			before, text = '*', rest
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		b.WriteString(text[:size])
		before, text = r, text[size:]
	}
	return b.String()
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// HideAll returns a text without what may be the passwords in addresses: of a store that is
// named in the wrong place there is no [Address].
func HideAll(text string) string {
	for _, m := range addresses() {
		text = m.ReplaceAllString(text, "${1}"+hidden+"${2}")
	}
	return text
}

// addresses match what comes before a password, and what comes behind it.
func addresses() []*regexp.Regexp {
	const (
		schemes = `(?:postgres|postgresql|redis|rediss|sqlite|mysql|mongodb)`
		value   = `(?:'(?:[^'\\]|\\.)*'|(?:[^\s&"'\\]|\\.)+)`
	)
	return []*regexp.Regexp{
		regexp.MustCompile(`(?i)(` + schemes + `[a-z+]*:(?://)?)[^\n]*(@)`),
		regexp.MustCompile(`(?i)([a-z][a-z0-9+.-]*://)[^\s"'@/]*(@)`),
		regexp.MustCompile(`(?i)((?:password|passwd|pwd|_pragma)\s*=\s*)` + value + `()`),
		regexp.MustCompile(`(?i)(` + schemes + `:[^\s"'?]*\?)[^\s"']+()`),
	}
}
