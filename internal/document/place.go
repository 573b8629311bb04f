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
func Offset(n *ojson.Node, path string) int { return Offsets(n, []string{path})[0] }

// Offsets returns what [Offset] returns, for many paths in one pass: no member of the
// document is looked at twice, however many paths lead by it.
func Offsets(n *ojson.Node, paths []string) []int {
	s := seeker{paths: paths, offsets: make([]int, len(paths))}
	all := make([]int, len(paths))
	for i := range all {
		s.offsets[i], all[i] = n.Offset, i
	}
	s.seek(n, "", all)
	return s.offsets
}

// A seeker goes down a document along paths.
type seeker struct {
	paths   []string
	offsets []int // of each path, how far it has come
}

// A step leads from a node to one within it.
type step struct {
	path   string
	node   *ojson.Node
	offset int
}

// seek goes on from a node at a path, to which some of the paths have led.
func (s *seeker) seek(n *ojson.Node, at string, led []int) {
	next := make(map[int]step, len(led))
	if len(n.Members) > 0 {
		s.members(n, at, led, next)
	} else if n.Kind == ojson.Array {
		for _, k := range led {
			rest, ok := strings.CutPrefix(s.paths[k][len(at):], "[")
			digits, _, _ := strings.Cut(rest, "]")
			if i, err := strconv.Atoi(digits); ok && err == nil && 0 <= i && i < len(n.Items) {
				next[k] = step{at + "[" + digits + "]", &n.Items[i], n.Items[i].Offset}
			}
		}
	}
	together := map[*ojson.Node][]int{}
	var order []step
	for _, k := range led {
		to, ok := next[k]
		if !ok {
			continue
		}
		s.offsets[k] = to.offset
		if to.path == s.paths[k] {
			continue
		}
		if together[to.node] == nil {
			order = append(order, to)
		}
		together[to.node] = append(together[to.node], k)
	}
	for _, to := range order {
		s.seek(to.node, to.path, together[to.node])
	}
}

// members finds the members of an object to which paths lead.
func (s *seeker) members(n *ojson.Node, at string, led []int, next map[int]step) {
	by := map[string][]int{} // the paths that begin with a path
	for _, k := range led {
		path := s.paths[k]
		for i := len(at) + 1; i <= len(path); i++ {
			if i == len(path) || path[i] == '.' || path[i] == '[' {
				by[path[:i]] = append(by[path[:i]], k)
			}
		}
	}
	for i := range n.Members {
		m := &n.Members[i]
		p := fault.JoinPath(at, m.Name)
		for _, k := range by[p] {
			// Of twins the last is at fault, and the first is the one that is read.
			if _, known := next[k]; !known || p == s.paths[k] {
				next[k] = step{p, &m.Value, m.Offset}
			}
		}
	}
}
