package wire

import (
	"errors"
	"strconv"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/rows"
)

// Parse reads a body: one object of strict JSON in UTF-8. An empty body is an empty object.
func Parse(body string) (ojson.Node, fault.List) {
	var faults fault.List
	if body == "" {
		return ojson.Node{Kind: ojson.Object}, nil
	}
	n, err := ojson.ParseString(body, ojson.Limits{Bytes: len(body) + 1})
	var bad *ojson.Error
	switch {
	case errors.As(err, &bad) && bad.Reason == ojson.NotUTF8:
		faults.Add(fault.ErrTextNotUTF8, "", bad.Error())
	case err != nil:
		faults.Add(fault.ErrJSONInvalid, "", err.Error())
	case n.Kind != ojson.Object:
		faults.Add(fault.ErrTypeInvalid, "", "the body must be an object, got "+n.Kind.String())
	default:
		return n, nil
	}
	return ojson.Node{}, faults
}

// Append writes a value as it was read: a number keeps its literal, an object its order.
func Append(b []byte, n *ojson.Node) []byte {
	switch n.Kind {
	case ojson.String:
		return repr.AppendQuoted(b, n.Text)
	case ojson.Number:
		return append(b, n.Text...)
	case ojson.Bool:
		return strconv.AppendBool(b, n.Bool)
	case ojson.Object:
		b = append(b, '{')
		for i := range n.Members {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(repr.AppendQuoted(b, n.Members[i].Name), ':')
			b = Append(b, &n.Members[i].Value)
		}
		return append(b, '}')
	case ojson.Array:
		b = append(b, '[')
		for i := range n.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = Append(b, &n.Items[i])
		}
		return append(b, ']')
	}
	return append(b, "null"...)
}

// emptied returns an empty object for an empty array, which is how PHP's clients write one
// (M4), and any other value as it is.
func emptied(v *ojson.Node) ojson.Node {
	if v.Kind == ojson.Array && len(v.Items) == 0 {
		return ojson.Node{Kind: ojson.Object}
	}
	return *v
}

// Twins adds a fault for each member that an object names again. Readers differ in which of two
// they take, so what stood before this one may have looked at the other.
func Twins(n *ojson.Node, path string, faults *fault.List) {
	var once rows.Once[string]
	for i := range n.Members {
		if name := n.Members[i].Name; !once.Add(name) {
			faults.Add(fault.ErrJSONInvalid, fieldOf(path, name), "is there twice")
		}
	}
}

// maxFieldName is how many characters of a foreign name stand in the field of a fault.
const maxFieldName = 64

// fieldOf returns the path of a member.
func fieldOf(path, name string) string {
	n := 0
	for i := range name {
		if n++; n > maxFieldName {
			name = name[:i] + "…"
			break
		}
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// Text returns the text of a member, an integer as its digits (E1), and "" for a member
// that is not there, or null. Any other type is a fault, and so is any other number.
func Text(n *ojson.Node, name string, faults *fault.List) string {
	switch v := n.Get(name); {
	case v == nil || v.Kind == ojson.Null:
	case v.Kind == ojson.String, v.Kind == ojson.Number && identity.IsInteger(v.Text):
		return v.Text
	case v.Kind == ojson.Number:
		faults.Add(fault.ErrTypeInvalid, name, identity.NumberFault(v.Text))
	default:
		faults.Add(fault.ErrTypeInvalid, name, "must be a string, got "+v.Kind.String())
	}
	return ""
}
