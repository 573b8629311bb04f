package repr

import (
	"github.com/beckon-go/beckon/internal/calendar"
	exact "github.com/beckon-go/beckon/internal/decimal"
	"github.com/beckon-go/beckon/internal/fault"
)

// Typed returns a value the type that its key and its text ask for (M3), so that
// metadata built in Go and metadata decoded from JSON are the same: a string
// that is a URL is a link or an image, a number under a key that ends in _date
// a date, a string under a key of Stripe's an identifier. All other values are
// what they are. It does not allocate, except for a fault.
func Typed(key string, v Value) Value {
	switch v.Kind {
	case KindString:
		if StripeKey(key) != StripeOther {
			return Stripe(v.Str)
		}
		return typedText(v.Str)
	case KindNumber:
		if isDateKey(key) {
			return DateOfNumber(v)
		}
	}
	return v
}

// SetText makes the zero Value at v what typed makes of a string: in its place,
// since a decoder makes many. It reports whether valueWarning has surely nothing
// to say of it.
func (v *Value) SetText(key, text string) (quiet bool) {
	v.Kind, v.Str = KindString, text
	if MayBeTyped(key, text) {
		*v = Typed(key, *v)
	}
	return v.Kind == KindString
}

// MayBeTyped tells most strings that typed leaves as they are.
func MayBeTyped(key, text string) bool {
	return len(key) >= len("stripe_charge") || mayBeURL(text)
}

// SetNumber makes the zero Value at v what typed makes of a number literal.
func (v *Value) SetNumber(key, literal string) {
	coef, exp, ok := exact.Plain(literal)
	if !ok {
		*v = Typed(key, NumberLiteral(literal))
		return
	}
	if exp == 0 && calendar.MinDate <= coef && coef <= calendar.MaxDate && isDateKey(key) {
		v.Kind, v.Num, v.Str = KindDate, coef, literal
		return
	}
	v.Kind, v.Flag, v.Exp, v.Num, v.Str = KindNumber, FlagSmall, exp, coef, literal
	if isDateKey(key) {
		*v = DateOfNumber(*v)
	}
}

// ValueWarning tells what looks wrong with a valid value under its key, ""
// if nothing does.
func ValueWarning(key string, v *Value) (fault.Code, string) {
	switch v.Kind {
	case KindLink, KindImage, KindRichLink:
		if suspiciousURL(v.RawURL()) {
			return fault.WarnURLSuspicious, "the URL may lead elsewhere than it seems: its host is no plain ASCII name, or it has invisible characters"
		}
	case KindStripe:
		want := StripeKey(key)
		if kind, known := StripePrefix(v.Str); known && want != StripeOther && kind != want {
			return fault.WarnStripePrefix, "the identifier has the prefix of another kind: " + fault.Quote(v.Str)
		}
	case KindMonetary:
		if !v.hasMinorUnit() {
			code, _ := v.Currency()
			return fault.WarnCurrencyNoMinorUnit, code + " has no minor unit: the amount is taken as it is"
		}
	}
	return "", ""
}

// Nested reports whether a value is wrong for no other reason than that it is
// nested or null, the values that [WithLenientMetadata] drops (M4).
func (v *Value) Nested() bool {
	if v.Kind != KindInvalid {
		code, _ := v.Fault()
		return code == fault.ErrMetadataNested || code == fault.ErrMetadataNull
	}
	for row := v.Str; row != ""; {
		var code fault.Code
		if code, _, row = cutReason(row); code != fault.ErrMetadataNested && code != fault.ErrMetadataNull {
			return false
		}
	}
	return true
}
