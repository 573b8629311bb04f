package rule

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/fold"
)

// Long texts are found where a look at every place would find them.
func TestSearchFold(t *testing.T) {
	t.Parallel()
	letters := []rune{'a', 'A', 'b', 'k', 'K', '\u212a', 'é', 'É', 'ß', '-', ' ', '5', '\u0301', utf8.RuneError}
	draw := func(t *rapid.T, name string, least, most int) string {
		return string(rapid.SliceOfN(rapid.SampledFrom(letters), least, most).Draw(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		part := draw(t, "part", 1, 4)
		text := strings.Repeat(part, rapid.IntRange(1, 6).Draw(t, "times")) + draw(t, "end", 0, 3)
		s := draw(t, "before", 0, 5) + strings.Repeat(part, rapid.IntRange(0, 9).Draw(t, "more")) + draw(t, "after", 0, 5)
		word := rapid.Bool().Draw(t, "word")
		folded := fold.Key(text)
		want := false
		for i := 0; i <= len(s); i++ {
			if i < len(s) && !utf8.RuneStart(s[i]) {
				continue
			}
			if n, ok := prefixFold(s[i:], folded); ok {
				before, _ := utf8.DecodeLastRuneInString(s[:i])
				want = want || !word || (i == 0 || !isWordRune(before)) && !startsInWord(s[i+n:])
			}
		}
		if got := searchFold(s, folded, word); got != want {
			t.Fatalf("%q in %q, as a word %v: %v", text, s, word, got)
		}
		if got := containsFold(s, folded, word); got != want {
			t.Fatalf("containsFold: %q in %q, as a word %v: %v", text, s, word, got)
		}
	})
}
