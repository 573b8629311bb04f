package group_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/beckon-go/beckon/internal/group"
)

type (
	item  = group.Item[string, *int]
	queue = group.Queue[string, *int]
)

// A server carries out groups when it is told to.
type server struct {
	arrived chan []string // the keys of a group that has arrived
	proceed chan error    // what becomes of its items
	ended   atomic.Int64  // groups whose context ended first
}

func newServer() *server {
	return &server{arrived: make(chan []string, 100), proceed: make(chan error)}
}

func (s *server) run(ctx context.Context, items []*item) {
	var keys []string
	for _, it := range items {
		keys = append(keys, it.Key)
	}
	s.arrived <- keys
	var err error
	select {
	case err = <-s.proceed:
	case <-ctx.Done():
		s.ended.Add(1)
		err = ctx.Err()
	}
	for _, it := range items {
		if it.Err = err; err == nil && it.Hold() {
			*it.Value++
			it.Release()
		}
	}
}

// do calls Do for the keys from another goroutine and returns its result.
func do(ctx context.Context, q *queue, n *int, keys ...string) <-chan error {
	result := make(chan error, 1)
	items := make([]item, len(keys))
	for i, k := range keys {
		items[i] = item{Key: k, Value: n}
	}
	go func() { result <- q.Do(ctx, items) }()
	return result
}

// queued waits until n items are in no group yet.
func queued(q *queue, n int) {
	for q.Queued() != n {
		runtime.Gosched()
	}
}

func wantGroup(t *testing.T, s *server, want ...string) {
	t.Helper()
	if got := <-s.arrived; !slices.Equal(got, want) {
		t.Fatalf("a group of %q, want %q", got, want)
	}
}

func TestLoneCallerWaitsForNobody(t *testing.T) {
	groups := 0
	q := group.New(10, 1, func(_ context.Context, items []*item) {
		groups++
		for _, it := range items {
			*it.Value++
		}
	})
	n := 0
	for i := range 5 {
		if err := q.Do(t.Context(), []item{{Key: "a", Value: &n}}); err != nil || groups != i+1 || n != i+1 {
			t.Fatalf("Do: %v, %d groups, %d items, want %d of each", err, groups, n, i+1)
		}
	}
	if err := q.Do(t.Context(), nil); err != nil || groups != 5 {
		t.Fatalf("Do of nothing: %v, %d groups", err, groups)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := q.Do(ctx, []item{{Key: "a", Value: &n}}); !errors.Is(err, context.Canceled) || n != 5 {
		t.Fatalf("Do with a context that has ended: %v, %d items", err, n)
	}
}

// While one group is under way the others gather, and are one group after it,
// however many there are, led by the first of them.
func TestWaitersShareAGroup(t *testing.T) {
	s := newServer()
	q := group.New(3, 1, s.run)
	var n [5]int
	var results []<-chan error
	for i := range n {
		results = append(results, do(t.Context(), q, &n[i], fmt.Sprint(i)))
		if i == 0 {
			wantGroup(t, s, "0")
		} else {
			queued(q, i)
		}
	}
	s.proceed <- nil
	wantGroup(t, s, "1", "2", "3") // as many as fit
	if err := <-results[0]; err != nil {
		t.Fatal(err)
	}
	s.proceed <- nil
	wantGroup(t, s, "4")
	s.proceed <- nil
	for i, r := range results[1:] {
		if err := <-r; err != nil {
			t.Errorf("caller %d: %v", i+1, err)
		}
	}
	if n != [5]int{1, 1, 1, 1, 1} {
		t.Errorf("carried out %v times", n)
	}
	if kept := q.Kept(); kept != 0 {
		t.Errorf("the queue keeps %d callers in memory", kept)
	}
}

// Groups under way at once have no key in common: what must not go beside
// another waits for it, although a flight is free.
func TestKeysAreApart(t *testing.T) {
	s := newServer()
	q := group.New(10, 3, s.run)
	var n [3]int
	first := do(t.Context(), q, &n[0], "a", "b", "a")
	wantGroup(t, s, "a", "b", "a")
	second := do(t.Context(), q, &n[1], "b", "c")
	wantGroup(t, s, "c")
	third := do(t.Context(), q, &n[2], "a")
	queued(q, 2)
	close(s.proceed)
	if err := errors.Join(<-first, <-second, <-third); err != nil || n != [3]int{3, 2, 1} {
		t.Errorf("%v, carried out %v", err, n)
	}
}

// Items of one key join in one group.
func TestKeysJoin(t *testing.T) {
	s := newServer()
	q := group.New(10, 2, s.run)
	var n [4]int
	results := []<-chan error{do(t.Context(), q, &n[0], "a")}
	wantGroup(t, s, "a")
	for i := range n[1:] {
		results = append(results, do(t.Context(), q, &n[i+1], "a"))
		queued(q, i+1)
	}
	s.proceed <- nil
	wantGroup(t, s, "a", "a", "a")
	s.proceed <- nil
	for _, r := range results {
		if err := <-r; err != nil {
			t.Error(err)
		}
	}
}

// A call larger than a group takes several, and others get their turn between.
func TestLargeCall(t *testing.T) {
	s := newServer()
	q := group.New(2, 1, s.run)
	var n int
	large := do(t.Context(), q, &n, "a", "b", "c", "a", "e")
	wantGroup(t, s, "a", "b")
	other := do(t.Context(), q, &n, "x")
	queued(q, 4)
	s.proceed <- nil
	wantGroup(t, s, "c", "a")
	s.proceed <- nil
	wantGroup(t, s, "e", "x")
	s.proceed <- nil
	if err := errors.Join(<-large, <-other); err != nil || n != 6 {
		t.Errorf("%v, %d items", err, n)
	}
}

func TestFailure(t *testing.T) {
	s := newServer()
	q := group.New(10, 1, s.run)
	var n int
	lost := errors.New("lost")
	first := do(t.Context(), q, &n, "a")
	wantGroup(t, s, "a")
	second := do(t.Context(), q, &n, "b")
	queued(q, 1)
	s.proceed <- lost
	if err := <-first; !errors.Is(err, lost) {
		t.Errorf("got %v, want %v", err, lost)
	}
	wantGroup(t, s, "b")
	s.proceed <- nil
	if err := <-second; err != nil { // another's failure is not its own
		t.Error(err)
	}
}

// A caller does not return while run holds it.
func TestHoldKeepsTheCaller(t *testing.T) {
	held, proceed := make(chan struct{}), make(chan struct{})
	var returned atomic.Bool
	var early, second bool
	q := group.New(10, 1, func(_ context.Context, items []*item) {
		if items[0].Key == "a" {
			<-proceed
			return
		}
		it := items[1]
		if !it.Hold() {
			t.Error("the caller has not left")
		}
		held <- struct{}{}
		<-proceed
		early = returned.Load()
		it.Release()
		for !returned.Load() {
			runtime.Gosched()
		}
		second = it.Hold()
	})
	var n int
	first := do(t.Context(), q, &n, "a")
	for q.Queued() != 0 || q.Flights() != 1 {
		runtime.Gosched()
	}
	leader := do(t.Context(), q, &n, "b")
	queued(q, 1)
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		err := q.Do(ctx, []item{{Key: "c", Value: &n}})
		returned.Store(true)
		left <- err
	}()
	queued(q, 2)
	proceed <- struct{}{}
	<-held
	cancel()
	for range 1000 {
		runtime.Gosched() // time enough to return too early
	}
	proceed <- struct{}{}
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := errors.Join(<-first, <-leader); err != nil || early || second {
		t.Errorf("%v; returned while held: %v; held after it left: %v", err, early, second)
	}
}

// A group that ends by a panic, or with its goroutine, leaves a queue that works.
func TestRunPanics(t *testing.T) {
	s := newServer()
	q := group.New(10, 1, func(ctx context.Context, items []*item) {
		s.run(ctx, items)
		if items[0].Key == "panic" {
			panic("out of order")
		}
	})
	var n int
	first := do(t.Context(), q, &n, "a")
	wantGroup(t, s, "a")
	recovered := make(chan any, 1)
	go func() {
		defer func() { recovered <- recover() }()
		_ = q.Do(t.Context(), []item{{Key: "panic", Value: &n}})
	}()
	queued(q, 1)
	member := do(t.Context(), q, &n, "b")
	queued(q, 2)
	s.proceed <- nil
	wantGroup(t, s, "panic", "b")
	s.proceed <- nil
	if v := <-recovered; v != "out of order" {
		t.Errorf("the leader recovered %v", v)
	}
	if err := <-member; !errors.Is(err, group.ErrUnfinished) {
		t.Errorf("the member: %v", err)
	}
	next := do(t.Context(), q, &n, "b")
	wantGroup(t, s, "b")
	s.proceed <- nil
	if err := errors.Join(<-first, <-next); err != nil {
		t.Error(err)
	}
}

// What run has said of an item before it panicked stands.
func TestRunPanicsLater(t *testing.T) {
	s := newServer()
	lost := errors.New("lost")
	q := group.New(10, 1, func(ctx context.Context, items []*item) {
		s.run(ctx, items)
		if items[0].Key == "panic" {
			items[1].Err = lost
			panic("out of order")
		}
	})
	var n int
	first := do(t.Context(), q, &n, "a")
	wantGroup(t, s, "a")
	var leader sync.WaitGroup
	leader.Go(func() {
		defer func() { _ = recover() }()
		_ = q.Do(t.Context(), []item{{Key: "panic", Value: &n}})
	})
	queued(q, 1)
	member := do(t.Context(), q, &n, "b")
	queued(q, 2)
	s.proceed <- nil
	wantGroup(t, s, "panic", "b")
	s.proceed <- nil
	if err := <-member; !errors.Is(err, lost) {
		t.Errorf("the member: %v, want %v", err, lost)
	}
	leader.Wait()
	if err := <-first; err != nil {
		t.Error(err)
	}
}

// Whatever callers do, and leave, each item is carried out at most once, in the
// order of its key within its call, and never beside another of its key.
func TestAnyInterleaving(t *testing.T) {
	const callers, rounds, keys = 24, 120, 5
	type work struct {
		call, place int
		runs        int
	}
	var mu sync.Mutex
	running := map[string]bool{}
	last := map[[2]any]int{} // by call and key: the place carried out last
	var flights, most, groups, largest atomic.Int64
	q := group.New(7, 3, func(ctx context.Context, items []*group.Item[string, *work]) {
		groups.Add(1)
		most.Store(max(most.Load(), flights.Add(1)))
		largest.Store(max(largest.Load(), int64(len(items))))
		defer flights.Add(-1)
		mine := map[string]bool{}
		mu.Lock()
		for _, it := range items {
			if running[it.Key] && !mine[it.Key] {
				t.Errorf("two groups have the key %q", it.Key)
			}
			running[it.Key], mine[it.Key] = true, true
		}
		mu.Unlock()
		runtime.Gosched()
		for _, it := range items {
			if !it.Hold() {
				continue
			}
			w := it.Value
			w.runs++
			mu.Lock()
			if at := [2]any{w.call, it.Key}; last[at] > w.place {
				t.Errorf("item %d of a call after item %d", w.place, last[at])
			} else {
				last[at] = w.place
			}
			mu.Unlock()
			it.Release()
			if ctx.Err() != nil {
				it.Err = ctx.Err()
			}
		}
		mu.Lock()
		for k := range mine {
			delete(running, k)
		}
		mu.Unlock()
	})
	var calls atomic.Int64
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(c), 1))
			for range rounds {
				call := int(calls.Add(1))
				items := make([]group.Item[string, *work], random.IntN(12)+1)
				for i := range items {
					items[i] = group.Item[string, *work]{Key: fmt.Sprint(random.IntN(keys)), Value: &work{call: call, place: i}}
				}
				ctx, cancel := context.WithCancel(t.Context())
				if random.IntN(3) == 0 {
					go cancel()
				}
				err := q.Do(ctx, items)
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Errorf("Do: %v", err)
				}
				for i := range items {
					if n := items[i].Value.runs; n > 1 || n == 0 && err == nil {
						t.Errorf("an item was carried out %d times, Do returned %v", n, err)
					}
				}
				cancel()
			}
		})
	}
	wg.Wait()
	if q.Queued() != 0 || q.Flights() != 0 {
		t.Errorf("left behind: %d items, %d flights", q.Queued(), q.Flights())
	}
	if queued, aboard := q.Counted(); queued != 0 || aboard != 0 {
		t.Errorf("counted in the end: %d items that wait, %d under way", queued, aboard)
	}
	if most.Load() > 3 || largest.Load() > 7 {
		t.Errorf("%d flights at once, %d items in one", most.Load(), largest.Load())
	}
	t.Logf("%d calls in %d groups", calls.Load(), groups.Load())
}

func TestDoAllocates(t *testing.T) {
	q := group.New(10, 1, func(context.Context, []*item) {})
	items := make([]item, 1)
	n := testing.AllocsPerRun(100, func() {
		items[0].Key = "a"
		if err := q.Do(context.Background(), items); err != nil {
			t.Fatal(err)
		}
	})
	if n > 9 { // two more if calls were not used again
		t.Errorf("a lone call allocates %v times", n)
	}
	t.Logf("a lone call allocates %v times", n)
}

func BenchmarkDo(b *testing.B) {
	q := group.New(64, 1, func(context.Context, []*item) { runtime.Gosched() })
	b.ReportAllocs()
	b.SetParallelism(32)
	var next atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		items := []item{{Key: fmt.Sprint(next.Add(1))}}
		for pb.Next() {
			if err := q.Do(context.Background(), items); err != nil {
				b.Fatal(err)
			}
		}
	})
}
