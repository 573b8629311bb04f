package words

import (
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
)

// maxDepth is how deep rules are written out: no program may have deeper ones.
const maxDepth = beckon.MaxRuleDepth + 8

// Rule returns a rule as one part of a sentence, such as:
//
//	the contact's plan is not "free" (also if unknown)
//
// The zero Rule is "everyone". A rule that is not finished, or that no document can hold, is
// "the unfinished rule" and its JSON.
func Rule(r beckon.Rule) string { return inline(&r, 0, alone) }

// A place is where a rule stands in a sentence.
type place uint8

const (
	alone  place = iota // what surrounds it ends before it and begins behind it
	joined              // beside others, with and or or
)

// inline writes a rule in a line.
func inline(r *beckon.Rule, depth int, at place) string {
	if r.IsZero() && depth == 0 {
		return "everyone"
	}
	if len(r.VetIgnore) > 0 {
		plain := *r
		plain.VetIgnore = nil
		return "(" + inline(&plain, depth, alone) + ") [vet ignores " + quotedList(r.VetIgnore) + "]"
	}
	if depth > maxDepth {
		return "(a rule that is nested too deeply)"
	}
	var s string
	switch g, ok := groupOf(r); {
	case !ok:
		c := conditionWords(r, depth)
		if at == joined && c.manifold {
			return "(" + c.text + ")"
		}
		return c.text
	case g.not != nil:
		return "it is not true that (" + inline(g.not, depth+1, alone) + ")"
	case len(g.of) == 0:
		return g.empty
	case len(g.of) == 1:
		return g.single + " (" + inline(&g.of[0], depth+1, alone) + ")"
	default:
		parts := make([]string, len(g.of))
		for i := range g.of {
			parts[i] = inline(&g.of[i], depth+1, joined)
		}
		s = strings.Join(parts, g.join)
	}
	if at == joined {
		return "(" + s + ")"
	}
	return s
}

// A group is a rule of other rules.
type group struct {
	not    *beckon.Rule
	of     []beckon.Rule
	join   string
	empty  string // what it says without any
	single string // what stands before the only one
	lead   string // what stands above an outline of them
}

// groupOf returns what a rule joins; ok is false if it is no group, or more than one thing.
func groupOf(r *beckon.Rule) (g group, ok bool) {
	bare := *r
	bare.All, bare.Any, bare.Not = nil, nil, nil
	if !bare.IsZero() || bare.Since != "" {
		return g, false
	}
	switch {
	case r.All != nil && r.Any == nil && r.Not == nil:
		return group{of: r.All, join: " and ", empty: "always true", single: "all of", lead: "all of these are true:"}, true
	case r.Any != nil && r.All == nil && r.Not == nil:
		return group{of: r.Any, join: " or ", empty: "never true", single: "any of", lead: "at least one of these is true:"}, true
	case r.Not != nil && r.All == nil && r.Any == nil:
		return group{not: r.Not}, true
	}
	return g, false
}

// outlineWidth is how many characters a rule may have in one line.
const outlineWidth = 90

// Outline returns a rule as Rule does if it is short, and else with a line for each of the
// rules that a group joins, indented below it. Lines are divided by newlines, the last has
// none.
//
//	all of these are true:
//	- the contact's plan is one of "pro", "team"
//	- at least one of these is true:
//	  - the contact did "uploaded-video" at least 3 times in the last 7 days
//	  - the contact is in the segment "power-users"
func Outline(r beckon.Rule) string { return outline(&r, "", 0) }

func outline(r *beckon.Rule, indent string, depth int) string {
	line := inline(r, depth, alone)
	g, ok := groupOf(r)
	if !ok || len(r.VetIgnore) > 0 || depth >= maxDepth || short(line) || g.not == nil && len(g.of) < 2 {
		return line
	}
	if g.not != nil {
		inner := outline(g.not, indent, depth+1)
		if !strings.Contains(inner, "\n") || strings.HasPrefix(inner, "it is not true that ") {
			return line
		}
		return "it is not true that " + inner
	}
	var b strings.Builder
	b.WriteString(g.lead)
	for i := range g.of {
		b.WriteString("\n" + indent + "- " + outline(&g.of[i], indent+"  ", depth+1))
	}
	return b.String()
}

// short reports whether a rule fits into one line without making its reader count
// parentheses.
func short(line string) bool { return len(line) <= outlineWidth && strings.Count(line, "(") <= 2 }

// quotedList writes texts in quotes, with commas.
func quotedList[T ~string](l []T) string {
	parts := make([]string, len(l))
	for i, s := range l {
		parts[i] = strconv.Quote(string(s))
	}
	return strings.Join(parts, ", ")
}
