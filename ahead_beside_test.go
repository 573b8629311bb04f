package beckon_test

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/observe"
	"github.com/beckon-go/beckon/store"
)

// besideWorld is an engine over a store that takes steps beside one another, with n contacts
// whom a sweep sends "news".
func besideWorld(t *testing.T, n int, opts ...beckon.Option) (*beckon.Engine, *besideStore) {
	t.Helper()
	kept := &besideStore{Store: memstore.New()}
	engine, _ := aheadOn(t, kept, opts...)
	for i := range n {
		if _, err := engine.Update(t.Context(), beckon.Contact{UserID: "u" + strconv.Itoa(1000+i), Attributes: beckon.Attributes{"plan": beckon.String("pro")}}); err != nil {
			t.Fatal(err)
		}
	}
	return engine, kept
}

// sweepRest sweeps to the end, and counts who got something now or before: nobody twice.
func sweepRest(t *testing.T, engine *beckon.Engine, got map[string]int) {
	t.Helper()
	for d, err := range engine.Sweep(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got[d.Contact.UserID]++
	}
	for id, n := range got {
		if n != 1 {
			t.Errorf("%s got %d", id, n)
		}
	}
}

// Over a store that takes two calls at once a run makes two steps at once, of 64 contacts at
// most; with Ahead it makes one.
func TestBesideSteps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		opts             []beckon.RunOption
		largest, between int // contacts of a step, and of the steps between two deliveries
	}{
		{nil, 64, 128},
		{[]beckon.RunOption{beckon.Ahead(64)}, 64, 64},
		{[]beckon.RunOption{beckon.Ahead(40)}, 40, 40},
	} {
		engine, kept := besideWorld(t, 1_000)
		var mu sync.Mutex
		full, largest, decided, between := 0, 0, 0, 0
		second := make(chan struct{})
		kept.atStep = func(_ context.Context, steps []store.Step) error {
			if !steps[0].Key.Kind.IsContact() {
				return nil
			}
			mu.Lock()
			largest, decided = max(largest, len(steps)), decided+len(steps)
			if full++; len(steps) < 64 {
				full = 0
			}
			turn := full
			mu.Unlock()
			switch {
			case c.opts != nil:
			case turn == 1: // the first of two waits for the second
				select {
				case <-second:
				case <-time.After(10 * time.Second): //nolint:forbidigo // only if it fails
					t.Error("nothing is beside the first step")
				}
			case turn == 2:
				close(second)
			}
			return nil
		}
		n := 0
		for _, err := range engine.Sweep(t.Context(), c.opts...) {
			if err != nil {
				t.Fatal(err)
			}
			n++
			mu.Lock()
			between, decided = max(between, decided), 0
			mu.Unlock()
		}
		if n != 1_000 || largest != c.largest || between != c.between {
			t.Errorf("%d sent, in steps of at most %d contacts, %d between two deliveries; want 1000, %d, %d", n, largest, between, c.largest, c.between)
		}
	}
}

// What is done to contacts in the middle of two steps finds them not decided yet, and a
// consumer that stops loses nothing.
func TestBesideIsTakenBack(t *testing.T) {
	t.Parallel()
	for _, stop := range []int{1, 100, 130, 200, 260} {
		engine, _ := besideWorld(t, 300)
		got := map[string]int{}
		for d, err := range engine.Sweep(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			got[d.Contact.UserID]++
			if len(got) < stop {
				continue
			}
			for i := range 300 {
				if id := "u" + strconv.Itoa(1000+i); got[id] == 0 && i%2 == 0 {
					if _, err := engine.Update(t.Context(), beckon.Contact{UserID: id, Attributes: beckon.Attributes{"plan": beckon.String("free")}}); err != nil {
						t.Fatal(err)
					}
				}
			}
			break
		}
		before := len(got)
		sweepRest(t, engine, got)
		for i := range 300 {
			if id := "u" + strconv.Itoa(1000+i); i%2 == 1 && got[id] == 0 {
				t.Errorf("stopped after %d: %s got none", stop, id)
			}
		}
		totals, err := engine.Totals(t.Context(), "news")
		if err != nil || totals.Sent != int64(len(got)) || before != stop {
			t.Errorf("stopped after %d: the totals say %d sent, %d were, %d of them before; %v", stop, totals.Sent, len(got), before, err)
		}
	}
}

// If one of two steps fails, or panics, what the other has decided is given back, and the
// consumer sees what went wrong.
func TestBesideFails(t *testing.T) {
	t.Parallel()
	for _, which := range []int{0, 1} {
		for _, panics := range []bool{false, true} {
			engine, kept := besideWorld(t, 300)
			turn, met := 0, make(chan struct{})
			var mu sync.Mutex
			kept.atStep = func(_ context.Context, steps []store.Step) error {
				if len(steps) != 64 || !steps[0].Key.Kind.IsContact() {
					return nil
				}
				mu.Lock()
				mine := turn
				if turn++; turn == 2 {
					close(met)
				}
				mu.Unlock()
				if mine > 1 {
					return nil
				}
				select {
				case <-met:
				case <-time.After(10 * time.Second): //nolint:forbidigo // only if it fails
					t.Error("nothing is beside the first step")
				}
				switch {
				case mine != which:
					return nil
				case panics:
					panic(errStore)
				}
				return errStore
			}
			got := map[string]int{}
			var failed error
			func() {
				defer func() {
					if v := recover(); v != nil {
						failed, _ = v.(error)
					}
				}()
				for d, err := range engine.Sweep(t.Context()) {
					if failed = err; err == nil {
						got[d.Contact.UserID]++
					}
				}
			}()
			if !errors.Is(failed, errStore) || turn < 2 {
				t.Errorf("step %d, panic %t: the sweep says %v after %d steps", which, panics, failed, turn)
			}
			before := len(got)
			sweepRest(t, engine, got)
			if len(got) != 300 || before == 0 || before == 300 {
				t.Errorf("step %d, panic %t: %d got it, %d of them at first", which, panics, len(got), before)
			}
		}
	}
}

// Observers are told of each of two steps, when neither is under way any more.
func TestBesideIsTold(t *testing.T) {
	t.Parallel()
	var told []int
	engine, kept := besideWorld(t, 1_000, beckon.WithObserver(observe.Observer{Stepped: func(_ context.Context, s observe.Step) {
		if s.Call == "sweep" {
			told = append(told, s.Records)
		}
	}}))
	var mu sync.Mutex
	var made []int
	kept.atStep = func(_ context.Context, steps []store.Step) error {
		mu.Lock()
		defer mu.Unlock()
		if steps[0].Key.Kind.IsContact() {
			made = append(made, len(steps))
		}
		return nil
	}
	told = nil
	for _, err := range engine.Sweep(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(told)
	slices.Sort(made)
	if len(told) == 0 || !slices.Equal(told, made) {
		t.Errorf("told of %v, made %v", told, made)
	}
}

// A store that ends the goroutine of the second of two steps, as a test that gives up does, ends
// the run: contacts of that step are not passed over as if there was nothing for them.
func TestBesideGoroutineEnds(t *testing.T) {
	t.Parallel()
	engine, kept := besideWorld(t, 1_000)
	var ended atomic.Bool
	kept.atStep = func(_ context.Context, steps []store.Step) error {
		if _, ok := aboutContact(steps); ok && !bytes.Contains(debug.Stack(), []byte("testing.tRunner")) && ended.CompareAndSwap(false, true) {
			runtime.Goexit() // the other is the test's goroutine
		}
		return nil
	}
	got := map[string]int{}
	var failed error
	for d, err := range engine.Sweep(t.Context()) {
		if failed = err; err == nil {
			got[d.Contact.UserID]++
		}
	}
	if failed == nil || !ended.Load() {
		t.Errorf("the sweep says %v; ended: %t", failed, ended.Load())
	}
	kept.atStep = nil
	sweepRest(t, engine, got)
	if len(got) != 1_000 {
		t.Errorf("%d got it", len(got))
	}
}
