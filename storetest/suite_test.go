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
	"github.com/beckon-go/beckon/memstore"
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

// failures runs one test of the suite over a store and gives what it finds.
func failures(c testCase, store beckon.Store) []string {
	r := new(recorder)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	done := make(chan struct{})
	go func() { // Fatalf ends the goroutine
		defer close(done)
		defer func() {
			if v := recover(); v != nil {
				r.Errorf("panic: %v", v)
			}
		}()
		c.run(&env{tb: r, ctx: ctx, store: store})
	}()
	<-done
	return r.failures
}

func TestSoundStorePasses(t *testing.T) {
	for _, c := range cases() {
		if f := failures(c, memstore.New()); len(f) > 0 {
			t.Errorf("%s: %s", c.name, strings.Join(f, "\n"))
		}
	}
}

// Every store that is broken must fail the test that is about what is broken;
// and every test must be failed by some broken store, or it could not fail at
// all.
func TestBrokenStoresFail(t *testing.T) {
	named := make(map[string]bool)
	for _, b := range brokenStores() {
		named[b.by] = true
		i := slices.IndexFunc(cases(), func(c testCase) bool { return c.name == b.by })
		if i < 0 {
			t.Errorf("%s: there is no test %q", b.name, b.by)
		} else if len(failures(cases()[i], b.open())) == 0 {
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

// Run itself: each test gets a store of its own and reports to its subtest.
func TestRun(t *testing.T) {
	var opened []*memstore.Store
	Run(t, func(*testing.T) beckon.Store {
		opened = append(opened, memstore.New())
		return opened[len(opened)-1]
	})
	if len(opened) != len(cases()) {
		t.Errorf("%d stores for %d tests", len(opened), len(cases()))
	}
	names := make(map[string]bool)
	for _, c := range cases() {
		if names[c.name] {
			t.Errorf("two tests are called %q", c.name)
		}
		names[c.name] = true
	}
}
