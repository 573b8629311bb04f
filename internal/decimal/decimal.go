// Package decimal reads and compares decimal numbers as they are written: a
// JSON literal is never turned into a float, so that 0.1 stays 0.1 and
// 9007199254740993 stays what it is. Nothing here allocates.
package decimal

import (
	"cmp"
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
