package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/store"
)

// compareTerms finds out what of beckon_terms, which SQLite has, is to go and to come for
// a record that was one thing and now is another. What is new comes with insertTerms.
func (l *locked) compareTerms(u *unit) {
	if u.purged {
		u.before = store.Record{}
	}
	if len(u.before.Stats) == 0 && u.before.Profile == nil {
		l.terms.terms = appendTerms(l.terms.terms[:0], &u.rec)
		for _, t := range l.terms.terms {
			l.terms.add(u.key.Kind, u.id, t)
		}
		return
	}
	was, is := sortedTerms(&u.before), sortedTerms(&u.rec)
	for len(was) > 0 || len(is) > 0 {
		switch {
		case len(is) == 0 || len(was) > 0 && compareTerms(was[0], is[0]) < 0:
			u.columns.gone = append(u.columns.gone, was[0])
			was = was[1:]
		case len(was) == 0 || compareTerms(is[0], was[0]) < 0:
			l.terms.add(u.key.Kind, u.id, is[0])
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
	if u.purged { // what there is of it is not known
		const removeAll = "DELETE FROM beckon_terms WHERE name IN (SELECT number FROM beckon_names WHERE namespace = $1 AND kind = $2) AND id = $3"
		if err := l.db.exec(ctx, removeAll, l.args(u)...); err != nil {
			return err
		}
	}
	for _, t := range u.columns.gone {
		n, err := l.number(ctx, termName{u.key.Kind, t.class, t.name})
		if err == nil {
			err = l.db.exec(ctx, "DELETE FROM beckon_terms WHERE name = $1 AND value = $2 AND id = $3", n, t.value, u.id)
		}
		if err != nil {
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
func (l *locked) insertTerms(ctx context.Context) (err error) {
	defer l.terms.empty()
	l.terms.sort()
	for _, of := range l.terms.list {
		if of.number, err = l.number(ctx, of.termName); err != nil {
			return err
		}
	}
	slices.SortFunc(l.terms.list, func(a, b *namedTerms) int { return cmp.Compare(a.number, b.number) })
	var rest, args []any
	for _, of := range l.terms.list {
		rows := of.rows
		for ; len(rows) >= mostTerms; rows = rows[mostTerms:] {
			args = append(args[:0], of.number)
			for i := range rows[:mostTerms] {
				args = append(args, rows[i].value, rows[i].id)
			}
			if err := l.db.exec(ctx, insertNamedSQL(), args...); err != nil {
				return err
			}
		}
		for i := range rows {
			rest = append(rest, of.number, rows[i].value, rows[i].id)
		}
	}
	for n := mostTerms; len(rest) > 0; rest = rest[3*n:] {
		for 3*n > len(rest) { // halves, so that few statements are prepared
			n /= 2
		}
		if err := l.db.exec(ctx, insertTermsSQL(n), rest[:3*n]...); err != nil {
			return err
		}
	}
	return nil
}

// insertTerms leaves out those that are there. It is not ON CONFLICT DO NOTHING, for which
// SQLite would copy each page that a statement changes: that may fail half done.
const insertTerms = "INSERT OR IGNORE INTO beckon_terms (name, value, id) VALUES "

// insertNamedSQL inserts mostTerms terms of one name.
func insertNamedSQL() string {
	return insertTerms + "(?1, ?, ?)" + strings.Repeat(", (?1, ?, ?)", mostTerms-1)
}

// insertTermsSQL inserts n terms.
func insertTermsSQL(n int) string {
	return insertTerms + "(?, ?, ?)" + strings.Repeat(", (?, ?, ?)", n-1)
}
