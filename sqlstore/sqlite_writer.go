package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"modernc.org/sqlite"
)

// A liteWriter is the connection that writes, with its prepared statements. It speaks to
// the driver itself: [database/sql] takes locks and converts values for each statement and
// each row, and that is a good part of what a short statement costs. It is not for
// concurrent use.
type liteWriter struct {
	conn     liteDriver
	prepared map[string]liteStatement
	args     []driver.NamedValue // memory of the statement that runs
	values   []driver.Value      // and of its row
}

// A liteDriver is a connection of the driver.
type liteDriver interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ExecerContext
}

// A liteStatement is a prepared statement of the driver.
type liteStatement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// errDriver is what would keep a newer version of the driver from being used.
var errDriver = errors.New("the driver of SQLite cannot do what this package needs")

// connect opens the connection that writes.
func (w *liteWriter) connect(ctx context.Context, source string) error {
	connector, err := sqlite.NewConnector(source)
	if err != nil {
		return err
	}
	conn, err := connector.Connect(ctx)
	if err != nil {
		return err
	}
	w.prepared = make(map[string]liteStatement)
	var ok bool
	if w.conn, ok = conn.(liteDriver); !ok {
		return errors.Join(errDriver, conn.Close())
	}
	return nil
}

func (w *liteWriter) prepare(ctx context.Context, text string) (liteStatement, error) {
	if s := w.prepared[text]; s != nil {
		return s, nil
	}
	s, err := w.conn.PrepareContext(ctx, liteSQL(text))
	if err != nil {
		return nil, err
	}
	prepared, ok := s.(liteStatement)
	if !ok {
		return nil, errors.Join(errDriver, s.Close())
	}
	w.prepared[text] = prepared
	return prepared, nil
}

// bind returns arguments as the driver has them, good until the next call.
func (w *liteWriter) bind(args []any) ([]driver.NamedValue, error) {
	w.args = w.args[:0]
	for i, a := range args {
		switch v := a.(type) {
		case int64, string, []byte:
		case int16:
			a = int64(v)
		case int:
			a = int64(v)
		default:
			return nil, fmt.Errorf("sqlstore: an argument is a %T", v)
		}
		w.args = append(w.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return w.args, nil
}

// script executes statements that have no parameters and are not kept prepared.
func (w *liteWriter) script(ctx context.Context, text string) error {
	_, err := w.conn.ExecContext(ctx, text, nil)
	return err
}

func (w *liteWriter) exec(ctx context.Context, text string, args ...any) error {
	s, err := w.prepare(ctx, text)
	if err != nil {
		return err
	}
	bound, err := w.bind(args)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(ctx, bound)
	return err
}

func (w *liteWriter) row(ctx context.Context, text string, args []any, dest ...any) (found bool, err error) {
	err = w.each(ctx, text, args, func(row []driver.Value) error {
		if found {
			return nil
		}
		found = true
		for i, to := range dest {
			switch to := to.(type) {
			case *int:
				*to = int(number(row[i]))
			case *int64:
				*to = number(row[i])
			case *[]byte:
				*to = bytesOf(row[i])
			default:
				return fmt.Errorf("sqlstore: a column is to go to a %T", to)
			}
		}
		return nil
	})
	return found, err
}

// each calls fn, which executes no statement, with every row of a query. A row is good
// until the next one, but its bytes are the caller's to keep.
func (w *liteWriter) each(ctx context.Context, text string, args []any, fn func([]driver.Value) error) (err error) {
	s, err := w.prepare(ctx, text)
	if err != nil {
		return err
	}
	bound, err := w.bind(args)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, bound)
	if err != nil {
		return err
	}
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	n := len(rows.Columns())
	if n > cap(w.values) {
		w.values = make([]driver.Value, n)
	}
	values := w.values[:n]
	for {
		switch err := rows.Next(values); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := fn(values); err != nil {
			return err
		}
	}
}

// number returns a column that the tables say is an integer.
func number(v driver.Value) int64 {
	n, _ := v.(int64)
	return n
}

// bytesOf returns a column that is of bytes, or a text.
func bytesOf(v driver.Value) []byte {
	switch v := v.(type) {
	case []byte:
		return v
	case string:
		return []byte(v)
	}
	return nil
}

// close does nothing if there is no connection.
func (w *liteWriter) close() error {
	if w.conn == nil {
		return nil
	}
	for _, s := range w.prepared {
		_ = s.Close() // the connection goes anyway
	}
	conn := w.conn
	w.conn, w.prepared = nil, nil
	return conn.Close()
}

// found tells an absent row from an error.
func found(err error) (bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// liteSQL returns a statement with its parameters as SQLite numbers them. Where they stand
// in their order, each once, they go without numbers: the driver finds those sooner.
func liteSQL(text string) string {
	var b strings.Builder
	rest := text
	for n := 1; ; n++ {
		before, after, found := strings.Cut(rest, "$")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		number := strconv.Itoa(n)
		rest, found = strings.CutPrefix(after, number)
		if !found || rest != "" && '0' <= rest[0] && rest[0] <= '9' {
			return strings.ReplaceAll(text, "$", "?")
		}
		b.WriteByte('?')
	}
}
