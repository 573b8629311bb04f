package rule

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/store"
)

// A log that is asked often finds what one finds that is asked once.
func TestLog(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 1))
	names := []unique.Handle[string]{unique.Make("a"), unique.Make("b"), unique.Make("none")}
	for range 100 {
		var events []store.LoggedEvent
		for range dice.IntN(30) {
			events = append(events, store.LoggedEvent{Seq: uint64(dice.IntN(50)), Name: names[dice.IntN(2)], At: int64(dice.IntN(50))})
		}
		many := &Log{Events: events, asked: rows.Few}
		for range 20 {
			name, seq := names[dice.IntN(3)], uint64(dice.IntN(60))
			few := &Log{Events: events}
			var got, want []int64
			many.Each(name, func(e *store.LoggedEvent) { got = append(got, e.At) })
			few.Each(name, func(e *store.LoggedEvent) { want = append(want, e.At) })
			if !slices.Equal(got, want) || many.from(seq) != few.from(seq) {
				t.Fatalf("%v of %v: got %v, want %v; %d and %d", name, events, got, want, many.from(seq), few.from(seq))
			}
		}
	}
}

// What is remembered of many sends goes with the record that it is of.
func TestLastContactedOfMany(t *testing.T) {
	rec := &store.Record{Exists: true}
	for i := range 2 * rows.Few {
		rec.SendStats = append(rec.SendStats, store.SendStats{Message: string(rune('a' + i)), Count: 1, Last: int64(i) * 1000})
	}
	s := &Scope{}
	s.Restart(rec, testTime.UnixMilli(), time.UTC)
	check := func(want int64) {
		t.Helper()
		var own repr.Value
		if got := s.UserAttribute("last_contacted_at", &own); got.Num != want {
			t.Errorf("got %d, want %d", got.Num, want)
		}
	}
	check(31)
	rec.SendStats[3].Last = 77_000
	s.ForgetSegmentsOf(rec)
	check(77)
	rec.SendStats[4].Last = 78_000
	s.ForgetSegments()
	check(78)
	other := *rec
	other.SendStats = slices.Clone(rec.SendStats)
	other.SendStats[5].Last = 79_000
	s.Rec = &other
	check(79)
	rec.SendStats[6].Last = 80_000
	s.Restart(rec, testTime.UnixMilli(), time.UTC)
	check(80)
}
