package storetest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A recorder is a tb that remembers that a test failed.
type recorder struct {
	mu       sync.Mutex
	failures []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// A testStore is a store that the suite's own tests can open again.
type testStore interface {
	beckon.Store
	reopened() beckon.Store
	another() beckon.Store
}

// tries is how often a store that is broken may pass the test that is about it:
// one that loses a race does so only where the scheduler lets it.
const tries = 10

// caught reports whether a test finds that a store is broken.
func caught(c testCase, b broken) bool {
	for range tries {
		if len(failures(c, b.open())) > 0 {
			return true
		}
	}
	return false
}

// failures runs one test of the suite over a store that is broken, which may
// mean that it hangs, and returns what it finds.
func failures(c testCase, store testStore) []string {
	return within(c, store, 3*time.Second, 300*time.Millisecond)
}

// within is failures with as much time for the test, and for a call to return.
func within(c testCase, kept testStore, patience, grace time.Duration) []string {
	r := new(recorder)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	done := make(chan struct{})
	go func() { // Fatalf ends the goroutine
		defer close(done)
		defer func() {
			if v := recover(); v != nil {
				r.Errorf("panic: %v", v)
			}
		}()
		var tested beckon.Store = kept
		damaged := NewFaultStore(kept)
		broken := kept.(*brokenStore)
		switch {
		case c.needs == aDamage, c.needs == aDamagedEvent, c.needs == aMove:
			tested = damaged
			if broken.over != nil {
				tested = broken.over(damaged)
			}
		case broken.over != nil && broken.by == c.name:
			tested = broken.over(damaged)
		}
		c.run(&env{
			tb: r, ctx: ctx, store: tested, grace: grace,
			reopen:      func(s beckon.Store) beckon.Store { return s.(testStore).reopened() },
			second:      func(s beckon.Store) beckon.Store { return s.(testStore).another() },
			damage:      damaged.Damage,
			damageEvent: damaged.DamageEvent,
			move:        func(_, to store.Key) { damaged.Damage(to) },
		})
	}()
	<-done
	return r.failures
}

func TestSoundStorePasses(t *testing.T) {
	for _, c := range cases() {
		if f := within(c, broken{}.open(), patience, grace); len(f) > 0 {
			t.Errorf("%s: %s", c.name, strings.Join(f, "\n"))
		}
	}
}

// Every store that is broken must fail the test that is about what is broken;
// and every test must be failed by some broken store, or it could not fail at
// all.
func TestBrokenStoresFail(t *testing.T) {
	if testing.Short() {
		t.Skip("the suite over a hundred broken stores takes 7 s")
	}
	named := make(map[string]bool)
	for _, b := range brokenStores() {
		named[b.by] = true
		i := slices.IndexFunc(cases(), func(c testCase) bool { return c.name == b.by })
		if i < 0 {
			t.Errorf("%s: there is no test %q", b.name, b.by)
		} else if !caught(cases()[i], b) {
			t.Errorf("%s: passes %q", b.name, b.by)
		}
	}
	for _, c := range cases() {
		fails := func(b broken) bool { return len(failures(c, b.open())) > 0 }
		if !named[c.name] && !slices.ContainsFunc(brokenStores(), fails) {
			t.Errorf("no broken store fails %q", c.name)
		}
	}
}

// Run itself: each test gets a store of its own and reports to its subtest;
// those that need more than New are skipped, and run where there is more.
func TestRun(t *testing.T) {
	var opened, reopened, shared int
	newStore := func(*testing.T) beckon.Store { opened++; return broken{}.open() }
	Run(t, newStore)
	if opened == 0 {
		t.Error("no store was opened")
	}
	names := make(map[string]bool)
	without := 0
	for _, c := range cases() {
		if names[c.name] {
			t.Errorf("two tests are called %q", c.name)
		}
		names[c.name] = true
		if c.needs == nothing {
			without++
		}
	}
	if opened != without {
		t.Errorf("%d stores for %d tests that need New only", opened, without)
	}
	if testing.Short() {
		return
	}
	opened = 0
	damaged := 0
	under := make(map[beckon.Store]testStore)
	open := func(t *testing.T) beckon.Store {
		s := newStore(t)
		f := NewFaultStore(s)
		under[f] = s.(testStore)
		return f
	}
	below := func(s beckon.Store) testStore { // one that was opened again has no faults
		if s, ok := s.(testStore); ok {
			return s
		}
		return under[s]
	}
	t.Run("factory", func(t *testing.T) {
		Factory{
			New:    open,
			Reopen: func(_ *testing.T, s beckon.Store) beckon.Store { reopened++; return below(s).reopened() },
			Second: func(_ *testing.T, s beckon.Store) beckon.Store { shared++; return below(s).another() },
			Damage: Damage{
				Record: func(_ *testing.T, s beckon.Store, key store.Key) { damaged++; s.(*FaultStore).Damage(key) },
				Event: func(_ *testing.T, s beckon.Store, key store.Key, at store.EventCursor) {
					damaged++
					s.(*FaultStore).DamageEvent(key, at)
				},
				Move: func(_ *testing.T, s beckon.Store, _, to store.Key) { damaged++; s.(*FaultStore).Damage(to) },
			},
		}.Run(t)
	})
	if opened != len(cases()) || reopened == 0 || shared == 0 || damaged < len(damagedCases()) {
		t.Errorf("%d stores for %d tests; %d were opened again, %d shared, %d damaged", opened, len(cases()), reopened, shared, damaged)
	}
}
