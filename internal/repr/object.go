package repr

import (
	"slices"
	"strconv"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
)

// DecodeMetadataValue returns a piece of metadata its type (M3). What M3 and M4
// refuse comes back as an invalid value, see Value.fault. Of an object only
// the first three members need to be there: more than two are refused anyway.
func DecodeMetadataValue(key string, n *ojson.Node) Value {
	switch n.Kind {
	case ojson.String:
		return Typed(key, String(n.Text))
	case ojson.Number:
		return Typed(key, NumberLiteral(n.Text))
	case ojson.Bool:
		return Bool(n.Bool)
	case ojson.Null:
		return Invalid(fault.ErrMetadataNull, "must not be null: leave the key out instead")
	case ojson.Object:
		return decodeObject(n)
	}
	return Invalid(fault.ErrMetadataNested, "must be a single value: arrays are not supported")
}

// decodeObject reads a rich link or money, the two objects that are values.
func decodeObject(n *ojson.Node) Value {
	if len(n.Members) == 2 { // the usual order, which has no fault
		first, second := &n.Members[0], &n.Members[1]
		switch {
		case first.Name == "url" && second.Name == "value":
			return decodeRichLink(&first.Value, &second.Value)
		case first.Name == "amount" && second.Name == "currency":
			return decodeMonetary(&first.Value, &second.Value)
		}
	}
	for _, shape := range [...]struct {
		name, first, second string
		decode              func(first, second *ojson.Node) Value
	}{
		{"a rich link", "url", "value", decodeRichLink},
		{"money", "amount", "currency", decodeMonetary},
	} {
		first, second := n.Get(shape.first), n.Get(shape.second)
		if first == nil && second == nil {
			continue
		}
		if problem := shapeFault(n, shape.first, shape.second); problem != "" {
			return Invalid(fault.ErrMetadataNested, "is no single value and not "+shape.name+" either: the member "+problem)
		}
		return shape.decode(first, second)
	}
	return Invalid(fault.ErrMetadataNested, `must be a single value: of objects only {"url", "value"} and {"amount", "currency"} are supported`)
}

// shapeFault says what keeps an object from having exactly two members, ""
// if nothing does.
func shapeFault(n *ojson.Node, first, second string) string {
	for i, m := range n.Members {
		switch {
		case m.Name != first && m.Name != second:
			return fault.Quote(m.Name) + " is one too many" + meantOf(n, m.Name, first, second)
		case n.Get(m.Name) != &n.Members[i].Value:
			return fault.Quote(m.Name) + " is there twice"
		}
	}
	for _, name := range [...]string{first, second} {
		if n.Get(name) == nil {
			return strconv.Quote(name) + " is missing"
		}
	}
	return ""
}

// meantOf says which of the members that an object does not have a name was probably meant to be.
func meantOf(n *ojson.Node, name string, members ...string) string {
	missing := slices.DeleteFunc(members, func(own string) bool { return n.Get(own) != nil })
	return fault.DidYouMean(name, missing)
}

// decodeRichLink reports all that is wrong with both members (E3).
func decodeRichLink(url, title *ojson.Node) Value {
	if url.Kind == ojson.String && title.Kind == ojson.String {
		return RichLink(url.Text, title.Text)
	}
	var v Value
	if url.Kind != ojson.String {
		v = Invalid(fault.ErrMetadataURLInvalid, `the member "url" must be a string, got `+url.Kind.String())
	} else if w := Link(url.Text); w.Kind == KindInvalid {
		v = w
	}
	if title.Kind != ojson.String {
		v = v.AlsoInvalid(fault.ErrMetadataNested, `the member "value" must be a string, got `+title.Kind.String())
	} else if code, message := TextFault(title.Text); code != "" {
		v = v.AlsoInvalid(code, "the title "+message)
	}
	return v
}

// decodeMonetary reports all that is wrong with both members (E3).
func decodeMonetary(amount, currency *ojson.Node) Value {
	if amount.Kind == ojson.Number && currency.Kind == ojson.String {
		return MonetaryLiteral(amount.Text, currency.Text)
	}
	// A currency that does exist stands in for one of the wrong kind, so that
	// the amount is judged, and the other way round.
	literal, code := "0", "eur"
	var v Value
	if amount.Kind == ojson.Number {
		literal = amount.Text
	} else {
		v = invalidAmount("must be a number, got " + amount.Kind.String())
	}
	if currency.Kind == ojson.String {
		code = currency.Text
	} else {
		v = v.AlsoInvalid(fault.ErrMetadataCurrency, "the currency must be a string, got "+currency.Kind.String())
	}
	if w := MonetaryLiteral(literal, code); w.Kind == KindInvalid {
		code, message := w.Fault()
		return v.AlsoInvalid(code, message)
	}
	return v
}
