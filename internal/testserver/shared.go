package testserver

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// start starts a server for one test, with which it ends.
func start[S io.Closer](tb testing.TB, name, hint string, open func(settings ...string) (S, error), settings []string) S {
	tb.Helper()
	server, err := open(settings...)
	if err != nil {
		unavailable(tb, err, hint)
	}
	tb.Cleanup(func() {
		if err := server.Close(); err != nil {
			tb.Errorf("stopping %s: %v", name, err)
		}
	})
	return server
}

// unavailable ends a test for which there is no server.
func unavailable(tb testing.TB, err error, hint string) {
	tb.Helper()
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI") != "true" {
		tb.Skip(hint)
	}
	if errors.Is(err, exec.ErrNotFound) {
		tb.Fatal(hint)
	}
	tb.Fatal(err)
}

// A shared is one server for all tests of a binary. The zero value is ready.
type shared[S io.Closer] struct {
	once    sync.Once
	started bool
	server  S
	err     error
}

// get gives the server, which it starts at the first call.
func (s *shared[S]) get(tb testing.TB, hint string, open func(settings ...string) (S, error), settings []string) S {
	tb.Helper()
	s.once.Do(func() {
		s.server, s.err = open(settings...)
		s.started = s.err == nil
	})
	if s.err != nil {
		unavailable(tb, s.err, hint)
	}
	return s.server
}

// Close stops the server, if it was started.
func (s *shared[S]) Close() error {
	if !s.started {
		return nil
	}
	return s.server.Close()
}
