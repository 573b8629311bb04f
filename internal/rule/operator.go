package rule

// An Operator is what a condition asks of a value (A4).
type Operator string

const (
	operatorIs             Operator = "is"
	operatorIsNot          Operator = "is_not"
	operatorContains       Operator = "contains"
	operatorDoesNotContain Operator = "does_not_contain"
	operatorContainsWord   Operator = "contains_word"
	operatorStartsWith     Operator = "starts_with"
	operatorEndsWith       Operator = "ends_with"
	operatorIn             Operator = "in"
	operatorNotIn          Operator = "not_in"
	operatorGreaterThan    Operator = "greater_than"
	operatorLessThan       Operator = "less_than"
	operatorAtLeast        Operator = "at_least"
	operatorAtMost         Operator = "at_most"
	operatorBetween        Operator = "between"
	operatorMoreThanAgo    Operator = "more_than_ago"
	operatorLessThanAgo    Operator = "less_than_ago"
	operatorExactlyAgo     Operator = "exactly_ago"
	operatorAfter          Operator = "after"
	operatorOn             Operator = "on"
	operatorBefore         Operator = "before"
	operatorContainsAny    Operator = "contains_any"
	operatorContainsAll    Operator = "contains_all"
	operatorContainsNone   Operator = "contains_none"
	OperatorIsUnknown      Operator = "is_unknown"
	operatorHasAnyValue    Operator = "has_any_value"
)

// Operators are the operators, in the order of A4.
var Operators = [...]Operator{ //nolint:gochecknoglobals // a table that nothing writes to
	operatorIs, operatorIsNot, operatorContains, operatorDoesNotContain, operatorContainsWord, operatorStartsWith, operatorEndsWith, operatorIn, operatorNotIn,
	operatorGreaterThan, operatorLessThan, operatorAtLeast, operatorAtMost, operatorBetween, operatorMoreThanAgo, operatorLessThanAgo, operatorExactlyAgo, operatorAfter,
	operatorOn, operatorBefore, operatorContainsAny, operatorContainsAll, operatorContainsNone, OperatorIsUnknown, operatorHasAnyValue,
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
func (op Operator) class() opClass {
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
	case OperatorIsUnknown, operatorHasAnyValue:
		return classPresence
	}
	return 0
}

// negative reports whether an unknown value satisfies the operator (A5); these
// are the opposites of others. has_any_value is the opposite of is_unknown.
func (op Operator) negative() bool {
	switch op {
	case operatorIsNot, operatorDoesNotContain, operatorNotIn, operatorContainsNone, operatorHasAnyValue:
		return true
	}
	return false
}
