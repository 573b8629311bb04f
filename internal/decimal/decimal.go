// Package decimal reads and compares decimal numbers as they are written: a
// JSON literal is never turned into a float, so that 0.1 stays 0.1 and
// 9007199254740993 stays what it is. Nothing here allocates.
package decimal

import (
	"cmp"
	"math"
	"math/bits"
)

// Limits of a number that [Check] accepts.
const (
	MaxDigits   = 100 // digits before the exponent, as written, leading and trailing zeros included
	MaxExponent = 308 // magnitude of the exponent as written
)

// text is a literal, or one that was formatted into a buffer.
type text interface{ ~string | ~[]byte }

// Check reports whether s is a number in the grammar of JSON, and whether it
// keeps within [MaxDigits] and [MaxExponent].
func Check(s string) (valid, within bool) {
	digits, exp, ok := scan(s)
	return ok, ok && digits <= MaxDigits && exp >= -MaxExponent && exp <= MaxExponent
}

// Plain reads a literal of at most 18 characters without an exponent, as most
// are, in one go: as coef × 10^exp like [Small], with the grammar checked. It is
// not ok for any other text, valid or not.
func Plain(s string) (coef int64, exp int32, ok bool) {
	digits := s
	if len(s) > 0 && s[0] == '-' {
		digits = s[1:]
	}
	if digits == "" || len(digits) > 18 || len(digits) > 1 && digits[0] == '0' && digits[1] != '.' {
		return 0, 0, false
	}
	point := -1
	for i := range len(digits) {
		switch c := digits[i]; {
		case '0' <= c && c <= '9':
			coef = coef*10 + int64(c-'0')
		case c == '.' && point < 0 && i > 0:
			point = i
		default:
			return 0, 0, false
		}
	}
	if point >= 0 {
		if exp = int32(point - len(digits) + 1); exp == 0 { // no digit after it
			return 0, 0, false
		}
	}
	if len(digits) < len(s) {
		coef = -coef
	}
	return coef, exp, true
}

// scan reads the grammar of a JSON number and returns its digits before the
// exponent and the exponent, which stops short of overflow.
func scan(s string) (digits, exp int, ok bool) {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	start := i
	i = skipDigits(s, i)
	digits = i - start
	if digits == 0 || digits > 1 && s[start] == '0' {
		return 0, 0, false
	}
	if i < len(s) && s[i] == '.' {
		frac := i + 1
		i = skipDigits(s, frac)
		if i == frac {
			return 0, 0, false
		}
		digits += i - frac
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		if i++; i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if i == len(s) || skipDigits(s, i) != len(s) {
			return 0, 0, false
		}
		return digits, exponent(s), true
	}
	return digits, 0, i == len(s)
}

func skipDigits(s string, i int) int {
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return i
}

// farExponent is beyond every limit, and far from overflow.
const farExponent = 1 << 24

// exponent returns the exponent of a valid literal, 0 if it has none.
func exponent[T text](s T) int {
	i := 0
	for i < len(s) && s[i] != 'e' && s[i] != 'E' {
		i++
	}
	if i == len(s) {
		return 0
	}
	i++
	negative := s[i] == '-'
	if s[i] == '-' || s[i] == '+' {
		i++
	}
	e := 0
	for ; i < len(s); i++ {
		if e = e*10 + int(s[i]-'0'); e > farExponent {
			e = farExponent
		}
	}
	if negative {
		return -e
	}
	return e
}

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

// Compare compares two valid literals as numbers: -1, 0 or +1. It is a total
// order in which 1, 1.0 and 10e-1 are equal, and so are 0 and -0.
func Compare[A, B text](a A, b B) int {
	sa, sb := Sign(a), Sign(b)
	if sa != sb || sa == 0 {
		return cmp.Compare(sa, sb)
	}
	ia, ma := leading(a)
	ib, mb := leading(b)
	if ma != mb {
		return sa * cmp.Compare(ma, mb)
	}
	// The same magnitude: digit by digit, the shorter going on with zeros.
	for {
		da, na := digit(a, ia)
		db, nb := digit(b, ib)
		if da != db {
			return sa * cmp.Compare(da, db)
		}
		if na < 0 && nb < 0 {
			return 0
		}
		ia, ib = na, nb
	}
}

// Sign returns -1, 0 or +1 for a valid literal.
func Sign[T text](s T) int {
	if i, _ := leading(s); i < 0 {
		return 0
	}
	if s[0] == '-' {
		return -1
	}
	return 1
}

// leading returns the place of the first digit that is not 0, and the power of
// ten at which it stands; the place is -1 for zero.
func leading[T text](s T) (place, magnitude int) {
	first, before, point := -1, 0, -1
	n := 0 // digits so far
	for i := 0; i < len(s) && s[i] != 'e' && s[i] != 'E'; i++ {
		switch c := s[i]; {
		case c == '.':
			point = n
		case c >= '0' && c <= '9':
			if c != '0' && first < 0 {
				first, before = i, n
			}
			n++
		}
	}
	if first < 0 {
		return -1, 0
	}
	if point < 0 {
		point = n
	}
	return first, point - before - 1 + exponent(s)
}

// digit returns the digit at place i and the place of the next one; past the
// end it is 0, and the place -1.
func digit[T text](s T, i int) (d byte, next int) {
	if i < 0 {
		return 0, -1
	}
	d = s[i] - '0'
	i++
	if i < len(s) && s[i] == '.' {
		i++
	}
	if i == len(s) || s[i] == 'e' || s[i] == 'E' {
		return d, -1
	}
	return d, i
}

// AppendCanonical appends the one form that all literals of a number share:
// its significant digits and the power of ten of the first, "-15e2" for
// -1500 and "0" for any zero.
func AppendCanonical[T text](dst []byte, s T) []byte {
	i, magnitude := leading(s)
	if i < 0 {
		return append(dst, '0')
	}
	if s[0] == '-' {
		dst = append(dst, '-')
	}
	kept := len(dst)
	for i >= 0 {
		var d byte
		d, i = digit(s, i)
		dst = append(dst, '0'+d)
		if d != 0 {
			kept = len(dst)
		}
	}
	dst = append(dst[:kept], 'e')
	return appendInt(dst, magnitude)
}

func appendInt(dst []byte, n int) []byte {
	if n < 0 {
		dst, n = append(dst, '-'), -n
	}
	if n >= 10 {
		dst = appendInt(dst, n/10)
	}
	return append(dst, byte('0'+n%10))
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

// Whole returns a valid literal as an int64, if it is a whole number that fits:
// 1e3 and 1000.0 are.
func Whole(s string) (n int64, ok bool) {
	if coef, exp, ok := Plain(s); ok && exp == 0 {
		return coef, true
	}
	u, exact, ok := truncate(s)
	if !ok || !exact {
		return 0, false
	}
	return signed(u, Sign(s) < 0)
}

// Round returns the whole number nearest to a valid literal, if the two are at
// most 10^-6 apart, which is what sums of floats slip by, and it fits.
func Round(s string) (n int64, ok bool) {
	if coef, exp, ok := Plain(s); ok && exp == 0 {
		return coef, true
	}
	u, exact, ok := truncate(s)
	if !ok {
		return 0, false
	}
	if !exact {
		// The magnitude of s against u + 10^-6 and u + 1 - 10^-6, as literals.
		var buf [32]byte
		magnitude := s
		if s[0] == '-' {
			magnitude = s[1:]
		}
		bound := appendUint(buf[:0], u)
		if Compare(magnitude, append(bound, ".000001"...)) > 0 {
			if Compare(magnitude, append(bound, ".999999"...)) < 0 {
				return 0, false
			}
			u++
		}
	}
	return signed(u, s[0] == '-')
}

// truncate returns the magnitude of a valid literal without its fraction, and
// whether there was none; not ok from 10^19 on.
func truncate(s string) (u uint64, exact, ok bool) {
	i, magnitude := leading(s)
	if magnitude > 18 {
		return 0, false, false
	}
	for ; magnitude >= 0; magnitude-- {
		var d byte
		d, i = digit(s, i)
		u = u*10 + uint64(d)
	}
	for i >= 0 {
		var d byte
		if d, i = digit(s, i); d != 0 {
			return u, false, true
		}
	}
	return u, true, true
}

// signed returns a magnitude its sign, if it fits.
func signed(u uint64, negative bool) (int64, bool) {
	if negative {
		return int64(-u), u <= 1<<63
	}
	return int64(u), u <= math.MaxInt64
}
