package beckon

import (
	"strings"
	"unicode/utf8"
)

// joinPath gives the path of a member: a.b, or a["b c"] where the name would
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

// didYouMean gives `, did you mean "where"?`, or nothing if no known name is
// near.
func didYouMean(name string, known []string) string {
	best, least := "", 3 // a third slip is no longer the same word
	for _, k := range known {
		if d := slips(name, k); d < least && d < utf8.RuneCountInString(k) {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return `, did you mean "` + best + `"?`
}

// slips counts the letters to change, drop, add or swap with their neighbour
// to make b of a; letter case and the choice of - _ or space cost nothing. Names
// of very different length are not compared.
func slips(a, b string) int {
	fold := func(s string) []rune {
		return []rune(strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(s)))
	}
	if len(a) > len(b)+16 {
		return len(a)
	}
	x, y := fold(a), fold(b)
	// Three rows of the usual table: the one before last is for swaps.
	last, row := make([]int, len(y)+1), make([]int, len(y)+1)
	before := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		before, last, row = last, row, before
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(y)]
}
