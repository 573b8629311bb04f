package sqlstore

import (
	"context"
	"fmt"

	"github.com/beckon-go/beckon"
)

// How a scan by kinds finds the rows of its filter. The first page of a kind
// finds out, and the cursor says so to the others; their order is the same.
const (
	wayKinds   = 'k' // not found out yet, or no filter
	wayInOrder = 'o' // through all rows in the order of their keys
	wayByIndex = 'i' // by an index, and then into their order
)

// A pageSQL is the statement of a page.
type pageSQL struct {
	text string
	args []any
	// The first column is how many rows were left out; a row of version 0 is
	// there for it alone.
	counted bool
}

// arg adds an argument and gives its place-holder.
func (p *pageSQL) arg(d dialect) func(any) string {
	mark := "$"
	if d == sqliteDialect {
		mark = "?"
	}
	return func(v any) string {
		p.args = append(p.args, v)
		return fmt.Sprintf("%s%d", mark, len(p.args))
	}
}

// countRows counts the rows of a statement that gives one number.
type countRows func(ctx context.Context, sql string, args []any) (int64, error)

// sql gives the statement of a page. For the first page of a kind with a
// filter it asks the database how many rows an index gives.
func (p *page) sql(ctx context.Context, d dialect, namespace string, count countRows) (pageSQL, error) {
	var s pageSQL
	arg := s.arg(d)
	where, order := p.where(namespace, arg)
	from := "beckon_records WHERE " + where
	if p.query.Filter != nil {
		w := filterWriter{dialect: d, namespace: namespace, kind: p.kind, arg: arg}
		if p.way == wayKinds {
			way, err := w.way(ctx, p.query.Filter, count)
			if err != nil {
				return s, err
			}
			p.way = way
		}
		if condition := w.rowCondition(p.query.Filter, p.way == wayByIndex); p.way == wayByIndex {
			// OFFSET 0 keeps the planner from going through all rows in order, in
			// the hope of a page that is full early.
			from = "(SELECT * FROM beckon_records WHERE " + where + " AND " + condition + " LIMIT ALL OFFSET 0) AS r"
			if d == sqliteDialect {
				from = "beckon_records WHERE " + where + " AND " + condition
			}
		} else {
			// So that no index serves it but that of the keys.
			from += " AND CASE WHEN " + condition + " THEN true ELSE false END"
		}
	}
	// The limit is part of the statement so that the planner knows it.
	s.text = fmt.Sprintf("SELECT %s, kind, id FROM %s ORDER BY %s LIMIT %d", rowColumns, from, order, p.limit)
	if p.query.Filter != nil && p.query.LeftOut != nil {
		s.counted = true
		s.text = p.counting(s.text, where, arg)
	}
	return s, nil
}

// rowCondition gives the condition that the filter holds for a row, with the
// one that an index serves in front if it is wanted.
func (w *filterWriter) rowCondition(f *beckon.Filter, byIndex bool) string {
	all := []string{"(marks & 2) = 0"}
	if byIndex {
		condition, _ := w.indexed(f)
		all = append(all, w.found(condition()))
	}
	return join(true, append(all, join(false, []string{markedMoving, w.condition(f)})))
}

// found gives the condition that a row is one of those found by an index:
// those that are moving always are.
func (w *filterWriter) found(condition string) string {
	moving := markedMoving
	if w.dialect == sqliteDialect {
		moving = w.rows(markedMoving)
	}
	return join(false, []string{moving, condition})
}

// way finds out whether an index gives few rows.
func (w *filterWriter) way(ctx context.Context, f *beckon.Filter, count countRows) (byte, error) {
	condition, rank := w.indexed(f)
	if rank == byNothing {
		return wayInOrder, nil
	}
	var s pageSQL
	probe := *w
	probe.arg = s.arg(w.dialect)
	condition, _ = probe.indexed(f)
	s.text = fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM beckon_records WHERE namespace = %s AND kind = %s AND %s LIMIT %d) AS r",
		probe.arg(w.namespace), probe.arg(int16(w.kind)), probe.found(condition()), maxByIndex+1)
	n, err := count(ctx, s.text, s.args)
	if err != nil || n > maxByIndex {
		return wayInOrder, err
	}
	return wayByIndex, nil
}

// counting gives the statement of a page with how many rows up to its last
// were left out, those that lead elsewhere apart, all as of one moment.
func (p *page) counting(text, where string, arg func(any) string) string {
	last := arg(endOfKind)
	in := fmt.Sprintf("%s AND id <= COALESCE((SELECT id FROM page ORDER BY id LIMIT 1 OFFSET %d), %s)", where, p.limit-1, last)
	return fmt.Sprintf(`WITH page AS (%s)
SELECT c.n, COALESCE(version, 0), COALESCE(last_seen, 0), COALESCE(event_seq, 0), COALESCE(log_count, 0), COALESCE(log_keep, 0), COALESCE(log_from, 0),
	COALESCE(stats, '{}'), COALESCE(state, ''), COALESCE(kind, 0), COALESCE(id, '')
FROM (SELECT (SELECT count(*) FROM beckon_records WHERE %s) - (SELECT count(*) FROM beckon_records WHERE %s AND %s) - (SELECT count(*) FROM page) AS n) AS c
LEFT JOIN page ON true ORDER BY id`, text, in, in, markedLeads)
}
