// Package clockrace lets callers race for one contact's next send on the clock of the
// system, which moves while they race. A test with a clock that stands still cannot do
// that. The tests of each store and of the root package use it.
package clockrace

import (
	"context"
	"flag"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// duration is how long a race lasts; to see distances passed it takes more than one.
var duration = flag.Duration("clockrace.for", 0, "how long callers race on the clock of the system, on each store; 0 is not at all") //nolint:gochecknoglobals // a flag of the test binary

const (
	callers = 64
	stalled = 4 // of the callers are held up between the clock and the step

	every     = time.Second
	mostSends = 3 // of a capped message
	within    = 3 * time.Second
	trickle   = 100 * time.Millisecond // between two events that few callers track

	// An engine counts in milliseconds, the callers' clock is finer.
	grain = time.Millisecond
)

// A send is a delivery with what its caller's own clock said around the call.
type send struct {
	at            time.Time // Delivery.At
	before, after time.Time
}

// Run has 64 callers track events of one contact at once, through two engines
// over the store, and fails the test if two sends of a message came closer than
// its distance, or more sends came within a window than its cap allows (F2, F3,
// F5). Some of the callers are stalled between reading the clock and stepping.
//
// Two sends are too close if their instants say so, and if they were surely
// made within too short a time: both calls began and ended in it.
func Run(tb testing.TB, store beckon.Store) {
	tb.Helper()
	long := *duration
	if long <= 0 {
		tb.Skip("-clockrace.for=5s races callers on the clock of the system")
	}
	ctx := tb.Context()
	engines := [2]*beckon.Engine{publish(tb, store), publish(tb, store)}
	held := publish(tb, &stalling{Store: store})

	var mu sync.Mutex
	sends := map[string][]send{}
	calls := 0
	var spent atomic.Int64 // periods of the trickle that have had their event
	start := time.Now()
	var all sync.WaitGroup
	for i := range callers {
		engine := engines[i%len(engines)]
		if i < stalled {
			engine = held
		}
		all.Go(func() {
			for {
				before := time.Now()
				period := int64(before.Sub(start) / trickle)
				if before.Sub(start) >= long {
					return
				}
				event := beckon.Event{Name: "went", UserID: "u"}
				if last := spent.Load(); i < stalled/2 || last <= period && spent.CompareAndSwap(last, period+1) {
					event.Name = "spent"
				}
				res, err := engine.Track(ctx, event)
				after := time.Now()
				mu.Lock()
				calls++
				if err != nil {
					tb.Errorf("Track: %v", err)
				}
				for _, d := range res.Deliveries {
					sends[d.Message] = append(sends[d.Message], send{d.At, before, after})
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for _, message := range []string{"spaced", "burst", "trickle"} {
		most, least := mostSends, within
		if message == "spaced" {
			most, least = 1, every
		}
		made := sends[message]
		if len(made) < most {
			tb.Errorf("%s: %d sends; to test something it takes %d", message, len(made), most)
		}
		tb.Logf("%s: %d of %d sends in %v are one too many within %v", message, tooMany(tb, message, made, most, least), len(made), long, least)
	}
	tb.Logf("%d calls", calls)
}

func publish(tb testing.TB, store beckon.Store) *beckon.Engine {
	tb.Helper()
	engine, err := beckon.New(store, beckon.WithoutRecentEvents())
	if err != nil {
		tb.Fatal(err)
	}
	program, err := beckon.ParseProgram([]byte(`{
		"caps": [{"id": "few", "tag": "burst", "max": 3, "within": "3s"}, {"id": "few-too", "tag": "trickle", "max": 3, "within": "3s"}],
		"messages": [
			{"id": "spaced", "status": "live", "live_at": "2020-01-01T00:00:00Z", "trigger": {"event": "went"}, "frequency": {"every": "1s"}, "content": {"body": "x"}},
			{"id": "burst", "status": "live", "live_at": "2020-01-01T00:00:00Z", "trigger": {"event": "went"}, "frequency": {"every": "0s"}, "content": {"body": "x"}, "tags": ["burst"]},
			{"id": "trickle", "status": "live", "live_at": "2020-01-01T00:00:00Z", "trigger": {"event": "spent"}, "frequency": {"every": "0s"}, "content": {"body": "x"}, "tags": ["trickle"]}
		]}`))
	if err != nil {
		tb.Fatal(err)
	}
	if err := engine.Publish(tb.Context(), program); err != nil {
		tb.Fatal(err)
	}
	return engine
}

// tooMany counts the sends that were one too many: with the most sends allowed
// before it, made within the time. The first few are told.
func tooMany(tb testing.TB, message string, sends []send, most int, within time.Duration) (n int) {
	tb.Helper()
	slices.SortFunc(sends, func(a, b send) int { return a.at.Compare(b.at) })
	told := 0
	for i := most; i < len(sends); i++ {
		said := sends[i].at.Sub(sends[i-most].at)
		began, ended := sends[i].before, sends[i].after
		for _, s := range sends[i-most : i] {
			if s.before.Before(began) {
				began = s.before
			}
			if s.after.After(ended) {
				ended = s.after
			}
		}
		surely := ended.Sub(began)
		if said >= within && surely >= within-grain {
			continue
		}
		if n++; told < 3 {
			told++
			tb.Errorf("%s: %d sends within %v by their instants, made within %v by their callers' clocks; %d are allowed within %v",
				message, most+1, said, surely, most, within)
		}
	}
	return n
}

// stalling is a store that is slow to begin a step: its caller has read the
// clock already.
type stalling struct {
	beckon.Store
	mu sync.Mutex
	n  int
}

// Step implements [beckon.Store].
func (s *stalling) Step(ctx context.Context, steps []store.Step) error {
	s.mu.Lock()
	s.n++
	wait := time.Duration(s.n%8) * 150 * time.Millisecond
	s.mu.Unlock()
	time.Sleep(wait)
	return s.Store.Step(ctx, steps)
}
