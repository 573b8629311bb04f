package beckon

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

// A ValueKind is the type of a [Value].
type ValueKind uint8

// The kinds of values (M3). KindList stands in attributes only.
const (
	KindUnknown ValueKind = iota // the zero Value: no value at all (A5)
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
	kindInvalid // a constructor was given something it refuses; see Value.Err
)

// String returns the name of the kind, such as "rich link".
func (k ValueKind) String() string {
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

// A Value is one piece of metadata or one attribute: a small tagged union.
// The zero Value is unknown. A Value is immutable and safe to share.
//
// Constructors return no error, so that metadata reads as a literal; what they
// refuse becomes an invalid value, which [Value.Err] explains and which an
// event or a contact that holds it is refused for, together with all else that
// is wrong with it (E3).
type Value struct {
	_    [0]func() // values that are Equal may differ in how they are held
	kind ValueKind
	flag uint8  // number: flagSmall
	exp  int32  // number: exponent of num; monetary: minus the decimals of the minor unit; rich link: length of the URL
	num  int64  // number: coefficient; bool: 0 or 1; date: Unix seconds; monetary: minor units; rich link: where the title begins; list and invalid: how many texts
	str  string // number and date: the literal as sent, or empty if num and exp say it all; monetary: the currency as sent; rich link: the URL, anything, the title; list: its texts; invalid: code and sentence, in turn; else the text
}

// flagSmall marks a number whose value is num × 10^exp.
const flagSmall uint8 = 1

// Kind returns the type of the value.
func (v Value) Kind() ValueKind { return v.kind }

// IsUnknown reports whether there is no value at all (A5). The empty string
// is a known value.
func (v Value) IsUnknown() bool { return v.kind == KindUnknown }

// Time returns the instant of a date, in UTC.
func (v Value) Time() (t time.Time, ok bool) {
	if v.kind != KindDate {
		return time.Time{}, false
	}
	return time.Unix(v.num, 0).UTC(), true
}

// Bool returns the value of a boolean.
func (v Value) Bool() (b, ok bool) { return v.kind == KindBool && v.num != 0, v.kind == KindBool }

// Decimal returns the value of a number, exactly.
func (v Value) Decimal() (d decimal.Decimal, ok bool) {
	switch {
	case v.kind != KindNumber:
		return decimal.Decimal{}, false
	case v.flag&flagSmall != 0:
		return decimal.New(v.num, v.exp), true
	}
	d, err := decimal.NewFromString(v.str)
	return d, err == nil
}

// URL returns the URL of a link, an image or a rich link, as it was sent.
func (v Value) URL() (url string, ok bool) {
	switch v.kind {
	case KindLink, KindImage, KindRichLink:
		return v.url(), true
	}
	return "", false
}

// Title returns the title of a rich link.
func (v Value) Title() (title string, ok bool) {
	if v.kind != KindRichLink {
		return "", false
	}
	return v.title(), true
}

// Amount returns a monetary value in minor units: 34999 for 349.99 EUR.
func (v Value) Amount() (minor int64, ok bool) {
	if v.kind != KindMonetary {
		return 0, false
	}
	return v.num, true
}

// MajorUnits returns a monetary value in units of its currency: 349.99 for
// 349.99 EUR. Where the currency has no minor unit, the two are the same.
func (v Value) MajorUnits() (amount decimal.Decimal, ok bool) {
	if v.kind != KindMonetary {
		return decimal.Decimal{}, false
	}
	return decimal.NewFromBigInt(big.NewInt(v.num), v.exp), true
}

// Currency returns the ISO 4217 code of a monetary value, in capitals.
func (v Value) Currency() (code string, ok bool) {
	if v.kind != KindMonetary {
		return "", false
	}
	return currencyCode(v.str), true
}

// currencyCode returns a code in capitals. One that a later list has withdrawn
// may still stand in what is stored.
func currencyCode(code string) string {
	if c, ok := iso4217.Lookup(code); ok {
		return c.Code
	}
	return strings.ToUpper(code)
}

// Texts returns a copy of the texts of a list, nil for any other value.
func (v Value) Texts() []string {
	if v.kind != KindList {
		return nil
	}
	return v.splitTexts()
}

// sound reports whether a value read back from storage is one that a
// constructor could have made, as far as the methods of a value rely on it.
func (v *Value) sound() bool {
	switch v.kind {
	case KindNumber:
		if v.str == "" {
			return v.flag == flagSmall && -4 <= v.exp && v.exp <= 0
		}
		_, within := exact.Check(v.str)
		return within
	case KindDate:
		_, within := exact.Check(v.str)
		return within || v.str == ""
	case KindMonetary:
		return len(v.str) == 3 && -4 <= v.exp && v.exp <= 0
	case kindInvalid:
		return v.num >= 2 && v.num%2 == 0 // under a key that did not count (M1)
	}
	return true
}

// Err tells why a value is refused, nil if it is not: a [*Error] or, if there
// is more than one reason, an [ErrorList], without fields. It judges the value
// by itself; what depends on the key or on the place, such as a list, which
// metadata refuses (M4), is found where it is used.
func (v Value) Err() error {
	var l fault.List
	if v.kind == KindList {
		v.addAttributeFaults(&l, "")
	} else {
		v.addFaults(&l, "")
	}
	if len(l) == 1 {
		return l[0].Err()
	}
	return l.Err()
}
