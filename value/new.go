package value

import (
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/exp/constraints"

	"github.com/beckon-go/beckon/internal/repr"
)

// of returns the value of its parts.
func of(v repr.Value) Value { return Value(repr.Make(v)) }

// Bool makes a boolean.
func Bool(b bool) Value { return of(repr.Bool(b)) }

// Date makes a date of an instant, from the year 1 to the end of the year 9999,
// to the second: fractions are cut off. Any other is refused with
// metadata_date_invalid, and so is the zero Time, which is no time.
func Date(t time.Time) Value { return of(repr.Date(t)) }

// Decimal makes a number of an exact decimal, under the limits of
// [NumberLiteral].
func Decimal(d decimal.Decimal) Value { return of(repr.Decimal(d)) }

// Image makes an image of its URL, under the rules of [Link]; the path may
// end as it likes.
func Image(url string) Value { return of(repr.Image(url)) }

// Link makes a link of an http or https URL with a host and without user or
// password, of at most MaxURLLength characters. Any other is refused with
// metadata_url_invalid. The URL is kept as it is.
func Link(url string) Value { return of(repr.Link(url)) }

// List makes a list of texts, for attributes; metadata refuses lists. The
// texts are copied (M4).
func List(texts ...string) Value { return of(repr.List(texts...)) }

// Monetary makes an amount of money in minor units of a currency of ISO 4217,
// named in any case of letters: Monetary(34999, "eur") is 349.99 EUR, and
// Monetary(500, "jpy") is 500 yen, which has no smaller unit. Zero and
// negative amounts are fine. A currency that is unknown or was withdrawn is
// refused with metadata_currency_unknown, an amount beyond int64 with
// metadata_amount_invalid. For a currency without minor unit, such as gold,
// the amount is taken as it is.
func Monetary[T constraints.Integer](minor T, currency string) Value {
	return of(repr.Monetary(minor, currency))
}

// MonetaryMajor makes an amount of money in units of its currency:
// MonetaryMajor(decimal.RequireFromString("349.99"), "eur") is 349.99 EUR. An
// amount that is no whole number of minor units, or is beyond int64 in them,
// is refused with metadata_amount_invalid; otherwise it is as [Monetary].
func MonetaryMajor(amount decimal.Decimal, currency string) Value {
	return of(repr.MonetaryMajor(amount, currency))
}

// Number makes a number of any of Go's numeric types: an integer as it is, a
// float in the shortest form that reads back as the same float. NaN and the
// infinities are refused with metadata_number_invalid.
func Number[T constraints.Integer | constraints.Float](n T) Value { return of(repr.Number(n)) }

// NumberLiteral makes a number of a literal as JSON has it: digits, and
// optionally a sign, decimals and an exponent. It appears in messages as it
// is written here: "1.50" stays 1.50. Anything else, and what is over
// MaxNumberDigits or MaxExponent, is refused with metadata_number_invalid (M5).
func NumberLiteral(s string) Value { return of(repr.NumberLiteral(s)) }

// RichLink makes a link with a title: the URL under the rules of [Link], the
// title under those of [String].
func RichLink(url, title string) Value { return of(repr.RichLink(url, title)) }

// String makes a text. In metadata it may have MaxStringLength code points,
// and like all text must be valid UTF-8; both are checked where it is used.
func String(s string) Value { return of(repr.String(s)) }

// Stripe makes a Stripe identifier of a customer, an invoice or a charge:
// letters, digits and underscores of ASCII, not ending in an underscore. Any
// other is refused with metadata_stripe_invalid, one over MaxStringLength with
// metadata_string_too_long.
func Stripe(id string) Value { return of(repr.Stripe(id)) }
