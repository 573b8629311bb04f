package textmatch

import (
	"slices"

	"github.com/beckon-go/beckon/internal/repr"
)

// A Set holds the texts of a list operand. Small sets are searched one by
// one, which is faster than hashing, and short texts as numbers.
type Set struct {
	List    []string // without twins
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

// NewSet returns the set of the texts.
func NewSet(texts []string) Set {
	index := make(map[string]int, len(texts))
	t := Set{List: make([]string, 0, len(texts))}
	for _, s := range texts {
		if _, twin := index[s]; twin {
			continue
		}
		index[s] = len(t.List)
		t.List = append(t.List, s)
		t.lengths |= 1 << min(len(s), 63)
		short := shortText{}
		if IsShort(s) {
			short = shortText{Packed(s), len(s)}
		}
		t.short = append(t.short, short)
	}
	if len(t.List) > smallSet {
		t.index, t.short = index, nil
	}
	return t
}

// Find returns the place of s in the list, or -1.
func (t *Set) Find(s string) int {
	if t.lengths&(1<<min(len(s), 63)) == 0 {
		return -1
	}
	return t.search(s)
}

func (t *Set) search(s string) int {
	switch {
	case t.index != nil:
		if i, found := t.index[s]; found {
			return i
		}
	case IsShort(s):
		word := Packed(s)
		for i, x := range t.short {
			if x.word == word && x.length == len(s) {
				return i
			}
		}
	default:
		return slices.Index(t.List, s)
	}
	return -1
}

// AnyIn reports whether one of the texts of a list is in the set.
func (t *Set) AnyIn(list string) bool {
	for list != "" {
		var s string
		if s, list = repr.CutText(list); t.Find(s) >= 0 {
			return true
		}
	}
	return false
}

// AllIn reports whether the texts of a list have all of the set, in time that
// does not multiply the two.
func (t *Set) AllIn(list string) bool {
	var seen [(MaxList + 63) / 64]uint64
	left := len(t.List)
	for list != "" {
		var s string
		s, list = repr.CutText(list)
		if i := t.Find(s); i >= 0 && seen[i/64]&(1<<(i%64)) == 0 {
			seen[i/64] |= 1 << (i % 64)
			left--
		}
	}
	return left == 0
}

// IsShort reports whether a text can be packed.
func IsShort(s string) bool { return 0 < len(s) && len(s) <= 8 }

// Packed returns a text of 1 to 8 bytes as a number. Texts of the same length have
// the same number only if they are the same.
func Packed(s string) uint64 {
	switch n := len(s); {
	case n >= 4:
		a, b := s[:4], s[n-4:]
		return uint64(a[0]) | uint64(a[1])<<8 | uint64(a[2])<<16 | uint64(a[3])<<24 |
			uint64(b[0])<<32 | uint64(b[1])<<40 | uint64(b[2])<<48 | uint64(b[3])<<56
	default:
		return uint64(s[0]) | uint64(s[n/2])<<8 | uint64(s[n-1])<<16
	}
}
