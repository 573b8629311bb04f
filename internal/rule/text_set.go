package rule

import (
	"slices"

	"github.com/beckon-go/beckon/internal/repr"
)

// A textSet holds the texts of a list operand. Small sets are searched one by
// one, which is faster than hashing, and short texts as numbers.
type textSet struct {
	list    []string // without twins
	index   map[string]int
	short   []shortText // those of the list that are, in a small set; others have no length
	lengths uint64      // the lengths there are, from 63 on together
}

// A shortText is a text of 1 to 8 bytes; its length is 0 if it is another one.
type shortText struct {
	word   uint64
	length int
}

const smallSet = 8

func newTextSet(texts []string) textSet {
	index := make(map[string]int, len(texts))
	t := textSet{list: make([]string, 0, len(texts))}
	for _, s := range texts {
		if _, twin := index[s]; twin {
			continue
		}
		index[s] = len(t.list)
		t.list = append(t.list, s)
		t.lengths |= 1 << min(len(s), 63)
		short := shortText{}
		if isShort(s) {
			short = shortText{packed(s), len(s)}
		}
		t.short = append(t.short, short)
	}
	if len(t.list) > smallSet {
		t.index, t.short = index, nil
	}
	return t
}

// find returns the place of s in the list, or -1.
func (t *textSet) find(s string) int {
	if t.lengths&(1<<min(len(s), 63)) == 0 {
		return -1
	}
	return t.search(s)
}

func (t *textSet) search(s string) int {
	switch {
	case t.index != nil:
		if i, found := t.index[s]; found {
			return i
		}
	case isShort(s):
		word := packed(s)
		for i, x := range t.short {
			if x.word == word && x.length == len(s) {
				return i
			}
		}
	default:
		return slices.Index(t.list, s)
	}
	return -1
}

// anyIn reports whether one of the texts of a list is in the set.
func (t *textSet) anyIn(list string) bool {
	for list != "" {
		var s string
		if s, list = repr.CutText(list); t.find(s) >= 0 {
			return true
		}
	}
	return false
}

// allIn reports whether the texts of a list have all of the set, in time that
// does not multiply the two.
func (t *textSet) allIn(list string) bool {
	var seen [(MaxList + 63) / 64]uint64
	left := len(t.list)
	for list != "" {
		var s string
		s, list = repr.CutText(list)
		if i := t.find(s); i >= 0 && seen[i/64]&(1<<(i%64)) == 0 {
			seen[i/64] |= 1 << (i % 64)
			left--
		}
	}
	return left == 0
}

// isShort reports whether a text can be packed.
func isShort(s string) bool { return 0 < len(s) && len(s) <= 8 }

// packed returns a text of 1 to 8 bytes as a number. Texts of the same length have
// the same number only if they are the same.
func packed(s string) uint64 {
	switch n := len(s); {
	case n >= 4:
		a, b := s[:4], s[n-4:]
		return uint64(a[0]) | uint64(a[1])<<8 | uint64(a[2])<<16 | uint64(a[3])<<24 |
			uint64(b[0])<<32 | uint64(b[1])<<40 | uint64(b[2])<<48 | uint64(b[3])<<56
	default:
		return uint64(s[0]) | uint64(s[n/2])<<8 | uint64(s[n-1])<<16
	}
}
