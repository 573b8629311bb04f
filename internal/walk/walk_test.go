package walk

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/store"
)

// X4: whatever a step does to the walks of a contact, what was told adds up to what the
// walks say, and a walk whose entries are not known adds nothing.
func TestTally(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sums := map[store.Increment]int64{}
		var walks []store.SeriesState
		tell := func(list []store.Increment) {
			for _, x := range list {
				n := x.N
				x.N = 0
				sums[x] += n
			}
		}
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			var next []store.SeriesState
			for _, id := range []string{"a", "b", "c"} {
				if rapid.Bool().Draw(t, "walks") {
					w := store.SeriesState{Series: id, Block: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "block"), Entries: uint32(rapid.IntRange(0, 4).Draw(t, "entries"))}
					if w.Done = rapid.Bool().Draw(t, "done"); w.Done {
						w.Block = ""
					}
					w.Exits = min(w.Entries, uint32(rapid.IntRange(0, 2).Draw(t, "exits")))
					next = append(next, w)
				}
			}
			tell(Tally(nil, walks, next))
			walks = next
			want := map[store.Increment]int64{}
			for _, w := range walks {
				if w.Entries == 0 {
					continue
				}
				key, entered, exited := Key(w.Series), int64(w.Entries), int64(w.Exits)
				want[store.Increment{Message: key, Name: Entered}] = entered
				want[store.Increment{Message: key, Name: Exited}] = exited
				want[store.Increment{Message: key, Name: Finished}] = entered - exited
				if !w.Done {
					want[store.Increment{Message: key, Name: Finished}]--
					want[store.Increment{Message: key, Name: "at." + w.Block}] = 1
				}
			}
			for x, n := range sums {
				if want[x] != n {
					t.Fatalf("%+v: %d, want %d", x, n, want[x])
				}
			}
			for x, n := range want {
				if sums[x] != n {
					t.Fatalf("%+v: %d, want %d", x, sums[x], n)
				}
			}
		}
		tell(Gone(nil, walks))
		for x, n := range sums {
			if _, stands := Block(x.Name); stands && n != 0 {
				t.Fatalf("the contact is gone, and stands: %+v", x)
			}
		}
	})
}

// No message has the name of a series' totals.
func TestKeys(t *testing.T) {
	if id, ok := Series(Key("s")); id != "s" || !ok {
		t.Error(id, ok)
	}
	if _, ok := Series("s"); ok {
		t.Error("a message is taken for a series")
	}
}
