package beckon

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/rule"
)

// An Operand is the value to compare with: a text, an exact number, a boolean, a list of
// these, money, or what a field holds. Durations and dates are texts, as in JSON ("7d",
// "2026-01-02"). Immutable; zero is none.
type Operand struct{ form rule.Operand }

// OperandOf makes an operand of a string, an integer or float, a boolean, a
// decimal.Decimal, a json.Number, a [Duration], a time.Time (an instant, to the
// second), a [Value] of one of these kinds or monetary, a slice of these, or a
// [Subject] made by [User], [Company] or [Metadata]: what that field holds (A11).
// Anything else, NaN and infinities are refused, with a path, on publish.
func OperandOf(v any) Operand { return Operand{operandOf(v)} }

func operandOf(v any) rule.Operand {
	switch v := v.(type) {
	case nil:
		return rule.Invalid("nil is not a value: use IsUnknown or HasAnyValue")
	case Operand:
		return v.form
	case Subject:
		return subjectOperand(&v.rule)
	case string:
		return rule.Text(v)
	case bool:
		return rule.Bool(v)
	case Duration:
		return rule.Text(v.String())
	case time.Time:
		return rule.Text(v.Format(time.RFC3339))
	case json.Number:
		return rule.Number(v.String())
	case decimal.Decimal:
		return rule.Number(v.String())
	case Value:
		return valueOperand(v)
	}
	return reflectOperand(reflect.ValueOf(v))
}

// subjectOperand takes what a field holds.
func subjectOperand(r *Rule) rule.Operand {
	switch {
	case r.User != "":
		return rule.Field("user", r.User)
	case r.Company != "":
		return rule.Field("company", r.Company)
	case r.Metadata != "":
		return rule.Field("metadata", r.Metadata)
	}
	return rule.Invalid("only a named field of the contact, a company or metadata is a value to compare with")
}

// reflectOperand takes a value of a type of the host's own.
func reflectOperand(v reflect.Value) rule.Operand {
	switch v.Kind() {
	case reflect.String:
		return rule.Text(v.String())
	case reflect.Bool:
		return rule.Bool(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if v.Type() != reflect.TypeFor[time.Duration]() { // nanoseconds are no number that anyone means
			return rule.Number(strconv.FormatInt(v.Int(), 10))
		}
		return rule.Invalid("a time.Duration is not a value: use a beckon.Duration")
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return rule.Number(strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32, reflect.Float64:
		f := v.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return rule.Invalid("NaN and infinities are not values")
		}
		return rule.Number(strconv.FormatFloat(f, 'g', -1, v.Type().Bits())) // exponents as e+06 are JSON as well
	case reflect.Slice, reflect.Array:
		list := make([]rule.Operand, v.Len())
		for i := range list {
			list[i] = operandOf(v.Index(i).Interface())
		}
		return rule.List(list)
	}
	return rule.Invalid(fmt.Sprintf("a %s is not a value", v.Type()))
}

// valueOperand takes what conditions see of a value (A4).
func valueOperand(given Value) rule.Operand {
	v := peek.Of(&given)
	switch v.Kind {
	case repr.KindNumber:
		return rule.Number(v.Text())
	case repr.KindBool:
		return rule.Bool(v.Num != 0)
	case repr.KindDate:
		return rule.Text(time.Unix(v.Num, 0).UTC().Format(time.RFC3339))
	case repr.KindMonetary:
		return rule.Money(strconv.FormatInt(v.Num, 10), v.Str)
	case repr.KindList:
		return operandOf(v.SplitTexts())
	case repr.KindUnknown, repr.KindInvalid:
		return rule.Invalid("an unknown or refused Value is not a value to compare with")
	}
	text, _ := v.ConditionText()
	return rule.Text(text)
}

// operandOfList makes a list of values; a slice among them stands for its
// elements, so that In(plans) reads as In(plans...). A field alone is the list.
func operandOfList(values []any) Operand {
	list := make([]rule.Operand, 0, len(values))
	for _, v := range values {
		o := operandOf(v)
		if elements, ok := o.Elements(); ok {
			list = append(list, elements...)
		} else {
			list = append(list, o)
		}
	}
	if len(list) == 1 && list[0].IsField() {
		return Operand{list[0]}
	}
	return Operand{rule.List(list)}
}

// TriggerMetadata is what the triggering event has under a key, as an operand in
// [Counted.Where] of a triggered message, as far as events are kept. (A14)
func TriggerMetadata(key string) Operand { return Operand{rule.Field("trigger", key)} }

// IsZero reports whether there is no operand.
func (o Operand) IsZero() bool { return o.form.IsZero() }

// String returns the operand as JSON, or in parentheses why it cannot.
func (o Operand) String() string { return o.form.String() }

// MarshalJSON returns the operand as it was written: a number keeps its
// literal. One that [OperandOf] could not make is an error.
func (o Operand) MarshalJSON() ([]byte, error) { return o.form.AppendJSON(nil) }
