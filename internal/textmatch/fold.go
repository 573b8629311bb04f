// Package textmatch compares texts as the operators of rules do: with what is folded
// beforehand, ignoring case, and exactly with the texts of a list. Nothing is allocated
// while it looks.
package textmatch

import (
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/fold"
)

// The greatest operands.
const (
	MaxText = 2048 // characters of a text to compare with
	MaxList = 1000 // texts of a list
)

// Text operators that ignore case compare by Unicode's simple folding, one
// character to one, which strings.EqualFold uses too: K, k and the Kelvin sign
// are one, ß and ss are two. The operand is folded when the rule is compiled,
// the value while it is read, so that nothing is allocated.

// Prefix reports whether s starts with a folded text, and how many bytes
// of s that takes.
func Prefix(s, folded string) (n int, ok bool) {
	for i := 0; i < len(folded); {
		if n == len(s) {
			return 0, false
		}
		if a, b := s[n], folded[i]; a < utf8.RuneSelf && b < utf8.RuneSelf {
			if 'A' <= a && a <= 'Z' {
				a += 'a' - 'A'
			}
			if a != b {
				return 0, false
			}
			n++
			i++
			continue
		}
		a, sizeA := utf8.DecodeRuneInString(s[n:])
		b, sizeB := utf8.DecodeRuneInString(folded[i:])
		if fold.Rune(a) != b {
			return 0, false
		}
		n += sizeA
		i += sizeB
	}
	return n, true
}

// Suffix reports whether s ends with a folded text, and how many bytes of s
// stand before it. Folding keeps the number of characters, so the two are walked
// back together.
func Suffix(s, folded string) (before int, ok bool) {
	for folded != "" {
		if s == "" {
			return 0, false
		}
		a, sizeA := utf8.DecodeLastRuneInString(s)
		b, sizeB := utf8.DecodeLastRuneInString(folded)
		if fold.Rune(a) != b {
			return 0, false
		}
		s, folded = s[:len(s)-sizeA], folded[:len(folded)-sizeB]
	}
	return len(s), true
}

// Match reports whether the whole of s fits a folded pattern, in which a star
// stands for any run of characters, also none (A12). What stands between two stars
// is found where it comes first: so nothing is looked for twice.
func Match(s, pattern string) bool {
	head, rest, stars := strings.Cut(pattern, "*")
	n, ok := Prefix(s, head)
	if !ok || !stars {
		return ok && n == len(s)
	}
	s = s[n:]
	last := strings.LastIndexByte(rest, '*')
	n, ok = Suffix(s, rest[last+1:])
	if !ok {
		return false
	}
	s = s[:n]
	for rest = rest[:max(last, 0)]; rest != ""; {
		head, rest, _ = strings.Cut(rest, "*")
		if n = endOf(s, head); n < 0 {
			return false
		}
		s = s[n:]
	}
	return true
}

// endOf returns where a folded text ends that s contains, the first time; -1 if it
// does not contain it.
func endOf(s, folded string) int {
	if len(folded) > longText {
		return search(s, folded, false)
	}
	for i := range s {
		if n, ok := Prefix(s[i:], folded); ok {
			return i + n
		}
	}
	if folded == "" {
		return 0
	}
	return -1
}

// Contains reports whether s contains a folded text; as a word, only
// where no letter or digit stands before or after it.
func Contains(s, folded string, word bool) bool {
	if folded == "" {
		return true
	}
	if len(folded) > longText && len(s) > longText {
		return search(s, folded, word) >= 0
	}
	first := folded[0]
	if !word && first < utf8.RuneSelf {
		i, found := find(s, folded)
		if found || i == len(s) {
			return found
		}
		s = s[i:]
	}
	inWord := false // whether a word goes on in front of i
	for i := 0; i < len(s); {
		c := s[i]
		// A character beyond ASCII may fold into it.
		if c|0x20 == first || c == first || c >= utf8.RuneSelf {
			if n, ok := Prefix(s[i:], folded); ok && (!word || !inWord && !startsInWord(s[i+n:])) {
				return true
			}
		}
		r, size := rune(c), 1
		if c >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		if word {
			inWord = isWordRune(r)
		}
		i += size
	}
	return false
}

// find looks for a folded text that begins with a character of ASCII, as
// far as s is ASCII: it tells whether it is there, and else from where on
// somebody else must look. It takes eight bytes at a time, in which it finds
// the first character whatever its case.
func find(s, folded string) (i int, found bool) {
	const (
		ones  = 0x0101010101010101
		highs = 0x80 * ones
		lower = 0x20 * ones // letters differ in this bit from their capitals; what else does is sorted out below
	)
	first := folded[0] | 0x20
	for ; i+8 <= len(s); i += 8 {
		b := s[i : i+8]
		w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		if w&highs != 0 {
			return i, false
		}
		w = (w | lower) ^ ones*uint64(first) // a zero where it stands
		for hits := (w - ones) &^ w & highs; hits != 0; hits &= hits - 1 {
			if _, ok := Prefix(s[i+bits.TrailingZeros64(hits)/8:], folded); ok {
				return i, true
			}
		}
	}
	for ; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return i, false
		}
		if s[i]|0x20 == first {
			if _, ok := Prefix(s[i:], folded); ok {
				return i, true
			}
		}
	}
	return i, false
}

func startsInWord(s string) bool {
	if s == "" {
		return false
	}
	r, _ := utf8.DecodeRuneInString(s)
	return isWordRune(r)
}

// isWordRune reports whether r belongs to a word: a letter, a digit, or a mark
// on one, without which words of many scripts would fall apart.
func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// longText is how long a text to look for is, in bytes, that is looked for in a
// way that never begins anew: else a text of one letter many times, in which one
// with another letter at its end is looked for, would cost their product.
const longText = 32

// search is Contains for long texts: the way of Knuth, Morris and Pratt,
// by characters. It returns where the text ends the first time, -1 if it is not there.
func search(s, folded string, word bool) (end int) {
	var pattern [MaxText]rune
	var shorter [MaxText]uint16 // of each beginning, the longest other one that it ends with
	n := 0
	for _, r := range folded {
		if n == len(pattern) {
			return -1 // no operand is so long
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
			return i
		}
	}
	return -1
}
