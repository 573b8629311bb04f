// Package suggest finds the known name that an unknown name was probably meant to be.
// For "upload-compelte" it finds "upload-complete".
package suggest

import (
	"math/bits"
	"unicode"
	"unicode/utf8"
)

// Longest is how many runes of a name are compared; longer ones are like no other.
const Longest = 64

// Nearest returns the known name that is nearest to a name, the first of several
// that are as near; empty if none is near.
func Nearest(name string, known []string) string {
	var x foldedName
	if !x.fold(name) {
		return ""
	}
	best, least := "", 3 // a third slip is no longer the same word
	for _, k := range known {
		var y foldedName
		if !y.fold(k) {
			continue
		}
		if d := x.slips(&y, least); d < least && d < utf8.RuneCountInString(k) {
			best, least = k, d
		}
	}
	return best
}

// OneSlip reports whether a name is no more than one slip from another.
func OneSlip(name, near string) bool {
	var x, y foldedName
	return x.fold(name) && y.fold(near) && x.slips(&y, 2) < 2
}

// A foldedName is a name as names are compared for likeness: letter case and the
// choice of - _ or space do not count. Longer ones are not compared.
type foldedName struct {
	runes [Longest]rune
	n     int
	set   uint64 // of each of the runes a bit, which others may share
}

// fold takes a name and reports whether it is short enough.
func (f *foldedName) fold(name string) bool {
	if len(name) > 4*Longest {
		return false
	}
	for _, r := range name {
		if r == '-' || r == '_' || r == ' ' {
			continue
		}
		if f.n == len(f.runes) {
			return false
		}
		if r >= utf8.RuneSelf {
			r = unicode.ToLower(r)
		} else if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		f.runes[f.n] = r
		f.set |= 1 << (uint32(r) % 64)
		f.n++
	}
	return true
}

// slips counts the letters to change, drop, add or swap with their neighbour
// to make one name of the other; limit if it is as many or more.
func (f *foldedName) slips(other *foldedName, limit int) int {
	x, y := f.runes[:f.n], other.runes[:other.n]
	if len(x)-len(y) >= limit || len(y)-len(x) >= limit {
		return limit
	}
	// Each letter that the other does not have is a slip. Most names are told apart by that.
	if max(bits.OnesCount64(f.set&^other.set), bits.OnesCount64(other.set&^f.set)) >= limit {
		return limit
	}
	// Three rows of the usual table: the one before last is for swaps.
	var rows [3][Longest + 1]int
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(y) + 1 {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		before, last, row = last, row, before
		row[0] = i
		least := i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > limit { // a swap reaches back two rows, and makes no more than one good
			return limit
		}
	}
	return min(row[len(y)], limit)
}
