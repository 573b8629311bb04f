package rule

import (
	"math/rand/v2"
	"testing"
	"time"
	"unique"

	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// Rules that run one after the other, and share their ends, end where each by itself does:
// at the first that holds.
func TestFirstThatHolds(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	places := map[int]int{}
	for range 800 {
		var rules []Rule
		for range 1 + random.IntN(6) {
			plan, seats, count := user("plan").Is([]string{"pro", "team"}[random.IntN(2)]), user("seats").AtLeast(random.IntN(5)), did("e").AtLeast(random.IntN(5))
			rules = append(rules, []Rule{all(plan, seats, count), anyOf(plan, all(seats, count)), not(plan), all(count, not(seats)), count}[random.IntN(5)])
		}
		rec := &store.Record{
			Profile: &store.Profile{Attributes: []store.Attribute{store.NewAttribute("plan", value.String("pro")), store.NewAttribute("seats", value.Number(random.IntN(5)))}},
			Stats:   []store.Stats{{Name: unique.Make("e"), Count: uint64(random.IntN(5))}},
		}
		s := &Scope{Rec: rec, Now: testTime.UnixMilli(), Loc: time.UTC}
		s.Begin()
		want, ends, starts := -1, NewEnds(), []*Instruction(nil)
		for i, r := range rules {
			c := benchCompile(t, r, time.UTC)
			if c.Eval(s) && want < 0 {
				want = i
			}
			c.Program.Move(make([]Instruction, c.Program.Size()), ends)
			starts = append(starts, c.Program.Start)
		}
		if want < 0 {
			want = len(rules)
		}
		for from := range len(rules) {
			first := len(rules) - from
			for i := from; i < len(rules) && first == len(rules)-from; i++ {
				if starts[i].Run(s) {
					first = i - from
				}
			}
			if got := FirstThatHolds(starts[from:], s); got != first {
				t.Fatalf("%v from %d: %d, want %d", rules, from, got, first)
			}
		}
		if got := FirstThatHolds(starts, s); got != want {
			t.Fatalf("%v: %d, want %d", rules, got, want)
		}
		places[want]++
	}
	for i := range 5 {
		if places[i] < 5 {
			t.Errorf("%d times it was rule %d: the test does not reach what it is for", places[i], i)
		}
	}
}
