package beckon

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
	operandInvalid // from Go: text says what was wrong
)

// A ruleOperand is the value on the right of a condition's operator. It is
// immutable. The zero ruleOperand is none.
type ruleOperand struct {
	kind operandKind
	text string        // text; a number's literal; a boolean's; money: the currency as written
	num  string        // money: the literal of the amount, in minor units
	list []ruleOperand // never nil for a list
}

// textOperand returns a text.
func textOperand(s string) ruleOperand { return ruleOperand{kind: operandText, text: s} }

// numberOperand returns the number of a literal.
func numberOperand(literal string) ruleOperand {
	return ruleOperand{kind: operandNumber, text: literal}
}

// boolOperand returns a boolean.
func boolOperand(b bool) ruleOperand {
	return ruleOperand{kind: operandBool, text: strconv.FormatBool(b)}
}

// moneyOperand returns money: the literal of an amount in minor units, and the code
// of its currency.
func moneyOperand(amount, currency string) ruleOperand {
	return ruleOperand{kind: operandMoney, num: amount, text: currency}
}

// listOperand returns a list, which it keeps.
func listOperand(list []ruleOperand) ruleOperand { return ruleOperand{kind: operandList, list: list} }

// invalidOperand returns what is no value; why says so.
func invalidOperand(why string) ruleOperand { return ruleOperand{kind: operandInvalid, text: why} }

// IsZero reports whether there is no operand.
func (o ruleOperand) IsZero() bool { return o.kind == operandNone }

// elements returns the operands of a list; false for anything else.
func (o ruleOperand) elements() (list []ruleOperand, ok bool) { return o.list, o.kind == operandList }

// String returns the operand as JSON, for people to read; what cannot be written
// is a word in parentheses.
func (o ruleOperand) String() string {
	b, err := o.appendJSON(nil)
	switch {
	case err == nil:
		return string(b)
	case o.kind == operandList:
		return "(a list that cannot be written)"
	}
	return "(" + o.text + ")"
}

// what names the operand's type in an error.
func (o ruleOperand) what() string {
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
	}
	return "nothing"
}

// appendJSON appends the operand as it was written.
func (o ruleOperand) appendJSON(b []byte) ([]byte, error) {
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
			if b, err = e.appendJSON(b); err != nil {
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
