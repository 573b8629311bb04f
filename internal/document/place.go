package document

import (
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
)

// Offset returns where in a document the place at path begins, in bytes: the name of a
// member, or an item of a list. Of a path that leads further than the document does, it
// is where the path leaves it.
func Offset(n *ojson.Node, path string) int {
	at, offset := "", n.Offset
	for at != path {
		next, inner := "", (*ojson.Node)(nil)
		for i := range n.Members {
			m := &n.Members[i]
			// Of twins the last is at fault, and the first is the one that is read.
			if p := fault.JoinPath(at, m.Name); leads(p, path) && (inner == nil || p == path) {
				next, inner, offset = p, &m.Value, m.Offset
			}
		}
		if rest, ok := strings.CutPrefix(path[len(at):], "["); ok && n.Kind == ojson.Array {
			digits, _, _ := strings.Cut(rest, "]")
			if i, err := strconv.Atoi(digits); err == nil && 0 <= i && i < len(n.Items) {
				next, inner, offset = at+"["+digits+"]", &n.Items[i], n.Items[i].Offset
			}
		}
		if inner == nil {
			return offset
		}
		at, n = next, inner
	}
	return offset
}

// leads reports whether a path begins with another.
func leads(prefix, path string) bool {
	rest, ok := strings.CutPrefix(path, prefix)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}
