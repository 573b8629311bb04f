package sqlstore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/store"
)

// A page is what of a scan is read at once.
type page struct {
	query store.Query
	kinds []store.Kind // in a scan by kinds: the one, or all without an order
	after *position    // nil: from the beginning
	until *position    // nil: to the end
	upto  []byte       // by an index, if the page ends before the kind does: with this id
	ids   [][]byte     // in PostgreSQL by an index: of its rows
	hits  *hits        // that they are the first of
	sum   int64        // of the filter
	limit int          // of rows; the greatest int is none, and then they are in no order
	whole int          // how many rows are wanted at once, in one page or another
	way   byte         // of a scan by kinds with a filter: how its rows are found
	shown int64        // rows of the kind by the pages before, if what is left out is counted late
	keep  bool         // PostgreSQL: rows are kept for the steps that follow
	mem   *pageMemory
}

// countsLate reports whether what is left out is counted by the last page of its kind: then
// cursors have how many rows were shown, in the place of an instant.
func (p *page) countsLate() bool {
	return p.query.LeftOutLate && len(p.query.Kinds) > 0 && p.query.Until == ""
}

// How many rows are read at once: as many as are pageBytes long, going by those of the
// kind that were read before, but at most longestPage. If none was, maxPage.
const (
	maxPage     = 256
	longestPage = 4096
	pageBytes   = 2 << 20
)

// skipSQL returns the statement of the n-th key of a page, if another one follows.
func (p *page) skipSQL(d dialect, namespace string, n int) pageSQL {
	var s pageSQL
	where, order := p.where(d, namespace, s.arg(d))
	s.text = fmt.Sprintf("SELECT at, kind, id, count(*) OVER () FROM (SELECT %s AS at, kind, id FROM %s WHERE %s ORDER BY %s LIMIT 2 OFFSET %d) AS u ORDER BY at, kind, id LIMIT 1",
		p.instant(), p.keys(d), where, order, n-1)
	return s
}

// keys returns the table that has the keys of a page, in the order in which they are found.
func (p *page) keys(d dialect) string {
	if d == postgresDialect {
		switch wayOf(&p.query) {
		case 'd':
			return "beckon_due"
		case 'p':
			return "beckon_pending"
		}
	}
	return "beckon_records"
}

// rows returns what where is about: the rows of a page. What waits has its keys in a table of
// its own, and its rows are read key by key, as loadSQL does. A key that should not be
// there is none.
func (p *page) rows(d dialect) string {
	keys := p.keys(d)
	if keys == "beckon_records" {
		return keys
	}
	at, step := p.instant(), ""
	if p.keep {
		step = ", " + stepSQL
	}
	return keys + " AS w CROSS JOIN LATERAL (SELECT last_seen, event_seq, stats, state" + step + " FROM beckon_records AS r WHERE r.namespace = w.namespace AND r.kind = w.kind AND r.id = w.id AND r." + at + " = w." + at + " OFFSET 0) AS r"
}

// where returns the condition and the order of a page. arg adds an argument and
// returns its place-holder.
func (p *page) where(d dialect, namespace string, arg func(any) string) (where, order string) {
	q := &p.query
	where = "namespace = " + arg(namespace)
	order = "kind, id"
	column := ""
	switch wayOf(q) {
	case 'k':
		where += " AND kind " + (&filterWriter{arg: arg}).isKind(p.kinds)
		if p.after != nil {
			where += " AND id > " + arg(p.after.id)
		}
		if p.until != nil && slices.Contains(p.kinds, p.until.kind) {
			where += " AND id <= " + arg(p.until.id)
		}
		return where, "id"
	case 'd':
		column = "next_due"
		where += " AND next_due <= " + arg(q.Due)
	case 'p':
		column = "next_pending"
		where += " AND next_pending <= " + arg(q.Pending)
		switch {
		case q.Channels == 0:
		case d == postgresDialect:
			where += fmt.Sprintf(" AND ((channels & %d) <> 0 OR channels = 0)", q.Channels)
		default:
			where += fmt.Sprintf(" AND ((marks & %d) <> 0 OR (marks & %d) = 0)", q.Channels<<markChannels, store.AllChannels<<markChannels)
		}
	case 'e':
		where += " AND email = " + arg(emailColumn(q.Email))
	case 'm':
		where += " AND (marks & 1) <> 0"
	}
	if column != "" {
		order = column + ", " + order
	}
	bound := func(is string, at *position) {
		if at == nil {
			return
		}
		where += " AND (" + order + ") " + is + " ("
		if column != "" {
			where += arg(at.at) + ", "
		}
		where += arg(int16(at.kind)) + ", " + arg(at.id) + ")"
	}
	bound(">", p.after)
	bound("<=", p.until)
	return where, order
}

// instant returns the column that a scan by time goes by; for others, nothing.
func (p *page) instant() string {
	switch wayOf(&p.query) {
	case 'd':
		return "next_due"
	case 'p':
		return "next_pending"
	}
	return "0"
}

// only returns what of records is to be shown; nil: all of them.
func (p *page) only() *store.Projection {
	if p.query.Email != "" { // what is found is compared with it
		return nil
	}
	return p.query.Only
}

// columns are those of a page: of a row what is to be shown of its record, and where it is
// in the scan.
func (p *page) columns() []string {
	var list []string
	only := p.only()
	if only == nil || only.Seen || p.keep {
		list = append(list, "last_seen", "event_seq")
	}
	if only == nil || only.Stats || p.keep {
		list = append(list, "stats")
	}
	list = append(list, "state", "id")
	if p.kind() == 0 {
		list = append(list, "kind")
	}
	if len(p.query.Kinds) == 0 { // by time
		list = append(list, p.instant())
	}
	if p.keep {
		list = append(list, stepColumns()...)
	}
	return list
}

// stepColumns returns what a step of PostgreSQL loads beside, and stepSQL is how a statement
// selects them.
func stepColumns() []string {
	return []string{"version", "log_count", "log_keep", "log_from", "place", "row_marks", "row_channels", "due", "pending"}
}

const stepSQL = "version, log_count, log_keep, log_from, ctid AS place, marks AS row_marks, channels AS row_channels, COALESCE(next_due, 0) AS due, COALESCE(next_pending, 0) AS pending"

// selected returns what a statement selects for the columns of a page.
func (p *page) selected(d dialect) string {
	list := p.columns()
	if !p.keep || p.keys(d) != "beckon_records" { // their rows have selected it
		return strings.Join(list, ", ")
	}
	return strings.Join(append(list[:len(list)-len(stepColumns())], stepSQL), ", ")
}

// kind returns the kind of all rows of the page; 0 if there may be several.
func (p *page) kind() store.Kind {
	if len(p.query.Kinds) > 0 && len(p.kinds) == 1 {
		return p.kinds[0]
	}
	return 0
}
