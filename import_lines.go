package beckon

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/lines"
)

// ImportLines reads JSON lines, once: contacts as [ParseContact] reads them, and
// events, which have an event_name, as [ParseEvent] does. An empty line is a
// zero item, one over [MaxContactBytes] body_too_large. An error of r ends it.
func ImportLines(r io.Reader) iter.Seq2[ImportItem, error] {
	if r == nil {
		r = strings.NewReader("")
	}
	in, n := lines.New(r, MaxContactBytes), 0
	return func(yield func(ImportItem, error) bool) {
		for {
			n++
			text, err := in.Next()
			var it ImportItem
			switch {
			case err == nil:
				it, err = parseImport(string(text))
			case errors.Is(err, lines.ErrTooLong):
				err = ErrorList{{Code: ErrBodyTooLarge, Message: "the line has more than " + itoa(MaxContactBytes) + " bytes"}}
			case err == io.EOF: //nolint:errorlint // one that is wrapped is another's
				return
			default:
				yield(it, fmt.Errorf("beckon: line %d cannot be read: %w", n, err))
				return
			}
			if !yield(it, err) {
				return
			}
		}
	}
}

// parseImport reads one line. What is wrong with an event is told by Import, together
// with all that only an engine can see.
func parseImport(line string) (ImportItem, error) {
	switch {
	case strings.Trim(line, " \t\r") == "":
		return ImportItem{}, nil
	case event.HasName(line):
		var d event.Decoder
		d.DecodeString(line)
		ev := raisedEvent(&d.Event)
		return ImportItem{Event: &ev}, nil
	}
	c, err := ParseContact([]byte(line))
	if err != nil {
		return ImportItem{}, err
	}
	return ImportItem{Contact: &c}, nil
}
