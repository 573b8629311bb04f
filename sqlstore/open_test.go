package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// holdLock has another process's transaction write to the file until the test
// ends it.
func holdLock(t *testing.T, path string) *sql.Tx {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

// Nobody waits for the lock longer than the option says, on the clock and not
// by the sum of the pauses: not a lone step, not one that others wait before, not
// who opens the file.
func TestSQLiteLockTimeout(t *testing.T) {
	const most, grace = 300 * time.Millisecond, 250 * time.Millisecond
	path := filepath.Join(t.TempDir(), "locked.db")
	s := openSQLite(t, path, sqlstore.WithLockTimeout(most))
	holdLock(t, path)
	took := func(what string, fn func() error) {
		start := time.Now() //nolint:forbidigo // a real lock has a real clock
		err := fn()
		d := time.Since(start) //nolint:forbidigo // as above
		if !errors.Is(err, sqlstore.ErrBusy) || d > most+grace {
			t.Errorf("%s: %v after %v, want %v after %v", what, err, d, sqlstore.ErrBusy, most)
		}
	}
	took("a lone step", func() error { return add(t.Context(), s, user("u")) })
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			time.Sleep(time.Duration(i) * most / 8) //nolint:forbidigo // callers that come one after the other
			took("one of many", func() error { return add(t.Context(), s, user("u")) })
		})
	}
	all.Wait()

	fresh := filepath.Join(t.TempDir(), "fresh.db")
	holdLock(t, fresh)
	took("opening", func() error {
		_, err := sqlstore.OpenSQLite(t.Context(), fresh, sqlstore.WithLockTimeout(most))
		return err
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := sqlstore.OpenSQLite(ctx, fresh, sqlstore.WithLockTimeout(time.Hour)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("opening with a context that ends: %v", err)
	}
}

// What is an address and no path is refused and not taken for a strange name.
func TestSQLiteAddress(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, path := range []string{"file:x.db", "file:x.db?mode=memory", "FILE:///tmp/x.db", "sqlite://x.db", "postgres://u:hunter2@h/db"} {
		_, err := sqlstore.OpenSQLite(t.Context(), path)
		if !errors.Is(err, sqlstore.ErrSetup) || !strings.Contains(err.Error(), "path") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("opening %q: %v", path, err)
		}
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) > 0 {
		t.Errorf("files were made: %v, %v", entries, err)
	}
	openSQLite(t, "./file:x.db") // a file may have any name
	if _, err := os.Stat("file:x.db"); err != nil {
		t.Error(err)
	}
}

// A transaction in a database that has no tables says so, whatever is asked.
func TestTxWithoutTables(t *testing.T) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "bare.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	s := sqlstore.TxSQLite(tx)
	_, events := s.Events(t.Context(), user("u"), store.EventCursor{}, 1)
	_, totals := s.Totals(t.Context(), "m")
	_, size := s.Size(t.Context(), []store.Kind{store.KindUser})
	_, scan := s.Scan(t.Context(), store.Query{Due: 1}, "", 1, nil)
	for i, err := range []error{
		add(t.Context(), s, user("u")), s.Read(t.Context(), []store.Key{user("u")}, nil), events, totals, size, scan,
	} {
		if !errors.Is(err, sqlstore.ErrSchema) || !strings.Contains(err.Error(), "table") {
			t.Errorf("call %d: %v", i, err)
		}
	}
}

// What keeps a database from being opened is said in words, and without the
// password.
func TestOpenInWords(t *testing.T) {
	if _, err := sqlstore.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "missing", "x.db")); !errors.Is(err, sqlstore.ErrUnavailable) || !strings.Contains(err.Error(), "folder") {
		t.Errorf("a folder that is not there: %v", err)
	}
	whole := postgresURL(t)
	changed := func(change func(*url.URL)) string {
		u, err := url.Parse(whole)
		if err != nil {
			t.Fatal(err)
		}
		change(u)
		return u.String()
	}
	for _, c := range []struct{ url, want string }{
		{changed(func(u *url.URL) { u.Path = "/not-there" }), "no database of that name"},
		{changed(func(u *url.URL) { u.User = url.UserPassword("nobody-here", "hunter2") }), "password"},
	} {
		_, err := sqlstore.OpenPostgres(t.Context(), c.url)
		if !errors.Is(err, sqlstore.ErrUnavailable) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}
