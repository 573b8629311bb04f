package decimal

import (
	"cmp"
	"math"
	"math/bits"
)

// Small returns a valid literal as coef × 10^exp, if the coefficient fits; the
// coefficient keeps trailing zeros: 1.50 is 150 × 10^-2.
func Small(s string) (coef int64, exp int32, ok bool) {
	i, negative := 0, false
	if i < len(s) && s[i] == '-' {
		i, negative = 1, true
	}
	var c uint64
	point := 0
	seen := false
	for ; i < len(s) && s[i] != 'e' && s[i] != 'E'; i++ {
		if s[i] == '.' {
			seen = true
			continue
		}
		hi, lo := bits.Mul64(c, 10)
		sum, carry := bits.Add64(lo, uint64(s[i]-'0'), 0)
		if hi != 0 || carry != 0 {
			return 0, 0, false
		}
		c = sum
		if seen {
			point++
		}
	}
	if c > math.MaxInt64 {
		return 0, 0, false
	}
	coef = int64(c)
	if negative {
		coef = -coef
	}
	return coef, int32(exponent(s) - point), true
}

// CompareSmall compares a × 10^ea with b × 10^eb, exactly.
func CompareSmall(a int64, ea int32, b int64, eb int32) int {
	if ea == eb || a == 0 || b == 0 || (a < 0) != (b < 0) {
		return cmp.Compare(a, b) // of two signs, or with a zero, the exponent does not matter
	}
	if ea < eb {
		return -CompareSmall(b, eb, a, ea)
	}
	// ea is the greater: a has to be scaled up to the exponent of b.
	sign := 1
	if a < 0 {
		sign = -1
	}
	shift := int64(ea) - int64(eb)
	if shift > 19 {
		return sign // |a| ≥ 1, so it is at least 10^20 × 10^eb, more than any |b|
	}
	hi, lo := bits.Mul64(abs(a), pow10(int(shift)))
	switch ub := abs(b); {
	case hi != 0 || lo > ub:
		return sign
	case lo < ub:
		return -sign
	}
	return 0
}

// abs returns the magnitude; that of the least int64 too.
func abs(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

// pow10 returns 10^n for n from 0 to 19.
func pow10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// AppendSmall appends coef × 10^exp in plain digits, for exp from -18 to 0:
// all the decimals are written, so 1900 × 10^-2 is "19.00".
func AppendSmall(dst []byte, coef int64, exp int32) []byte {
	if coef < 0 {
		dst = append(dst, '-')
	}
	unit := pow10(int(-exp))
	u := abs(coef)
	dst = appendUint(dst, u/unit)
	if exp == 0 {
		return dst
	}
	dst = append(dst, '.')
	for rest := u % unit; unit > 1; rest %= unit {
		unit /= 10
		dst = append(dst, byte('0'+rest/unit))
	}
	return dst
}

func appendUint(dst []byte, n uint64) []byte {
	if n >= 10 {
		dst = appendUint(dst, n/10)
	}
	return append(dst, byte('0'+n%10))
}
