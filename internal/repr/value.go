// Package repr has what a value is made of and all that is done with it: making,
// comparing, printing, and finding what metadata and attributes refuse. Package
// value is its public face.
package repr

import (
	"math/big"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	exact "github.com/beckon-go/beckon/internal/decimal"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/iso4217"
)

// The limits of values (M3). They are part of the data contract, so that what
// one host accepts every other accepts; no option widens them.
const (
	MaxStringLength = 255  // Unicode code points of a string, a title or a Stripe identifier
	MaxURLLength    = 2048 // Unicode code points of a URL
	MaxNumberDigits = 100  // digits of a number before its exponent, as written
	MaxExponent     = 308  // magnitude of a number's exponent, as written
)

// A Kind is the type of a [Value].
type Kind uint8

// The kinds of values (M3). KindList stands in attributes only.
const (
	KindUnknown Kind = iota // the zero Value: no value at all (A5)
	KindString
	KindNumber
	KindBool
	KindDate
	KindLink
	KindRichLink
	KindImage
	KindStripe
	KindMonetary
	KindList
	KindInvalid // a constructor was given something it refuses; see Value.Err
)

// String returns the name of the kind, such as "rich link".
func (k Kind) String() string {
	switch k {
	case KindUnknown:
		return "unknown"
	case KindString:
		return "string"
	case KindNumber:
		return "number"
	case KindBool:
		return "boolean"
	case KindDate:
		return "date"
	case KindLink:
		return "link"
	case KindRichLink:
		return "rich link"
	case KindImage:
		return "image"
	case KindStripe:
		return "stripe"
	case KindMonetary:
		return "monetary"
	case KindList:
		return "list"
	}
	return "invalid"
}

// A Value is what package value's Value is made of, with its parts in the open
// for the packages that judge and render. It is immutable: only what makes a value
// writes to one. Values that are Equal may differ in how they are held.
type Value struct {
	_    [0]func() // no == for values
	Kind Kind
	Flag uint8  // number: flagSmall
	Exp  int32  // number: exponent of num; monetary: minus the decimals of the minor unit; rich link: length of the URL
	Num  int64  // number: coefficient; bool: 0 or 1; date: Unix seconds; monetary: minor units; rich link: where the title begins; list and invalid: how many texts
	Str  string // number and date: the literal as sent, or empty if num and exp say it all; monetary: the currency as sent; rich link: the URL, anything, the title; list: its texts; invalid: code and sentence, in turn; else the text
}

// A Box keeps the parts of a value to itself: a type that is defined as a Box can
// be read by those alone who can name this package.
type Box struct{ v Value }

// Of returns the parts of a value. Nobody writes through it but a decoder that
// fills a value of its own.
func Of(b *Box) *Value { return &b.v }

// Make puts the parts of a value in a box.
func Make(v Value) Box { return Box{v} }

// FlagSmall marks a number whose value is num × 10^exp.
const FlagSmall uint8 = 1

// IsUnknown reports whether there is no value at all (A5). The empty string
// is a known value.
func (v Value) IsUnknown() bool { return v.Kind == KindUnknown }

// Time returns the instant of a date, in UTC.
func (v Value) Time() (t time.Time, ok bool) {
	if v.Kind != KindDate {
		return time.Time{}, false
	}
	return time.Unix(v.Num, 0).UTC(), true
}

// Bool returns the value of a boolean.
func (v Value) Bool() (b, ok bool) { return v.Kind == KindBool && v.Num != 0, v.Kind == KindBool }

// Decimal returns the value of a number, exactly.
func (v Value) Decimal() (d decimal.Decimal, ok bool) {
	switch {
	case v.Kind != KindNumber:
		return decimal.Decimal{}, false
	case v.Flag&FlagSmall != 0:
		return decimal.New(v.Num, v.Exp), true
	}
	d, err := decimal.NewFromString(v.Str)
	return d, err == nil
}

// URL returns the URL of a link, an image or a rich link, as it was sent.
func (v Value) URL() (url string, ok bool) {
	switch v.Kind {
	case KindLink, KindImage, KindRichLink:
		return v.RawURL(), true
	}
	return "", false
}

// Title returns the title of a rich link.
func (v Value) Title() (title string, ok bool) {
	if v.Kind != KindRichLink {
		return "", false
	}
	return v.RawTitle(), true
}

// Amount returns a monetary value in minor units: 34999 for 349.99 EUR.
func (v Value) Amount() (minor int64, ok bool) {
	if v.Kind != KindMonetary {
		return 0, false
	}
	return v.Num, true
}

// MajorUnits returns a monetary value in units of its currency: 349.99 for
// 349.99 EUR. Where the currency has no minor unit, the two are the same.
func (v Value) MajorUnits() (amount decimal.Decimal, ok bool) {
	if v.Kind != KindMonetary {
		return decimal.Decimal{}, false
	}
	return decimal.NewFromBigInt(big.NewInt(v.Num), v.Exp), true
}

// Currency returns the ISO 4217 code of a monetary value, in capitals.
func (v Value) Currency() (code string, ok bool) {
	if v.Kind != KindMonetary {
		return "", false
	}
	return CurrencyCode(v.Str), true
}

// CurrencyCode returns a code in capitals. One that a later list has withdrawn
// may still stand in what is stored.
func CurrencyCode(code string) string {
	if c, ok := iso4217.Lookup(code); ok {
		return c.Code
	}
	return strings.ToUpper(code)
}

// Texts returns a copy of the texts of a list, nil for any other value.
func (v Value) Texts() []string {
	if v.Kind != KindList {
		return nil
	}
	return v.SplitTexts()
}

// Sound reports whether a value read back from storage is one that a
// constructor could have made, as far as the methods of a value rely on it.
func (v *Value) Sound() bool {
	switch v.Kind {
	case KindNumber:
		if v.Str == "" {
			return v.Flag == FlagSmall && -4 <= v.Exp && v.Exp <= 0
		}
		_, within := exact.Check(v.Str)
		return within
	case KindDate:
		_, within := exact.Check(v.Str)
		return within || v.Str == ""
	case KindMonetary:
		return len(v.Str) == 3 && -4 <= v.Exp && v.Exp <= 0
	case KindInvalid:
		return v.Num >= 2 && v.Num%2 == 0 // under a key that did not count (M1)
	}
	return true
}

// Err returns why a value is refused, nil if it is not, as the error that hosts
// get: one error, or a list of more than one.
func (v Value) Err() error {
	var l fault.List
	if v.Kind == KindList {
		v.AddAttributeFaults(&l, "")
	} else {
		v.AddFaults(&l, "")
	}
	if len(l) == 1 {
		return l[0].Err()
	}
	return l.Err()
}
