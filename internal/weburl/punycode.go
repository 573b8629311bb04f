package weburl

import "slices"

// decodePunycode decodes what follows xn-- in a label, by RFC 3492.
func decodePunycode(s string) (string, bool) {
	if s == "" {
		return "", false
	}
	const (
		base, tMin, tMax = 36, 1, 26
		skew, damp       = 38, 700
		limit            = 1 << 30 // far beyond what any code point needs
	)
	var out []rune
	rest := s
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '-' {
			out = []rune(s[:i])
			rest = s[i+1:]
			break
		}
	}
	n, i, bias := rune(128), int64(0), int64(72)
	for len(rest) > 0 {
		before, weight := i, int64(1)
		for k := int64(base); ; k += base {
			if rest == "" {
				return "", false
			}
			digit := punycodeDigit(rest[0])
			rest = rest[1:]
			if digit < 0 || digit > (limit-i)/weight {
				return "", false
			}
			i += digit * weight
			threshold := min(max(k-bias, tMin), tMax)
			if digit < threshold {
				break
			}
			weight *= base - threshold // may pass the limit, then no digit but 0 fits
		}
		size := int64(len(out) + 1)
		delta := (i - before) / 2
		if before == 0 {
			delta = (i - before) / damp
		}
		delta += delta / size
		k := int64(0)
		for ; delta > (base-tMin)*tMax/2; k += base {
			delta /= base - tMin
		}
		bias = k + (base-tMin+1)*delta/(delta+skew)
		n += rune(i / size)
		i %= size
		if n > 0x10ffff || 0xd800 <= n && n <= 0xdfff {
			return "", false
		}
		out = slices.Insert(out, int(i), n)
		i++
	}
	return string(out), true
}

func punycodeDigit(c byte) int64 {
	switch {
	case 'a' <= c && c <= 'z':
		return int64(c - 'a')
	case 'A' <= c && c <= 'Z':
		return int64(c - 'A')
	case '0' <= c && c <= '9':
		return int64(c-'0') + 26
	}
	return -1
}
