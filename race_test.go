package beckon_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/clockrace"
	"github.com/beckon-go/beckon/memstore"
)

var raceRounds = flag.Int("race.rounds", 0, "rounds of the races for one cap; 0 is 1000, or 30 with the race detector or -short")

func rounds() int {
	switch {
	case *raceRounds > 0:
		return *raceRounds
	case raceEnabled || testing.Short():
		return 30
	}
	return 1000
}

// F3, A2, E6: sixty-four goroutines race for what only so many may have: the
// maximum of a message, a cap across messages, the first time, the last names
// that fit. Never one too many, never one too few.
func TestRaceForOneCap(t *testing.T) {
	const callers = 64
	ctx := context.Background()
	live := noon.Add(-time.Hour)
	text := beckon.Content{Body: "x"}
	every := &beckon.Frequency{Every: beckon.Seconds(0)}
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return noon }), beckon.WithEventNamesLimit(50))
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(ctx, beckon.Program{
		Caps: []beckon.Cap{{ID: "five", Tag: "t", Max: 5, Within: beckon.Hours(1)}},
		Messages: []beckon.Message{
			{ID: "most", Status: beckon.Live, LiveAt: live, Trigger: beckon.On("e"), Content: text, Frequency: &beckon.Frequency{Every: beckon.Seconds(0), Max: 7}},
			{ID: "apart", Status: beckon.Live, LiveAt: live, Trigger: beckon.On("e"), Content: text},
			{ID: "first", Status: beckon.Live, LiveAt: live, Trigger: beckon.On("e"), Audience: beckon.Did("e").Is(0), Content: text, Frequency: every},
			{ID: "t1", Status: beckon.Live, LiveAt: live, Trigger: beckon.On("e"), Tags: []string{"t"}, Content: text, Frequency: every},
			{ID: "t2", Status: beckon.Live, LiveAt: live, Trigger: beckon.On("e"), Tags: []string{"t"}, Content: text, Frequency: every},
			{ID: "once", Status: beckon.Live, LiveAt: live, Mode: beckon.Ongoing, Content: text},
		},
	}); err != nil {
		t.Fatal(err)
	}
	for round := range rounds() {
		user := fmt.Sprint("u", round)
		var mu sync.Mutex
		sent, refused, repeats := map[string]int{}, 0, 0
		took := func(res beckon.Result, err error) {
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, beckon.ErrEventNamesLimit):
				refused++
			case err != nil:
				t.Error(err)
			}
			if res.Duplicate {
				repeats++
			}
			for _, d := range res.Deliveries {
				sent[d.Message]++
			}
		}
		var wait sync.WaitGroup
		start := make(chan struct{})
		for i := range callers {
			wait.Go(func() {
				<-start
				took(engine.Track(ctx, beckon.Event{Name: "e", UserID: user}))
				took(engine.Track(ctx, beckon.Event{Name: fmt.Sprint("name", i), UserID: user}))
				took(engine.Track(ctx, beckon.Event{Name: "e", UserID: user, EventID: "same"}))
				took(engine.Visit(ctx, beckon.Visit{UserID: user}))
			})
		}
		close(start)
		wait.Wait()
		want := map[string]int{"most": 7, "apart": 1, "first": 1, "once": 1}
		for m, n := range want {
			if sent[m] != n {
				t.Fatalf("round %d: %s was sent %d times, want %d", round, m, sent[m], n)
			}
		}
		if n := sent["t1"] + sent["t2"]; n != 5 {
			t.Fatalf("round %d: %d sends under a cap of 5", round, n)
		}
		// "e" is the first of each, so that 49 of the other names fit.
		x, _, err := engine.Export(ctx, beckon.Identity{UserID: user})
		if err != nil {
			t.Fatal(err)
		}
		if len(x.Events) != 50 || refused != callers-49 {
			t.Fatalf("round %d: %d names, %d refused; want 50 and %d", round, len(x.Events), refused, callers-49)
		}
		if repeats != callers-1 {
			t.Fatalf("round %d: %d repeats of one event, want %d", round, repeats, callers-1)
		}
	}
}

// D7: no send starts after Stop has returned.
func TestStopWhileTracking(t *testing.T) {
	ctx := context.Background()
	for round := range 20 {
		engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return noon }))
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
			ID: "m", Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"},
			Frequency: &beckon.Frequency{Every: beckon.Seconds(0)},
		}}}); err != nil {
			t.Fatal(err)
		}
		var stopped atomic.Bool
		var wait sync.WaitGroup
		begun := make(chan struct{}, 8)
		for i := range 8 {
			wait.Go(func() {
				for k := range 200 {
					after := stopped.Load() // before the call starts
					res, err := engine.Track(ctx, beckon.Event{Name: "e", UserID: fmt.Sprint(i)})
					if err != nil || after && len(res.Deliveries) > 0 {
						t.Errorf("round %d: after the stop: %v, %v", round, res.Deliveries, err)
					}
					if k == 0 {
						begun <- struct{}{}
					}
				}
			})
		}
		<-begun
		if err := engine.Stop(ctx, "m"); err != nil {
			t.Error(err)
		}
		stopped.Store(true)
		wait.Wait()
	}
}

// Programs are swapped while events are in flight: every result is that of one
// program, from its first message to its last.
func TestPublishWhileTracking(t *testing.T) {
	ctx := context.Background()
	program := func(version, messages int) beckon.Program {
		var p beckon.Program
		for i := range messages {
			p.Messages = append(p.Messages, beckon.Message{
				ID: fmt.Sprintf("m%02d", i), Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Trigger: beckon.On("e"),
				Priority: version * i, Content: beckon.Content{Body: fmt.Sprint("version ", version)},
				Frequency: &beckon.Frequency{Every: beckon.Seconds(0)},
			})
		}
		return p
	}
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return noon }))
	if err != nil {
		t.Fatal(err)
	}
	publish := func(i int) {
		if err := engine.Publish(ctx, program(i%3-1, 4+i%3)); err != nil {
			t.Error(err)
		}
	}
	publish(0)
	var wait sync.WaitGroup
	for i := range 4 {
		wait.Go(func() {
			for range 150 {
				res, err := engine.Track(ctx, beckon.Event{Name: "e", UserID: fmt.Sprint("u", i)})
				if err != nil {
					t.Error(err)
					return
				}
				version := 0
				for v := -1; v <= 1; v++ {
					if len(res.Deliveries) == 5+v {
						version = v
					}
				}
				for _, d := range res.Deliveries {
					if d.Body != fmt.Sprint("version ", version) {
						t.Errorf("%d deliveries, one of them of %s", len(res.Deliveries), d.Body)
					}
				}
				if n := len(res.Held()); n != 0 {
					t.Errorf("held: %v", res.Held())
				}
			}
		})
	}
	wait.Go(func() {
		for i := range 60 {
			publish(i)
		}
	})
	wait.Wait()
}

// Close: what is in flight finishes, what comes later is refused, and to close
// twice is no error.
func TestClose(t *testing.T) {
	ctx := context.Background()
	store := newFaultStore()
	engine, err := beckon.New(store, beckon.WithClock(func() time.Time { return noon }))
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(ctx, mergeProgram()); err != nil {
		t.Fatal(err)
	}
	store.interleave(func(int) {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	if res, err := engine.Track(ctx, beckon.Event{Name: "e", UserID: "u"}); err != nil || len(res.Deliveries) == 0 {
		t.Errorf("in flight when the engine was closed: %v, %v", res.Deliveries, err)
	}
	store.interleave(nil)
	who := beckon.Identity{UserID: "u"}
	snapshot := string(store.Snapshot())
	for name, call := range map[string]func() error{
		"Track": func() error { _, err := engine.Track(ctx, beckon.Event{Name: "e", UserID: "u"}); return err },
		"Visit": func() error {
			_, err := engine.Visit(ctx, beckon.Visit{UserID: who.UserID})
			return err
		},
		"Check": func() error { _, err := engine.Check(ctx, who); return err },
		"Update": func() error {
			_, err := engine.Update(ctx, beckon.Contact{UserID: who.UserID})
			return err
		},
		"Merge":         func() error { return second(engine.Merge(ctx, who, beckon.Identity{UserID: "v"})) },
		"Delete":        func() error { return engine.Delete(ctx, who) },
		"Release":       func() error { return engine.Release(ctx, beckon.Delivery{ID: "x", Contact: who}) },
		"ReleaseLatest": func() error { return engine.ReleaseLatest(ctx, who, "most") },
		"Publish":       func() error { return engine.Publish(ctx, beckon.Program{}) },
		"Refresh":       func() error { return engine.Refresh(ctx) },
		"Pause":         func() error { return engine.Pause(ctx, "most") },
		"Resume":        func() error { return engine.Resume(ctx, "most") },
		"Stop":          func() error { return engine.Stop(ctx, "most") },
		"Acknowledge":   func() error { return engine.Acknowledge(ctx) },
		"Export":        func() error { _, _, err := engine.Export(ctx, who); return err },
		"RecentEvents":  func() error { _, err := engine.RecentEvents(ctx, who, nil, 1); return err },
		"Catalogue":     func() error { _, err := engine.Catalogue(ctx); return err },
		"Totals":        func() error { _, err := engine.Totals(ctx, "most"); return err },
		"Count":         func() error { _, err := engine.Count(ctx, beckon.Rule{}); return err },
		"Matches":       func() error { _, err := engine.Matches(ctx, beckon.Rule{}, who); return err },
		"Sweep": func() (last error) {
			for _, last = range engine.Sweep(ctx) {
			}
			return last
		},
		"Due": func() (last error) {
			for _, last = range engine.Due(ctx) {
			}
			return last
		},
		"Send": func() (last error) {
			for _, last = range engine.Send(ctx, "most") {
			}
			return last
		},
		"Pending": func() (last error) {
			for _, last = range engine.Pending(ctx) {
			}
			return last
		},
		"Match": func() (last error) {
			for _, last = range engine.Match(ctx, beckon.Rule{}) {
			}
			return last
		},
	} {
		if err := call(); !errors.Is(err, beckon.ErrClosed) {
			t.Errorf("%s of a closed engine: %v", name, err)
		}
	}
	if string(store.Snapshot()) != snapshot {
		t.Error("a closed engine changed something")
	}
	if err := engine.Close(); err != nil {
		t.Errorf("the second Close: %v", err)
	}
}

// A store that fails at any call: Track says so by a StoreError, and nothing
// is delivered; the same event again is decided once in all (E7, Z1).
func TestTrackStoreFails(t *testing.T) {
	ctx := context.Background()
	for _, who := range mergePeople() {
		for _, how := range []fault{failBefore, failAfter} {
			for n := 1; ; n++ {
				store := newFaultStore()
				engine, err := beckon.New(store, beckon.WithClock(func() time.Time { return noon }), beckon.WithOutbox())
				if err != nil {
					t.Fatal(err)
				}
				if err := engine.Publish(ctx, mergeProgram()); err != nil {
					t.Fatal(err)
				}
				event := beckon.Event{Name: "e", EventID: "1", UserID: who.UserID}
				store.arm(n, how)
				first, err := engine.Track(ctx, event)
				if store.heal() < n {
					break
				}
				var failed *beckon.StoreError
				decided := len(first.Failures()) == 1 // the catalogue alone could not be written
				if decided == errors.As(err, &failed) || !decided && len(first.Deliveries) > 0 {
					t.Fatalf("call %d: %v, delivered %v, failures %v", n, err, first.Deliveries, first.Failures())
				}
				second, err := engine.Track(ctx, event)
				if err != nil {
					t.Fatal(err)
				}
				if len(second.Deliveries) != 4 {
					t.Fatalf("%v, call %d: the repeat delivers %d, want 4", who, n, len(second.Deliveries))
				}
				x, _, err := engine.Export(ctx, who)
				if err != nil {
					t.Fatal(err)
				}
				if len(x.Log) != 4 || len(x.Pending) != 4 || x.Events[0].Count != 1 {
					t.Fatalf("%v, call %d: %d sends, %d pending, %d events; want 4, 4, 1", who, n, len(x.Log), len(x.Pending), x.Events[0].Count)
				}
			}
		}
	}
}

// F2, F3, F5: distances and windows hold on a clock that moves while callers race.
func TestRaceOnRealClock(t *testing.T) { clockrace.Run(t, memstore.New()) }
