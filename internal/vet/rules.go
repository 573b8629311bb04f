package vet

import (
	"strconv"

	"github.com/beckon-go/beckon/internal/ojson"
)

// A tree is a rule: a group or a condition.
type tree struct {
	node *ojson.Node
	path string
	kind treeKind
	of   []*tree
	leaf *leaf
}

type treeKind uint8

const (
	condition treeKind = iota
	all
	any
	not
)

// A judge looks at one rule and at all that it names.
type judge struct {
	subjects subjects
	vetter   *vetter
	depth    int
	from     int // how many findings there were before the rule
}

func (v *vetter) judge() *judge { return &judge{vetter: v, subjects: subjects{zone: v.zone}} }

// read makes a tree of a rule. A segment stands in it with its own rule, unless something
// was found in that: then it may hold or not.
func (j *judge) read(n *ojson.Node, path string) *tree {
	t := &tree{node: n, path: path}
	group := func(kind treeKind, name string, list *ojson.Node) *tree {
		t.kind = kind
		for i := range list.Items {
			t.of = append(t.of, j.read(&list.Items[i], path+"."+name+"["+strconv.Itoa(i)+"]"))
		}
		return t
	}
	switch {
	case n.Get("all") != nil:
		return group(all, "all", n.Get("all"))
	case n.Get("any") != nil:
		return group(any, "any", n.Get("any"))
	case n.Get("not") != nil:
		t.kind, t.of = not, []*tree{j.read(n.Get("not"), path+".not")}
		return t
	case n.Get("segment") != nil:
		name := text(n, "segment")
		if rule := j.vetter.segments.Get(name); rule != nil && !j.vetter.faulty[segmentPath(name)] && j.depth < maxDepth {
			j.depth++
			inner := j.read(rule, path)
			j.depth--
			t.kind, t.of = all, []*tree{inner}
			return t
		}
		t.leaf = j.subjects.freeLeaf(n, path)
		return t
	}
	if j.vetter.told[path] { // what is told of a condition already stands for itself
		t.leaf = j.subjects.freeLeaf(n, path)
		return t
	}
	t.leaf = j.subjects.leafOf(n, path)
	if where := n.Get("where"); where != nil && t.leaf.subject.kind != free {
		of := j.vetter.judge()
		t.leaf.subject.never = !can(of.read(where, path+".where"), true)
	}
	return t
}

// maxDepth is how deep segments are looked into.
const maxDepth = 32

func (s *subjects) freeLeaf(n *ojson.Node, path string) *leaf {
	sub := s.get("free:"+encode(n), free)
	l := &leaf{node: n, path: path, subject: sub, at: len(sub.leaves)}
	sub.leaves = append(sub.leaves, l)
	return l
}

// vet tells of the outermost parts of a rule that can never, or must always, hold. It
// reports whether there was any.
func (j *judge) vet(t *tree, at owner) bool {
	if t.leaf != nil && t.leaf.subject.kind == free {
		return false
	}
	if !can(t, true) || j.vetter.pageless && !canUnseen(t) {
		j.vetter.drop(j.from, t.path+".")
		j.vetter.add(at, t.path, Contradiction, "this can never hold", "")
		return true
	}
	if !can(t, false) {
		j.vetter.drop(j.from, t.path+".")
		j.vetter.add(at, t.path, AlwaysTrue, "this always holds, also where nothing is known", "leave it out, or ask for what is meant")
		return true
	}
	if t.node.Get("segment") != nil {
		return false // told at the segment
	}
	found := false
	for _, x := range t.of {
		found = j.vet(x, at) || found
	}
	return found
}

// implies reports whether all who match the first rule match the second.
func (j *judge) implies(a, b *tree) bool {
	return !can(&tree{kind: all, of: []*tree{a, {kind: not, of: []*tree{b}}}}, true)
}
