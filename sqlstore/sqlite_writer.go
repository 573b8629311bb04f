package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
)

// A liteWriter is the connection that writes, with its prepared statements. It
// is not for concurrent use.
type liteWriter struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
}

func (w *liteWriter) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if s := w.prepared[text]; s != nil {
		return s, nil
	}
	s, err := w.conn.PrepareContext(ctx, liteSQL(text))
	if err == nil {
		w.prepared[text] = s
	}
	return s, err
}

func (w *liteWriter) exec(ctx context.Context, text string, args ...any) error {
	s, err := w.prepare(ctx, text)
	if err == nil {
		_, err = s.ExecContext(ctx, args...)
	}
	return err
}

func (w *liteWriter) row(ctx context.Context, text string, args []any, dest ...any) (bool, error) {
	s, err := w.prepare(ctx, text)
	if err != nil {
		return false, err
	}
	return found(s.QueryRowContext(ctx, args...).Scan(dest...))
}

// each calls fn with every row of a query, which dest has taken in.
func (w *liteWriter) each(ctx context.Context, text string, args, dest []any, fn func() error) error {
	s, err := w.prepare(ctx, text)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, args...)
	return eachRow(rows, err, dest, fn)
}

func (w *liteWriter) close() error {
	for _, s := range w.prepared {
		_ = s.Close() // the connection goes anyway
	}
	return w.conn.Close()
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
