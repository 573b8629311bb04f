package render

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/fault"
)

// name reads a name; it may be empty.
func (p *templateParser) name() string {
	start := p.pos
	for p.pos < len(p.src) {
		r, n := utf8.DecodeRuneInString(p.src[p.pos:])
		if r != '_' && (r != '-' || p.pos == start) && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			break
		}
		p.pos += n
	}
	return p.src[start:p.pos]
}

// quoted reads a text in single or double quotes. A backslash before a quote
// or a backslash stands for that character; before any other it is itself.
func (p *templateParser) quoted() (string, *syntaxError) {
	start, quote := p.pos, p.src[p.pos]
	var b strings.Builder
	for i := start + 1; i < len(p.src); i++ {
		c := p.src[i]
		if c == quote {
			p.pos = i + 1
			return b.String(), nil
		}
		if c == '\\' && i+1 < len(p.src) && strings.IndexByte(`\'"`, p.src[i+1]) >= 0 {
			i++
			c = p.src[i]
		}
		b.WriteByte(c)
	}
	return "", &syntaxError{start, "this quote is not closed"}
}

// space skips white space, the no-break spaces of visual editors included.
func (p *templateParser) space() {
	p.pos = len(p.src) - len(strings.TrimLeftFunc(p.src[p.pos:], unicode.IsSpace))
}

// at reports whether the input goes on with s.
func (p *templateParser) at(s string) bool { return strings.HasPrefix(p.src[p.pos:], s) }

// peek returns the next byte, 0 at the end.
func (p *templateParser) peek() byte {
	if p.pos == len(p.src) {
		return 0
	}
	return p.src[p.pos]
}

// unexpected says what was found in place of what is wanted.
func (p *templateParser) unexpected(want string) *syntaxError {
	found := "the end of the template"
	if p.bare {
		found = "the end"
	}
	if p.pos < len(p.src) {
		_, n := utf8.DecodeRuneInString(p.src[p.pos:])
		found = fault.Quote(p.src[p.pos : p.pos+n])
	}
	return &syntaxError{p.pos, fmt.Sprintf("expected %s, found %s", want, found)}
}
