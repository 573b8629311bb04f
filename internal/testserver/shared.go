package testserver

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// ServersEnv is the environment variable that says which servers tests use:
// "required" fails each test whose server is not installed, "none" takes no
// installed server. Without it, tests whose server is not installed are skipped.
const ServersEnv = "BECKON_SERVERS"

// Required reports whether a test whose server is not installed has to fail.
func Required() bool { return os.Getenv(ServersEnv) == "required" }

// hidden returns an error that wraps [exec.ErrNotFound] if no installed server
// is to be taken.
func hidden() error {
	if os.Getenv(ServersEnv) == "none" {
		return fmt.Errorf("%s is none: %w", ServersEnv, exec.ErrNotFound)
	}
	return nil
}

// An Absent is a server that tests on this machine are without.
type Absent struct {
	Server string // its name
	How    string // how to include it, in words
}

// Missing returns the servers that tests on this machine are without.
func Missing() []Absent {
	var list []Absent
	if _, err := postgresPrograms(); err != nil && os.Getenv(PostgresURL) == "" {
		list = append(list, Absent{"PostgreSQL", howPostgres})
	}
	if _, err := redisProgram(); err != nil && os.Getenv(RedisURL) == "" {
		list = append(list, Absent{"Redis", howRedis})
	}
	return list
}

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
	switch {
	case !errors.Is(err, exec.ErrNotFound):
		tb.Fatal(err)
	case Required():
		tb.Fatal(hint)
	default:
		tb.Skip(hint)
	}
}

// A shared is one server for all tests of a binary. The zero value is ready.
type shared[S io.Closer] struct {
	once    sync.Once
	started bool
	server  S
	err     error
}

// get returns the server, which it starts at the first call.
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
