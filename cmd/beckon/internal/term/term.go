// Package term writes for people: in colour on a terminal that wants it, and in tables
// that fit its width.
package term

import (
	"crypto/rand"
	"encoding/binary"
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// A Style is how a writer is written to. The zero Style is without colour, and as wide as it
// has to be: so is what is no terminal. It is a value that many may use at once.
type Style struct {
	Color bool
	Width int    // in columns; 0: nothing is cut short
	key   string // digits that nobody can guess, so that a [Writer] knows what the style has painted
}

// StyleOf returns the style of a writer. Colour is for terminals only, and not where the
// environment has NO_COLOR, or TERM is dumb.
func StyleOf(w io.Writer, env func(string) string) Style {
	var s Style
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) { //nolint:gosec // a descriptor is small
		return s
	}
	if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 { //nolint:gosec // as before
		s.Width = width
	}
	s.Color = env("NO_COLOR") == "" && env("TERM") != "dumb"
	if s.Color {
		s.key = newKey()
	}
	return s
}

func newKey() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // it never fails
	return strconv.FormatUint(uint64(binary.BigEndian.Uint32(b[:])), 10)
}

// The codes of sequences that say how text is shown.
const (
	reset  = 0
	bold   = 1
	faint  = 2
	red    = 31
	green  = 32
	yellow = 33
)

// Bold returns a heading.
func (s Style) Bold(text string) string { return s.paint(text, bold) }

// Faint returns text that matters less.
func (s Style) Faint(text string) string { return s.paint(text, faint) }

// Good returns text about what is well.
func (s Style) Good(text string) string { return s.paint(text, green) }

// Bad returns text about what is wrong.
func (s Style) Bad(text string) string { return s.paint(text, red) }

// Warn returns text about what may be wrong.
func (s Style) Warn(text string) string { return s.paint(text, yellow) }

// paint returns a text between the sequences that begin and end how it is shown. In the text
// nothing acts on a terminal.
func (s Style) paint(text string, how int) string {
	if !s.Color || text == "" {
		return text
	}
	return s.sequence(how) + Visible(text) + s.sequence(reset)
}

// sequence returns a sequence with the key of the style. A terminal passes over the key, and a
// writer takes it out.
func (s Style) sequence(how int) string {
	code := strconv.Itoa(how)
	if s.key != "" {
		code += ";" + s.key
	}
	return "\x1b[" + code + "m"
}
