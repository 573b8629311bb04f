package scenario

import (
	"strings"

	places "github.com/beckon-go/beckon/internal/document"
	"github.com/beckon-go/beckon/internal/ojson"
)

// A source is a document in a file, so that places in it can be told.
type source struct {
	file string // as the scenario names it; empty: the scenario's own
	at   string // the path of the document in the file
	*tree
}

// A tree is a file, taken apart when the first place in it is asked for.
type tree struct {
	text   string
	parsed bool
	root   ojson.Node // invalid if it cannot be read
}

// place returns the line and the column of what stands at a path of the document, or
// where the path leaves the document; zeros if they cannot be told.
func (s *source) place(path string) (line, column int) {
	if s == nil {
		return 0, 0
	}
	if !s.parsed {
		s.parsed = true
		limits := ojson.Limits{Bytes: len(s.text), Depth: ojson.MaxDepth, Nodes: len(s.text)}
		if root, err := ojson.ParseString(s.text, limits); err == nil {
			s.root = root
		}
	}
	if s.root.Kind == ojson.Invalid {
		return 0, 0
	}
	return ojson.Place(s.text, places.Offset(&s.root, within(s.at, path)))
}

// within returns a path in what stands at another.
func within(outer, path string) string {
	if outer == "" || path == "" || strings.HasPrefix(path, "[") {
		return outer + path
	}
	return outer + "." + path
}
