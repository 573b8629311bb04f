package decimal

import "math"

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
