//go:build unix

package sqlstore_test

import (
	"errors"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// A commit whose writing fails leaves open what is on the disk: the error says
// so, and no step is told that nothing of it was written. The store goes on when
// the file can be written again, and has all or nothing of the step.
func TestSQLiteCommitFails(t *testing.T) {
	s := openSQLite(t, filepath.Join(t.TempDir(), "commit.db"))
	if err := add(t.Context(), s, user("u")); err != nil {
		t.Fatal(err)
	}
	// What a group writes comes to the disk when it is committed. A limit of a
	// byte for files makes that an error of the device; of the signal that comes
	// with it nothing is to be heard.
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	full := limit
	full.Cur = 1
	steps := []store.Step{{Key: user("u"), Decider: decide(func(r *store.Record, c *store.Changes) error {
		c.LastSeen = r.LastSeen + 1
		return nil
	})}}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		t.Fatal(err)
	}
	err := s.Step(t.Context(), steps)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(err, sqlstore.ErrUnknownOutcome) || steps[0].Err != nil {
		t.Errorf("Step returned %v, the step has %v; want %v, and nothing", err, steps[0].Err, sqlstore.ErrUnknownOutcome)
	}
	before := seen(t, s, user("u"))
	if before != 1 && before != 2 {
		t.Errorf("counted %d after one step and another of which nobody knows", before)
	}
	if err := add(t.Context(), s, user("u")); err != nil {
		t.Fatal(err)
	}
	if n := seen(t, s, user("u")); n != before+1 {
		t.Errorf("counted %d, want %d", n, before+1)
	}
}
