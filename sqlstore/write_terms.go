package sqlstore

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/store"
)

// A termRow is a term with the record that it belongs to.
type termRow struct {
	kind int16
	id   []byte
	term
}

// compareTerms finds out what of beckon_terms, which SQLite has, is to go and to come for
// a record that was one thing and now is another. What is new comes with insertTerms.
func (l *locked) compareTerms(u *unit) {
	if u.purged {
		u.before = store.Record{}
	}
	was, is := termsOf(&u.before), termsOf(&u.rec)
	for len(was) > 0 || len(is) > 0 {
		switch {
		case len(is) == 0 || len(was) > 0 && compareTerms(was[0], is[0]) < 0:
			u.columns.gone = append(u.columns.gone, was[0])
			was = was[1:]
		case len(was) == 0 || compareTerms(is[0], was[0]) < 0:
			l.terms = append(l.terms, termRow{int16(u.key.Kind), u.id, is[0]})
			is = is[1:]
		default:
			was, is = was[1:], is[1:]
		}
	}
}

// removeTerms removes the terms that a record has no more.
func (l *locked) removeTerms(ctx context.Context, u *unit) error {
	if l.dialect != sqliteDialect {
		return nil
	}
	const remove = "DELETE FROM beckon_terms" + ofRecord + " AND class = $4 AND name = $5 AND value = $6"
	if u.purged {
		if err := l.db.exec(ctx, "DELETE FROM beckon_terms"+ofRecord, l.args(u)...); err != nil {
			return err
		}
	}
	for _, t := range u.columns.gone {
		if err := l.db.exec(ctx, remove, l.args(u, t.class, t.name, t.value)...); err != nil {
			return err
		}
	}
	return nil
}

// mostTerms is how many terms one statement inserts. More cost more: the driver looks for
// each parameter among all of them.
const mostTerms = 16

// insertTerms puts what the group's records have new into beckon_terms, many in a
// statement and in the order of the table: neighbours are on one page of it. Those of one
// name have it but once in a statement, as long as they fill one.
func (l *locked) insertTerms(ctx context.Context) error {
	l.sortTerms()
	rows := l.terms
	rest := rows[:0]
	for len(rows) > 0 {
		first := &rows[0]
		if last := mostTerms - 1; last >= len(rows) || rows[last].kind != first.kind || rows[last].class != first.class || rows[last].name != first.name {
			rest = append(rest, *first)
			rows = rows[1:]
			continue
		}
		args := []any{l.namespace, first.kind, first.class, first.name}
		for i := range rows[:mostTerms] {
			args = append(args, rows[i].value, rows[i].id)
		}
		if err := l.db.exec(ctx, insertNamedSQL(), args...); err != nil {
			return err
		}
		rows = rows[mostTerms:]
	}
	var args []any
	for n := mostTerms; len(rest) > 0; rest = rest[n:] {
		for n > len(rest) { // halves, so that few statements are prepared
			n /= 2
		}
		args = args[:0]
		for i := range rest[:n] {
			t := &rest[i]
			args = append(args, l.namespace, t.kind, t.class, t.name, t.value, t.id)
		}
		if err := l.db.exec(ctx, insertTermsSQL(n), args...); err != nil {
			return err
		}
	}
	l.terms = l.terms[:0]
	return nil
}

// sortTerms sorts what is to be put into beckon_terms. To sort it once more costs little.
func (l *locked) sortTerms() {
	slices.SortFunc(l.terms, func(a, b termRow) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), compareTerms(a.term, b.term), bytes.Compare(a.id, b.id))
	})
}

// insertTerms leaves out those that are there. It is not ON CONFLICT DO NOTHING, for which
// SQLite would copy each page that a statement changes: that may fail half done.
const insertTerms = "INSERT OR IGNORE INTO beckon_terms (namespace, kind, class, name, value, id) VALUES "

// insertNamedSQL inserts mostTerms terms of one name.
func insertNamedSQL() string {
	return insertTerms + "(?1, ?2, ?3, ?4, ?, ?)" + strings.Repeat(", (?1, ?2, ?3, ?4, ?, ?)", mostTerms-1)
}

// insertTermsSQL inserts n terms.
func insertTermsSQL(n int) string {
	return insertTerms + "(?, ?, ?, ?, ?, ?)" + strings.Repeat(", (?, ?, ?, ?, ?, ?)", n-1)
}
