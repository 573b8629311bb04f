package sqlstore

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/beckon-go/beckon/store"
)

// How a scan by kinds finds the rows of its filter. The first page of a kind with that
// filter finds out, and the cursor says so to the others; their order is the same.
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

// arg adds an argument and returns its place-holder.
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

// countRows counts the rows of a statement that returns one number.
type countRows func(ctx context.Context, sql string, args []any) (int64, error)

// findWay asks the database how many rows an index finds, for the first page of a kind
// with a filter.
func (p *page) findWay(ctx context.Context, d dialect, namespace string, count countRows) (err error) {
	if p.query.Filter != nil && p.way == wayKinds {
		w := filterWriter{dialect: d, namespace: namespace, kinds: p.kinds}
		p.way, err = w.way(ctx, p.query.Filter, p.whole, count)
	}
	return err
}

// sql returns the statement of a page, whose way is known.
func (p *page) sql(d dialect, namespace string) (s pageSQL) {
	arg := s.arg(d)
	where, order := p.where(d, namespace, arg)
	from := p.rows(d) + " WHERE " + where
	if p.query.Filter != nil {
		w := filterWriter{dialect: d, namespace: namespace, kinds: p.kinds, arg: arg}
		switch arms, _ := w.indexed(p.query.Filter); {
		case p.way == wayInOrder && d == sqliteDialect:
			// It leaves out nothing: SQLite looks into JSON more slowly than the
			// rule judges the record.
		case p.way == wayInOrder: // such that no index serves it but that of the keys
			from += " AND CASE WHEN " + w.rowCondition(p.query.Filter) + " THEN true ELSE false END"
		case p.limit == math.MaxInt && len(arms) == 1: // each row once, as the index finds it
			s.args = nil // where is of no use
			from = "(" + w.found(arms, "*") + " AND NOT " + markedMoving + ") AS r WHERE " + w.rowCondition(p.query.Filter)
		case d == sqliteDialect:
			w.after, w.upto = p.behind(), p.end()
			from += " AND id IN (" + w.found(arms, "id") + ") AND " + w.rowCondition(p.query.Filter)
		case p.limit == math.MaxInt: // key by key, as loadSQL
			from = "(SELECT DISTINCT kind AS its, id AS hit FROM (" + w.found(arms, "kind, id") + ") AS u) AS k CROSS JOIN LATERAL (SELECT * FROM " + from + " AND kind = k.its AND id = k.hit OFFSET 0) AS r WHERE " + w.rowCondition(p.query.Filter)
		default: // the same, by the hits of one kind, in their order
			order = "hit"
			from = "(SELECT hit FROM unnest(" + arg(p.ids) + "::bytea[]) AS hit ORDER BY hit) AS k CROSS JOIN LATERAL (SELECT *, ctid FROM " + from + " AND id = k.hit OFFSET 0) AS r WHERE " + w.rowCondition(p.query.Filter)
		}
	}
	s.text = "SELECT " + p.selected(d) + " FROM " + from
	if p.limit == math.MaxInt { // all of them, in no order
		return s
	}
	// The limit is part of the statement so that the planner knows it.
	s.text += fmt.Sprintf(" ORDER BY %s LIMIT %d", order, p.limit)
	if p.query.Filter != nil && p.query.LeftOut != nil && (p.way == wayByIndex || d == postgresDialect) {
		switch late := d == postgresDialect && p.countsLate(); {
		case late && p.upto != nil: // it is not the last
		case late:
			s.counted, s.text = true, p.countingLate(s.text, namespace, arg)
		default:
			s.counted, s.text = true, p.counting(s.text, where, arg)
		}
	}
	return s
}

// window returns the statement that finds where the next ids that SQLite's index
// has for the filter end, and how many they are to be; ok is false if the page is not
// found by the index.
func (p *page) window(namespace string) (s pageSQL, ids int, ok bool) {
	if p.way != wayByIndex {
		return s, 0, false
	}
	w := filterWriter{dialect: sqliteDialect, namespace: namespace, kinds: p.kinds, arg: s.arg(sqliteDialect), after: p.behind(), upto: p.end()}
	arms, _ := w.indexed(p.query.Filter)
	ids = max(p.limit, maxPage) // some are not what is asked for
	s.text = w.windowSQL(arms, ids)
	return s, ids, true
}

// end returns the id that the page ends with at most, nil for that of its kind.
func (p *page) end() []byte {
	switch {
	case p.upto != nil:
		return p.upto
	case p.until != nil && p.until.kind == p.kinds[0]:
		return p.until.id
	}
	return nil
}

// behind returns the id that the page begins behind, nil at the beginning.
func (p *page) behind() []byte {
	if p.after == nil {
		return nil
	}
	return p.after.id
}

// rowCondition returns the condition that the filter holds for a row.
func (w *filterWriter) rowCondition(f *store.Filter) string {
	return join(true, []string{"(marks & 2) = 0", join(false, []string{markedMoving, w.condition(f)})})
}

// way finds out whether an index finds few rows, for pages of so many.
func (w *filterWriter) way(ctx context.Context, f *store.Filter, whole int, count countRows) (byte, error) {
	arms, rank := w.indexed(f)
	if rank == byNothing {
		return wayInOrder, nil
	}
	size, err := count(ctx, w.sizeSQL(), nil)
	if err != nil {
		return 0, err
	}
	most := w.mostByIndex(size, whole, rank)
	var s pageSQL
	probe := *w
	probe.arg = s.arg(w.dialect)
	s.text = fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM (%s) AS u LIMIT %d) AS r", probe.found(arms, "id"), most+1)
	n, err := count(ctx, s.text, s.args)
	if err != nil || n > most {
		return wayInOrder, err
	}
	return wayByIndex, nil
}

// counting returns the statement of a page with how many rows up to its last
// were left out, those that lead elsewhere apart, all as of one moment.
func (p *page) counting(text, where string, arg func(any) string) string {
	end := endOfKind()
	if p.upto != nil {
		end = p.upto
	}
	last := arg(end)
	in := fmt.Sprintf("%s AND id <= COALESCE((SELECT id FROM page ORDER BY id LIMIT 1 OFFSET %d), %s)", where, p.limit-1, last)
	n := fmt.Sprintf("(SELECT count(*) FROM beckon_records WHERE %s) - (SELECT count(*) FROM beckon_records WHERE %s AND %s) - (SELECT count(*) FROM page)", in, in, markedLeads)
	return p.counted(text, n)
}

// countingLate returns the statement of a page of PostgreSQL with how many rows of the
// kind were left out by it and by those before, if it is the last of the kind; else none.
// Those are all that were not shown, so no row is counted but those that lead elsewhere.
// What was shown and is gone by now must not make it less than none.
func (p *page) countingLate(text, namespace string, arg func(any) string) string {
	of := fmt.Sprintf("namespace = %s AND kind = %s", arg(namespace), arg(int16(p.kinds[0])))
	n := fmt.Sprintf(`CASE WHEN (SELECT count(*) FROM page) = %d THEN 0 ELSE greatest(0,
	(SELECT COALESCE(sum(count), 0)::bigint FROM beckon_sizes WHERE %s) - (SELECT count(*) FROM beckon_records WHERE %s AND %s) - (SELECT count(*) FROM page) - %s::bigint) END`,
		p.limit, of, of, markedLeads, arg(p.shown))
	return p.counted(text, n)
}

// counted returns the statement of a page with a number in front of each row, and with a
// row of nothing for it alone.
func (p *page) counted(text, n string) string {
	columns := p.columns()
	for i, name := range columns {
		nothing := "''"
		switch name {
		case "last_seen", "event_seq", "version", "log_count", "log_keep", "log_from", "row_marks", "row_channels", "due", "pending":
			nothing = "0"
		case "place":
			nothing = "'(0,0)'"
		case "stats":
			nothing = "'{}'"
		}
		columns[i] = "COALESCE(" + name + ", " + nothing + ")"
	}
	return fmt.Sprintf(`WITH page AS (%s)
SELECT c.n, %s
FROM (SELECT %s AS n) AS c
LEFT JOIN page ON true ORDER BY id`, text, strings.Join(columns, ", "), n)
}

// countSQL returns the statement that counts the rows for which a filter may hold, and
// those for which it does for sure; before them, whether one is moving. Those that lead
// elsewhere do not count. ok is false if the database should not try.
func (w *filterWriter) countSQL(ctx context.Context, f *store.Filter, count countRows) (s pageSQL, ok bool, err error) {
	w.arg = s.arg(w.dialect)
	moving := "SELECT EXISTS (" + w.rows("1", markedMoving) + "), "
	if f == nil { // so that indexes are enough
		all := "(SELECT count(*) FROM (" + w.rows("1", sqlTrue) + ") AS a) - (SELECT count(*) FROM (" + w.rows("1", markedLeads) + ") AS l)"
		s.text = moving + "n, n FROM (SELECT " + all + " AS n) AS r"
		return s, true, nil
	}
	arms, rank := w.indexed(f)
	few := false
	switch {
	case w.dialect == sqliteDialect && rank != byKey:
		// As a page: SQLite looks into JSON more slowly than the rule judges the record.
		if way, err := w.way(ctx, f, longestPage, count); err != nil || way != wayByIndex {
			return s, false, err
		}
	case w.dialect == postgresDialect && len(arms) > 1:
		way, err := w.way(ctx, f, math.MaxInt, count)
		if err != nil {
			return s, false, err
		}
		few = way == wayByIndex
	}
	// The one is not known to be the other only if their texts or arguments differ.
	may, sure := *w, *w
	var mayBe, is pageSQL
	may.arg, sure.arg, sure.sure = mayBe.arg(w.dialect), is.arg(w.dialect), true
	exactly := "count(*)"
	if may.condition(f) != sure.condition(f) || !reflect.DeepEqual(mayBe.args, is.args) {
		sure.arg = w.arg
		exactly = "count(*) FILTER (WHERE " + sure.condition(f) + ")"
	}
	var from string
	switch {
	case w.dialect == sqliteDialect:
		from = "(" + w.rows("*", "id IN ("+w.found(arms, "id")+")") + ") AS r"
	case len(arms) == 1:
		from = "(" + arms[0](w, "*") + ") AS r"
	case few: // key by key, as a page
		from = "(SELECT DISTINCT kind AS its, id AS hit FROM (" + w.found(arms, "kind, id") + ") AS u) AS k CROSS JOIN LATERAL (" + w.rows("*", "kind = k.its AND id = k.hit OFFSET 0") + ") AS r"
	default:
		from = "(" + w.rows("*", sqlTrue) + ") AS r"
	}
	s.text = moving + "count(*), " + exactly + " FROM " + from + " WHERE (marks & 3) = 0 AND " + w.condition(f)
	return s, true, nil
}
