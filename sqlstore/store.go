package sqlstore

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A Store keeps records in a database that [OpenSQLite], [OpenPostgres] or [OpenPool]
// opened. It is safe for concurrent use. Several processes, each with its own Store,
// may use the database at the same time.
type Store struct {
	db      database
	steps   *queue
	clocked bool  // it matters since when a step waits
	invalid error // why nothing can be done with it
	closed  atomic.Bool
	pages   sync.Pool // of *pageMemory
}

var (
	_ beckon.Store = (*Store)(nil)
	_ store.Sizer  = (*Store)(nil)
	_ store.Walker = (*Store)(nil)

	_ store.FilterCounter = (*Store)(nil)
	_ store.Skipper       = (*Store)(nil)
	_ store.Overlapper    = (*Store)(nil)
)

// A database is what the two dialects do differently.
type database interface {
	// carryOut takes the steps of a group, decides and commits them.
	carryOut(ctx context.Context, items []*item)
	reader
	now(ctx context.Context) (time.Time, error)
	close() error
}

// A reader is what reads, in a transaction of its own or in one of the host's.
type reader interface {
	read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error
	page(ctx context.Context, p *page, fn func(*store.Record) error) (rows int, last position, err error)
	// skip returns the n-th place of a page, if another one follows.
	skip(ctx context.Context, p *page, n int) (at position, there bool, err error)
	events(ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error)
	totals(ctx context.Context, message string) ([]store.Total, error)
	size(ctx context.Context, kinds []store.Kind) (int64, error)
	countFilter(ctx context.Context, kinds []store.Kind, f *store.Filter) (n int64, exact bool, err error)
}

// ready tells why nothing can be done now, if so.
func (s *Store) ready(ctx context.Context) error {
	if s.closed.Load() {
		return beckon.ErrClosed
	}
	if s.invalid != nil {
		return s.invalid
	}
	return ctx.Err()
}

// Step implements [beckon.Store]. Steps of concurrent calls go to the database
// together. After an error with the code [ErrUnknownOutcome], or the error of a ctx
// that ended meanwhile, the steps without an Err may have been carried out or not.
// After any other error they were not.
func (s *Store) Step(ctx context.Context, steps []store.Step) error {
	for i := range steps {
		steps[i].Err = nil
	}
	if err := s.ready(ctx); err != nil || len(steps) == 0 {
		return err
	}
	var since time.Time
	if s.clocked {
		since = time.Now() //nolint:forbidigo // how long is waited for a lock decides nothing
	}
	items := make([]item, len(steps))
	for i := range steps {
		items[i].Key, items[i].Value = steps[i].Key, asked{&steps[i], since}
	}
	return s.steps.Do(ctx, items)
}

// Read implements [beckon.Store].
func (s *Store) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	return s.db.read(ctx, keys, fn)
}

// Scan implements [beckon.Store]. Records by Due and Pending come with the
// earliest first, then by key; all others by key.
func (s *Store) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	if err := s.ready(ctx); err != nil {
		return "", err
	}
	m := s.memory()
	defer s.forget(m)
	return scan(ctx, s.db, m, q, after, limit, fn)
}

// memory returns memory for the pages of a scan.
func (s *Store) memory() *pageMemory {
	if m, ok := s.pages.Get().(*pageMemory); ok {
		return m
	}
	return newPageMemory()
}

// forget keeps memory for another scan, unless it is much.
func (s *Store) forget(m *pageMemory) {
	if cap(m.data) <= 2*pageBytes {
		s.pages.Put(m)
	}
}

// Skip implements [store.Skipper] by an index alone.
func (s *Store) Skip(ctx context.Context, q store.Query, after store.Cursor, n int) (store.Cursor, error) {
	if err := s.ready(ctx); err != nil {
		return "", err
	}
	return skip(ctx, s.db, q, after, n)
}

// Walk implements [store.Walker]. A table of PostgreSQL and a file of SQLite of up to four
// gigabytes are read by one statement, which keeps a connection until fn has returned for
// the last record; over SQLite a goroutine of its own reads, which ends before. What is
// larger, kinds that are few of SQLite's rows, and a transaction of the host are read page
// by page.
func (s *Store) Walk(ctx context.Context, q store.Query, fn func(*store.Record) error) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	m := s.memory()
	defer s.forget(m)
	return walk(ctx, s.db, m, q, fn)
}

// CountFilter implements [store.FilterCounter]: by the columns of the table, where they
// say for every row whether the filter holds. They do not where numbers and money, or
// numbers and dates, are to be told apart and a row has the other, nor for rows that an
// older version wrote and numbers are asked of. SQLite counts only what an index finds.
func (s *Store) CountFilter(ctx context.Context, q store.Query) (n int64, exact bool, err error) {
	if err := s.ready(ctx); err != nil {
		return 0, false, err
	}
	if err := q.Validate(1); err != nil || len(q.Kinds) == 0 {
		return 0, false, err
	}
	n, exact, err = s.db.countFilter(ctx, distinct(q.Kinds), q.Filter)
	// A statement that the server ends because it takes too long is one over all rows.
	if isOddData(err) || isState(err, "57014") && ctx.Err() == nil {
		return 0, false, nil
	}
	return n, exact, wrap("count", err)
}

// Events implements [beckon.Store].
func (s *Store) Events(ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
	if err := s.ready(ctx); err != nil || limit < 1 {
		return nil, err
	}
	return s.db.events(ctx, key, before, limit)
}

// Totals implements [beckon.Store].
func (s *Store) Totals(ctx context.Context, message string) ([]store.Total, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	return s.db.totals(ctx, message)
}

// Size implements [store.Sizer]. PostgreSQL keeps the number. SQLite counts in an index,
// which for millions of records takes part of a second.
func (s *Store) Size(ctx context.Context, kinds []store.Kind) (int64, error) {
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	return s.db.size(ctx, kinds)
}

// Overlaps implements [store.Overlapper]: a scan and a step each have a connection, and
// neither waits for the other.
func (s *Store) Overlaps() bool { return true }

// Now returns the time of the server: one clock for all processes that share a
// PostgreSQL. It costs a round trip, so call it now and then, and let
// [beckon.WithClock] add the difference. For SQLite it returns the time of the
// machine.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	if err := s.ready(ctx); err != nil {
		return time.Time{}, err
	}
	return s.db.now(ctx)
}

// Close ends the use of the database. Steps under way should have returned before.
// Later calls fail with [beckon.ErrClosed]. A second Close does nothing.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	return s.db.close()
}
