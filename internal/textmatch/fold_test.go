package textmatch

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

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
		if got, want := Match(string(s), fold.Key(string(pattern))), fits(s, pattern); got != want {
			t.Fatalf("%q on %q: %v", string(pattern), string(s), got)
		}
	})
}

// Short texts are told apart by their numbers.
func TestPackedTexts(t *testing.T) {
	var texts []string
	for _, letters := range []string{"ab", "xé"} {
		for n := 1; n <= 8; n++ {
			for i := range 1 << n {
				b := make([]byte, 0, n)
				for k := range n {
					b = append(b, letters[i>>k&1])
				}
				texts = append(texts, string(b))
			}
		}
	}
	seen := map[shortText]string{}
	for _, s := range texts {
		key := shortText{Packed(s), len(s)}
		if other, twin := seen[key]; twin && other != s {
			t.Fatalf("%q and %q", other, s)
		}
		seen[key] = s
	}
	set := NewSet([]string{"", "a", "abcdefghi", "abcdefgh"})
	for i, s := range []string{"", "a", "abcdefghi", "abcdefgh"} {
		if set.Find(s) != i {
			t.Errorf("%q at %d", s, set.Find(s))
		}
	}
	for _, s := range []string{"b", "ab", "abcdefgx", "abcdefghx", "abcdefghij"} {
		if set.Find(s) >= 0 {
			t.Errorf("%q is not in the set", s)
		}
	}
}

// Eight bytes at a time find what one character at a time does, wherever it
// stands and whatever is around it.
func TestContainsFoldAgreesWithFolding(t *testing.T) {
	if testing.Short() {
		t.Skip("a second, with others like it")
	}
	random := rand.New(rand.NewPCG(3, 4))
	letters := []string{"a", "A", "b", "B", "k", "K", "\u212a", "s", "S", "ſ", "1", "_", "`", "@", "[", "{", " ", "é", "É", "\x7f", "\xff", "Ⱥ", "ⱥ"}
	text := func(longest int) (s string) {
		for range random.IntN(longest + 1) {
			n := len(letters)
			if random.IntN(3) > 0 {
				n = 4 // much of the same, so that it is there at all
			}
			s += letters[random.IntN(n)]
		}
		return s
	}
	found := 0
	for range 200_000 {
		s, sought := text(24), fold.Key(text(3))
		if !utf8.ValidString(s) {
			s = strings.ToValidUTF8(s, "?")
		}
		want := strings.Contains(fold.Key(s), sought)
		if got := Contains(s, sought, false); got != want {
			t.Fatalf("%q in %q: %v", sought, s, got)
		}
		if want {
			found++
		}
	}
	if found < 1000 {
		t.Errorf("only %d were there", found)
	}
}

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
		want, end := false, -1
		for i := 0; i <= len(s); i++ {
			if i < len(s) && !utf8.RuneStart(s[i]) {
				continue
			}
			if n, ok := Prefix(s[i:], folded); ok {
				before, _ := utf8.DecodeLastRuneInString(s[:i])
				was := want
				want = want || !word || (i == 0 || !isWordRune(before)) && !startsInWord(s[i+n:])
				if want && !was {
					end = i + n
				}
			}
		}
		if got := search(s, folded, word); got != end {
			t.Fatalf("%q in %q, as a word %v: ends at %d, want %d", text, s, word, got, end)
		}
		if got := endOf(s, folded); !word && got != end {
			t.Fatalf("endOf: %q in %q: ends at %d, want %d", text, s, got, end)
		}
		if got := Contains(s, folded, word); got != want {
			t.Fatalf("Contains: %q in %q, as a word %v: %v", text, s, word, got)
		}
	})
}
