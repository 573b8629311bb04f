package benchmarks

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// coresContacts are tracked in turn by each goroutine, which has its own.
const coresContacts = 50

// A coresRun tracks events by so many goroutines at once: each of its own
// contacts, or all of one and the same.
type coresRun struct {
	engine  *beckon.Engine
	ids     [][]string // by goroutine
	next    []int      // the second of each goroutine's next event
	tracked int
}

func newCoresRun(tb testing.TB, goroutines int, hot bool) *coresRun {
	tb.Helper()
	r := &coresRun{engine: newEngine(tb, memstore.New(), atStart, trackMessages(false)...), next: make([]int, goroutines)}
	for g := range goroutines {
		var ids []string
		for i := range coresContacts {
			id := fmt.Sprintf("u%d-%d", g, i)
			if hot {
				id = "u"
			}
			ids = append(ids, id)
		}
		r.ids = append(r.ids, ids)
	}
	return r
}

// run tracks n events, by anyone. Each has a second of its own, for else it
// would be a repeat; the clock stands, since one that they shared would be
// measured as well.
func (r *coresRun) run(tb testing.TB, n int) {
	var all sync.WaitGroup
	goroutines := len(r.ids)
	for g := range goroutines {
		all.Add(1)
		go func() {
			defer all.Done()
			for range (n + g) / goroutines {
				at := start.Add(-89*24*time.Hour + time.Duration(r.next[g]*goroutines+g)*time.Second)
				res, err := r.engine.Track(context.Background(), beckon.Event{Name: "match-007", UserID: r.ids[g][r.next[g]%coresContacts], CreatedAt: at})
				if err != nil || res.Duplicate || len(res.Deliveries) > 0 {
					tb.Errorf("%v, duplicate %v, %d deliveries", err, res.Duplicate, len(res.Deliveries))
					return
				}
				r.next[g]++
			}
		}()
	}
	all.Wait()
	r.tracked += n
}

// BenchmarkCores says what the second core brings: time that passed, not time
// of processors, is what to compare.
func BenchmarkCores(b *testing.B) {
	for _, name := range []string{"distinct", "hot"} {
		for _, goroutines := range []int{1, 2} {
			r := newCoresRun(b, goroutines, name == "hot")
			r.run(b, 1100*goroutines*coresContacts) // logs and memories of repeats are full
			full := fmt.Sprintf("%s-%d-goroutines", name, goroutines)
			b.Run(full, func(b *testing.B) { measure(b, func(n int) { r.run(b, n) }) })
		}
	}
}

// However many goroutines share the work, every event is counted once.
func TestCoresCountAll(t *testing.T) {
	for _, hot := range []bool{false, true} {
		r := newCoresRun(t, 2, hot)
		r.run(t, 1001)
		r.run(t, 1000)
		counted := uint64(0)
		ids := append([]string{}, r.ids[0]...)
		ids = append(ids, r.ids[1]...)
		if hot {
			ids = ids[:1]
		}
		for _, id := range ids {
			out, _, err := r.engine.Export(context.Background(), beckon.Identity{UserID: id})
			check(t, err)
			for _, e := range out.Events {
				counted += uint64(e.Count)
			}
		}
		if counted != uint64(r.tracked) {
			t.Errorf("hot %v: %d counted of %d", hot, counted, r.tracked)
		}
	}
}
