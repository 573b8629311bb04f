package ojson

import (
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// PlainEnd returns the index of the quote that ends a string whose content begins
// at i, if that is plain ASCII without an escape; else -1.
func PlainEnd(src string, i int) int {
	// Eight bytes at a time: a subtraction borrows from the top bit of each
	// byte that is too small, and what that spoils stands only behind it.
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(src); i += 8 {
		b := src[i : i+8]
		w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		quote, escape := w^ones*'"', w^ones*'\\'
		found := ((quote-ones)&^quote | (escape-ones)&^escape | (w-ones*' ')&^w | w) & tops
		if found == 0 {
			continue
		}
		if i += bits.TrailingZeros64(found) / 8; src[i] == '"' {
			return i
		}
		return -1
	}
	for ; i < len(src) && src[i]-' ' < 0x60 && src[i] != '\\'; i++ {
		if src[i] == '"' {
			return i
		}
	}
	return -1
}

// quoted takes a string token and returns what stands between the quotes, and
// whether that contains escapes. The scanner stands at the opening quote. All
// checks are made here: controls, escapes, surrogate pairs and UTF-8.
func (s *Scanner) quoted() (raw string, escaped bool) {
	src, begin := s.src, s.pos+1
	s.start = s.pos
	if end := PlainEnd(src, begin); end >= 0 {
		s.pos = end + 1
		return src[begin:end], false
	}
	i, ascii := begin, true
	for {
		for i < len(src) && src[i]-0x20 < 0x60 && src[i] != '"' && src[i] != '\\' {
			i++ // plain ASCII, which most text is to its end
		}
		if i >= len(src) {
			s.fail(Syntax, len(src), "the body ends inside a string")
			return "", false
		}
		c := src[i]
		if c == '"' {
			break
		}
		switch {
		case c == '\\':
			escaped = true
			n, lone := s.escape(i)
			if s.err != nil {
				return "", false
			}
			if lone {
				s.badText(i, "a surrogate escape without its partner")
			}
			i += n
		case c < 0x20:
			s.pos = i
			s.fail(Syntax, i, "a control character inside a string")
			return "", false
		default:
			ascii = false
			i++
		}
	}
	raw = src[begin:i]
	if !ascii && !utf8.ValidString(raw) {
		s.badText(begin+invalidAt(raw), "text that is not UTF-8")
	}
	if s.err == nil {
		s.pos = i + 1
	}
	return raw, escaped
}

// badText notes text that is not UTF-8, or fails on it.
func (s *Scanner) badText(at int, message string) {
	switch {
	case !s.keep:
		s.fail(NotUTF8, at, message)
	case s.bad == 0 || at < s.bad-1:
		s.bad = at + 1
	}
}

// invalidAt returns the index of the first byte that is not UTF-8, of a text
// that has one.
func invalidAt(t string) int {
	i := 0
	for {
		r, n := utf8.DecodeRuneInString(t[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
}

// escape checks the escape at index i and returns its length, both halves of a
// surrogate pair together, and whether it is half a pair.
func (s *Scanner) escape(i int) (n int, lone bool) {
	if i+1 < len(s.src) {
		switch s.src[i+1] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			return 2, false
		case 'u':
			r, ok := hex4(s.src, i+2)
			if !ok {
				break
			}
			if !utf16.IsSurrogate(r) {
				return 6, false
			}
			if low, ok := hex4Escape(s.src, i+6); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
				return 12, false
			}
			return 6, true
		}
	}
	s.fail(Syntax, i, "an escape that JSON does not have")
	return 0, false
}

// hex4 reads four hexadecimal digits.
func hex4(src string, i int) (rune, bool) {
	if i+4 > len(src) {
		return 0, false
	}
	var r rune
	for _, c := range []byte(src[i : i+4]) {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case 'A' <= c && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// hex4Escape reads a whole \u escape of four hex digits.
func hex4Escape(src string, i int) (rune, bool) {
	if i+6 > len(src) || src[i] != '\\' || src[i+1] != 'u' {
		return 0, false
	}
	return hex4(src, i+2)
}

// unescape resolves the escapes of a string that quoted has checked.
func unescape(raw string) string {
	out := make([]byte, 0, len(raw))
	for {
		i := strings.IndexByte(raw, '\\')
		if i < 0 {
			return string(append(out, raw...))
		}
		out = append(out, raw[:i]...)
		c := raw[i+1]
		raw = raw[i+2:]
		switch c {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, _ := hex4(raw, 0)
			raw = raw[4:]
			if utf16.IsSurrogate(r) {
				low, _ := hex4Escape(raw, 0)
				pair := utf16.DecodeRune(r, low)
				if pair == utf8.RuneError {
					// Half a pair stays what it is, in three bytes that are not
					// UTF-8: replaced, two different texts could become one.
					out = append(out, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
					continue
				}
				r, raw = pair, raw[6:]
			}
			out = utf8.AppendRune(out, r)
		default: // quote, backslash, slash
			out = append(out, c)
		}
	}
}

// number takes a number token and checks its grammar. The scanner stands at
// its first character.
func (s *Scanner) number() {
	src, i := s.src, s.pos
	s.start = i
	if src[i] == '-' {
		i++
	}
	digits := func() bool {
		from := i
		for i < len(src) && '0' <= src[i] && src[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(src) && src[i] == '0' {
		i++ // and no digit after it: that would not be a number's end
	} else if !digits() {
		s.pos = i
		s.unexpected("a digit")
		return
	}
	if i < len(src) && src[i] == '.' {
		i++
		if !digits() {
			s.pos = i
			s.unexpected("a digit")
			return
		}
	}
	if i < len(src) && src[i]|0x20 == 'e' {
		i++
		if i < len(src) && (src[i] == '+' || src[i] == '-') {
			i++
		}
		if !digits() {
			s.pos = i
			s.unexpected("a digit")
			return
		}
	}
	s.pos = i
}
