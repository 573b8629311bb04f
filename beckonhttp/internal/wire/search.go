package wire

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
)

// The limits of a search.
const (
	maxSearchDepth = 2  // groups in one another
	maxSearchItems = 15 // filters of one group
)

// Search returns a search for contacts as the document of a rule; everyone if there is no
// query. id says under which attribute and with which text an id of a contact is found.
func Search(n *ojson.Node, id func(string) (attribute, text string), faults *fault.List) []byte {
	query := n.Get("query")
	if query == nil || query.Kind == ojson.Null {
		return []byte(`{"all":[]}`)
	}
	s := &search{id: id, faults: faults}
	rule := s.query(query, "query", 0)
	return Append(nil, &rule)
}

// SearchPath returns what a path in the rule that Search makes is called in the query.
func SearchPath(path string) string {
	parts := strings.Split(path, ".")
	for i, part := range parts {
		name, place, _ := strings.Cut(part, "[")
		switch name {
		case "all", "any":
			name = "value"
		case "user":
			name = "field"
		case "op":
			name = "operator"
		}
		if parts[i] = name; place != "" {
			parts[i] += "[" + place
		}
	}
	return strings.TrimSuffix("query."+strings.Join(parts, "."), ".")
}

type search struct {
	id     func(string) (string, string)
	faults *fault.List
}

func (s *search) fault(path, message string) ojson.Node {
	s.faults.Add(fault.ErrTypeInvalid, path, message)
	return ojson.Node{Kind: ojson.Null}
}

// query reads a group or a filter.
func (s *search) query(n *ojson.Node, path string, depth int) ojson.Node {
	if n.Kind != ojson.Object {
		return s.fault(path, "must be an object, got "+n.Kind.String())
	}
	Twins(n, path, s.faults)
	operator, value := n.Get("operator"), n.Get("value")
	if operator == nil || operator.Kind != ojson.String {
		return s.fault(path+".operator", "must be a string")
	}
	group := map[string]string{"AND": "all", "OR": "any"}[strings.ToUpper(operator.Text)]
	switch {
	case group == "":
		return s.filter(n, operator.Text, value, path)
	case value == nil || value.Kind != ojson.Array:
		return s.fault(path+".value", "must be an array of filters")
	case depth == maxSearchDepth:
		return s.fault(path, "groups nest deeper than "+strconv.Itoa(maxSearchDepth))
	case len(value.Items) > maxSearchItems:
		return s.fault(path+".value", "more than "+strconv.Itoa(maxSearchItems)+" filters")
	}
	list := ojson.Node{Kind: ojson.Array}
	for i := range value.Items {
		list.Items = append(list.Items, s.query(&value.Items[i], path+".value["+strconv.Itoa(i)+"]", depth+1))
	}
	return object("", ojson.Member{Name: group, Value: list})
}

// filter reads one filter.
func (s *search) filter(n *ojson.Node, operator string, value *ojson.Node, path string) ojson.Node {
	field := n.Get("field")
	if field == nil || field.Kind != ojson.String || field.Text == "" {
		return s.fault(path+".field", "must be the name of a field")
	}
	if value == nil {
		value = &ojson.Node{Kind: ojson.Null}
	}
	name := field.Text
	switch {
	case name == "id":
		if value.Kind != ojson.String || operator != "=" && operator != "!=" {
			return s.fault(path, `an id is compared by "=" or "!=" with a string`)
		}
		attribute, text := s.id(value.Text)
		name, value = attribute, &ojson.Node{Kind: ojson.String, Text: text}
	case name == "external_id":
		name = "user_id"
	case name == "language_override":
		name = "language"
	default:
		name = strings.TrimPrefix(name, "custom_attributes.")
	}
	if isDate := slices.Contains([]string{"created_at", "signed_up_at", "first_seen_at", "last_seen_at", "last_contacted_at"}, name); isDate && value.Kind != ojson.Null {
		return s.dated(name, operator, value, path)
	}
	op := map[string]string{
		"=": "is", "!=": "is_not", "IN": "in", "NIN": "not_in", ">": "greater_than", "<": "less_than", ">=": "at_least", "<=": "at_most",
		"~": "contains", "!~": "does_not_contain", "^": "starts_with", "$": "ends_with",
	}[operator]
	switch {
	case op == "":
		return s.fault(path+".operator", "must be one of = != IN NIN > < >= <= ~ !~ ^ $, or AND or OR with a list")
	case value.Kind == ojson.Null && op == "is":
		return object(name, text("op", "is_unknown"))
	case value.Kind == ojson.Null && op == "is_not":
		return object(name, text("op", "has_any_value"))
	case value.Kind == ojson.Null:
		return s.fault(path+".value", `null is compared by "=" or "!="`)
	case (op == "in" || op == "not_in") != (value.Kind == ojson.Array):
		return s.fault(path+".value", "IN and NIN take an array, and no other operator does")
	}
	return object(name, text("op", op), ojson.Member{Name: "value", Value: *value})
}

// dated reads a filter on a date, which is matched by days (of UTC).
func (s *search) dated(name, operator string, value *ojson.Node, path string) ojson.Node {
	sec, err := strconv.ParseInt(value.Text, 10, 64)
	if (value.Kind != ojson.Number && value.Kind != ojson.String) || err != nil || sec < 0 || sec > 253402300799 {
		return s.fault(path+".value", "must be Unix time in seconds")
	}
	op := map[string]string{"=": "on", ">": "after", "<": "before"}[operator]
	if op == "" {
		return s.fault(path+".operator", "a date is compared by =, > or <")
	}
	return object(name, text("op", op), text("value", time.Unix(sec, 0).UTC().Format(time.DateOnly)))
}

// object returns a condition on an attribute, or with "" any object.
func object(attribute string, members ...ojson.Member) ojson.Node {
	n := ojson.Node{Kind: ojson.Object}
	if attribute != "" {
		n.Members = append(n.Members, text("user", attribute))
	}
	n.Members = append(n.Members, members...)
	return n
}

func text(name, value string) ojson.Member {
	return ojson.Member{Name: name, Value: ojson.Node{Kind: ojson.String, Text: value}}
}
