package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// openSQLite returns a store in the file.
func openSQLite(t testing.TB, path string, opts ...sqlstore.Option) *sqlstore.Store {
	t.Helper()
	return openFull(t, path, append([]sqlstore.Option{sqlstore.WithNormalSync()}, opts...)...)
}

// openFull returns a store that waits for the disk, unless an option says otherwise. Where a test
// is not about that, it takes openSQLite, which does the same in less time.
func openFull(t testing.TB, path string, opts ...sqlstore.Option) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.OpenSQLite(t.Context(), path, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Any path will do, but none that is no file.
func TestSQLitePath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a ?#%25é&x=y.db")
	if err := add(t.Context(), openSQLite(t, path), user("u")); err != nil {
		t.Fatal(err)
	}
	if n := seen(t, openSQLite(t, path), user("u")); n != 1 {
		t.Errorf("counted %d in the file when it was opened again, want 1", n)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	for _, path := range []string{"", ":memory:", "a\x00b"} {
		if _, err := sqlstore.OpenSQLite(t.Context(), path); !errors.Is(err, sqlstore.ErrSetup) {
			t.Errorf("opening %q: %v", path, err)
		}
	}
	if _, err := sqlstore.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "missing", "x.db")); !errors.Is(err, sqlstore.ErrUnavailable) {
		t.Errorf("opening a file in a folder that is not there: %v", err)
	}
}

// What Step has acknowledged is on the disk when it returns: SQLite says so of
// both connections' settings.
func TestSQLiteSync(t *testing.T) {
	for want, opts := range map[int][]sqlstore.Option{2: nil, 1: {sqlstore.WithNormalSync()}} {
		s := openFull(t, filepath.Join(t.TempDir(), "sync.db"), opts...)
		if got := sqlstore.Synchronous(t, s); got != want {
			t.Errorf("synchronous is %d, want %d", got, want)
		}
	}
}

// While another process writes, steps wait, and then give up with a typed
// error; a caller whose context ends does not wait so long.
func TestSQLiteLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "locked.db")
	s := openSQLite(t, path, sqlstore.WithLockTimeout(20*time.Millisecond))
	patient := openSQLite(t, path, sqlstore.WithLockTimeout(time.Hour))
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := add(t.Context(), s, user("u")); !errors.Is(err, sqlstore.ErrBusy) {
		t.Errorf("got %v, want %v", err, sqlstore.ErrBusy)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := add(ctx, patient, user("u")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
	}
	if n := seen(t, s, user("u")); n != 0 { // readers wait for nobody
		t.Errorf("counted %d", n)
	}
	done := make(chan error)
	go func() { done <- add(t.Context(), patient, user("u")) }()
	if err := errors.Join(tx.Rollback(), <-done, add(t.Context(), s, user("u"))); err != nil {
		t.Error(err)
	}
	if n := seen(t, s, user("u")); n != 2 {
		t.Errorf("counted %d, want 2", n)
	}
}

// A full disk and a file that cannot be written are typed errors. What is there
// can be read meanwhile, and it goes on when there is room again.
func TestSQLiteFull(t *testing.T) {
	s := openSQLite(t, filepath.Join(t.TempDir(), "full.db"))
	if err := add(t.Context(), s, user("u")); err != nil {
		t.Fatal(err)
	}
	big := func() error {
		steps := []store.Step{{Key: user("big"), Decider: decide(func(_ *store.Record, c *store.Changes) error {
			c.SendLog = append(c.SendLog, store.SendLogEntry{ID: strings.Repeat("x", 1<<20)})
			return nil
		})}}
		err := s.Step(t.Context(), steps)
		if err != nil && !errors.Is(steps[0].Err, err) {
			t.Errorf("the step has %v, Step returned %v", steps[0].Err, err)
		}
		return err
	}
	for _, c := range []struct {
		broken, whole string
		want          beckon.Code
	}{
		{"PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000", sqlstore.ErrFull},
		{"PRAGMA query_only = 1", "PRAGMA query_only = 0", sqlstore.ErrReadOnly},
	} {
		sqlstore.Pragma(t, s, c.broken)
		if err := big(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.broken, err, c.want)
		}
		if n := seen(t, s, user("u")); n != 1 {
			t.Errorf("%s: counted %d, want 1", c.broken, n)
		}
		sqlstore.Pragma(t, s, c.whole)
		if err := big(); err != nil {
			t.Errorf("%s: %v", c.whole, err)
		}
	}
}
