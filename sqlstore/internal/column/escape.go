package column

import "strings"

// PostgreSQL's text and jsonb have no U+0000. In columns of text, and in JSON,
// U+0001 U+0001 stands for it, and U+0001 U+0002 for U+0001 itself: whatever has
// neither is kept as it is, and the order of texts is kept.

// Escape returns a text as columns and JSON have it.
func Escape(s string) string {
	if strings.IndexByte(s, 0) < 0 && strings.IndexByte(s, 1) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\x01", "\x01\x02"), "\x00", "\x01\x01")
}

// Unescape undoes Escape.
func Unescape(s string) string {
	if strings.IndexByte(s, 1) < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == 1 && i+1 < len(s) && (s[i+1] == 1 || s[i+1] == 2) {
			i++
			out = append(out, s[i]-1)
			continue
		}
		out = append(out, s[i])
	}
	return string(out)
}
