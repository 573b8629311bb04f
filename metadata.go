package beckon

import (
	"slices"

	"github.com/beckon-go/beckon/internal/calendar"
	exact "github.com/beckon-go/beckon/internal/decimal"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
)

// The limits of metadata (M1, M2).
const (
	MaxMetadataKeys      = 20  // keys that count; later ones are dropped
	MaxMetadataKeyLength = 255 // Unicode code points of a key
)

// A Field is one key of an event's metadata with its value.
type Field struct {
	Key   string
	Value Value
}

// Fields is an event's metadata, in the order sent (M1). Nil and empty are the
// same: no metadata. Fields are read by any number of goroutines at once.
type Fields []Field

// Get returns the value under key, whatever the case of its letters (M2), and
// whether there is one among the first MaxMetadataKeys. It does not allocate.
func (f Fields) Get(key string) (Value, bool) {
	if v := f.find(key); v != nil {
		return *v, true
	}
	return Value{}, false
}

// find returns the place of the value that Get gives, nil if there is none.
func (f Fields) find(key string) *Value {
	for i := range f[:min(len(f), MaxMetadataKeys)] {
		if f[i].Key == key || fold.EqualKey(f[i].Key, key) {
			return &f[i].Value
		}
	}
	return nil
}

// Equal reports whether two lists have the same keys, except for the case of
// their letters, with equal values in the same order.
func (f Fields) Equal(g Fields) bool {
	return slices.EqualFunc(f, g, func(a, b Field) bool {
		return fold.EqualKey(a.Key, b.Key) && a.Value.Equal(b.Value)
	})
}

// nested reports whether a value is wrong for no other reason than that it is
// nested or null, the values that [WithLenientMetadata] drops (M4).
func (v *Value) nested() bool {
	if v.kind != kindInvalid {
		code, _ := v.fault()
		return code == fault.ErrMetadataNested || code == fault.ErrMetadataNull
	}
	for row := v.str; row != ""; {
		var code Code
		if code, _, row = cutReason(row); code != fault.ErrMetadataNested && code != fault.ErrMetadataNull {
			return false
		}
	}
	return true
}

// withoutNested returns the fields that count, without those whose value is
// nested: a copy, or f itself if it has none. What follows the fields that count
// does not move up into the place of a dropped one.
func (f Fields) withoutNested() Fields {
	counted := f.counted()
	i := slices.IndexFunc(counted, func(x Field) bool { return x.Value.nested() })
	if i < 0 {
		return f
	}
	return slices.DeleteFunc(slices.Clone(counted), func(x Field) bool { return x.Value.nested() })
}

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
