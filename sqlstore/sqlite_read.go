package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	"github.com/beckon-go/beckon/sqlstore/internal/column"
	"github.com/beckon-go/beckon/store"
)

// A liteConn is what a pool of connections and a transaction have in common.
type liteConn interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// liteStatements are statements on a connection that keeps none prepared.
type liteStatements struct{ liteConn }

func (s liteStatements) exec(ctx context.Context, text string, args ...any) error {
	_, err := s.ExecContext(ctx, liteSQL(text), args...)
	return err
}

func (s liteStatements) row(ctx context.Context, text string, args []any, dest ...any) (bool, error) {
	return found(s.QueryRowContext(ctx, liteSQL(text), args...).Scan(dest...))
}

// A liteReader reads.
type liteReader struct {
	db        liteConn
	namespace string
}

func (l *liteReader) read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	const text = "SELECT " + rowColumns + " FROM beckon_records" + ofRecord
	for _, key := range keys {
		var (
			raw rawRow
			r   row
		)
		r.absent(key)
		id := columnID(key.ID)
		there, err := found(l.db.QueryRowContext(ctx, liteSQL(text), l.namespace, int16(key.Kind), id).Scan(raw.columns()...))
		if there {
			err = r.decode(key, id, &raw, nil)
		}
		if err != nil {
			return wrap("read", err)
		}
		if err := fn(&r.rec); err != nil {
			return err
		}
	}
	return nil
}

// each calls fn with every row of a query, which dest has taken in.
func (l *liteReader) each(ctx context.Context, text string, args, dest []any, fn func() error) error {
	rows, err := l.db.QueryContext(ctx, text, args...)
	return eachRow(rows, err, dest, fn)
}

// eachRow calls fn with every row of what a query has returned.
func eachRow(rows *sql.Rows, failed error, dest []any, fn func() error) (err error) {
	if failed != nil {
		return failed
	}
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		if err := fn(); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (l *liteReader) page(ctx context.Context, pg *page, fn func(*store.Record) error) (n int, last position, err error) {
	found, err := l.gather(ctx, pg)
	if err != nil && pg.query.Filter != nil && strings.Contains(err.Error(), "malformed JSON") {
		// A damaged row keeps the filter from being evaluated for any: without it
		// only that row is passed by.
		pg.way = wayInOrder
		found, err = l.gather(ctx, pg)
	}
	if err != nil {
		return 0, last, wrap("scan", err)
	}
	return found.call(fn)
}

// gather reads all of a page first: fn may take its time, and a reader that stays
// keeps SQLite from emptying its log.
func (l *liteReader) gather(ctx context.Context, pg *page) (*gathering, error) {
	if err := pg.findWay(ctx, sqliteDialect, l.namespace, l.count); err != nil {
		return nil, err
	}
	pg.upto = nil
	if window, ids, ok := pg.window(l.namespace); ok {
		var n int
		if err := l.db.QueryRowContext(ctx, window.text, window.args...).Scan(&pg.upto, &n); err != nil {
			return nil, err
		}
		if n < ids { // all that there are
			pg.upto = nil
		}
	}
	page := pg.sql(sqliteDialect, l.namespace)
	found := pg.gather(page.counted)
	return &found, l.each(ctx, page.text, page.args, found.columns(liteView), found.add)
}

func (l *liteReader) skip(ctx context.Context, p *page, n int) (at position, there bool, err error) {
	s, count := p.skipSQL(sqliteDialect, l.namespace, n), 0
	there, err = found(l.db.QueryRowContext(ctx, s.text, s.args...).Scan(&at.at, &at.kind, &at.id, &count))
	return at, there && count == 2, err
}

// liteView returns where a column goes that is looked at before the next row is read.
func liteView(column *[]byte) any { return (*sql.RawBytes)(column) }

func (l *liteReader) count(ctx context.Context, sql string, args []any) (n int64, err error) {
	err = l.db.QueryRowContext(ctx, sql, args...).Scan(&n)
	return n, err
}

func (l *liteReader) countFilter(ctx context.Context, kinds []store.Kind, f *store.Filter) (n int64, exact bool, err error) {
	for _, kind := range kinds {
		w := filterWriter{dialect: sqliteDialect, namespace: l.namespace, kinds: []store.Kind{kind}}
		sql, ok, err := w.countSQL(ctx, f, l.count)
		if err != nil || !ok {
			return 0, false, err
		}
		var moving bool
		var mayBe, is int64
		if err := l.db.QueryRowContext(ctx, sql.text, sql.args...).Scan(&moving, &mayBe, &is); err != nil {
			return 0, false, err
		}
		if moving || mayBe != is {
			return 0, false, nil
		}
		n += mayBe
	}
	return n, true, nil
}

func (l *liteReader) events(ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
	at, seq := markColumns(before)
	log := logRow{key: key, id: columnID(key.ID)}
	err := l.each(ctx, liteSQL(eventsSQL), []any{l.namespace, int16(key.Kind), log.id, at, seq, limit}, log.columns(), log.add)
	return log.result(err)
}

func (l *liteReader) totals(ctx context.Context, message string) ([]store.Total, error) {
	var (
		t   store.Total
		out []store.Total
	)
	const text = "SELECT name, count FROM beckon_totals WHERE namespace = ? AND message = ? ORDER BY name"
	err := l.each(ctx, text, []any{l.namespace, columnID(message)}, []any{&t.Name, &t.Count}, func() error {
		out = append(out, store.Total{Name: column.Unescape(t.Name), Count: t.Count})
		return nil
	})
	if err != nil {
		return nil, wrap("totals", err)
	}
	return out, nil
}

func (l *liteReader) size(ctx context.Context, kinds []store.Kind) (n int64, err error) {
	list := make([]int, len(kinds)) // not []Kind, which JSON takes for bytes
	for i, k := range kinds {
		list[i] = int(k)
	}
	text, err := json.Marshal(list)
	if err != nil {
		return 0, err
	}
	const query = "SELECT count(*) FROM beckon_records WHERE namespace = ? AND kind IN (SELECT value FROM json_each(?))"
	err = l.db.QueryRowContext(ctx, query, l.namespace, string(text)).Scan(&n)
	return n, wrap("size", err)
}
