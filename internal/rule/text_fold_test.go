package rule

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/fold"
)

// A12: a pattern fits exactly if the text can be cut into what its stars stand for and
// what they do not, in some way.
func TestMatchFold(t *testing.T) {
	t.Parallel()
	letters := []rune{'a', 'A', 'b', 'k', '\u212a', 'é', 'É', '/'}
	fits := func(s, pattern []rune) bool {
		can := make([]bool, len(s)+1) // whether the rest of the pattern fits the rest from here
		can[len(s)] = true
		for i := len(pattern) - 1; i >= 0; i-- {
			next := make([]bool, len(s)+1)
			for j := len(s); j >= 0; j-- {
				if pattern[i] == '*' {
					next[j] = can[j] || j < len(s) && next[j+1]
				} else {
					next[j] = j < len(s) && strings.EqualFold(string(s[j]), string(pattern[i])) && can[j+1]
				}
			}
			can = next
		}
		return can[0]
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SliceOfN(rapid.SampledFrom(letters), 0, 12).Draw(t, "text")
		pattern := rapid.SliceOfN(rapid.SampledFrom(append(letters, '*', '*', '*', '*')), 0, 8).Draw(t, "pattern")
		if rapid.Bool().Draw(t, "long") { // what stands between two stars is looked for in another way
			long := []rune(strings.Repeat("ab", longText))
			s = slices.Concat(s, long, s)
			pattern = slices.Concat(pattern, []rune("*"), long, []rune("*"), pattern)
		}
		if got, want := matchFold(string(s), fold.Key(string(pattern))), fits(s, pattern); got != want {
			t.Fatalf("%q on %q: %v", string(pattern), string(s), got)
		}
	})
}
