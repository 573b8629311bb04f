package beckon

// An operator is what a condition asks of a value (A4).
type operator string

const (
	operatorIs             operator = "is"
	operatorIsNot          operator = "is_not"
	operatorContains       operator = "contains"
	operatorDoesNotContain operator = "does_not_contain"
	operatorContainsWord   operator = "contains_word"
	operatorStartsWith     operator = "starts_with"
	operatorEndsWith       operator = "ends_with"
	operatorIn             operator = "in"
	operatorNotIn          operator = "not_in"
	operatorGreaterThan    operator = "greater_than"
	operatorLessThan       operator = "less_than"
	operatorAtLeast        operator = "at_least"
	operatorAtMost         operator = "at_most"
	operatorBetween        operator = "between"
	operatorMoreThanAgo    operator = "more_than_ago"
	operatorLessThanAgo    operator = "less_than_ago"
	operatorExactlyAgo     operator = "exactly_ago"
	operatorAfter          operator = "after"
	operatorOn             operator = "on"
	operatorBefore         operator = "before"
	operatorContainsAny    operator = "contains_any"
	operatorContainsAll    operator = "contains_all"
	operatorContainsNone   operator = "contains_none"
	operatorIsUnknown      operator = "is_unknown"
	operatorHasAnyValue    operator = "has_any_value"
)

// allOperators are the operators, in the order of A4.
var allOperators = [...]operator{ //nolint:gochecknoglobals // a table that nothing writes to
	operatorIs, operatorIsNot, operatorContains, operatorDoesNotContain, operatorContainsWord, operatorStartsWith, operatorEndsWith, operatorIn, operatorNotIn,
	operatorGreaterThan, operatorLessThan, operatorAtLeast, operatorAtMost, operatorBetween, operatorMoreThanAgo, operatorLessThanAgo, operatorExactlyAgo, operatorAfter,
	operatorOn, operatorBefore, operatorContainsAny, operatorContainsAll, operatorContainsNone, operatorIsUnknown, operatorHasAnyValue,
}

// An opClass is a family of operators that take the same values.
type opClass uint8

const (
	classEqual    opClass = 1 << iota // is, is_not
	classIn                           // in, not_in
	classText                         // contains and its like
	classOrder                        // greater_than to between
	classAgo                          // durations
	classDay                          // days and instants
	classList                         // contains_any to contains_none
	classPresence                     // is_unknown, has_any_value
)

// class returns the family of an operator; 0 for an unknown one.
func (op operator) class() opClass {
	switch op {
	case operatorIs, operatorIsNot:
		return classEqual
	case operatorIn, operatorNotIn:
		return classIn
	case operatorContains, operatorDoesNotContain, operatorContainsWord, operatorStartsWith, operatorEndsWith:
		return classText
	case operatorGreaterThan, operatorLessThan, operatorAtLeast, operatorAtMost, operatorBetween:
		return classOrder
	case operatorMoreThanAgo, operatorLessThanAgo, operatorExactlyAgo:
		return classAgo
	case operatorAfter, operatorOn, operatorBefore:
		return classDay
	case operatorContainsAny, operatorContainsAll, operatorContainsNone:
		return classList
	case operatorIsUnknown, operatorHasAnyValue:
		return classPresence
	}
	return 0
}

// negative reports whether an unknown value satisfies the operator (A5); these
// are the opposites of others. has_any_value is the opposite of is_unknown.
func (op operator) negative() bool {
	switch op {
	case operatorIsNot, operatorDoesNotContain, operatorNotIn, operatorContainsNone, operatorHasAnyValue:
		return true
	}
	return false
}
