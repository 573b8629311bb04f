package sqlstore

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/sqlstore/internal/column"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// leastByIndex is how many rows are always worth the way by an index.
const leastByIndex = 4096

// sizeSQL returns the statement that says, at once, how large the table is: in
// PostgreSQL in blocks, in SQLite in rows, those that were deleted included.
func (w *filterWriter) sizeSQL() string {
	if w.dialect == postgresDialect {
		return "SELECT pg_relation_size('beckon_records') / current_setting('block_size')::bigint"
	}
	return "SELECT COALESCE(max(rowid), 0) FROM beckon_records"
}

// mostByIndex returns up to how many rows are found by an index for a filter, in a
// table of that size. To find a row by an index costs PostgreSQL a block, and all
// rows together cost all blocks; SQLite also has to look into its JSON, where it
// leaves that to the rule if it goes through all. But where there are pages whose rows
// the index does not have in their order, each page finds all of them again to sort
// them: then they are as many as are sorted in the time that it takes to go through the
// table.
func (w *filterWriter) mostByIndex(size int64, whole, rank int) int64 {
	most, sorts := size, whole < math.MaxInt
	if w.dialect == sqliteDialect {
		most, sorts = size/8, rank == byName
	}
	if sorts {
		most = min(most, int64(5*math.Sqrt(float64(size)*float64(whole))))
	}
	return max(most, leastByIndex)
}

// How much an index narrows a search: the lower the more.
const (
	byKey   = iota // some keys
	byValue        // an attribute has a value
	byMark         // few rows have the mark
	byEvent        // an event has occurred
	byName         // an attribute is there, at all
	byNothing
)

// An arm is a SELECT by an index, once it is written: of ids, or in PostgreSQL of any
// columns of the rows.
type arm func(w *filterWriter, columns string) string

// indexed returns statements, each served by an index, that together return the ids
// of all rows for which the filter holds, and how much they narrow; byNothing
// where there are none.
func (w *filterWriter) indexed(f *store.Filter) (arms []arm, rank int) {
	if f == nil {
		return nil, byNothing
	}
	switch f.Kind {
	case store.FilterAll:
		rank = byNothing
		for _, g := range f.Of {
			if list, r := w.indexed(g); r < rank {
				arms, rank = list, r
			}
		}
		return arms, rank
	case store.FilterAny:
		for _, g := range f.Of {
			list, r := w.indexed(g)
			if r == byNothing {
				return nil, byNothing
			}
			arms, rank = append(arms, list...), max(rank, r)
		}
		return arms, rank
	case store.FilterKey:
		switch {
		case !slices.ContainsFunc(f.Kinds, w.has):
			return nil, byKey // there are none
		case f.Texts == nil:
			return nil, byNothing
		}
	}
	rank = rankOf(f)
	switch {
	case rank == byNothing, rank == byName && w.dialect == postgresDialect: // there the index has names and values together
		return nil, byNothing
	case rank == byKey, rank == byMark:
		return []arm{func(w *filterWriter, columns string) string { return w.rows(columns, w.condition(f)) }}, rank
	case w.dialect == sqliteDialect:
		return []arm{func(w *filterWriter, _ string) string { return w.terms(f) }}, rank
	}
	return []arm{func(w *filterWriter, columns string) string { return w.gin(columns, f) }}, rank
}

// found returns what the arms return, and before it the rows that are moving.
func (w *filterWriter) found(arms []arm, columns string) string {
	all := w.rows(columns, markedMoving)
	for _, a := range arms {
		all += " UNION ALL " + a(w, columns)
	}
	return all
}

// rows returns columns of the rows of the kind with a condition.
func (w *filterWriter) rows(columns, condition string) string {
	return "SELECT " + columns + " FROM beckon_records WHERE namespace = " + w.arg(w.namespace) + " AND kind " + w.isKind(w.kinds) + " AND " + condition + w.within()
}

// gin returns columns of rows by PostgreSQL's index on terms. Namespace
// and kind are written such that no index serves them: without statistics the
// planner takes them for far more selective than they are, and would go through
// all the kind. So are the bounds of the window.
//
// What it returns is still to be compared: numbers may be the same where names or values
// are not, and rows whose terms are not known are all among it. Those that are moving are not.
func (w *filterWriter) gin(columns string, f *store.Filter) string {
	var terms []int32
	switch {
	case rankOf(f) == byEvent: // FilterCount and the like: the name alone
		terms = append(terms, column.EventTerm(f.Name))
	case f.Kind == store.FilterBool:
		terms = append(terms, column.ValueTerm(f.Name, strconv.FormatBool(f.True)))
	default:
		for _, s := range f.Texts {
			terms = append(terms, column.ValueTerm(f.Name, s))
		}
	}
	condition := "marks < 0 AND NOT " + markedMoving + " AND terms && " + w.arg(terms) + "::integer[]"
	return w.rows(columns, markedUnsure+" AND NOT "+markedMoving) + " UNION ALL SELECT " + columns + " FROM beckon_records WHERE namespace || '' = " + w.arg(w.namespace) + " AND kind + 0 " + w.isKind(w.kinds) + " AND " + condition + strings.ReplaceAll(w.within(), "id ", "id || ''::bytea ")
}

func rankOf(f *store.Filter) int {
	switch f.Kind {
	case store.FilterKey:
		return byKey
	case store.FilterText, store.FilterList, store.FilterBool:
		return byValue
	case store.FilterWalking:
		return byMark
	case store.FilterCount:
		if f.From <= 0 {
			return byNothing
		}
		return byEvent
	case store.FilterFirst, store.FilterLast, store.FilterLacks:
		return byEvent
	case store.FilterType:
		if f.HasType(value.KindUnknown) {
			return byNothing
		}
		return byName
	case store.FilterNotText, store.FilterTextRange, store.FilterNumber, store.FilterDate:
		return byName
	}
	return byNothing
}

// terms returns the ids of rows by SQLite's table of terms.
func (w *filterWriter) terms(f *store.Filter) string {
	class, name := termAttribute, column.Escape(cut(f.Name, maxID))
	var values []string // nil: whatever they are
	more := ""
	switch f.Kind {
	case store.FilterCount, store.FilterFirst, store.FilterLast, store.FilterLacks:
		class, name = termEvent, column.Escape(f.Name)
	case store.FilterText, store.FilterList:
		values = []string{""} // what is neither text nor list may have the text within
		for _, s := range f.Texts {
			values = append(values, termValue(s))
		}
	case store.FilterBool, store.FilterNumber, store.FilterDate:
		values = []string{""}
	case store.FilterTextRange:
		more = " AND (value = '' OR value >= " + w.text(f.Low)
		if f.High != "" {
			more += " AND value < " + w.text(f.High)
		}
		more += ")"
	}
	if class == termEvent {
		values = []string{""} // they have no other
	}
	from := "SELECT id FROM beckon_terms WHERE name = (SELECT number FROM beckon_names WHERE namespace = " + w.arg(w.namespace) + " AND kind " + w.isKind(w.kinds) +
		" AND class = " + w.arg(class) + " AND name = " + w.arg(name) + ")"
	// They are escaped already, and column.AppendTexts would do it once more.
	list := make([]string, len(values))
	for i, s := range values {
		list[i] = w.arg(s)
	}
	switch n := len(values); {
	case n == 0:
		return from + more + w.within()
	case n > maxApart:
		return from + " AND value IN (" + strings.Join(list, ", ") + ")" + w.within()
	}
	within := w.within()
	for i := range list {
		list[i] = from + " AND value = " + list[i] + within
	}
	return strings.Join(list, " UNION ALL ")
}

// maxApart is up to how many values are looked for one by one: then SQLite finds each
// one's ids in their order, and merges them without a sort.
const maxApart = 16

// within returns the condition that an id is in the window, if there is one.
func (w *filterWriter) within() string {
	var list []string
	if w.after != nil {
		list = append(list, " AND id > "+w.arg(w.after))
	}
	if w.upto != nil {
		list = append(list, " AND id <= "+w.arg(w.upto))
	}
	return strings.Join(list, "")
}

// windowSQL returns the statement that finds the last of the next n ids of the arms, and
// how many there are. No arm is read further than it must be, if the index has its ids
// in their order.
func (w *filterWriter) windowSQL(arms []arm, n int) string {
	union := strings.ReplaceAll(w.found(arms, "id"), " UNION ALL ", " UNION ")
	return fmt.Sprintf("SELECT max(id), count(*) FROM (%s ORDER BY id LIMIT %d)", union, n)
}
