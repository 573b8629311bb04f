// Package canonical lays out the document of a program: always the same way, however it was
// written, so that a change of a program shows as a change of a few lines.
package canonical

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
	"github.com/beckon-go/beckon/internal/ojson"
)

// Columns is how wide a line may be before an object or a list is broken.
const Columns = 100

// Format returns a program's document in its canonical layout: two spaces a level, members
// in the order of the documentation, and what fits into [Columns] on one line. What it says
// stays the same, each number and text included. The names of segments, events and
// attributes stay in their order. The error is that of [beckon.ParseProgram].
func Format(src []byte) ([]byte, error) {
	program, err := beckon.ParseProgram(src)
	if err != nil {
		return nil, err
	}
	doc, err := ojson.ParseString(string(src), ojson.Limits{Bytes: beckon.MaxProgramBytes, Depth: beckon.MaxProgramDepth, Nodes: beckon.MaxProgramBytes})
	if err != nil {
		return nil, err
	}
	arrange(&doc)
	var b strings.Builder
	w := writer{out: &b}
	w.root(&doc)
	b.WriteByte('\n')
	out := []byte(b.String())
	if err := same(program, out); err != nil {
		return nil, err
	}
	return out, nil
}

// same reports, as an error, whether a document does not say what a program does: a fault of
// this package must not change anybody's rules.
func same(program beckon.Program, doc []byte) error {
	again, err := beckon.ParseProgram(doc)
	if err != nil {
		return fmt.Errorf("the layout would break the program: %w", err)
	}
	before, err := json.Marshal(program)
	if err != nil {
		return err
	}
	after, err := json.Marshal(again)
	if err == nil && !bytes.Equal(before, after) {
		err = errors.New("the layout would change the program")
	}
	return err
}

// A writer lays out a document.
type writer struct{ out *strings.Builder }

// root writes the program. Its members, and the items of its lists, have lines of their own.
func (w *writer) root(n *ojson.Node) {
	if len(n.Members) == 0 {
		w.out.WriteString("{}")
		return
	}
	w.out.WriteString("{\n")
	for i := range n.Members {
		m := &n.Members[i]
		w.out.WriteString("  " + quoted(m.Name) + ": ")
		w.broken(&m.Value, 1)
		w.out.WriteString(comma(i, len(n.Members)) + "\n")
	}
	w.out.WriteString("}")
}

// value writes a value that begins at a column: on one line if there is room, with room for a
// comma.
func (w *writer) value(n *ojson.Node, level, column int) {
	if text, ok := compact(n, Columns-1-column); ok {
		w.out.WriteString(text)
		return
	}
	w.broken(n, level)
}

// broken writes a value with a line for each of its parts.
func (w *writer) broken(n *ojson.Node, level int) {
	indent := strings.Repeat("  ", level+1)
	switch {
	case n.Kind == ojson.Object && len(n.Members) > 0:
		w.out.WriteString("{\n")
		for i := range n.Members {
			m := &n.Members[i]
			name := quoted(m.Name) + ": "
			w.out.WriteString(indent + name)
			w.value(&m.Value, level+1, len(indent)+width(name))
			w.out.WriteString(comma(i, len(n.Members)) + "\n")
		}
		w.out.WriteString(indent[2:] + "}")
	case n.Kind == ojson.Array && len(n.Items) > 0:
		w.out.WriteString("[\n")
		for i := range n.Items {
			w.out.WriteString(indent)
			w.value(&n.Items[i], level+1, len(indent))
			w.out.WriteString(comma(i, len(n.Items)) + "\n")
		}
		w.out.WriteString(indent[2:] + "]")
	default:
		text, _ := compact(n, -1)
		w.out.WriteString(text)
	}
}

func comma(i, n int) string {
	if i+1 < n {
		return ","
	}
	return ""
}

// compact returns a value on one line, and whether that has room in so many columns. It
// looks no further than that. Less than 0 is any number.
func compact(n *ojson.Node, room int) (string, bool) {
	var b strings.Builder
	fits := appendCompact(&b, n, room)
	return b.String(), fits && (room < 0 || width(b.String()) <= room)
}

func appendCompact(b *strings.Builder, n *ojson.Node, room int) bool {
	if room >= 0 && b.Len() > 4*room { // a character has at most four bytes
		return false
	}
	switch n.Kind {
	case ojson.Object:
		b.WriteByte('{')
		for i := range n.Members {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(quoted(n.Members[i].Name) + ": ")
			if !appendCompact(b, &n.Members[i].Value, room) {
				return false
			}
		}
		b.WriteByte('}')
	case ojson.Array:
		b.WriteByte('[')
		for i := range n.Items {
			if i > 0 {
				b.WriteString(", ")
			}
			if !appendCompact(b, &n.Items[i], room) {
				return false
			}
		}
		b.WriteByte(']')
	case ojson.String:
		b.WriteString(quoted(n.Text))
	case ojson.Number:
		b.WriteString(n.Text)
	case ojson.Bool:
		fmt.Fprint(b, n.Bool)
	default:
		b.WriteString("null")
	}
	return true
}

// quoted returns a text as JSON. Characters stay as they are, but for those that act on a
// terminal or change the direction of text, which are escaped.
func quoted(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a text can be encoded
	return term.Visible(strings.TrimSuffix(b.String(), "\n"))
}

// width is how many columns a text takes.
func width(text string) int { return len([]rune(text)) }
