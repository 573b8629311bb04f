package stores

import (
	"regexp"
	"strings"
)

// hidden stands in the place of what is hidden.
const hidden = "***"

// Hide returns a text without the passwords of the address.
func (a Address) Hide(text string) string {
	for _, s := range a.secrets {
		text = strings.ReplaceAll(text, s, hidden)
	}
	return text
}

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
