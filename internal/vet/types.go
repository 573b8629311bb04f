package vet

import (
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/ojson"
)

// opposites are the negative operators and what they deny.
var opposites = map[string]string{ //nolint:gochecknoglobals // a table that nothing writes to
	"is_not": "is", "not_in": "in", "does_not_contain": "contains", "contains_none": "contains_any",
}

// wrongType tells of an operand that a value of the known types can never match, and of a
// field of a type that can never match.
func (v *vetter) wrongType(n *ojson.Node, path string, at owner, event string) {
	operand := n.Get("value")
	if operand == nil || v.told[path] {
		return
	}
	tell := func(message, fix string) {
		v.add(at, path+".value", WrongType, message, fix)
		v.told[path] = true
	}
	if message, fix := v.wrongValues(n); message != "" {
		tell(message, fix)
		return
	}
	own, against := v.types(n, event), v.types(operand, event)
	if own == nil && against == nil || fieldOf(operand) == "" && n.Get("metadata") == nil {
		return // publishing judges what is written out
	}
	fits := v.fitting(n, path)
	if len(fits) == 0 || slices.ContainsFunc(fits, func(f [2]string) bool {
		return (own == nil || slices.Contains(taken(own), f[0])) && (against == nil || slices.Contains(taken(against), f[1]))
	}) {
		return // without any that fits it is a contradiction
	}
	if fieldOf(operand) != "" {
		tell(describe(n, own)+" can never match "+describe(operand, against), "compare fields of one type")
		return
	}
	var kinds []string
	for _, f := range fits {
		kinds = append(kinds, f[0])
	}
	slices.Sort(kinds)
	types := strings.Join(own, " or ")
	tell(strconv.Quote(v.keyOf(event, text(n, "metadata")).Name)+" is "+types+", which can never match "+encode(operand),
		"compare it with "+types+", not with "+strings.Join(slices.Compact(kinds), " or "))
}

// describe names what is compared, with its types if they are known.
func describe(n *ojson.Node, types []string) string {
	what := encode(n)
	for _, whose := range []string{"event", "message", "user", "company", "metadata", "trigger", "page"} {
		if name := text(n, whose); name != "" {
			what = strings.TrimSpace(whose+" "+text(n, "stat")) + " " + strconv.Quote(name)
			break
		}
	}
	if types != nil {
		what += ", which is " + strings.Join(types, " or ") + ","
	}
	return what
}

// wrongValues says why no value under a key ever counts towards what is asked of it (A13).
func (v *vetter) wrongValues(n *ojson.Node) (message, fix string) {
	of, stat, operand := text(n, "of"), text(n, "stat"), n.Get("value")
	known := v.keyOf(text(n, "event"), of)
	switch types := strings.Join(known.Types, " or "); {
	case of == "" || stat == "distinct" || types == "" || slices.Contains(known.Types, "monetary"):
	case !slices.Contains(known.Types, "number"):
		return strconv.Quote(known.Name) + " is " + types + ", of which there is no " + stat, "ask for a key that is a number or monetary"
	case operand.Get("amount") != nil || len(operand.Items) > 0 && operand.Items[0].Get("amount") != nil:
		return strconv.Quote(known.Name) + " is " + types + ", and only money counts towards " + encode(operand), "compare it with a number"
	}
	return "", ""
}

// keyOf returns what is known of a metadata key.
func (v *vetter) keyOf(event, key string) Key {
	if e := v.events[canonical(event)]; e != nil && event != "" {
		return e.Keys[fold.Key(key)]
	}
	return Key{}
}

// types returns the types that a condition's subject, or the field that it is compared with,
// may have; nil for any.
func (v *vetter) types(n *ojson.Node, event string) []string {
	whose, name, _ := strings.Cut(fieldOf(n), ":")
	switch stat := text(n, "stat"); {
	case stat == "first" || stat == "last" || stat == "last_sent":
		return []string{"date"}
	case stat != "":
		return []string{"number"}
	case whose == "metadata":
		return v.keyOf(event, name).Types
	case whose == "trigger":
		return v.keyOf(v.triggered, name).Types
	case whose == "page" && name == "url":
		return []string{"string"}
	case whose == "page":
		return []string{"number"}
	case whose != "user" || !slices.Contains(standardAttributes(), name):
		return nil
	case name == "session_count":
		return []string{"number"}
	case strings.HasSuffix(name, "_at"):
		return []string{"date"}
	}
	return []string{"string"}
}

// taken returns the types of values that declared types take (V1).
func taken(declared []string) (list []string) {
	for _, kind := range declared {
		list = append(list, kind)
		switch kind {
		case "string":
			list = append(list, "link", "image")
		case "link":
			list = append(list, "image")
		}
	}
	return list
}

// fitting returns the types of values, and of fields that they are compared with, for which
// a condition can hold; a negative one is taken for its opposite.
func (v *vetter) fitting(n *ojson.Node, path string) (fits [][2]string) {
	plain := ojson.Node{Kind: ojson.Object}
	for _, m := range n.Members {
		switch positive := opposites[m.Value.Text]; {
		case m.Name == "op" && positive != "":
			m.Value.Text = positive
		case m.Name == "event" || m.Name == "message": // a number or a date stands for what is counted
			m.Name = "user"
		case m.Name == "stat" || m.Name == "of" || m.Name == "within" || m.Name == "where" || m.Name == "since":
			continue
		}
		plain.Members = append(plain.Members, m)
	}
	s := subjects{zone: v.zone}
	l := s.leafOf(&plain, path)
	if l.run == nil {
		return nil
	}
	g := l.subject.stage(l.subject.noon())
	known := map[[2]string]bool{}
	worlds := l.subject.possible(l.subject.noon())
	if l.subject.kind == pair {
		worlds = l.subject.pairs(l.subject.samples())
	}
	for _, w := range worlds {
		types := [2]string{w.kind, w.against}
		if l.subject.kind != pair { // it is compared with itself, or with what is no field
			types[1] = w.kind
		}
		if !known[types] && (w.fresh && l.pattern || l.run.Eval(g.show(&w))) {
			known[types] = true
			fits = append(fits, types)
		}
	}
	if len(fits) == 0 && strings.HasPrefix(l.op, "contains_") && l.op != "contains_word" {
		return [][2]string{{"list", "list"}} // which no metadata is
	}
	return fits
}
