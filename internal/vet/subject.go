package vet

import (
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A subject is what conditions look at: one field, or all that is counted of one event. Its
// worlds are the values that it may have, as far as these conditions tell them apart. Each
// world is judged by the conditions themselves, so that vet cannot read a rule in another
// way than an engine does.
type subject struct {
	key    string
	kind   subjectKind
	never  bool // what is counted cannot happen
	leaves []*leaf
	worlds []string        // the distinct verdicts of all leaves, one byte for each; set by judge
	spans  map[string]span // of what is counted, by verdict
	typed  []string        // by world, the metadata type of its value; empty for unknown
}

type subjectKind uint8

const (
	free    subjectKind = iota // each condition may hold or not, whatever the others say
	field                      // an attribute, or a metadata key
	page                       // a text, or a number that is not negative
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

// The instant at which conditions are judged. Dates that are given are told apart from
// spans to now, so that it does not matter which it is.
var now = time.Date(2026, 6, 17, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // never written

// maxWorlds is how many values of one subject are looked at. Of more it is not said what
// holds.
const maxWorlds = 20_000

// stands are the names of the attributes that stand for parts of a subject: a value, and the
// same where it is compared with now; a count, the first and the last time.
const (
	standsValue, standsSpan              = "v", "w"
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

// subjectOf returns what a condition looks at, and by which name it stands.
func (s *subjects) subjectOf(n *ojson.Node) (*subject, string) {
	op := text(n, "op")
	v := n.Get("value")
	span := strings.HasSuffix(op, "_ago") || strings.HasSuffix(op, "_ahead")
	if v != nil && v.Kind == ojson.Object && v.Get("amount") == nil { // another field: what that is nobody knows
		return s.get("free:"+encode(n), free), standsValue
	}
	named := func(name string) string {
		if span {
			return standsSpan
		}
		return name
	}
	switch {
	case n.Get("user") != nil:
		return s.get("user:"+text(n, "user"), field), named(standsValue)
	case n.Get("company") != nil:
		return s.get("company:"+text(n, "company"), field), named(standsValue)
	case n.Get("metadata") != nil:
		return s.get("metadata:"+fold.Key(text(n, "metadata")), field), named(standsValue)
	case n.Get("page") != nil:
		return s.get("page:"+text(n, "page"), page), standsValue
	case n.Get("message") != nil, n.Get("event") != nil && n.Get("of") == nil:
		key := "message:" + text(n, "message")
		if n.Get("event") != nil {
			key = eventKey(n)
		}
		sub := s.get(key, counted)
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
	if v == nil || v.Kind != ojson.Object && (len(v.Items) == 0 || v.Items[0].Kind != ojson.Object) {
		return s.get(text(n, "stat")+" of "+fold.Key(text(n, "of"))+" of "+eventKey(n), tallied), standsValue
	}
	return s.get("free:"+encode(n), free), standsValue // of money, in its currency
}

// eventKey names the events that a condition looks at.
func eventKey(n *ojson.Node) string {
	name, _ := fold.EventName(text(n, "event"))
	key := "event:" + name
	for _, member := range []string{"within", "where", "since"} {
		if m := n.Get(member); m != nil {
			key += "," + member + ":" + encode(m)
		}
	}
	return key
}

// subjects are all that a rule looks at.
type subjects struct{ list []*subject }

func (s *subjects) get(key string, kind subjectKind) *subject {
	for _, x := range s.list {
		if x.key == key {
			return x
		}
	}
	x := &subject{key: key, kind: kind}
	s.list = append(s.list, x)
	return x
}

// leafOf adds a condition.
func (s *subjects) leafOf(n *ojson.Node, path string) *leaf {
	sub, name := s.subjectOf(n)
	l := &leaf{node: n, path: path, subject: sub, at: len(sub.leaves), op: text(n, "op")}
	sub.leaves = append(sub.leaves, l)
	switch l.op {
	case "contains", "does_not_contain", "contains_word", "starts_with", "ends_with", "matches":
		l.pattern = true
	}
	if sub.kind == free {
		return l
	}
	kind, in := "user", rule.OfContact
	if strings.HasPrefix(sub.key, "metadata:") {
		kind, in = "metadata", rule.OfTrigger
	}
	doc := `{"` + kind + `":"` + name + `","op":` + quoted(l.op)
	if v := n.Get("value"); v != nil {
		doc += `,"value":` + encode(v)
	}
	r, faults := rule.Parse([]byte(doc + "}"))
	if len(faults) == 0 {
		k := &rule.Compiler{Loc: time.UTC, Counters: &rule.CounterSet{}, Faults: new(fault.List)}
		l.run = rule.Compile(&r, k, in, "")
		faults = *k.Faults
	}
	if len(faults) > 0 { // it means something else for the field that stands for the subject
		sub.kind = free
	}
	return l
}

// A world is one value that a subject may have, under the names that stand for it.
type world struct {
	fields value.Fields
	kind   string
	fresh  bool  // a text for which conditions that look into texts may say anything
	times  int64 // how often it happened, of what is counted
}

// judge finds the distinct verdicts that the leaves can come to together.
func (sub *subject) judge() {
	if sub.worlds != nil {
		return
	}
	seen := map[string]bool{}
	add := func(verdict, kind string) {
		if !seen[verdict+kind] {
			seen[verdict+kind] = true
			sub.worlds, sub.typed = append(sub.worlds, verdict), append(sub.typed, kind)
		}
	}
	worlds, greatest := sub.possible(), int64(0)
	for i := range worlds {
		greatest = max(greatest, worlds[i].times)
	}
	if sub.kind == free || worlds == nil {
		sub.every(nil, make([]byte, len(sub.leaves)), func(v string) { add(v, "") })
		return
	}
	for _, w := range worlds {
		rec := &store.Record{Exists: true, Profile: &store.Profile{}}
		scope := &rule.Scope{Rec: rec, Now: now.UnixMilli(), Loc: time.UTC, Fields: w.fields}
		for _, f := range w.fields {
			rec.Profile.Attributes = append(rec.Profile.Attributes, store.NewAttribute(f.Key, f.Value))
		}
		slices.SortFunc(rec.Profile.Attributes, func(a, b store.Attribute) int { return strings.Compare(a.Name.Value(), b.Name.Value()) })
		verdict := make([]byte, len(sub.leaves))
		open := []int{}
		for i, l := range sub.leaves {
			verdict[i] = '0'
			if l.run.Eval(scope) {
				verdict[i] = '1'
			}
			if w.fresh && l.pattern {
				open = append(open, i)
			}
		}
		if sub.kind == counted {
			sub.count(string(verdict), w.times, greatest)
		}
		if len(open) == 0 {
			add(string(verdict), w.kind)
			continue
		}
		sub.every(open, verdict, func(v string) { add(v, w.kind) })
	}
}

// maxOpen is how many conditions are free together; beyond it each verdict is taken for
// possible one after the other, which finds no contradiction.
const maxOpen = 12

// every calls fn with each verdict in which the leaves at open, nil for all, say whatever
// they say. Conditions with the same text say the same, and "does not contain" is the
// opposite of "contains".
func (sub *subject) every(open []int, verdict []byte, fn func(string)) {
	if open == nil {
		for i := range sub.leaves {
			open = append(open, i)
		}
	}
	groups := map[string][]int{}
	var names []string
	for _, i := range open {
		l := sub.leaves[i]
		name := strings.TrimPrefix(l.op, "does_not_")
		if l.op == "does_not_contain" {
			name = "contains"
		}
		if v := l.node.Get("value"); v != nil {
			name += " " + strings.ToLower(encode(v))
		}
		if groups[name] == nil {
			names = append(names, name)
		}
		groups[name] = append(groups[name], i)
	}
	if len(names) > maxOpen {
		names = names[:maxOpen]
	}
	for mask := range 1 << len(names) {
		for j, name := range names {
			holds := mask>>j&1 != 0
			for _, i := range groups[name] {
				verdict[i] = '0'
				if holds != (sub.leaves[i].op == "does_not_contain") {
					verdict[i] = '1'
				}
			}
		}
		fn(string(verdict))
	}
}
