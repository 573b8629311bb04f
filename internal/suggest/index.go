package suggest

import (
	"cmp"
	"iter"
	"slices"
	"sort"
	"unicode/utf8"
)

// An Index finds the nearest of many known names again and again without a look at each:
// names that begin alike are told apart together. It never changes.
type Index struct{ names []indexed }

// An indexed name is a foldedName that needs no more room than its runes.
type indexed struct {
	runes  []rune
	name   string
	length int // in runes, of the name as it is
}

// NewIndex makes an index of names, which may come twice and in any order. It costs what to
// sort them does.
func NewIndex(names iter.Seq[string]) *Index {
	x := &Index{}
	for name := range names {
		var f foldedName
		if f.fold(name) {
			x.names = append(x.names, indexed{slices.Clone(f.runes[:f.n]), name, utf8.RuneCountInString(name)})
		}
	}
	slices.SortFunc(x.names, func(a, b indexed) int {
		return cmp.Or(slices.Compare(a.runes, b.runes), cmp.Compare(a.name, b.name))
	})
	return x
}

// mostNodes is how many beginnings of names are looked at for one slip, and how many for two.
// Where so many names are two slips away, none of them is a good guess.
const mostNodes = 1000

// Nearest returns what [Nearest] does of the same names in their order, and how many slips
// away it is; empty if none is near. Among very many names that are as near it may be another,
// always the same.
func (x *Index) Nearest(name string) (near string, slips int) {
	var s search
	if !s.of.fold(name) {
		return "", 0
	}
	s.names = x.names
	for s.most = range 3 { // a third slip is no longer the same word
		s.found, s.nodes = false, mostNodes
		for j := range s.of.n + 1 {
			s.rows[0][j] = uint8(min(j, far)) //nolint:gosec // at most far
		}
		s.below(0, len(s.names), 0)
		if s.found {
			return s.best, s.most
		}
	}
	return "", 0
}

// far stands for all numbers of slips that are too many.
const far = 3

// A search goes down the tree of the beginnings of names.
type search struct {
	names []indexed
	of    foldedName
	most  int // slips that are allowed; all names with fewer were looked for
	nodes int
	found bool
	best  string

	path [Longest]rune                   // the beginning that is looked at
	rows [Longest + 1][Longest + 1]uint8 // of the usual table, for each rune of it; only what is near the diagonal
}

// below looks at the names from lo to hi, which have the first depth runes of the path in
// common.
func (s *search) below(lo, hi, depth int) {
	for ; lo < hi && len(s.names[lo].runes) == depth; lo++ {
		k := &s.names[lo]
		if d := s.of.n - depth; d > s.most || -d > s.most || int(s.rows[depth][s.of.n]) > s.most || s.most >= k.length {
			continue
		}
		if !s.found || k.name < s.best {
			s.found, s.best = true, k.name
		}
	}
	for lo < hi && s.nodes > 0 {
		r := s.names[lo].runes[depth]
		end := lo + sort.Search(hi-lo, func(i int) bool { return s.names[lo+i].runes[depth] > r })
		s.nodes--
		if s.row(depth+1, r) <= s.most { // the least never falls from row to row, a swap included
			s.below(lo, end, depth+1)
		}
		lo = end
	}
}

// row fills in the row of one more rune of the path, and returns its least.
func (s *search) row(i int, r rune) (least int) {
	s.path[i-1] = r
	row, last := &s.rows[i], &s.rows[i-1]
	from, to := max(1, i-2), min(s.of.n, i+2)
	least = min(i, far)
	row[from-1] = uint8(far)
	if from == 1 {
		row[0] = uint8(least) //nolint:gosec // at most far
	} else {
		least = far
	}
	for j := from; j <= to; j++ {
		d := min(last[j]+1, row[j-1]+1, last[j-1]+1)
		if y := s.of.runes[j-1]; y == r {
			d = min(d, last[j-1])
		} else if i > 1 && j > 1 && s.path[i-2] == y && r == s.of.runes[j-2] {
			d = min(d, s.rows[i-2][j-2]+1)
		}
		row[j] = min(d, far)
		least = min(least, int(row[j]))
	}
	if to < s.of.n {
		row[to+1] = far
	}
	return least
}
