package suggest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// An index finds what a look at each name finds. What it looks at is bounded, so names are
// few here.
func TestIndex(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	letters := []rune("aAbcé-_ 5u")
	draw := func() string {
		var b strings.Builder
		for range random.IntN(7) {
			b.WriteRune(letters[random.IntN(len(letters))])
		}
		return b.String()
	}
	found := [3]int{}
	for round := range 3000 {
		known := make([]string, random.IntN(40))
		for i := range known {
			known[i] = draw()
		}
		if round%10 == 0 {
			known = append(known, strings.Repeat("x", Longest), strings.Repeat("x", Longest-1)+"y", strings.Repeat("x", Longest+1))
		}
		x := NewIndex(slices.Values(known))
		slices.Sort(known)
		for range 10 {
			name := draw()
			if round%10 == 0 && random.IntN(4) == 0 {
				name = strings.Repeat("x", Longest-random.IntN(4))
			}
			got, slips := x.Nearest(name)
			if want := Nearest(name, known); got != want {
				t.Fatalf("%q among %q: got %q, want %q", name, known, got, want)
			}
			if got == "" {
				continue
			}
			var a, b foldedName
			if a.fold(name); !b.fold(got) || a.slips(&b, far) != slips {
				t.Fatalf("%q and %q: %d slips", name, got, slips)
			}
			found[slips]++
		}
	}
	if slices.Min(found[:]) < 500 {
		t.Errorf("by slips %v were found: the test does not reach what it is for", found)
	}
}

// One slip is found among any number of names, though so many are two slips away that not all
// of these are looked at.
func TestIndexOfMany(t *testing.T) {
	known := make([]string, 100_000)
	for i := range known {
		known[i] = fmt.Sprintf("message-%05d", i)
	}
	x := NewIndex(slices.Values(known))
	for name, want := range map[string]string{
		"message-0042": "message-00042", "mesage-77777": "message-77777", "message_12345": "message-12345", "Message-99998x": "message-99998", "nothing like it": "",
	} {
		if got, _ := x.Nearest(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
