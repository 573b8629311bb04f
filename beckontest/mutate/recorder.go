package mutate

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/beckon-go/beckon"
)

// A recorder is the t of one run of the tests. What it fails for is kept, and the test
// around it goes on.
type recorder struct {
	testing.TB // the rest: names, folders, contexts

	mu       sync.Mutex
	failures []string
	failed   bool
	cleanups []func()
}

// passes runs the tests with a program, and returns what they fail for.
func passes(t testing.TB, program beckon.Program, tests func(testing.TB, beckon.Program)) error {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() { // FailNow ends a goroutine
		defer close(done)
		defer r.clean()
		defer func() {
			if v := recover(); v != nil {
				r.Errorf("panic: %v", v)
			}
		}()
		tests(r, program)
	}()
	<-done
	if !r.Failed() {
		return nil
	}
	return errors.New(strings.Join(r.failures, "\n"))
}

func (r *recorder) clean() {
	for i := len(r.cleanups) - 1; i >= 0; i-- {
		r.cleanups[i]()
	}
}

func (r *recorder) note(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = true
	r.failures = append(r.failures, text)
}

// Helper marks nothing: no place of a failure is told.
func (r *recorder) Helper() {}

// Log says nothing: a mutant is to fail.
func (r *recorder) Log(...any) {}

// Logf says nothing.
func (r *recorder) Logf(string, ...any) {}

// Cleanup has the function called when the tests have run.
func (r *recorder) Cleanup(fn func()) { r.cleanups = append(r.cleanups, fn) }

// Fail notes that the tests fail.
func (r *recorder) Fail() { r.note("failed") }

// Error notes what the tests fail for.
func (r *recorder) Error(args ...any) { r.note(strings.TrimSuffix(fmt.Sprintln(args...), "\n")) }

// Errorf notes what the tests fail for.
func (r *recorder) Errorf(format string, args ...any) { r.note(fmt.Sprintf(format, args...)) }

// Failed reports whether they fail.
func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

// FailNow is Fail, and ends the tests.
func (r *recorder) FailNow() { r.end("failed") }

// Fatal is Error, and ends the tests.
func (r *recorder) Fatal(args ...any) { r.end(strings.TrimSuffix(fmt.Sprintln(args...), "\n")) }

// Fatalf is Errorf, and ends the tests.
func (r *recorder) Fatalf(format string, args ...any) { r.end(fmt.Sprintf(format, args...)) }

// Skip ends the tests: a mutant that they skip survives.
func (r *recorder) Skip(...any) { r.SkipNow() }

// Skipf ends the tests.
func (r *recorder) Skipf(string, ...any) { r.SkipNow() }

// SkipNow ends the tests.
func (r *recorder) SkipNow() { runtime.Goexit() }

// Skipped reports false: what was skipped has ended.
func (r *recorder) Skipped() bool { return false }

func (r *recorder) end(text string) {
	r.note(text)
	runtime.Goexit()
}
