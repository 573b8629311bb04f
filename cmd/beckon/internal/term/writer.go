package term

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Writer writes text so that none of it acts on a terminal. Control characters but for tabs
// and the ends of lines, and those that change the direction of text or end a line, are written
// as JSON escapes them, such as \u001b: so JSON says the same as before. What is no UTF-8 is
// written as U+FFFD. Only what the style has painted stays. A Writer belongs to one goroutine.
type Writer struct {
	to   io.Writer
	key  []byte // of the style
	rest []byte // the beginning of a character, or of a painted sequence
	out  bytes.Buffer
}

// NewWriter returns a writer to another. style is that of all that is written.
func NewWriter(to io.Writer, style Style) *Writer { return &Writer{to: to, key: []byte(style.key)} }

// Write writes all but the beginning of a character that has not come whole, for which it
// waits.
func (w *Writer) Write(p []byte) (int, error) {
	text := p
	if len(w.rest) > 0 {
		text = append(w.rest, p...)
	}
	w.rest = append([]byte(nil), w.escape(text, false)...)
	if err := w.flush(); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush writes what is left, which is no whole character.
func (w *Writer) Flush() error {
	w.escape(w.rest, true)
	w.rest = nil
	return w.flush()
}

func (w *Writer) flush() error {
	defer w.out.Reset()
	if w.out.Len() == 0 {
		return nil
	}
	_, err := w.to.Write(w.out.Bytes())
	return err
}

// escape appends a text to what is to be written. It returns what may become something else
// with what comes next, unless it is the end.
func (w *Writer) escape(text []byte, end bool) []byte {
	for len(text) > 0 {
		if n := bytes.IndexFunc(text, beyondASCII); n != 0 {
			if n < 0 {
				n = len(text)
			}
			w.out.Write(text[:n])
			text = text[n:]
			continue
		}
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1 && !end && !utf8.FullRune(text):
			return text
		case r == '\x1b':
			code, n := w.painted(text)
			if n < 0 && !end {
				return text
			}
			if n > 0 {
				fmt.Fprintf(&w.out, "\x1b[%sm", code)
				text = text[n:]
				continue
			}
			w.out.WriteString(escaped(r))
		case acts(r):
			w.out.WriteString(escaped(r))
		default:
			w.out.WriteRune(r)
		}
		text = text[size:]
	}
	return nil
}

// beyondASCII reports whether a character is none of those that are written as they are
// without a look at them.
func beyondASCII(r rune) bool { return (r < ' ' || r > '~') && r != '\n' && r != '\t' }

// painted returns the code and the length of the sequence with the key of the style with which
// a text begins. The length is 0 if there is none, and negative if there may be one.
func (w *Writer) painted(text []byte) (code []byte, n int) {
	if len(w.key) == 0 {
		return nil, 0
	}
	const longest = 3
	rest, ok := bytes.CutPrefix(text, []byte("\x1b["))
	if !ok {
		return nil, maybe(len(text) < 2)
	}
	for n < len(rest) && n < longest && '0' <= rest[n] && rest[n] <= '9' {
		n++
	}
	code, tail := rest[:n], append(append([]byte{';'}, w.key...), 'm')
	switch rest = rest[n:]; {
	case len(rest) >= len(tail) && n > 0 && bytes.HasPrefix(rest, tail):
		return code, len("\x1b[") + n + len(tail)
	case len(rest) < len(tail):
		return nil, maybe(bytes.HasPrefix(tail, rest))
	}
	return nil, 0
}

func maybe(it bool) int {
	if it {
		return -1
	}
	return 0
}

// acts reports whether a character acts on a terminal, or on how others are shown.
func acts(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029')
}

func escaped(r rune) string { return fmt.Sprintf(`\u%04x`, r) }

// Visible returns a text of several lines in which what acts on a terminal is escaped, as by a
// [Writer].
func Visible(text string) string {
	if !strings.ContainsFunc(text, acts) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if acts(r) {
			b.WriteString(escaped(r))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Line is [Visible] on one line.
func Line(text string) string { return strings.ReplaceAll(Visible(text), "\n", `\n`) }
