package sqlstore

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/beckon-go/beckon/sqlstore/internal/column"
	"github.com/beckon-go/beckon/store"
)

// A pgConn is what a pool of connections and a transaction have in common.
type pgConn interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// A connection that keeps a statement prepared comes to keep its plan too. One
// that was made for a table of ten rows reads all of it, and stays when there
// are a million, until the server next analyses the table. One that was made when
// little waited reads, and sorts, all that waits. On connections of our own the
// server is told to use indexes, and their order, wherever it can; on those of a
// host, whose settings are not ours, each statement is planned again.
//
// Nor does the server compile a statement there, or start other processes for it: to the
// planner a page of a scan seems to cost enough for that, but it is read sooner.

// ownConnection is what connections of our own begin with.
const ownConnection = "SELECT set_config('enable_seqscan', 'off', false), set_config('enable_sort', 'off', false), set_config('jit', 'off', false), set_config('max_parallel_workers_per_gather', '0', false)"

// planned returns the arguments of a statement on a connection.
func planned(own bool, args []any) []any {
	if own {
		return args
	}
	return append([]any{pgx.QueryExecModeCacheDescribe}, args...)
}

// pgStatements are statements on a connection.
type pgStatements struct {
	pgConn
	own bool
}

func (s pgStatements) exec(ctx context.Context, sql string, args ...any) error {
	_, err := s.Exec(ctx, sql, planned(s.own, args)...)
	return err
}

func (s pgStatements) row(ctx context.Context, sql string, args []any, dest ...any) (bool, error) {
	err := s.QueryRow(ctx, sql, planned(s.own, args)...).Scan(dest...)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// A pgReader reads.
type pgReader struct {
	db        pgConn
	own       bool // the connections are our own
	namespace string
	hits      *keptHits   // nil: in a transaction of the host
	recent    *recentRows // likewise
}

func (p *pgReader) skip(ctx context.Context, pg *page, n int) (at position, there bool, err error) {
	s, kind, count := pg.skipSQL(postgresDialect, p.namespace, n), int16(0), 0
	there, err = pgStatements{p.db, p.own}.row(ctx, s.text, s.args, &at.at, &kind, &at.id, &count)
	at.kind = store.Kind(kind)
	return at, there && count == 2, err
}

func (p *pgReader) query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return p.db.Query(ctx, sql, planned(p.own, args)...)
}

func (p *pgReader) read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	for len(keys) > 0 {
		n := min(len(keys), maxPage)
		found, err := p.load(ctx, keys[:n])
		if err != nil {
			return wrap("read", err)
		}
		for i := range found {
			if err := fn(&found[i].rec); err != nil {
				return err
			}
		}
		keys = keys[n:]
	}
	return nil
}

// load reads the rows of keys, in their order.
func (p *pgReader) load(ctx context.Context, keys []store.Key) ([]row, error) {
	kinds, ids, found := make([]int16, len(keys)), make([][]byte, len(keys)), make([]row, len(keys))
	for i, k := range keys {
		kinds[i], ids[i] = int16(k.Kind), columnID(k.ID)
		found[i].absent(k)
	}
	rows, err := p.query(ctx, loadSQL, p.namespace, kinds, ids)
	if err != nil {
		return nil, err
	}
	var (
		r     rawRow
		place int64
		names column.Names
	)
	_, err = pgx.ForEachRow(rows, append(append([]any{&place}, r.columns()...), nil, nil, nil, nil, nil), func() error {
		i := place - 1
		return found[i].decode(keys[i], ids[i], &r, &names)
	})
	return found, err
}

func (p *pgReader) page(ctx context.Context, pg *page, fn func(*store.Record) error) (n int, last position, err error) {
	if err := p.findHits(ctx, pg); err != nil {
		return 0, last, wrap("scan", err)
	}
	defer func() { p.keepHits(pg, n, last.id) }()
	pg.keep = pg.query.ToStep && p.recent != nil && p.recent.Keeps(0)
	sql, began := pg.sql(postgresDialect, p.namespace), time.Now() //nolint:forbidigo // how old memory is decides nothing
	rows, err := p.query(ctx, sql.text, sql.args...)
	if err != nil {
		return 0, last, wrap("scan", err)
	}
	// All of the page first: fn may take its time, and the connection goes back.
	found := pg.gather(sql.counted)
	if _, err = pgx.ForEachRow(rows, found.columns(pgView), found.add); err != nil {
		return 0, last, wrap("scan", err)
	}
	if pg.keep {
		p.recent.read(&found, began)
	}
	return found.call(fn)
}

func (p *postgres) streamed(ctx context.Context) (bool, error) {
	size, err := p.count(ctx, "SELECT pg_relation_size('beckon_records')", nil)
	return size <= maxStreamed, wrap("scan", err)
}

// stream shows each row as it comes: the server makes the next ones meanwhile.
func (p *postgres) stream(ctx context.Context, pg *page, fn func(*store.Record) error) error {
	if err := pg.findWay(ctx, postgresDialect, p.namespace, p.count); err != nil {
		return wrap("scan", err)
	}
	if !p.own {
		return p.streamOn(ctx, p.pgReader, pg, fn)
	}
	// Where all rows are read, the table itself is the best way if most are asked for, and
	// else the blocks that they are in, but never one row after another by its key.
	settings := ""
	if pg.way != wayByIndex {
		settings = "SELECT set_config('enable_seqscan', 'on', true), set_config('enable_indexscan', 'off', true)"
	}
	return p.with(ctx, settings, func(r *pgReader) error { return p.streamOn(ctx, *r, pg, fn) })
}

// with has fn read on a connection of our own, with settings for that alone.
func (p *postgres) with(ctx context.Context, settings string, fn func(*pgReader) error) error {
	if settings == "" {
		return fn(&p.pgReader)
	}
	tx, err := p.pool.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return wrap("scan", err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // nothing was written
	if _, err := tx.Exec(ctx, settings); err != nil {
		return wrap("scan", err)
	}
	return fn(&pgReader{db: tx, own: true, namespace: p.namespace})
}

// countFilter lets the server take as many processes as its own settings say: one number
// is all that they have to hand over.
func (p *postgres) countFilter(ctx context.Context, kinds []store.Kind, f *store.Filter) (n int64, exact bool, err error) {
	if !p.own {
		return p.pgReader.countFilter(ctx, kinds, f)
	}
	err = p.with(ctx, "SET LOCAL max_parallel_workers_per_gather TO DEFAULT", func(r *pgReader) (err error) {
		n, exact, err = r.countFilter(ctx, kinds, f)
		return err
	})
	return n, exact, err
}

func (p *postgres) streamOn(ctx context.Context, r pgReader, pg *page, fn func(*store.Record) error) error {
	sql := pg.sql(postgresDialect, p.namespace)
	rows, err := r.query(ctx, sql.text, sql.args...)
	if err != nil {
		return wrap("scan", err)
	}
	found := pg.gather(false)
	var shown error
	_, err = pgx.ForEachRow(rows, found.columns(pgView), func() error {
		shown = pg.show(&found.raw, fn)
		return shown
	})
	if shown != nil {
		return shown
	}
	return wrap("scan", err)
}

// pgView returns where a column goes that is looked at before the next row is read.
func pgView(column *[]byte) any { return (*pgtype.DriverBytes)(column) }

func (p *pgReader) count(ctx context.Context, sql string, args []any) (n int64, err error) {
	err = p.db.QueryRow(ctx, sql, planned(p.own, args)...).Scan(&n)
	return n, err
}

func (p *pgReader) countFilter(ctx context.Context, kinds []store.Kind, f *store.Filter) (int64, bool, error) {
	w := filterWriter{dialect: postgresDialect, namespace: p.namespace, kinds: kinds}
	sql, ok, err := w.countSQL(ctx, f, p.count)
	if err != nil || !ok {
		return 0, false, err
	}
	var moving bool
	var mayBe, is int64
	if err := p.db.QueryRow(ctx, sql.text, planned(p.own, sql.args)...).Scan(&moving, &mayBe, &is); err != nil {
		return 0, false, err
	}
	return mayBe, !moving && mayBe == is, nil
}

func (p *pgReader) events(ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
	at, seq := markColumns(before)
	log := logRow{key: key, id: columnID(key.ID)}
	rows, err := p.query(ctx, eventsSQL, p.namespace, int16(key.Kind), log.id, at, seq, limit)
	if err != nil {
		return nil, wrap("events", err)
	}
	_, err = pgx.ForEachRow(rows, log.columns(), log.add)
	return log.result(err)
}

func (p *pgReader) totals(ctx context.Context, message string) ([]store.Total, error) {
	sql := "SELECT name, CASE WHEN " + latestSQL("name") + " THEN max(count) ELSE sum(count)::bigint END FROM beckon_totals WHERE namespace = $1 AND message = $2 GROUP BY name ORDER BY name"
	rows, err := p.query(ctx, sql, p.namespace, columnID(message))
	if err != nil {
		return nil, wrap("totals", err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (t store.Total, err error) {
		err = r.Scan(&t.Name, &t.Count)
		t.Name = column.Unescape(t.Name)
		return t, err
	})
	return out, wrap("totals", err)
}

func (p *pgReader) size(ctx context.Context, kinds []store.Kind) (n int64, err error) {
	list := make([]int16, len(kinds))
	for i, k := range kinds {
		list[i] = int16(k)
	}
	err = p.db.QueryRow(ctx, "SELECT COALESCE(sum(count), 0)::bigint FROM beckon_sizes WHERE namespace = $1 AND kind = ANY($2)", planned(p.own, []any{p.namespace, list})...).Scan(&n)
	return n, wrap("size", err)
}
