package beckon

import (
	"github.com/beckon-go/beckon/internal/calendar"
	exact "github.com/beckon-go/beckon/internal/decimal"
	"github.com/beckon-go/beckon/internal/fault"
)

// typed returns a value the type that its key and its text ask for (M3), so that
// metadata built in Go and metadata decoded from JSON are the same: a string
// that is a URL is a link or an image, a number under a key that ends in _date
// a date, a string under a key of Stripe's an identifier. All other values are
// what they are. It does not allocate, except for a fault.
func typed(key string, v Value) Value {
	switch v.kind {
	case KindString:
		if stripeKey(key) != stripeOther {
			return Stripe(v.str)
		}
		return typedText(v.str)
	case KindNumber:
		if hasSuffixFold(key, "_date") {
			return dateOfNumber(v)
		}
	}
	return v
}

// setText makes the zero Value at v what typed makes of a string: in its place,
// since a decoder makes many. It reports whether valueWarning has surely nothing
// to say of it.
func (v *Value) setText(key, text string) (quiet bool) {
	v.kind, v.str = KindString, text
	if mayBeTyped(key, text) {
		*v = typed(key, *v)
	}
	return v.kind == KindString
}

// mayBeTyped tells most strings that typed leaves as they are.
func mayBeTyped(key, text string) bool {
	return len(key) >= len("stripe_charge") || text != "" && text[0]|0x20 == 'h'
}

// setNumber makes the zero Value at v what typed makes of a number literal.
func (v *Value) setNumber(key, literal string) {
	coef, exp, ok := exact.Plain(literal)
	if !ok {
		*v = typed(key, NumberLiteral(literal))
		return
	}
	if exp == 0 && calendar.MinDate <= coef && coef <= calendar.MaxDate && hasSuffixFold(key, "_date") {
		v.kind, v.num, v.str = KindDate, coef, literal
		return
	}
	v.kind, v.flag, v.exp, v.num, v.str = KindNumber, flagSmall, exp, coef, literal
	if hasSuffixFold(key, "_date") {
		*v = dateOfNumber(*v)
	}
}

// valueWarning tells what looks wrong with a valid value under its key, ""
// if nothing does.
func valueWarning(key string, v *Value) (fault.Code, string) {
	switch v.kind {
	case KindLink, KindImage, KindRichLink:
		if suspiciousURL(v.url()) {
			return fault.WarnURLSuspicious, "the URL may lead elsewhere than it seems: its host is no plain ASCII name, or it has invisible characters"
		}
	case KindStripe:
		want := stripeKey(key)
		if kind, known := stripePrefix(v.str); known && want != stripeOther && kind != want {
			return fault.WarnStripePrefix, "the identifier has the prefix of another kind: " + fault.Quote(v.str)
		}
	case KindMonetary:
		if !v.hasMinorUnit() {
			code, _ := v.Currency()
			return fault.WarnCurrencyNoMinorUnit, code + " has no minor unit: the amount is taken as it is"
		}
	}
	return "", ""
}

// nested reports whether a value is wrong for no other reason than that it is
// nested or null, the values that [WithLenientMetadata] drops (M4).
func (v *Value) nested() bool {
	if v.kind != kindInvalid {
		code, _ := v.fault()
		return code == fault.ErrMetadataNested || code == fault.ErrMetadataNull
	}
	for row := v.str; row != ""; {
		var code fault.Code
		if code, _, row = cutReason(row); code != fault.ErrMetadataNested && code != fault.ErrMetadataNull {
			return false
		}
	}
	return true
}
