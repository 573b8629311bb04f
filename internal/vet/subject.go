package vet

import (
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/rule"
)

// A subject is what conditions look at: one field, two that are compared, or all that is
// counted of one event. Its worlds are the values that it may have, as far as these
// conditions tell them apart. Each world is judged by the conditions themselves, so that vet
// cannot read a rule in another way than an engine does.
type subject struct {
	key    string
	kind   subjectKind
	never  bool // what is counted cannot happen
	leaves []*leaf
	zone   *time.Location // the workspace's, in which days are counted (A6)

	stat     string // of what is counted or tallied: count, distinct, sum, min, max or average
	scope    scope
	of       string // the metadata key, folded
	currency string // of what is compared with money

	judged   bool
	outcomes []*outcome // what the leaves can come to together; none if each may hold or not, whatever the others say
	unseen   *outcome   // of a page: where none is known
	chosen   *outcome   // while combinations are looked at; nil: not yet
}

// An outcome is what the conditions on a subject come to in some of its worlds.
type outcome struct {
	verdict string  // one byte for each leaf
	bounds  *bounds // of what is counted or tallied; nil: unknown
}

type subjectKind uint8

const (
	free    subjectKind = iota // it may hold or not
	field                      // an attribute, or a metadata key
	page                       // a text, or a number that is not negative
	pair                       // two fields
	counted                    // a count with its first and last time
	tallied                    // a sum or its like, of numbers
)

// A leaf is one condition of a rule.
type leaf struct {
	node    *ojson.Node
	path    string
	subject *subject
	at      int // its place among the subject's leaves
	op      string
	run     *rule.Compiled // over an attribute, or a metadata key, that stands for the subject
	pattern bool           // it looks into a text
}

// maxWorlds is how many values of one subject are looked at. Of more it is not said what
// holds.
const maxWorlds = 20_000

// stands are the names of the attributes that stand for parts of a subject: a value, and the
// same where it is compared with now; the field that it is compared with; a count, the first
// and the last time.
const (
	standsValue, standsSpan              = "v", "w"
	standsOther                          = "o"
	standsCount, standsFirst, standsLast = "c", "f", "l"
	standsFirstSpan, standsLastSpan      = "g", "m"
)

// text returns the text of a member, "" for none.
func text(n *ojson.Node, name string) string {
	if m := n.Member(name); m.Kind == ojson.String {
		return m.Text
	}
	return ""
}

// fieldOf names the field that a condition looks at, or is compared with; empty for none.
func fieldOf(n *ojson.Node) string {
	if n == nil || n.Kind != ojson.Object {
		return ""
	}
	for _, whose := range []string{"user", "company", "metadata", "trigger", "page"} {
		if name := text(n, whose); name != "" {
			if whose == "metadata" || whose == "trigger" {
				name = fold.Key(name)
			}
			return whose + ":" + name
		}
	}
	return ""
}

// subjectOf returns what a condition looks at, and by which name it stands.
func (s *subjects) subjectOf(n *ojson.Node) (*subject, string) {
	op, own, other := text(n, "op"), fieldOf(n), fieldOf(n.Get("value"))
	span := strings.HasSuffix(op, "_ago") || strings.HasSuffix(op, "_ahead")
	switch {
	case own != "" && other != "" && own != other:
		return s.get(own+" and "+other, pair), standsValue
	case own != "" && strings.HasPrefix(own, "page:"):
		return s.get(own, page), standsValue
	case own != "" && span:
		return s.get(own, field), standsSpan
	case own != "":
		return s.get(own, field), standsValue
	case other != "": // what is counted is compared with a field: what that is nobody knows
		return s.get("free:"+encode(n), free), standsValue
	case n.Get("of") != nil:
		return s.tally(n), standsValue
	}
	key := "message:" + text(n, "message")
	if n.Get("event") != nil {
		key = eventKey(n)
	}
	sub := s.get(key, counted)
	sub.stat, sub.scope = "count", scopeOf(n)
	switch stat := text(n, "stat"); {
	case stat == "first" && span:
		return sub, standsFirstSpan
	case stat == "first":
		return sub, standsFirst
	case (stat == "last" || stat == "last_sent") && span:
		return sub, standsLastSpan
	case stat == "last" || stat == "last_sent":
		return sub, standsLast
	}
	return sub, standsCount
}

// tally returns the subject of a sum or its like.
func (s *subjects) tally(n *ojson.Node) *subject {
	stat, of, currency := text(n, "stat"), fold.Key(text(n, "of")), ""
	if v := n.Get("value"); v != nil {
		if len(v.Items) > 0 {
			v = &v.Items[0]
		}
		currency = strings.ToUpper(text(v, "currency"))
	}
	sub := s.get(stat+" of "+of+" in "+currency+" of "+eventKey(n), tallied)
	sub.stat, sub.scope, sub.of, sub.currency = stat, scopeOf(n), of, currency
	return sub
}

// eventKey names the events that a condition looks at.
func eventKey(n *ojson.Node) string {
	key := "event:" + canonical(text(n, "event"))
	for _, member := range []string{"within", "where", "since"} {
		if m := n.Get(member); m != nil {
			key += "," + member + ":" + encode(m)
		}
	}
	return key
}

// subjects are all that a rule looks at.
type subjects struct {
	zone  *time.Location
	byKey map[string]*subject
}

func (s *subjects) get(key string, kind subjectKind) *subject {
	if s.byKey == nil {
		s.byKey = map[string]*subject{}
	}
	if x := s.byKey[key]; x != nil {
		return x
	}
	x := &subject{key: key, kind: kind, zone: s.zone}
	s.byKey[key] = x
	return x
}

// leafOf adds a condition.
func (s *subjects) leafOf(n *ojson.Node, path string) *leaf {
	sub, name := s.subjectOf(n)
	l := &leaf{node: n, path: path, subject: sub, at: len(sub.leaves), op: text(n, "op")}
	sub.leaves = append(sub.leaves, l)
	switch l.op {
	case "contains", "does_not_contain", "contains_word", "starts_with", "ends_with", "matches":
		// A text has what it is itself; of words it may have none.
		l.pattern = sub.kind != field || fieldOf(n.Get("value")) == "" || l.op == "contains_word"
	}
	if sub.kind == free {
		return l
	}
	kind, in := "user", rule.OfContact
	if sub.kind == field && strings.HasPrefix(sub.key, "metadata:") {
		kind, in = "metadata", rule.OfTrigger
	}
	doc := `{"` + kind + `":"` + name + `","op":` + quoted(l.op)
	if v := n.Get("value"); v != nil {
		doc += `,"value":` + sub.operand(v, kind)
	}
	r, faults := rule.Parse([]byte(doc + "}"))
	if len(faults) == 0 {
		k := &rule.Compiler{Loc: s.zone, Counters: &rule.CounterSet{}, Faults: new(fault.List)}
		l.run = rule.Compile(&r, k, in, "")
		faults = *k.Faults
	}
	if len(faults) > 0 { // it means something else for the field that stands for the subject
		sub.judged = true
	}
	return l
}

// operand writes what a condition is compared with, as it stands for it.
func (sub *subject) operand(v *ojson.Node, kind string) string {
	switch {
	case sub.kind == tallied && sub.currency != "": // money is compared in major units, as numbers are
		if v.Kind == ojson.Array {
			return "[" + literal(major(&v.Items[0])).Text() + "," + literal(major(&v.Items[1])).Text() + "]"
		}
		return literal(major(v)).Text()
	case fieldOf(v) == "":
		return encode(v)
	case sub.kind == pair:
		return `{"` + kind + `":"` + standsOther + `"}`
	}
	return `{"` + kind + `":"` + standsValue + `"}`
}
