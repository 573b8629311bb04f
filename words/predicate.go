package words

import (
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
)

// predicate writes what a condition says of its subject; ok is false if the operator does
// not take the operand.
func predicate(s *subject, op beckon.Op, value beckon.Operand) (c condition, ok bool) {
	v := operandOf(value)
	if op == beckon.OpIsUnknown || op == beckon.OpHasAnyValue {
		return condition{text: s.noun + map[beckon.Op]string{beckon.OpIsUnknown: " is unknown", beckon.OpHasAnyValue: " has any value"}[op]}, value.IsZero()
	}
	if v.kind == none {
		return c, false
	}
	said, ok := asked(op, v)
	if !ok {
		return c, false
	}
	if s.past && ofTime(op) {
		if rest, is := strings.CutPrefix(said, "is "); is {
			said = "was " + rest
		}
	}
	return condition{text: s.noun + " " + said + unknowns(s, op, v), manifold: len(v.list) > 1}, true
}

// ofTime reports whether an operator asks when something was.
func ofTime(op beckon.Op) bool {
	switch op {
	case beckon.OpMoreThanAgo, beckon.OpLessThanAgo, beckon.OpExactlyAgo, beckon.OpMoreThanAhead, beckon.OpLessThanAhead, beckon.OpExactlyAhead, beckon.OpAfter, beckon.OpOn, beckon.OpBefore:
		return true
	}
	return false
}

// unknowns says which unknown values satisfy a negative operator. (A5)
func unknowns(s *subject, op beckon.Op, v operand) string {
	switch op {
	case beckon.OpIsNot, beckon.OpDoesNotContain, beckon.OpNotIn, beckon.OpContainsNone:
		switch {
		case v.kind == field && s.known:
			return " (also if that is unknown)"
		case v.kind == field:
			return " (also if either is unknown)"
		case !s.known:
			return " (also if unknown)"
		}
	}
	return ""
}

// asked writes operator and operand.
func asked(op beckon.Op, v operand) (string, bool) {
	if words, ok := spanOperatorWords(op, v); ok {
		return words, true
	}
	if words, ok := dayOperatorWords(op, v); ok {
		return words, true
	}
	if lead := lists[op]; lead != "" {
		switch v.kind {
		case list:
			return lead + " " + v.String(), true
		case field:
			return lead + " the values of " + v.String(), true
		}
		return "", false
	}
	if op == beckon.OpBetween && len(v.list) == 2 && v.list[0].kind != list && v.list[1].kind != list {
		return "is from " + v.list[0].String() + " to " + v.list[1].String() + " (both included)", true
	}
	lead, known := plain[op]
	if !known || v.kind == list {
		return "", false
	}
	if anyCase[op] {
		return lead + " " + v.String() + " (any letter case)", true
	}
	return lead + " " + v.String(), true
}

// plain are the operators of one value.
var plain = map[beckon.Op]string{ //nolint:gochecknoglobals // a table that nothing writes to
	beckon.OpIs: "is", beckon.OpIsNot: "is not",
	beckon.OpContains: "contains", beckon.OpDoesNotContain: "does not contain", beckon.OpContainsWord: "contains the word",
	beckon.OpStartsWith: "starts with", beckon.OpEndsWith: "ends with", beckon.OpMatches: "matches the pattern",
	beckon.OpGreaterThan: "is greater than", beckon.OpLessThan: "is less than", beckon.OpAtLeast: "is at least", beckon.OpAtMost: "is at most",
}

// anyCase are those that ignore the case of letters. (A4, A12)
var anyCase = map[beckon.Op]bool{ //nolint:gochecknoglobals // a table that nothing writes to
	beckon.OpContains: true, beckon.OpDoesNotContain: true, beckon.OpContainsWord: true, beckon.OpStartsWith: true, beckon.OpEndsWith: true, beckon.OpMatches: true,
}

// lists are the operators of several values.
var lists = map[beckon.Op]string{ //nolint:gochecknoglobals // a table that nothing writes to
	beckon.OpIn: "is one of", beckon.OpNotIn: "is none of",
	beckon.OpContainsAny: "contains any of", beckon.OpContainsAll: "contains all of", beckon.OpContainsNone: "contains none of",
}

// spanOperatorWords writes the operators of durations. (A6, A10)
func spanOperatorWords(op beckon.Op, v operand) (string, bool) {
	d, ok := durationText(v.text)
	if v.kind != text || !ok || strings.HasPrefix(v.text, "-") {
		return "", false
	}
	nothing := v.text[0] == '0' // a greater unit is never 0
	switch op {
	case beckon.OpMoreThanAgo:
		return "is more than " + d + " ago" + note(nothing, " (in the past)"), true
	case beckon.OpLessThanAgo:
		return "is less than " + d + " ago", true
	case beckon.OpExactlyAgo:
		return "is on the day " + d + " ago" + note(nothing, " (today)"), true
	case beckon.OpMoreThanAhead:
		return "is more than " + d + " from now" + note(nothing, " (in the future)"), true
	case beckon.OpLessThanAhead:
		return "is within the next " + spanWords(d), true
	case beckon.OpExactlyAhead:
		return "is on the day " + d + " from now" + note(nothing, " (today)"), true
	}
	return "", false
}

// note returns what a reader may want to be told.
func note(worth bool, words string) string {
	if !worth {
		return ""
	}
	return words
}

// dayOperatorWords writes the operators of days and instants.
func dayOperatorWords(op beckon.Op, v operand) (string, bool) {
	day, isDay := dayWords(v.text)
	instant, isInstant := instantWords(v.text)
	isDay, isInstant = isDay && v.kind == text, isInstant && v.kind == text
	switch op {
	case beckon.OpOn:
		switch {
		case isDay:
			return "is on " + day, true
		case v.kind == field:
			return "is on the day of " + v.String(), true
		}
	case beckon.OpAfter:
		switch {
		case isDay:
			return "is after the end of " + day, true
		case isInstant:
			return "is after " + instant, true
		}
	case beckon.OpBefore:
		switch {
		case isDay:
			return "is before the start of " + day, true
		case isInstant:
			return "is before " + instant, true
		}
	default:
		return "", false
	}
	switch v.kind {
	case text:
		return "is " + string(op) + " " + strconv.Quote(v.text), true // an instant in another spelling
	case field:
		return "is " + string(op) + " " + v.String(), true
	}
	return "", false
}
