package beckon

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/shopspring/decimal"
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

// An Operand is the value on the right of a condition's operator: a text, an
// exact number, a boolean, a list of these, or money. Durations and dates are
// texts, as in JSON ("7d", "2026-01-02"). It is immutable. The zero Operand is
// none.
type Operand struct {
	kind operandKind
	text string    // text; a number's literal; a boolean's; money: the currency as written
	num  string    // money: the literal of the amount, in minor units
	list []Operand // never nil for a list
}

// OperandOf makes an operand of a Go value: a string, any integer or float, a
// boolean, a decimal.Decimal, a json.Number, a [Duration], a [time.Time] (as an
// instant, to the second), a [Value] of one of these kinds or monetary, or a
// slice of these. Anything else, NaN and infinities make an operand that is
// refused with its path when the rule is published.
func OperandOf(v any) Operand {
	switch v := v.(type) {
	case nil:
		return Operand{kind: operandInvalid, text: "nil is not a value: use IsUnknown or HasAnyValue"}
	case Operand:
		return v
	case string:
		return textOperand(v)
	case bool:
		return Operand{kind: operandBool, text: strconv.FormatBool(v)}
	case Duration:
		return textOperand(v.String())
	case time.Time:
		return textOperand(v.Format(time.RFC3339))
	case json.Number:
		return numberOperand(v.String())
	case decimal.Decimal:
		return numberOperand(v.String())
	case Value:
		return valueOperand(v)
	}
	return reflectOperand(reflect.ValueOf(v))
}

func reflectOperand(v reflect.Value) Operand {
	switch v.Kind() {
	case reflect.String:
		return textOperand(v.String())
	case reflect.Bool:
		return Operand{kind: operandBool, text: strconv.FormatBool(v.Bool())}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if v.Type() != reflect.TypeFor[time.Duration]() { // nanoseconds are no number that anyone means
			return numberOperand(strconv.FormatInt(v.Int(), 10))
		}
		return Operand{kind: operandInvalid, text: "a time.Duration is not a value: use a beckon.Duration"}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return numberOperand(strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32, reflect.Float64:
		f := v.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return Operand{kind: operandInvalid, text: "NaN and infinities are not values"}
		}
		return numberOperand(strconv.FormatFloat(f, 'g', -1, v.Type().Bits()))
	case reflect.Slice, reflect.Array:
		list := make([]Operand, v.Len())
		for i := range list {
			list[i] = OperandOf(v.Index(i).Interface())
		}
		return Operand{kind: operandList, list: list}
	}
	return Operand{kind: operandInvalid, text: fmt.Sprintf("a %s is not a value", v.Type())}
}

// valueOperand takes what conditions see of a value (A4).
func valueOperand(given Value) Operand {
	v := peek.Of(&given)
	switch v.Kind {
	case repr.KindNumber:
		return numberOperand(v.Text())
	case repr.KindBool:
		return Operand{kind: operandBool, text: v.Text()}
	case repr.KindDate:
		return textOperand(time.Unix(v.Num, 0).UTC().Format(time.RFC3339))
	case repr.KindMonetary:
		return Operand{kind: operandMoney, num: strconv.FormatInt(v.Num, 10), text: v.Str}
	case repr.KindList:
		return OperandOf(v.SplitTexts())
	case repr.KindUnknown, repr.KindInvalid:
		return Operand{kind: operandInvalid, text: "an unknown or refused Value is not a value to compare with"}
	}
	text, _ := v.ConditionText()
	return textOperand(text)
}

func textOperand(s string) Operand { return Operand{kind: operandText, text: s} }

// numberOperand takes a literal; 'g' formatting writes exponents as e+06,
// which is JSON as well.
func numberOperand(literal string) Operand { return Operand{kind: operandNumber, text: literal} }

// listOperand makes a list of values; a slice among them stands for its
// elements, so that In(plans) reads as In(plans...).
func listOperand(values []any) Operand {
	list := make([]Operand, 0, len(values))
	for _, v := range values {
		if o := OperandOf(v); o.kind == operandList {
			list = append(list, o.list...)
		} else {
			list = append(list, o)
		}
	}
	return Operand{kind: operandList, list: list}
}

// IsZero reports whether there is no operand.
func (o Operand) IsZero() bool { return o.kind == operandNone }

// String returns the operand as JSON, for people to read; what cannot be written
// is a word in parentheses.
func (o Operand) String() string {
	b, err := o.MarshalJSON()
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
	}
	return "nothing"
}

// MarshalJSON returns the operand as it was written: a number keeps its literal.
// An operand that OperandOf could not make is an error.
func (o Operand) MarshalJSON() ([]byte, error) { return o.appendJSON(nil) }
