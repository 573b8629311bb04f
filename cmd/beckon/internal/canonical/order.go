package canonical

import (
	"reflect"
	"slices"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/ojson"
)

// ruleMembers is the order of a rule's members, whose type does not tell their names.
func ruleMembers() []string {
	return []string{
		"all", "any", "not", "user", "company", "event", "metadata", "page", "message", "segment",
		"stat", "of", "op", "value", "within", "where", "since", "vet_ignore",
	}
}

// arrange puts the members of a program into the order in which its types have them.
func arrange(doc *ojson.Node) { arrangeAs(doc, reflect.TypeFor[beckon.Program]()) }

func arrangeAs(n *ojson.Node, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case n.Kind == ojson.Array && t.Kind() == reflect.Slice:
		for i := range n.Items {
			arrangeAs(&n.Items[i], t.Elem())
		}
	case n.Kind == ojson.Array && t == reflect.TypeFor[beckon.Unless](): // one or several
		for i := range n.Items {
			arrangeAs(&n.Items[i], t)
		}
	case n.Kind != ojson.Object:
	case t == reflect.TypeFor[beckon.Rule]():
		arrangeRule(n)
	case t.Kind() == reflect.Map:
		for i := range n.Members {
			arrangeAs(&n.Members[i].Value, t.Elem())
		}
	case t.Kind() == reflect.Struct:
		var names []string
		types := map[string]reflect.Type{}
		for f := range fields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name != "" && name != "-" {
				names = append(names, name)
				types[name] = f.Type
			}
		}
		sortMembers(n, names)
		for i := range n.Members {
			if inner := types[n.Members[i].Name]; inner != nil {
				arrangeAs(&n.Members[i].Value, inner)
			}
		}
	}
}

func arrangeRule(n *ojson.Node) {
	sortMembers(n, ruleMembers())
	for i := range n.Members {
		m := &n.Members[i]
		switch m.Name {
		case "all", "any":
			arrangeAs(&m.Value, reflect.TypeFor[[]beckon.Rule]())
		case "not", "where":
			arrangeAs(&m.Value, reflect.TypeFor[beckon.Rule]())
		}
	}
}

// fields yields the fields of a struct, those of embedded ones in their place.
func fields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for _, f := range reflect.VisibleFields(t) {
			if !f.Anonymous && !yield(f) {
				return
			}
		}
	}
}

// sortMembers sorts members by a list of names. Others stand behind them, in their order.
func sortMembers(n *ojson.Node, names []string) {
	place := func(m ojson.Member) int {
		if i := slices.Index(names, m.Name); i >= 0 {
			return i
		}
		return len(names)
	}
	slices.SortStableFunc(n.Members, func(a, b ojson.Member) int { return place(a) - place(b) })
}
