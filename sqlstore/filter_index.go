package sqlstore

import (
	"slices"
	"strings"

	"github.com/beckon-go/beckon"
)

// maxByIndex is up to how many rows of one kind are found by an index for a
// filter. Each page finds all of them again, to sort them: with more it is
// better to go through the rows in the order of their keys.
const maxByIndex = 4096

// How much an index narrows a search: the lower the more.
const (
	byKey   = iota // some keys
	byValue        // an attribute has a value
	byMark         // few rows have the mark
	byEvent        // an event has occurred
	byName         // an attribute is there, at all
	byNothing
)

// indexed gives a condition that an index serves and that holds wherever the
// filter does, and how much it narrows; byNothing where there is none.
func (w *filterWriter) indexed(f *beckon.Filter) (condition func() string, rank int) {
	if f == nil {
		return nil, byNothing
	}
	switch f.Kind {
	case beckon.FilterAll:
		rank = byNothing
		for _, g := range f.Of {
			if c, r := w.indexed(g); r < rank {
				condition, rank = c, r
			}
		}
		return condition, rank
	case beckon.FilterAny:
		var list []func() string
		for _, g := range f.Of {
			c, r := w.indexed(g)
			if r == byNothing {
				return nil, byNothing
			}
			list, rank = append(list, c), max(rank, r)
		}
		return func() string {
			all := make([]string, len(list))
			for i := range list {
				all[i] = list[i]()
			}
			return join(false, all)
		}, rank
	}
	rank = rankOf(f)
	if w.dialect == sqliteDialect && rank > byKey && rank < byNothing {
		return func() string { return w.term(f) }, rank
	}
	switch {
	case f.Kind == beckon.FilterKey && f.Texts == nil && slices.Contains(f.Kinds, w.kind):
		return nil, byNothing
	case rank == byName: // PostgreSQL has no order of values by name
		return nil, byNothing
	case rank == byEvent:
		return func() string { return "event_names ? " + w.text(f.Name) }, rank
	}
	return func() string { return w.condition(f) }, rank
}

func rankOf(f *beckon.Filter) int {
	switch f.Kind {
	case beckon.FilterKey:
		return byKey
	case beckon.FilterText, beckon.FilterList, beckon.FilterBool:
		return byValue
	case beckon.FilterWalking:
		return byMark
	case beckon.FilterCount:
		if f.From <= 0 {
			return byNothing
		}
		return byEvent
	case beckon.FilterFirst, beckon.FilterLast, beckon.FilterLacks:
		return byEvent
	case beckon.FilterType:
		if f.HasType(beckon.KindUnknown) {
			return byNothing
		}
		return byName
	case beckon.FilterNotText, beckon.FilterTextRange, beckon.FilterNumber, beckon.FilterDate:
		return byName
	}
	return byNothing
}

// term gives the condition that a row has a term, in SQLite.
func (w *filterWriter) term(f *beckon.Filter) string {
	if f.Kind == beckon.FilterWalking {
		return w.rows(markedWalking)
	}
	class, name := termAttribute, escapeText(cut(f.Name, maxID))
	var values []string // nil: whatever they are
	more := ""
	switch f.Kind {
	case beckon.FilterCount, beckon.FilterFirst, beckon.FilterLast, beckon.FilterLacks:
		class, name = termEvent, escapeText(f.Name)
	case beckon.FilterText, beckon.FilterList:
		values = []string{""} // what is neither text nor list may have the text within
		for _, s := range f.Texts {
			values = append(values, termValue(s))
		}
	case beckon.FilterBool, beckon.FilterNumber, beckon.FilterDate:
		values = []string{""}
	case beckon.FilterTextRange:
		more = " AND (value = '' OR value >= " + w.text(f.Low)
		if f.High != "" {
			more += " AND value < " + w.text(f.High)
		}
		more += ")"
	}
	if values != nil {
		// They are escaped already, and appendTexts would do it once more.
		list := make([]string, len(values))
		for i, s := range values {
			list[i] = w.arg(s)
		}
		more = " AND value IN (" + strings.Join(list, ", ") + ")"
	}
	return "id IN (SELECT id FROM beckon_terms WHERE namespace = " + w.arg(w.namespace) + " AND kind = " + w.arg(int16(w.kind)) +
		" AND class = " + w.arg(class) + " AND name = " + w.arg(name) + more + ")"
}

// rows gives the condition, in SQLite, that a row is one of those with a mark.
func (w *filterWriter) rows(mark string) string {
	return "id IN (SELECT id FROM beckon_records WHERE namespace = " + w.arg(w.namespace) + " AND kind = " + w.arg(int16(w.kind)) + " AND " + mark + ")"
}
