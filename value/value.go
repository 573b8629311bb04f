// Package value has the values of metadata and attributes: texts, numbers, dates,
// links, money and the rest, each exactly as it was sent. Package beckon has the
// same names for hosts; stores and tools that need no engine import this one.
package value

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/beckon-go/beckon/internal/repr"
)

// The limits of values. They are part of the data contract, so that what one
// host accepts every other accepts; no option widens them (M3).
const (
	MaxStringLength    = repr.MaxStringLength    // Unicode code points of a string, a title or a Stripe identifier
	MaxURLLength       = repr.MaxURLLength       // Unicode code points of a URL
	MaxNumberDigits    = repr.MaxNumberDigits    // digits of a number before its exponent, as written
	MaxExponent        = repr.MaxExponent        // magnitude of a number's exponent, as written
	MaxAttributeLength = repr.MaxAttributeLength // Unicode code points of a text in an attribute, and of each text of a list there
	MaxListLength      = repr.MaxListLength      // texts in a list
)

// A Kind is the type of a [Value].
type Kind uint8

// The kinds of values. KindList stands in attributes only (M3).
const (
	KindUnknown  = Kind(repr.KindUnknown) // the zero Value: no value at all (A5)
	KindString   = Kind(repr.KindString)
	KindNumber   = Kind(repr.KindNumber)
	KindBool     = Kind(repr.KindBool)
	KindDate     = Kind(repr.KindDate)
	KindLink     = Kind(repr.KindLink)
	KindRichLink = Kind(repr.KindRichLink)
	KindImage    = Kind(repr.KindImage)
	KindStripe   = Kind(repr.KindStripe)
	KindMonetary = Kind(repr.KindMonetary)
	KindList     = Kind(repr.KindList)
)

// String returns the name of the kind, such as "rich link".
func (k Kind) String() string { return repr.Kind(k).String() }

// A Value is one piece of metadata or one attribute: a small tagged union.
// The zero Value is unknown. A Value is immutable and safe to share.
//
// Constructors return no error, so that metadata reads as a literal; what they
// refuse becomes an invalid value, which [Value.Err] explains and which an
// event or a contact that holds it is refused for, together with all else that
// is wrong with it (E3).
type Value repr.Box

// parts returns what a value is made of.
func (v *Value) parts() *repr.Value { return repr.Of((*repr.Box)(v)) }

// Kind returns the type of the value.
func (v Value) Kind() Kind { return Kind(v.parts().Kind) }

// IsUnknown reports whether there is no value at all. The empty string is a
// known value (A5).
func (v Value) IsUnknown() bool { return v.parts().Kind == repr.KindUnknown }

// Time returns the instant of a date, in UTC.
func (v Value) Time() (t time.Time, ok bool) { return v.parts().Time() }

// Bool returns the value of a boolean.
func (v Value) Bool() (b, ok bool) { return v.parts().Bool() }

// Decimal returns the value of a number, exactly.
func (v Value) Decimal() (d decimal.Decimal, ok bool) { return v.parts().Decimal() }

// URL returns the URL of a link, an image or a rich link, as it was sent.
func (v Value) URL() (url string, ok bool) { return v.parts().URL() }

// Title returns the title of a rich link.
func (v Value) Title() (title string, ok bool) { return v.parts().Title() }

// Amount returns a monetary value in minor units: 34999 for 349.99 EUR.
func (v Value) Amount() (minor int64, ok bool) { return v.parts().Amount() }

// MajorUnits returns a monetary value in units of its currency: 349.99 for
// 349.99 EUR. Where the currency has no minor unit, the two are the same.
func (v Value) MajorUnits() (amount decimal.Decimal, ok bool) { return v.parts().MajorUnits() }

// Currency returns the ISO 4217 code of a monetary value, in capitals.
func (v Value) Currency() (code string, ok bool) { return v.parts().Currency() }

// Texts returns a copy of the texts of a list, nil for any other value.
func (v Value) Texts() []string { return v.parts().Texts() }

// Text returns the plain form of the value: a string and a number as sent,
// true or false, a date as its Unix seconds, a link and an image as their URL,
// a rich link as "title (URL)", a Stripe identifier as it is, money as
// "349.99 EUR", a list joined by ", ". Unknown and invalid values have none (R4).
func (v Value) Text() string { return v.parts().Text() }

// String returns the plain form, as Text does, so that a value printed with
// package fmt reads well; an invalid one says that it is.
func (v Value) String() string { return v.parts().String() }

// Equal reports whether two values are the same: of one kind, and equal in
// what they stand for. Numbers are equal by value (1, 1.0 and 10e-1), money by
// currency and amount, all text exactly. A number never equals the text of its
// digits. Unknown equals unknown.
func (v Value) Equal(w Value) bool { return v.parts().Equal(*w.parts()) }

// Err returns why a value is refused, nil if it is not: a *beckon.Error or, if
// there is more than one reason, a beckon.ErrorList, without fields. It judges the
// value by itself; what depends on the key or on the place, such as a list, which
// metadata refuses, is found where it is used (M4). A program that does not import
// package beckon gets an error of the same text and codes.
func (v Value) Err() error { return v.parts().Err() }
