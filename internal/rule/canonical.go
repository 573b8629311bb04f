package rule

import (
	"slices"
	"strings"

	exact "github.com/beckon-go/beckon/internal/decimal"
	"github.com/beckon-go/beckon/internal/fold"
)

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
