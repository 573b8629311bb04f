package parts_test

import (
	"maps"
	"testing"

	"github.com/beckon-go/beckon/internal/parts"
	"github.com/beckon-go/beckon/store"
)

// counted is what steps on a record have put into totals.
type counted struct {
	record
	totals parts.Counts
}

func (r *counted) settle(s *parts.Settle) {
	added, err := r.stepWith(s)
	if err != nil {
		panic(err)
	}
	if r.totals == nil {
		r.totals = parts.Counts{}
	}
	for _, x := range added {
		r.totals[parts.Count{Message: x.Message, Total: x.Name}] += x.N
	}
}

func held(message, total string, n int64) parts.Counts {
	return parts.Counts{parts.Count{Message: message, Total: total}: n}
}

func sum(list ...parts.Counts) parts.Counts {
	n := parts.Counts{}
	for _, x := range list {
		n.Add(x)
	}
	return n
}

func (r *counted) want(t *testing.T, what string, want parts.Counts) {
	t.Helper()
	got := maps.Clone(r.totals)
	maps.DeleteFunc(got, func(_ parts.Count, n int64) bool { return n == 0 })
	if !maps.Equal(got, want) {
		t.Errorf("%s: totals %v, want %v", what, got, want)
	}
}

// Each pass takes the place of what the totals were.
func TestSettle(t *testing.T) {
	t.Parallel()
	r := counted{totals: held("m", "held.audience", 100)}
	settle := func(what string, s *parts.Settle, want parts.Counts) {
		t.Helper()
		s.Settled, s.Were = parts.Settled(&r.Record), maps.Clone(r.totals)
		if r.settle(s); s.Stale {
			t.Errorf("%s: it is stale", what)
		}
		r.want(t, what, want)
	}
	one := held("m", "held.audience", 3)
	settle("the first pass", &parts.Settle{Counts: one}, one)
	settle("the same again", &parts.Settle{Counts: one}, one)
	two := sum(held("m", "held.audience", 1), held("m", "held.capped", 2), held("n", "held.filter", 5))
	settle("another", &parts.Settle{Counts: two}, two)
	r.totals.Add(held("m", "held.audience", 7)) // by checks
	settle("one after checks", &parts.Settle{Counts: one}, one)

	late := &parts.Settle{Counts: two, Settled: parts.Settled(&r.Record) - 1, Were: two}
	if r.settle(late); !late.Stale {
		t.Error("one that has read the totals before another was settled is not told so")
	}
	r.want(t, "one that is stale", one)

	settle("a shared one", &parts.Settle{Pass: 7, Counts: two}, two)
	settle("the same once more", &parts.Settle{Pass: 7, Counts: one}, two)
	settle("one that holds nobody", &parts.Settle{Pass: 8}, parts.Counts{})
	settle("an earlier one", &parts.Settle{Pass: 7, Until: 8, Counts: one}, parts.Counts{})
	settle("one after a clock was ahead", &parts.Settle{Pass: 7, Until: 7, Counts: one}, one)
	settle("the same once more", &parts.Settle{Pass: 7, Until: 7, Counts: two}, one)
	settle("one by a clock that is ahead", &parts.Settle{Pass: 9, Until: 9, Counts: two}, two)
	settle("the same, as others see it", &parts.Settle{Pass: 9, Until: 7, Counts: one}, two)
}

// What an unfinished pass has held is found by the one that goes on from there, until a
// pass is settled.
func TestCut(t *testing.T) {
	t.Parallel()
	var r counted
	want := held("m", "held.audience", 3)
	if err := r.step(&parts.Cut{At: "a\xff", Counts: want}); err != nil {
		t.Fatal(err)
	}
	if got := parts.ReadCut(&r.Record, "a\xff"); !maps.Equal(got, want) {
		t.Errorf("at the place: %v, want %v", got, want)
	}
	for _, at := range []string{"", "a"} {
		if got := parts.ReadCut(&r.Record, store.Cursor(at)); got != nil {
			t.Errorf("at %q: %v", at, got)
		}
	}
	r.settle(&parts.Settle{Pass: 1})
	if got := parts.ReadCut(&r.Record, "a\xff"); !maps.Equal(got, want) {
		t.Errorf("after a shared pass: %v", got)
	}
	r.settle(&parts.Settle{Settled: 1, Counts: want})
	r.want(t, "after it", want)
	if got := parts.ReadCut(&r.Record, "a\xff"); got != nil {
		t.Errorf("after a whole pass: %v", got)
	}
}
