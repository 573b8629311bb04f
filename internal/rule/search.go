package rule

import (
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/fold"
)

// longText is how long a text to look for is, in bytes, that is looked for in a
// way that never begins anew: else a text of one letter many times, in which one
// with another letter at its end is looked for, would cost their product.
const longText = 32

// searchFold is containsFold for long texts: the way of Knuth, Morris and Pratt,
// by characters.
func searchFold(s, folded string, word bool) bool {
	var pattern [MaxText]rune
	var shorter [MaxText]uint16 // of each beginning, the longest other one that it ends with
	n := 0
	for _, r := range folded {
		if n == len(pattern) {
			return false // no operand is so long
		}
		pattern[n] = r
		n++
	}
	for i, k := 1, 0; i < n; i++ {
		for k > 0 && pattern[k] != pattern[i] {
			k = int(shorter[k-1])
		}
		if pattern[k] == pattern[i] {
			k++
		}
		shorter[i] = uint16(k)
	}
	begin, inWord := 0, false // where the last n characters begin, and whether a word goes on in front of them
	for i, count, k := 0, 0, 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		if r = fold.Rune(r); k == n {
			k = int(shorter[n-1])
		}
		for k > 0 && pattern[k] != r {
			k = int(shorter[k-1])
		}
		if pattern[k] == r {
			k++
		}
		if count++; count > n {
			before, size := utf8.DecodeRuneInString(s[begin:])
			begin, inWord = begin+size, isWordRune(before)
		}
		if k == n && (!word || !inWord && !startsInWord(s[i:])) {
			return true
		}
	}
	return false
}
