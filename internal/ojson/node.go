package ojson

import (
	"io"
	"slices"
	"sync"
)

// A Node is one JSON value in a tree. The zero Node is Invalid: no value.
type Node struct {
	Kind    Kind
	Bool    bool     // of a boolean
	Offset  int      // where the value begins, in bytes
	Text    string   // of a string: the text; of a number: its literal
	Members []Member // of an object: in order, twins included
	Items   []Node   // of an array
}

// A Member is one name of an object with its value.
type Member struct {
	Name   string
	Offset int // where the name begins, in bytes
	Value  Node
}

// Get returns the value of the first member of exactly that name, and nil if
// there is none.
func (n *Node) Get(name string) *Node {
	for i := range n.Members {
		if n.Members[i].Name == name {
			return &n.Members[i].Value
		}
	}
	return nil
}

// Member is Get that returns the zero Node if there is none, so that what lies further within
// can be asked for.
func (n *Node) Member(name string) *Node {
	if n != nil {
		if m := n.Get(name); m != nil {
			return m
		}
	}
	return &Node{}
}

// Parse reads one JSON value and nothing else from r. The error is an
// [*Error], or that of the reader. Strings of a small body share its memory.
func Parse(r io.Reader, limits Limits) (Node, error) {
	body, err := ReadBody(r, limits.Bytes)
	if err != nil {
		return Node{}, err
	}
	return parse(body, limits)
}

// ParseString is Parse for a body that is at hand.
func ParseString(body string, limits Limits) (Node, error) {
	if limit := orDefault(limits.Bytes, DefaultBytes, maxLimit); len(body) > limit {
		return Node{}, tooLarge(limit)
	}
	return parse(body, limits)
}

func parse(body string, limits Limits) (Node, error) {
	kept, _ := buildings.Get().(*building) // New makes no other
	t := tree{left: orDefault(limits.Nodes, DefaultNodes, maxLimit), building: kept}
	defer t.done()
	t.Init(body, limits.Depth, false)
	n := t.node()
	t.End()
	if err := t.Err(); err != nil {
		return Node{}, err
	}
	return n, nil
}

// A tree is a scanner that builds nodes, and counts them.
type tree struct {
	Scanner
	left int
	*building
}

// A building is memory in which nodes that are not complete are: of each object and array
// that is open, what is read of it. Complete ones are moved, so that a tree has no more
// memory than it needs.
type building struct {
	members []Member
	items   []Node
}

var buildings = sync.Pool{New: func() any { return new(building) }} //nolint:gochecknoglobals // memory alone

// mostKept is how much of that is kept for the next tree.
const mostKept = 1_000

// done puts the memory back, with nothing in it.
func (b *building) done() {
	if cap(b.members) > mostKept || cap(b.items) > mostKept {
		return
	}
	clear(b.members[:cap(b.members)])
	clear(b.items[:cap(b.items)])
	b.members, b.items = b.members[:0], b.items[:0]
	buildings.Put(b)
}

// node takes the next value whole. It recurses once a level, which the depth
// limit bounds.
func (t *tree) node() Node {
	kind := t.Kind()
	n := Node{Kind: kind, Offset: t.pos}
	if t.left--; t.left < 0 {
		t.fail(TooMany, t.pos, "the body has too many values")
		return n
	}
	switch kind {
	case Object:
		t.Enter()
		first := len(t.members)
		for t.Next() {
			m := Member{Offset: t.pos}
			m.Name, m.Value = t.Name(), t.node()
			t.members = append(t.members, m)
		}
		if len(t.members) > first {
			n.Members = slices.Clone(t.members[first:])
		}
		t.members = t.members[:first]
	case Array:
		t.Enter()
		first := len(t.items)
		for t.Next() {
			item := t.node()
			t.items = append(t.items, item)
		}
		if len(t.items) > first {
			n.Items = slices.Clone(t.items[first:])
		}
		t.items = t.items[:first]
	default:
		t.Scalar(&n)
	}
	return n
}

// Scalar takes the next value into n if it is neither an object nor an array,
// and fails otherwise.
func (s *Scanner) Scalar(n *Node) {
	*n = Node{Kind: s.Kind(), Offset: s.pos, Members: n.Members[:0], Items: n.Items[:0]}
	switch n.Kind {
	case String:
		n.Text = s.Text()
	case Number:
		n.Text = s.Literal()
	case Bool:
		n.Bool = s.Bool()
	case Null:
		s.Null()
	default:
		s.unexpected("a value")
	}
}

// Shallow takes the next value into n, reusing its slices. Of an object only
// the first members are kept, up to maxMembers; objects and arrays inside it,
// and the items of an array, are checked and left out: their nodes have a
// kind and nothing in it.
func (s *Scanner) Shallow(n *Node, maxMembers int) {
	switch kind := s.Kind(); kind {
	case Object:
		*n = Node{Kind: kind, Offset: s.pos, Members: n.Members[:0], Items: n.Items[:0]}
		if cap(n.Members) < maxMembers {
			n.Members = make([]Member, 0, maxMembers)
		}
		s.Enter()
		for s.Next() {
			if len(n.Members) == maxMembers {
				s.quoted()
				s.colon()
				s.Skip()
				continue
			}
			at := s.pos
			n.Members = append(n.Members, Member{Name: s.Name(), Offset: at})
			v := &n.Members[len(n.Members)-1].Value
			if inner := s.Kind(); inner == Object || inner == Array {
				v.Kind, v.Offset = inner, s.pos
				s.Skip()
			} else {
				s.Scalar(v)
			}
		}
	case Array:
		*n = Node{Kind: kind, Offset: s.pos, Members: n.Members[:0], Items: n.Items[:0]}
		s.Skip()
	default:
		s.Scalar(n)
	}
}
