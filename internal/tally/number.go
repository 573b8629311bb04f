package tally

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"

	"github.com/shopspring/decimal"

	exact "github.com/beckon-go/beckon/internal/decimal"
	"github.com/beckon-go/beckon/internal/repr"
)

// A Number is an exact decimal, coef × 10^exp. The exponent of a sum is the least of
// its parts, so that equal sums are equal Numbers in whatever order they were made.
type Number struct {
	coef int64
	exp  int32
	long *big.Int // the coefficient, if it does not fit; never changed
}

// NumberOf returns a number, or money in major units; false for any other value.
func NumberOf(v *repr.Value) (Number, bool) {
	switch {
	case v.Kind == repr.KindMonetary, v.Kind == repr.KindNumber && v.Flag&repr.FlagSmall != 0:
		return Number{coef: v.Num, exp: v.Exp}, true
	case v.Kind != repr.KindNumber:
		return Number{}, false
	}
	d, ok := v.Decimal()
	if !ok {
		return Number{}, false
	}
	return numberOf(d.Coefficient(), d.Exponent()), true
}

// numberOf takes a coefficient of any size, and keeps it.
func numberOf(coef *big.Int, exp int32) Number {
	if coef.IsInt64() {
		return Number{coef: coef.Int64(), exp: exp}
	}
	return Number{exp: exp, long: coef}
}

func (n Number) decimal() decimal.Decimal {
	if n.long != nil {
		return decimal.NewFromBigInt(n.long, n.exp)
	}
	return decimal.New(n.coef, n.exp)
}

// plus adds. What fits in 64 bits allocates nothing.
func (n Number) plus(m Number) Number {
	if n.long == nil && m.long == nil {
		if sum := n.coef + m.coef; n.exp == m.exp && (sum > n.coef) == (m.coef > 0) {
			return Number{coef: sum, exp: n.exp}
		}
		if n.exp < m.exp {
			n, m = m, n
		}
		if a, ok := scaled(n.coef, int64(n.exp)-int64(m.exp)); ok {
			if sum := a + m.coef; (sum > a) == (m.coef > 0) {
				return Number{coef: sum, exp: m.exp}
			}
		}
	}
	d := n.decimal().Add(m.decimal())
	return numberOf(d.Coefficient(), d.Exponent())
}

// Times multiplies by how many there are.
func (n Number) Times(count uint64) Number {
	if n.long == nil && count <= math.MaxInt64 {
		hi, lo := bits.Mul64(magnitude(n.coef), count)
		if hi == 0 && lo <= math.MaxInt64 {
			if n.coef < 0 {
				return Number{coef: -int64(lo), exp: n.exp}
			}
			return Number{coef: int64(lo), exp: n.exp}
		}
	}
	coef := n.decimal().Coefficient()
	return numberOf(coef.Mul(coef, new(big.Int).SetUint64(count)), n.exp)
}

// Compare compares two numbers: -1, 0 or +1.
func (n Number) Compare(m Number) int {
	if n.long == nil && m.long == nil {
		return exact.CompareSmall(n.coef, n.exp, m.coef, m.exp)
	}
	return n.decimal().Cmp(m.decimal())
}

// scaled returns coef × 10^shift, if that fits.
func scaled(coef, shift int64) (int64, bool) {
	if coef == 0 {
		return 0, true
	}
	if shift > 18 {
		return 0, false
	}
	unit := uint64(1)
	for range shift {
		unit *= 10
	}
	hi, lo := bits.Mul64(magnitude(coef), unit)
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	if coef < 0 {
		return -int64(lo), true
	}
	return int64(lo), true
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// String returns the number in plain digits, with all its decimals.
func (n Number) String() string { return n.decimal().StringFixed(max(-n.exp, 0)) }

// Over returns the number divided by how many there are, rounded to 16 decimals if it
// has more, for people to read.
func (n Number) Over(count uint64) string {
	return n.decimal().DivRound(decimal.NewFromBigInt(new(big.Int).SetUint64(count), 0), 16).String()
}

// before orders numbers, equal ones by how they are written: so the least and the
// greatest do not depend on the order in which they came.
func (n *Number) before(m *Number) int {
	if n.long == nil && m.long == nil && n.exp == m.exp {
		return cmp.Compare(n.coef, m.coef)
	}
	return cmp.Or(n.Compare(*m), cmp.Compare(n.exp, m.exp))
}

// append appends the form that read reads: the exponent, whether the coefficient is a
// long one, and the coefficient.
func (n Number) append(b []byte) []byte {
	if n.long == nil {
		return binary.AppendVarint(binary.AppendVarint(b, int64(n.exp)<<1), n.coef)
	}
	b = binary.AppendVarint(b, int64(n.exp)<<1|1)
	text := n.long.Append(nil, 10)
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}
