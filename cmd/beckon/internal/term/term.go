// Package term writes for people: in colour on a terminal that wants it, and in tables
// that fit its width.
package term

import (
	"io"
	"os"

	"github.com/fatih/color"
	"golang.org/x/term"
)

// A Style is how a writer is written to. The zero Style is without colour, and as wide as it
// has to be: so is what is no terminal. It is a value that many may use at once.
type Style struct {
	Color bool
	Width int // in columns; 0: nothing is cut short
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
	return s
}

// Bold returns a heading.
func (s Style) Bold(text string) string { return s.paint(text, color.Bold) }

// Faint returns text that matters less.
func (s Style) Faint(text string) string { return s.paint(text, color.Faint) }

// Good returns text about what is well.
func (s Style) Good(text string) string { return s.paint(text, color.FgGreen) }

// Bad returns text about what is wrong.
func (s Style) Bad(text string) string { return s.paint(text, color.FgRed) }

// Warn returns text about what may be wrong.
func (s Style) Warn(text string) string { return s.paint(text, color.FgYellow) }

func (s Style) paint(text string, how color.Attribute) string {
	if !s.Color || text == "" {
		return text
	}
	c := color.New(how)
	c.EnableColor() // the library looks at the process's own output, which is not always this
	return c.Sprint(text)
}
