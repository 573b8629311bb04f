package decide

import (
	"slices"

	"github.com/beckon-go/beckon/internal/rows"
)

// A progress is how far a list of candidates is judged. It says how many sends are still
// to come, so that lists of thousands are not copied each time when they are full.
type progress struct{ judged, left int }

// moreSends returns how many sends are to come after the first n, if it goes on as it has
// begun. It is three times n at most: who sent a few may send no more of thousands.
func (d *Decision) moreSends(n int) int {
	p := &d.Out.progress
	if n < rows.Few || p.left == 0 {
		return 0
	}
	return min(p.left, 3*n, 1+p.left*n/max(p.judged, 1))
}

// roomForSends returns a list that each send adds some to. If it is full, it has room for
// the sends that are to come.
func roomForSends[T any](d *Decision, list []T, each int) []T {
	if len(list)+each <= cap(list) {
		return list
	}
	return slices.Grow(list, each*(1+d.moreSends(len(list)/each)))
}
