package scenario

import (
	"cmp"
	"slices"
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
	cursor *ojson.Cursor
}

// places returns the lines and the columns of what stands at paths of the document, or where
// each leaves the document; zeros if they cannot be told. It is one pass over the document for
// all of them, and one over the file for all documents of it, asked in their order.
func (s *source) places(paths []string) (list []place) {
	list = make([]place, len(paths))
	if s == nil {
		return list
	}
	if !s.parsed {
		s.parsed, s.cursor = true, ojson.NewCursor(s.text)
		limits := ojson.Limits{Bytes: len(s.text), Depth: ojson.MaxDepth, Nodes: len(s.text)}
		if root, err := ojson.ParseString(s.text, limits); err == nil {
			s.root = root
		}
	}
	if s.root.Kind == ojson.Invalid {
		return list
	}
	full, order := make([]string, len(paths)), make([]int, len(paths))
	for i, path := range paths {
		full[i], order[i] = within(s.at, path), i
	}
	offsets := places.Offsets(&s.root, full)
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(offsets[a], offsets[b]) })
	for _, i := range order {
		list[i].line, list[i].column = s.cursor.Place(offsets[i])
	}
	return list
}

// A place is a line and a column, from 1.
type place struct{ line, column int }

// within returns a path in what stands at another.
func within(outer, path string) string {
	if outer == "" || path == "" || strings.HasPrefix(path, "[") {
		return outer + path
	}
	return outer + "." + path
}
