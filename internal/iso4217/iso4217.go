// Package iso4217 has the currencies of ISO 4217 and the decimals of their minor
// units, as the standard lists them. Locale data and payment providers differ from it
// for some currencies.
package iso4217

// NoMinorUnit stands for the decimals of a code that has no minor unit, such
// as gold.
const NoMinorUnit = -1

// A Currency is one code of the list.
type Currency struct {
	Code   string // three capital letters
	Digits int8   // decimals of the minor unit, or NoMinorUnit
}

// Lookup finds a currency by its code in any case of ASCII letters. Codes
// that were withdrawn are not found. It does not allocate.
func Lookup(code string) (Currency, bool) {
	if len(code) != 3 {
		return Currency{}, false
	}
	key := order(code)
	lo, hi := 0, len(table)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if capitals(table[mid].Code) < key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == len(table) || capitals(table[lo].Code) != key {
		return Currency{}, false
	}
	return table[lo], true
}

// capitals is order for a code of the table.
func capitals(code string) uint32 {
	return uint32(code[0])<<16 | uint32(code[1])<<8 | uint32(code[2])
}

// order returns a number that orders codes of three bytes as their capitals are
// ordered, which is faster than comparing texts.
func order(code string) uint32 {
	var n uint32
	for i := range 3 {
		c := code[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		n = n<<8 | uint32(c)
	}
	return n
}
