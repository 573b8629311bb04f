package rule

import (
	"errors"
	"slices"
	"strings"

	exact "github.com/beckon-go/beckon/internal/decimal"
	"github.com/beckon-go/beckon/internal/fold"
)

var errTooDeep = errors.New("the rule nests too deep")

// MarshalJSON returns the rule's document, with the members in a fixed order and
// numbers, days and durations as they were written.
func (r Rule) MarshalJSON() ([]byte, error) { return r.appendJSON(nil, 0) }

// String returns the rule as compact JSON; what cannot be written is a word in
// parentheses.
func (r Rule) String() string {
	text, _ := r.appendText(nil)
	return text
}

// appendText is String with memory that is used again.
func (r *Rule) appendText(scratch []byte) (string, []byte) {
	b, err := r.appendJSON(scratch[:0], 0)
	if err != nil {
		return "(" + err.Error() + ")", scratch
	}
	return string(b), b
}

func (r *Rule) appendJSON(b []byte, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return nil, errTooDeep // a Rule made in Go can even contain itself
	}
	var err error
	b = append(b, '{')
	start := len(b)
	name := func(n string) {
		if len(b) > start {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, n...)
		b = append(b, `":`...)
	}
	m := r.members()
	for i, member := range Members {
		if m&(1<<i) == 0 {
			continue
		}
		name(member)
		switch memberSet(1 << i) {
		case hasAll:
			b, err = appendRules(b, r.All, depth)
		case hasAny:
			b, err = appendRules(b, r.Any, depth)
		case hasNot:
			b, err = r.Not.appendJSON(b, depth+1)
		case hasWhere:
			b, err = r.Where.appendJSON(b, depth+1)
		case hasVetIgnore:
			b = append(b, '[')
			for i, code := range r.VetIgnore {
				if i > 0 {
					b = append(b, ',')
				}
				b = appendJSONText(b, code)
			}
			b = append(b, ']')
		case hasValue:
			b, err = r.Value.AppendJSON(b)
		default:
			b = appendJSONText(b, r.text(memberSet(1<<i)))
		}
		if err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// text returns the member of a rule that is written as a string.
func (r *Rule) text(m memberSet) string {
	switch m {
	case hasUser:
		return r.User
	case hasCompany:
		return r.Company
	case hasEvent:
		return r.Event
	case hasMetadata:
		return r.Metadata
	case hasPage:
		return r.Page
	case hasMessage:
		return r.Message
	case hasSegment:
		return r.Segment
	case hasStat:
		return string(r.Stat)
	case hasSince:
		return r.Since
	case hasOf:
		return r.Of
	case hasOp:
		return string(r.Op)
	}
	return r.Within.String()
}

func appendRules(b []byte, list []Rule, depth int) ([]byte, error) {
	var err error
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = list[i].appendJSON(b, depth+1); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

// canonicalRule returns a text that is the same for two wheres that say the same
// in another order, spelling of a number, or case of a key. Segments are what
// they stand for.
func (c *Compiler) canonicalRule(r *Rule, depth int) string {
	if depth > MaxDepth {
		return "" // a cycle of segments, which is a fault elsewhere
	}
	switch {
	case r.All != nil:
		return c.canonicalGroup("all", r.All, depth)
	case r.Any != nil:
		return c.canonicalGroup("any", r.Any, depth)
	case r.Not != nil:
		return "not(" + c.canonicalRule(r.Not, depth+1) + ")"
	case r.Segment != "":
		segment := c.Segments[r.Segment]
		return c.canonicalRule(&segment, depth+1)
	}
	plain := *r
	plain.VetIgnore = nil
	plain.Metadata = fold.Key(plain.Metadata)
	plain.Value = plain.Value.canonical(plain.Op)
	return plain.String()
}

func (c *Compiler) canonicalGroup(name string, list []Rule, depth int) string {
	parts := make([]string, len(list))
	for i := range list {
		parts[i] = c.canonicalRule(&list[i], depth+1)
	}
	slices.Sort(parts)
	parts = slices.Compact(parts)
	if len(parts) == 1 {
		return parts[0]
	}
	return name + "(" + strings.Join(parts, ",") + ")"
}

// canonical returns the operand with its numbers in one form, and in one order
// where order says nothing.
func (o Operand) canonical(op Operator) Operand {
	switch o.kind {
	case operandNumber:
		o.text = string(exact.AppendCanonical(nil, o.text))
	case operandField:
		if o.num == fieldOfEvent || o.num == fieldOfTrigger {
			o.text = fold.Key(o.text)
		}
	case operandMoney:
		o.num = string(exact.AppendCanonical(nil, o.num))
		o.text = strings.ToUpper(o.text)
	case operandList:
		list := make([]Operand, len(o.list))
		for i, e := range o.list {
			list[i] = e.canonical(op)
		}
		if op != operatorBetween {
			slices.SortFunc(list, func(a, b Operand) int { return strings.Compare(a.String(), b.String()) })
		}
		o.list = list
	}
	return o
}
