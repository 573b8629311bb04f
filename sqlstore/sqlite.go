package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"net/url"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/group"
	"github.com/beckon-go/beckon/sqlstore/internal/column"
	"github.com/beckon-go/beckon/store"
)

// OpenSQLite opens a store in the file at path, makes the file if it is not there, and
// makes or migrates its tables. SQLite keeps two more files beside it, with -wal and
// -shm at the end of the name; the three belong together. The folder must exist, and
// must not be on a network.
//
// The path is a path and not an address. [ErrSetup] refuses what begins like an
// address, such as file:beckon.db or sqlite://beckon.db. To open a file with such a
// name, write ./file:beckon.db.
func OpenSQLite(ctx context.Context, path string, opts ...Option) (*Store, error) {
	c, err := configure(opts)
	if err != nil {
		return nil, err
	}
	if path == "" || strings.HasPrefix(path, ":") || strings.ContainsRune(path, 0) {
		return nil, fail(ErrSetup, "open", "a SQLite store needs the path of a file", nil)
	}
	if isAddress(path) {
		return nil, fail(ErrSetup, "open", "a SQLite store needs the path of a file, not an address: leave out what stands before the path, and what follows a question mark", nil)
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, fail(ErrSetup, "open", "", err)
	}
	l := &lite{lockTimeout: c.lockTimeout, namespace: c.namespace}
	if err := l.open(ctx, path, c); err != nil {
		return nil, errors.Join(wrap("open", err), l.close())
	}
	s := &Store{db: l, clocked: true}
	s.steps = group.New(maxGroup, 1, l.carryOut) // a file has one writer
	return s, nil
}

// isAddress reports whether a path begins as an address does: with file:, or with
// another scheme and two slashes.
func isAddress(path string) bool {
	scheme, rest, found := strings.Cut(path, ":")
	return found && len(scheme) > 1 && !strings.ContainsAny(scheme, `/\`) && (strings.EqualFold(scheme, "file") || strings.HasPrefix(rest, "//"))
}

// writerCache is how many bytes of the file the writing connection keeps in
// memory at most. With the 2 MB that SQLite has by itself, steps on random
// records of some thousand spend a fifth of their time on reading pages again.
const writerCache = 32 << 20

// fullLog is from how many pages on what SQLite's log has is written into the file. With
// the 1,000 that SQLite has by itself, the pages that an import fills are written there
// again and again. But with [WithNormalSync] only what is there is safe.
const fullLog = 8000

// A lite is a SQLite database: one connection writes, others read what was
// committed before they began.
type lite struct {
	liteReader
	namespace   string
	lockTimeout time.Duration
	turn        sync.Mutex // held by the one who uses the writer
	writer      liteWriter
	reading     *sql.DB
	changes     store.Changes // of the group under way
	names       column.Names  // likewise
	args        []any         // memory of the statement that loads
	terms       newTerms      // memory of a group
	numbers     termNumbers   // that are committed, and of the group under way
}

func (l *lite) open(ctx context.Context, path string, c config) (err error) {
	synchronous := "FULL"
	if c.normalSync {
		synchronous = "NORMAL"
	}
	wait := "busy_timeout(" + strconv.FormatInt(max(c.lockTimeout.Milliseconds(), 0), 10) + ")"
	source := func(pragmas ...string) string {
		file := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: url.Values{"_pragma": pragmas}.Encode()}
		return file.String()
	}
	// The connection that writes waits for the lock by patiently: SQLite's own wait
	// cannot be cancelled, and takes longer than it was told to.
	writing := source("busy_timeout(0)", "journal_mode(WAL)", "synchronous("+synchronous+")")
	until := time.Now().Add(l.lockTimeout) //nolint:forbidigo // how long is waited for a lock decides nothing
	if err := patiently(ctx, until, func() error { return l.writer.connect(ctx, writing) }); err != nil {
		return err
	}
	pragmas := "PRAGMA cache_size = -" + strconv.Itoa(writerCache>>10)
	if !c.normalSync {
		pragmas += "; PRAGMA wal_autocheckpoint = " + strconv.Itoa(fullLog)
	}
	if err := l.writer.script(ctx, pragmas); err != nil {
		return err
	}
	if err := l.migrate(ctx, until); err != nil {
		return err
	}
	if l.reading, err = sql.Open("sqlite", source(wait, "query_only(1)")); err != nil {
		return err
	}
	readers := max(4, runtime.GOMAXPROCS(0))
	l.reading.SetMaxOpenConns(readers)
	l.reading.SetMaxIdleConns(readers)
	l.liteReader = liteReader{db: l.reading, namespace: l.namespace}
	return nil
}

func (l *lite) close() error {
	var errs []error
	if l.reading != nil {
		errs = append(errs, l.reading.Close())
	}
	l.turn.Lock()
	defer l.turn.Unlock()
	errs = append(errs, l.writer.close())
	return wrap("close", errors.Join(errs...))
}

func (l *lite) now(context.Context) (time.Time, error) {
	return time.Now(), nil //nolint:forbidigo // asked for by the host
}

// migrate brings the tables up to date, unless they are.
func (l *lite) migrate(ctx context.Context, until time.Time) error {
	have := 0
	if err := patiently(ctx, until, func() (err error) { have, err = liteMigrator{&l.writer}.version(ctx); return err }); err != nil || have == SchemaVersion {
		return err
	}
	return l.transact(ctx, until, func() error { return migrate(ctx, sqliteDialect, liteMigrator{&l.writer}) })
}

type liteMigrator struct{ *liteWriter }

func (m liteMigrator) version(ctx context.Context) (have int, err error) {
	there, err := m.row(ctx, "SELECT 1 FROM sqlite_schema WHERE name = 'beckon_schema'", nil, new(int))
	if err != nil || !there {
		return 0, err
	}
	_, err = m.row(ctx, "SELECT COALESCE(max(version), 0) FROM beckon_schema", nil, &have)
	return have, err
}

func (m liteMigrator) exec(ctx context.Context, text string) error {
	return m.script(ctx, text)
}

func (m liteMigrator) setVersion(ctx context.Context, version int) error {
	return m.exec(ctx, "CREATE TABLE IF NOT EXISTS beckon_schema (version INTEGER NOT NULL) STRICT; DELETE FROM beckon_schema; INSERT INTO beckon_schema VALUES ("+
		strconv.Itoa(version)+")")
}

// transact runs fn between BEGIN IMMEDIATE and COMMIT. It waits for the right to
// write until an instant.
func (l *lite) transact(ctx context.Context, until time.Time, fn func() error) (err error) {
	if err := patiently(ctx, until, func() error { return l.writer.exec(context.WithoutCancel(ctx), "BEGIN IMMEDIATE") }); err != nil {
		return err
	}
	// Inside, statements are short and nobody is waited for; what could end
	// them halfway would cost each of them a goroutine of the driver.
	inside := context.WithoutCancel(ctx)
	committed := false
	defer func() { // also if fn panics
		if !committed {
			_ = l.writer.exec(inside, "ROLLBACK") // fails if SQLite has done it already
		}
	}()
	if err := fn(); err != nil {
		return err
	}
	if err := l.writer.exec(inside, "COMMIT"); err != nil {
		if isSQLite(err, sqlite3.SQLITE_IOERR) {
			return fail(ErrUnknownOutcome, "step", "SQLITE_IOERR", err)
		}
		return err
	}
	committed = true
	return nil
}

// patiently tries again and again what others keep from being done, until an
// instant of the machine's monotonic clock or the end of ctx.
func patiently(ctx context.Context, until time.Time, fn func() error) error {
	for pause := 100 * time.Microsecond; ; pause = min(2*pause, 5*time.Millisecond) {
		err := fn()
		if err == nil || !isSQLite(err, sqlite3.SQLITE_BUSY) {
			return err
		}
		left := time.Until(until) //nolint:forbidigo // how long is waited for a lock decides nothing
		if left <= 0 {
			return err
		}
		t := time.NewTimer(min(pause/2+rand.N(pause), left)) //nolint:forbidigo // a pause, which decides nothing
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		}
	}
}

// carryOut implements database: a group is one transaction.
func (l *lite) carryOut(ctx context.Context, items []*item) {
	// Nobody waits longer than it was said, anyone else who is in the group: one that
	// has waited behind a group which got nowhere waits that much less here.
	until := items[0].Value.since
	for _, it := range items[1:] {
		if it.Value.since.Before(until) {
			until = it.Value.since
		}
	}
	until = until.Add(l.lockTimeout)
	l.turn.Lock()
	defer l.turn.Unlock()
	units := unitsOf(items, nil)
	if l.writer.conn == nil {
		failAll(units, beckon.ErrClosed)
		return
	}
	err := l.carry(ctx, until, units)
	switch {
	case err == nil:
		settleAll(units)
	case len(units) > 1 && isRefusal(err): // so that only who is to blame fails
		for i := range units {
			switch err := l.carry(ctx, until, units[i:i+1]); {
			case err == nil || isRefusal(err):
				units[i].settle(wrap("step", err))
			default:
				units[i].fail(wrap("step", err))
			}
		}
	case isRefusal(err):
		units[0].settle(wrap("step", err))
	default:
		failAll(units, wrap("step", err))
	}
}

func (l *lite) carry(ctx context.Context, until time.Time, units []*unit) error {
	defer l.changes.Reset()
	whole := false
	defer func() {
		l.terms.empty()
		if l.numbers.sure = false; !whole {
			l.numbers = termNumbers{} // of what was written one may be gone
		}
	}()
	err := l.transact(ctx, until, func() error {
		inside := context.WithoutCancel(ctx)
		rows := locked{db: &l.writer, dialect: sqliteDialect, namespace: l.namespace, names: &l.names, terms: &l.terms, numbers: &l.numbers}
		totals, err := l.work(inside, &rows, units)
		if err != nil {
			return err
		}
		return rows.finish(inside, totals)
	})
	whole = err == nil
	return err
}

// isSQLite reports whether SQLite refused with a code, extended or not.
func isSQLite(err error, code int) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == code
}
