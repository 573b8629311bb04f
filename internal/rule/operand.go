package rule

import (
	"encoding/json"
	"errors"
	"strconv"
)

// An operandKind is the JSON type of an operand. What a text means, whether a
// duration, a day or itself, is for the operator to say.
type operandKind uint8

const (
	operandNone operandKind = iota
	operandText
	operandNumber
	operandBool
	operandList
	operandMoney
	operandField
	operandInvalid // from Go: text says what was wrong
)

// A Operand is the value on the right of a condition's operator. It is
// immutable. The zero Operand is none.
type Operand struct {
	kind operandKind
	text string    // text; a number's literal; a boolean's; money: the currency as written; a field's name
	num  string    // money: the literal of the amount, in minor units; a field: whose it is
	list []Operand // never nil for a list
}

// Text returns a text.
func Text(s string) Operand { return Operand{kind: operandText, text: s} }

// Number returns the number of a literal.
func Number(literal string) Operand {
	return Operand{kind: operandNumber, text: literal}
}

// Bool returns a boolean.
func Bool(b bool) Operand {
	return Operand{kind: operandBool, text: strconv.FormatBool(b)}
}

// Money returns money: the literal of an amount in minor units, and the code
// of its currency.
func Money(amount, currency string) Operand {
	return Operand{kind: operandMoney, num: amount, text: currency}
}

// List returns a list, which it keeps.
func List(list []Operand) Operand { return Operand{kind: operandList, list: list} }

// Invalid returns what is no value; why says so.
func Invalid(why string) Operand { return Operand{kind: operandInvalid, text: why} }

// IsZero reports whether there is no operand.
func (o Operand) IsZero() bool { return o.kind == operandNone }

// Elements returns the operands of a list; false for anything else.
func (o Operand) Elements() (list []Operand, ok bool) { return o.list, o.kind == operandList }

// String returns the operand as JSON, for people to read; what cannot be written
// is a word in parentheses.
func (o Operand) String() string {
	b, err := o.AppendJSON(nil)
	switch {
	case err == nil:
		return string(b)
	case o.kind == operandList:
		return "(a list that cannot be written)"
	}
	return "(" + o.text + ")"
}

// what names the operand's type in an error.
func (o Operand) what() string {
	switch o.kind {
	case operandText:
		return "a text"
	case operandNumber:
		return "a number"
	case operandBool:
		return "a boolean"
	case operandList:
		return "a list"
	case operandMoney:
		return "money"
	case operandField:
		return "a field"
	}
	return "nothing"
}

// AppendJSON appends the operand as it was written.
func (o Operand) AppendJSON(b []byte) ([]byte, error) {
	switch o.kind {
	case operandText:
		return appendJSONText(b, o.text), nil
	case operandNumber, operandBool:
		return append(b, o.text...), nil
	case operandMoney:
		b = append(b, `{"amount":`...)
		b = append(b, o.num...)
		b = append(b, `,"currency":`...)
		return append(appendJSONText(b, o.text), '}'), nil
	case operandField:
		b = append(append(append(b, `{"`...), o.num...), `":`...)
		return append(appendJSONText(b, o.text), '}'), nil
	case operandList:
		b = append(b, '[')
		for i, e := range o.list {
			if i > 0 {
				b = append(b, ',')
			}
			if e.kind == operandList {
				return nil, errors.New("a list inside a list is not a value")
			}
			var err error
			if b, err = e.AppendJSON(b); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	case operandInvalid:
		return nil, errors.New(o.text)
	}
	return append(b, "null"...), nil
}

func appendJSONText(b []byte, s string) []byte {
	text, err := json.Marshal(s) // cannot fail for a string
	if err != nil {
		return append(b, `""`...)
	}
	return append(b, text...)
}

// An Operator is what a condition asks of a value (A4).
type Operator string

// The operators.
const (
	operatorIs             Operator = "is"
	operatorIsNot          Operator = "is_not"
	operatorContains       Operator = "contains"
	operatorDoesNotContain Operator = "does_not_contain"
	operatorContainsWord   Operator = "contains_word"
	operatorStartsWith     Operator = "starts_with"
	operatorEndsWith       Operator = "ends_with"
	operatorMatches        Operator = "matches"
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
	operatorMoreThanAhead  Operator = "more_than_ahead"
	operatorLessThanAhead  Operator = "less_than_ahead"
	operatorExactlyAhead   Operator = "exactly_ahead"
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
	operatorIs, operatorIsNot, operatorContains, operatorDoesNotContain, operatorContainsWord, operatorStartsWith, operatorEndsWith, operatorMatches, operatorIn, operatorNotIn,
	operatorGreaterThan, operatorLessThan, operatorAtLeast, operatorAtMost, operatorBetween, operatorMoreThanAgo, operatorLessThanAgo, operatorExactlyAgo,
	operatorMoreThanAhead, operatorLessThanAhead, operatorExactlyAhead, operatorAfter, operatorOn, operatorBefore, operatorContainsAny, operatorContainsAll, operatorContainsNone, OperatorIsUnknown, operatorHasAnyValue,
}

// An opClass is a family of operators that take the same values.
type opClass uint8

const (
	classEqual    opClass = 1 << iota // is, is_not
	classIn                           // in, not_in
	classText                         // contains and its like
	classOrder                        // greater_than to between
	classSpan                         // durations, ago or ahead
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
	case operatorContains, operatorDoesNotContain, operatorContainsWord, operatorStartsWith, operatorEndsWith, operatorMatches:
		return classText
	case operatorGreaterThan, operatorLessThan, operatorAtLeast, operatorAtMost, operatorBetween:
		return classOrder
	case operatorMoreThanAgo, operatorLessThanAgo, operatorExactlyAgo, operatorMoreThanAhead, operatorLessThanAhead, operatorExactlyAhead:
		return classSpan
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
