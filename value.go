package beckon

import (
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/exp/constraints"

	"github.com/beckon-go/beckon/value"
)

// The limits of values (M3). They are part of the data contract, so that what
// one host accepts every other accepts; no option widens them.
const (
	MaxStringLength    = value.MaxStringLength    // Unicode code points of a string, a title or a Stripe identifier
	MaxURLLength       = value.MaxURLLength       // Unicode code points of a URL
	MaxNumberDigits    = value.MaxNumberDigits    // digits of a number before its exponent, as written
	MaxExponent        = value.MaxExponent        // magnitude of a number's exponent, as written
	MaxAttributeLength = value.MaxAttributeLength // Unicode code points of a text in an attribute, and of each text of a list there
	MaxListLength      = value.MaxListLength      // texts in a list
)

// A Value is one piece of metadata or one attribute: a small tagged union.
// The zero Value is unknown. A Value is immutable and safe to share.
//
// Constructors return no error, so that metadata reads as a literal; what they
// refuse becomes an invalid value, which [Value.Err] explains and which an
// event or a contact that holds it is refused for, together with all else that
// is wrong with it (E3).
type Value = value.Value

// A ValueKind is the type of a [Value].
type ValueKind = value.Kind

// The kinds of values (M3). KindList stands in attributes only.
const (
	KindUnknown  = value.KindUnknown // the zero Value: no value at all (A5)
	KindString   = value.KindString
	KindNumber   = value.KindNumber
	KindBool     = value.KindBool
	KindDate     = value.KindDate
	KindLink     = value.KindLink
	KindRichLink = value.KindRichLink
	KindImage    = value.KindImage
	KindStripe   = value.KindStripe
	KindMonetary = value.KindMonetary
	KindList     = value.KindList
)

// Bool makes a boolean.
func Bool(b bool) Value { return value.Bool(b) }

// Date makes a date of an instant, from the year 1 to the end of the year 9999,
// to the second: fractions are cut off. Any other is refused with
// metadata_date_invalid, and so is the zero Time, which is no time.
func Date(t time.Time) Value { return value.Date(t) }

// Decimal makes a number of an exact decimal, under the limits of
// [NumberLiteral].
func Decimal(d decimal.Decimal) Value { return value.Decimal(d) }

// Image makes an image of its URL, under the rules of [Link]; the path may
// end as it likes.
func Image(url string) Value { return value.Image(url) }

// Link makes a link of an http or https URL with a host and without user or
// password, of at most MaxURLLength characters. Any other is refused with
// metadata_url_invalid. The URL is kept as it is.
func Link(url string) Value { return value.Link(url) }

// List makes a list of texts, for attributes; metadata refuses lists (M4). The
// texts are copied.
func List(texts ...string) Value { return value.List(texts...) }

// Monetary makes an amount of money in minor units of a currency of ISO 4217,
// named in any case of letters: Monetary(34999, "eur") is 349.99 EUR, and
// Monetary(500, "jpy") is 500 yen, which has no smaller unit. Zero and
// negative amounts are fine. A currency that is unknown or was withdrawn is
// refused with metadata_currency_unknown, an amount beyond int64 with
// metadata_amount_invalid. For a currency without minor unit, such as gold,
// the amount is taken as it is.
func Monetary[T constraints.Integer](minor T, currency string) Value {
	return value.Monetary(minor, currency)
}

// MonetaryMajor makes an amount of money in units of its currency:
// MonetaryMajor(decimal.RequireFromString("349.99"), "eur") is 349.99 EUR. An
// amount that is no whole number of minor units, or is beyond int64 in them,
// is refused with metadata_amount_invalid; otherwise it is as [Monetary].
func MonetaryMajor(amount decimal.Decimal, currency string) Value {
	return value.MonetaryMajor(amount, currency)
}

// Number makes a number of any of Go's numeric types: an integer as it is, a
// float in the shortest form that reads back as the same float. NaN and the
// infinities are refused with metadata_number_invalid.
func Number[T constraints.Integer | constraints.Float](n T) Value { return value.Number(n) }

// NumberLiteral makes a number of a literal as JSON has it: digits, and
// optionally a sign, decimals and an exponent. It appears in messages as it
// is written here (M5): "1.50" stays 1.50. Anything else, and what is over
// MaxNumberDigits or MaxExponent, is refused with metadata_number_invalid.
func NumberLiteral(s string) Value { return value.NumberLiteral(s) }

// RichLink makes a link with a title: the URL under the rules of [Link], the
// title under those of [String].
func RichLink(url string, title string) Value { return value.RichLink(url, title) }

// String makes a text. In metadata it may have MaxStringLength code points,
// and like all text must be valid UTF-8; both are checked where it is used.
func String(s string) Value { return value.String(s) }

// Stripe makes a Stripe identifier of a customer, an invoice or a charge:
// letters, digits and underscores of ASCII, not ending in an underscore. Any
// other is refused with metadata_stripe_invalid, one over MaxStringLength with
// metadata_string_too_long.
func Stripe(id string) Value { return value.Stripe(id) }
