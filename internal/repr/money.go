package repr

import (
	"math/big"
	"strconv"

	"github.com/shopspring/decimal"
	"golang.org/x/exp/constraints"

	exact "github.com/beckon-go/beckon/internal/decimal"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/iso4217"
)

// Monetary makes an amount of money in minor units of a currency of ISO 4217,
// named in any case of letters: Monetary(34999, "eur") is 349.99 EUR, and
// Monetary(500, "jpy") is 500 yen, which has no smaller unit. Zero and
// negative amounts are fine. A currency that is unknown or was withdrawn is
// refused with metadata_currency_unknown, an amount beyond int64 with
// metadata_amount_invalid. For a currency without minor unit, such as gold,
// the amount is taken as it is.
func Monetary[T constraints.Integer](minor T, currency string) Value {
	if minor > 0 && uint64(minor) > 1<<63-1 {
		return newMonetary(0, invalidAmount("must fit in 64 bits"), currency)
	}
	return newMonetary(int64(minor), Value{}, currency)
}

// MonetaryMajor makes an amount of money in units of its currency:
// MonetaryMajor(decimal.RequireFromString("349.99"), "eur") is 349.99 EUR. An
// amount that is no whole number of minor units, or is beyond int64 in them,
// is refused with metadata_amount_invalid; otherwise it is as [Monetary].
func MonetaryMajor(amount decimal.Decimal, currency string) Value {
	c, _ := iso4217.Lookup(currency)
	minor, ok := minorUnits(amount, max(c.Digits, 0))
	if !ok {
		return newMonetary(0, invalidAmount("must be a whole number of minor units within 64 bits"), currency)
	}
	return newMonetary(minor, Value{}, currency)
}

// minorUnits returns amount × 10^digits, if it is a whole number that fits.
func minorUnits(amount decimal.Decimal, digits int8) (int64, bool) {
	coef := amount.Coefficient()
	exp := int64(amount.Exponent()) + int64(digits)
	if coef.Sign() == 0 {
		return 0, true
	}
	// Beyond these bounds a coefficient is too great, or cannot come out
	// whole; within them the powers of ten stay small.
	if coef.BitLen() > 4*MaxNumberDigits || exp < -2*MaxNumberDigits || exp > 19 {
		return 0, false
	}
	ten := big.NewInt(10)
	if exp >= 0 {
		coef.Mul(coef, ten.Exp(ten, big.NewInt(exp), nil))
	} else {
		var rest big.Int
		coef.QuoRem(coef, ten.Exp(ten, big.NewInt(-exp), nil), &rest)
		if rest.Sign() != 0 {
			return 0, false
		}
	}
	return coef.Int64(), coef.IsInt64()
}

// MonetaryLiteral makes money of an amount in minor units as JSON has it. What
// a sum of floats slips by, up to a millionth of a minor unit, is rounded off.
func MonetaryLiteral(literal, currency string) Value {
	if n, exp, ok := exact.Plain(literal); ok && exp == 0 {
		return newMonetary(n, Value{}, currency)
	}
	if _, within := exact.Check(literal); !within {
		return newMonetary(0, invalidAmount("must be a number of at most 100 digits with an exponent within ±308"), currency)
	}
	minor, ok := exact.Round(literal)
	if !ok {
		return newMonetary(0, invalidAmount("must be a whole number of minor units within 64 bits, such as 1999 for 19.99; got "+fault.Quote(literal)), currency)
	}
	return newMonetary(minor, Value{}, currency)
}

// newMonetary joins the amount, or what is wrong with it, with the currency.
func newMonetary(minor int64, problem Value, currency string) Value {
	c, ok := iso4217.Lookup(currency)
	if !ok {
		problem = problem.AlsoInvalid(fault.ErrMetadataCurrency, "the currency must be a current code of ISO 4217, such as \"eur\"; got "+fault.Quote(currency))
	}
	if problem.Kind == KindInvalid {
		return problem
	}
	return Value{Kind: KindMonetary, Exp: -int32(max(c.Digits, 0)), Num: minor, Str: currency}
}

func invalidAmount(message string) Value {
	return Invalid(fault.ErrMetadataAmountInvalid, "the amount "+message)
}

// hasMinorUnit reports whether a monetary value's currency has a minor unit.
func (v *Value) hasMinorUnit() bool {
	if v.Exp < 0 {
		return true
	}
	c, ok := iso4217.Lookup(v.Str)
	return ok && c.Digits != iso4217.NoMinorUnit
}

// appendMonetaryJSON appends {"amount": minor units, "currency": as sent}.
func (v Value) appendMonetaryJSON(dst []byte) []byte {
	dst = append(dst, `{"amount":`...)
	dst = strconv.AppendInt(dst, v.Num, 10)
	dst = append(dst, `,"currency":"`...)
	dst = append(dst, v.Str...)
	return append(dst, `"}`...)
}
