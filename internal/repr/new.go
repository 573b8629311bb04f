package repr

import (
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/exp/constraints"

	"github.com/beckon-go/beckon/internal/calendar"
	exact "github.com/beckon-go/beckon/internal/decimal"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/weburl"
)

// String makes a text. In metadata it may have MaxStringLength code points,
// and like all text must be valid UTF-8; both are checked where it is used.
func String(s string) Value { return Value{Kind: KindString, Str: s} }

// Number makes a number of any of Go's numeric types: an integer as it is, a
// float in the shortest form that reads back as the same float. NaN and the
// infinities are refused with metadata_number_invalid.
func Number[T constraints.Integer | constraints.Float](n T) Value {
	half := T(1) / 2
	if half == 0 { // an integer
		if n < 0 || uint64(n) <= 1<<63-1 {
			return Value{Kind: KindNumber, Flag: FlagSmall, Num: int64(n)}
		}
		return NumberLiteral(strconv.FormatUint(uint64(n), 10))
	}
	return NumberLiteral(floatLiteral(float64(n), reflect.TypeFor[T]().Bits()))
}

// floatLiteral writes a float as JSON has it: plain digits within reason, and
// an exponent beyond. NaN and infinities become their names, which no literal is.
func floatLiteral(f float64, bits int) string {
	format := byte('f')
	if a := max(f, -f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.FormatFloat(f, format, -1, bits)
}

// NumberLiteral makes a number of a literal as JSON has it: digits, and
// optionally a sign, decimals and an exponent. It appears in messages as it
// is written here (M5): "1.50" stays 1.50. Anything else, and what is over
// MaxNumberDigits or MaxExponent, is refused with metadata_number_invalid.
func NumberLiteral(s string) Value {
	if coef, exp, ok := exact.Plain(s); ok {
		return Value{Kind: KindNumber, Flag: FlagSmall, Exp: exp, Num: coef, Str: s}
	}
	valid, within := exact.Check(s)
	switch {
	case !valid:
		return Invalid(fault.ErrMetadataNumberInvalid, "must be a finite decimal number, got "+fault.Quote(s))
	case !within:
		return Invalid(fault.ErrMetadataNumberInvalid, "must have at most 100 digits and an exponent within ±308, got "+fault.Quote(s))
	}
	v := Value{Kind: KindNumber, Str: s}
	if coef, exp, ok := exact.Small(s); ok {
		v.Flag, v.Num, v.Exp = FlagSmall, coef, exp
	}
	return v
}

// Decimal makes a number of an exact decimal, under the limits of
// [NumberLiteral].
func Decimal(d decimal.Decimal) Value {
	// Written out, an exponent is as many zeros: the limits come first.
	if e := d.Exponent(); e >= -MaxNumberDigits && e <= 0 {
		return NumberLiteral(d.String())
	}
	coef := d.Coefficient()
	if coef.BitLen() > 4*MaxNumberDigits {
		return Invalid(fault.ErrMetadataNumberInvalid, "must have at most 100 digits and an exponent within ±308")
	}
	return NumberLiteral(coef.String() + "e" + strconv.Itoa(int(d.Exponent())))
}

// Bool makes a boolean.
func Bool(b bool) Value {
	if b {
		return Value{Kind: KindBool, Num: 1}
	}
	return Value{Kind: KindBool}
}

// Date makes a date of an instant, from the year 1 to the end of the year 9999,
// to the second: fractions are cut off. Any other is refused with
// metadata_date_invalid, and so is the zero Time, which is no time.
func Date(t time.Time) Value {
	if t.IsZero() {
		return Invalid(fault.ErrMetadataDateInvalid, "must not be the zero time, which is no time")
	}
	return NewDate(t.Unix())
}

// NewDate makes a date of Unix seconds.
func NewDate(sec int64) Value {
	if calendar.MinDate <= sec && sec <= calendar.MaxDate {
		return Value{Kind: KindDate, Num: sec}
	}
	return Invalid(fault.ErrMetadataDateInvalid, "must lie between the years 1 and 9999")
}

// Link makes a link of an http or https URL with a host and without user or
// password, of at most MaxURLLength characters. Any other is refused with
// metadata_url_invalid. The URL is kept as it is.
func Link(url string) Value { return newLink(KindLink, url) }

// Image makes an image of its URL, under the rules of [Link]; the path may
// end as it likes.
func Image(url string) Value { return newLink(KindImage, url) }

func newLink(kind Kind, url string) Value {
	if r := weburl.Check(url); r != weburl.OK {
		return invalidURL(r)
	}
	return Value{Kind: kind, Str: url}
}

// RichLink makes a link with a title: the URL under the rules of [Link], the
// title under those of [String].
func RichLink(url, title string) Value {
	var v Value
	if r := weburl.Check(url); r != weburl.OK {
		v = invalidURL(r)
	}
	if code, message := TextFault(title); code != "" {
		v = v.AlsoInvalid(code, "the title "+message)
	}
	if v.Kind == KindInvalid {
		return v
	}
	return RichLinkIn(url+title, url, title)
}

// Stripe makes a Stripe identifier of a customer, an invoice or a charge:
// letters, digits and underscores of ASCII, not ending in an underscore. Any
// other is refused with metadata_stripe_invalid, one over MaxStringLength with
// metadata_string_too_long.
func Stripe(id string) Value {
	if code, message := TextFault(id); code != "" {
		return Invalid(code, message)
	}
	if !validStripe(id) {
		return Invalid(fault.ErrMetadataStripeInvalid, "must be a Stripe identifier: letters, digits and underscores, not ending in an underscore; got "+fault.Quote(id))
	}
	return Value{Kind: KindStripe, Str: id}
}

// List makes a list of texts, for attributes; metadata refuses lists (M4). The
// texts are copied.
func List(texts ...string) Value {
	return Value{Kind: KindList, Num: int64(len(texts)), Str: JoinTexts(texts...)}
}

// Invalid makes the value that stands for one refused. The sentence goes on
// from the name of the field.
func Invalid(code fault.Code, message string) Value {
	return Value{Kind: KindInvalid, Num: 2, Str: JoinTexts(string(code), message)}
}

// AlsoInvalid adds a further reason to an invalid value, or a first one.
func (v Value) AlsoInvalid(code fault.Code, message string) Value {
	if v.Kind != KindInvalid {
		return Invalid(code, message)
	}
	return Value{Kind: KindInvalid, Num: v.Num + 2, Str: v.Str + JoinTexts(string(code), message)}
}

// invalidURL never quotes the URL, which may hold a password.
func invalidURL(r weburl.Reason) Value {
	code := fault.ErrMetadataURLInvalid
	if r == weburl.NotUTF8 {
		code = fault.ErrTextNotUTF8
	}
	return Invalid(code, "the URL "+r.String())
}

// TextFault judges a string by M3.
func TextFault(s string) (fault.Code, string) {
	if !utf8.ValidString(s) {
		return fault.ErrTextNotUTF8, "is not valid UTF-8"
	}
	if len(s) > MaxStringLength {
		if n := utf8.RuneCountInString(s); n > MaxStringLength {
			return fault.ErrMetadataStringTooLong, "must have at most 255 characters, got " + strconv.Itoa(n)
		}
	}
	return "", ""
}

// Fault returns the first reason why metadata refuses the value, "" if none.
// The sentence goes on from the name of the field. It allocates for a fault
// only.
func (v *Value) Fault() (fault.Code, string) {
	switch v.Kind {
	case KindInvalid:
		code, message, _ := cutReason(v.Str)
		return code, message
	case KindString:
		return TextFault(v.Str)
	case KindUnknown:
		return fault.ErrMetadataNull, "has no value"
	case KindList:
		return fault.ErrMetadataNested, "must be a single value: lists are not supported in metadata"
	}
	return "", ""
}

// Plain reports whether a value of text that is UTF-8 has no fault, as most have
// none.
func (v *Value) Plain() bool {
	switch v.Kind {
	case KindString:
		return len(v.Str) <= MaxStringLength
	case KindUnknown, KindList, KindInvalid:
		return false
	}
	return true
}

// AddFaults appends every reason why metadata refuses the value (E3).
func (v *Value) AddFaults(l *fault.List, field string) {
	if v.Kind != KindInvalid {
		if code, message := v.Fault(); code != "" {
			l.Add(code, field, message)
		}
		return
	}
	for row := v.Str; row != ""; {
		var code fault.Code
		var message string
		code, message, row = cutReason(row)
		l.Add(code, field, message)
	}
}

// MaxAttributeLength is the greatest length of a text in an attribute, and of
// each text of a list there, in Unicode code points.
const MaxAttributeLength = 10_000

// MaxListLength is the greatest number of texts in a list.
const MaxListLength = 1_000

// AddAttributeFaults appends every reason why an attribute refuses the value.
// The zero Value is fine: it unsets (C1).
func (v Value) AddAttributeFaults(l *fault.List, field string) {
	switch v.Kind {
	case KindInvalid:
		// The contract has one code for attributes, except for broken text.
		for row := v.Str; row != ""; {
			var code fault.Code
			var message string
			if code, message, row = cutReason(row); code != fault.ErrTextNotUTF8 {
				code = fault.ErrAttributeInvalid
			}
			l.Add(code, field, message)
		}
	case KindString:
		if code, message := attributeTextFault(v.Str); code != "" {
			l.Add(code, field, message)
		}
	case KindList:
		if v.Num > MaxListLength {
			l.Add(fault.ErrAttributeInvalid, field, "must have at most 1000 texts, got "+strconv.FormatInt(v.Num, 10))
			return
		}
		for i, s := range v.SplitTexts() {
			if code, message := attributeTextFault(s); code != "" {
				l.Add(code, field, "text "+strconv.Itoa(i)+" "+message)
			}
		}
	}
}

func attributeTextFault(s string) (fault.Code, string) {
	if !utf8.ValidString(s) {
		return fault.ErrTextNotUTF8, "is not valid UTF-8"
	}
	if len(s) > MaxAttributeLength {
		if n := utf8.RuneCountInString(s); n > MaxAttributeLength {
			return fault.ErrAttributeInvalid, "must have at most 10000 characters, got " + strconv.Itoa(n)
		}
	}
	return "", ""
}

// isDateKey reports whether a key ends in _date, in any case: a number under it is a date.
// Most keys are told by their last letter.
func isDateKey(key string) bool {
	at := len(key) - len("_date")
	return at >= 0 && key[len(key)-1]|0x20 == 'e' && strings.EqualFold(key[at:], "_date")
}
