package beckon

import (
	"unicode"
	"unicode/utf8"
)

// joinPath returns the path of a member: a.b, or a["b c"] where the name would
// not read as one.
func joinPath(path, name string) string {
	if !plainName(name) {
		return path + "[" + quoteInput(name) + "]"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// plainName reports whether a name can stand in a path as it is.
func plainName(name string) bool {
	if name == "" || len(name) > maxQuoted {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if !(c == '_' || c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z') {
			return false
		}
	}
	return true
}

// unknownField says that a field is not known, and which one may have been
// meant.
func unknownField(name string, known []string) string {
	return "unknown field" + didYouMean(name, known)
}

// didYouMean returns `, did you mean "where"?`, or nothing if no known name is
// near.
func didYouMean(name string, known []string) string {
	near := meant(name, known)
	if near == "" {
		return ""
	}
	return `, did you mean "` + near + `"?`
}

// meant returns the known name that was probably meant: what another product
// calls so, which is no slip, else the nearest; empty if none is near.
func meant(name string, known []string) string {
	if word := otherWord(name, known); word != "" {
		return word
	}
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

// A foldedName is a name as names are compared for likeness: letter case and the
// choice of - _ or space do not count. Longer ones are not compared.
type foldedName struct {
	runes [maxQuoted]rune
	n     int
}

// fold takes a name and reports whether it is short enough.
func (f *foldedName) fold(name string) bool {
	if len(name) > 4*maxQuoted {
		return false
	}
	for _, r := range name {
		if r == '-' || r == '_' || r == ' ' {
			continue
		}
		if f.n == len(f.runes) {
			return false
		}
		f.runes[f.n] = unicode.ToLower(r)
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
	// Three rows of the usual table: the one before last is for swaps.
	var rows [3][maxQuoted + 1]int
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
