package group_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beckon-go/beckon/internal/group"
)

// Callers of a group that call again go together again: the first of them to do so lets the
// others run, and does not go alone.
func TestCallersReturnTogether(t *testing.T) {
	s := newServer()
	q := group.New(10, 1, s.run)
	var n int
	results := []<-chan error{do(t.Context(), q, &n, "x")}
	wantGroup(t, s, "x")
	for i, k := range []string{"a", "b", "c"} {
		results = append(results, do(t.Context(), q, &n, k))
		queued(q, i+1)
	}
	s.proceed <- nil
	wantGroup(t, s, "a", "b", "c")
	s.proceed <- nil
	for _, r := range results {
		if err := <-r; err != nil {
			t.Fatal(err)
		}
	}

	yields := 0
	var again []<-chan error
	q.SetYield(func() { // with the lock held no call could come
		yields++
		for i, k := range []string{"b", "c"}[len(again):] {
			again = append(again, do(t.Context(), q, &n, k))
			queued(q, i+1)
		}
	}, time.Hour)
	first := do(t.Context(), q, &n, "a")
	wantGroup(t, s, "a", "b", "c")
	s.proceed <- nil
	for _, r := range append(again, first) {
		if err := <-r; err != nil {
			t.Error(err)
		}
	}
	if n != 7 || yields != 1 {
		t.Errorf("%d carried out, want 7; others were let run %d times, want once: then all were there", n, yields)
	}
}

// A lone caller lets nobody run first, and two that have a flight each do not either. For
// callers who do not call again a leader lets others run so many times, and the next one
// not at all.
func TestWhoIsWaitedFor(t *testing.T) {
	s := newServer()
	q := group.New(10, 2, s.run)
	var yields atomic.Int64
	q.SetYield(func() { yields.Add(1) }, time.Hour)
	var n [4]int
	var err error
	for range 3 {
		first := do(t.Context(), q, &n[0], "a")
		wantGroup(t, s, "a")
		second := do(t.Context(), q, &n[1], "b")
		wantGroup(t, s, "b")
		s.proceed <- nil
		s.proceed <- nil
		err = errors.Join(err, <-first, <-second)
	}
	if err != nil || yields.Load() != 0 {
		t.Fatalf("%v; lone callers let others run %d times", err, yields.Load())
	}

	results := []<-chan error{do(t.Context(), q, &n[0], "a")}
	wantGroup(t, s, "a")
	results = append(results, do(t.Context(), q, &n[1], "b"))
	wantGroup(t, s, "b")
	for i := range 6 {
		results = append(results, do(t.Context(), q, &n[2], "c"))
		queued(q, i+1)
	}
	s.proceed <- nil
	wantGroup(t, s, "c", "c", "c", "c", "c", "c")
	s.proceed <- nil
	s.proceed <- nil
	for _, r := range results {
		if err := <-r; err != nil {
			t.Fatal(err)
		}
	}
	yields.Store(0)
	for i := range 3 {
		next := do(t.Context(), q, &n[3], "d")
		wantGroup(t, s, "d")
		s.proceed <- nil
		if err := <-next; err != nil || yields.Load() != group.Yields {
			t.Errorf("call %d: %v; others were let run %d times, want %d", i, err, yields.Load(), group.Yields)
		}
	}
}

// With the scheduler as it is: callers in a loop make one group for each round.
func TestRoundsAreGroups(t *testing.T) {
	const callers, rounds = 32, 100
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	synctest.Test(t, func(t *testing.T) {
		groups := 0
		q := group.New(callers, 1, func(context.Context, []*item) {
			groups++
			time.Sleep(time.Millisecond) //nolint:forbidigo // in a bubble it lasts until all others wait
		})
		var all sync.WaitGroup
		for c := range callers {
			all.Go(func() {
				for range rounds {
					if err := q.Do(t.Context(), []item{{Key: fmt.Sprint(c)}}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if groups < rounds || groups > rounds+rounds/4 {
			t.Errorf("%d groups for %d rounds of %d callers", groups, rounds, callers)
		}
	})
}

// Of what waits a flight takes its share, so that the other is as large; the first come go
// first. Items of a key that is in it do not count: the other may not have them.
func TestFlightsShare(t *testing.T) {
	s := newServer()
	q := group.New(10, 2, s.run)
	var n [10]int
	results := []<-chan error{do(t.Context(), q, &n[8], "x")}
	wantGroup(t, s, "x")
	results = append(results, do(t.Context(), q, &n[9], "y"))
	wantGroup(t, s, "y")
	for i, k := range []string{"a", "b", "c", "d", "e", "f", "g", "a"} {
		results = append(results, do(t.Context(), q, &n[i], k))
		queued(q, i+1)
	}
	// Eight wait and one is under way: five for a flight, and four.
	s.proceed <- nil
	wantGroup(t, s, "a", "b", "c", "d", "e", "a")
	if queued, aboard := q.Counted(); queued != 2 || aboard != 7 {
		t.Errorf("%d wait, %d under way, want 2 and 7", queued, aboard)
	}
	s.proceed <- nil
	wantGroup(t, s, "f", "g")
	s.proceed <- nil
	s.proceed <- nil
	for _, r := range results {
		if err := <-r; err != nil {
			t.Error(err)
		}
	}
	if n != [10]int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1} {
		t.Errorf("carried out %v times", n)
	}
}

// Where others run for long before the leader is run again, only few leaders let them: so the
// queue is not as slow as all else in the program. When they are quick, all do.
func TestBusyProgramIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		groups, yields, pause := 0, 0, group.LateYield
		q := group.New(10, 1, func(context.Context, []*item) {
			groups++
			time.Sleep(time.Millisecond) //nolint:forbidigo // in a bubble it lasts until all others wait
		})
		q.SetYield(func() {
			yields++
			time.Sleep(pause) //nolint:forbidigo // likewise
		}, group.LateYield)
		rounds := func(n int) {
			groups, yields = 0, 0
			var all sync.WaitGroup
			for c := range 4 {
				all.Go(func() {
					for range n {
						if err := q.Do(t.Context(), []item{{Key: fmt.Sprint(c)}}); err != nil {
							t.Error(err)
						}
					}
				})
			}
			all.Wait()
		}
		if rounds(1000); yields == 0 || yields > 8+groups/group.MostAlone {
			t.Errorf("others were let run %d times for %d groups, though they take long", yields, groups)
		}
		pause = group.LateYield / 2
		rounds(2 * group.MostAlone)
		if rounds(100); yields < groups*9/10 { // some go alone
			t.Errorf("others were let run %d times for %d groups, though they are quick", yields, groups)
		}
	})
}
