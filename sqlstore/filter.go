package sqlstore

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/beckon-go/beckon/sqlstore/internal/column"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A filterWriter writes a store.Filter as SQL for the records of some kinds.
// What it writes holds wherever the filter does, and for some records beside:
// money, rich links and the time of making are not looked into. All names and
// values are arguments.
type filterWriter struct {
	dialect   dialect
	namespace string
	kinds     []store.Kind // one, or in PostgreSQL several
	// Ids are behind the one and up to the other; nil: all.
	after, upto []byte
	// sure turns it round: what is written holds only where the filter does.
	sure bool
	arg  func(any) string // adds an argument and returns its place-holder
}

// Conditions that are decided already.
const (
	sqlTrue  = "true"
	sqlFalse = "false"
)

// join joins conditions by AND or OR. One that decides the outcome is left for
// the database to find: the others have arguments, and all must be used.
func join(and bool, list []string) string {
	neutral, word := sqlFalse, " OR "
	if and {
		neutral, word = sqlTrue, " AND "
	}
	list = slices.DeleteFunc(list, func(s string) bool { return s == neutral })
	switch {
	case len(list) == 0:
		return neutral
	case len(list) == 1:
		return list[0]
	}
	return "(" + strings.Join(list, word) + ")"
}

// unsure is the condition where the columns do not say whether a filter holds.
func (w *filterWriter) unsure() string {
	if w.sure {
		return sqlFalse
	}
	return sqlTrue
}

// plain reports whether JSON has a filter's name and texts as no other: what is not
// UTF-8 becomes U+FFFD there.
func plain(f *store.Filter) bool { return !odd(f.Name) && !slices.ContainsFunc(f.Texts, odd) }

func odd(s string) bool { return strings.ContainsRune(s, utf8.RuneError) } // it is what is not UTF-8, too

// condition returns the filter as a condition on a row.
func (w *filterWriter) condition(f *store.Filter) string {
	switch {
	case f == nil:
		return sqlTrue
	case w.sure && !plain(f) && f.Kind != store.FilterKey:
		return sqlFalse
	}
	switch f.Kind {
	case store.FilterAll, store.FilterAny:
		list := make([]string, len(f.Of))
		for i, g := range f.Of {
			list[i] = w.condition(g)
		}
		return join(f.Kind == store.FilterAll, list)
	case store.FilterKey:
		return w.key(f)
	case store.FilterSeen:
		return w.between("last_seen", scale(f.From, 0), scale(f.To, 999))
	case store.FilterWalking:
		return markedWalking
	case store.FilterCount, store.FilterFirst, store.FilterLast, store.FilterLacks:
		return w.event(f)
	case store.FilterType, store.FilterText, store.FilterNotText, store.FilterTextRange, store.FilterList, store.FilterBool,
		store.FilterNumber, store.FilterDate:
		if w.dialect == postgresDialect {
			return w.postgresAttribute(f)
		}
		return w.liteAttribute(f)
	}
	return w.unsure()
}

// Conditions on marks, as the partial indexes have them.
const (
	markedMoving  = "(marks & 1) <> 0"
	markedLeads   = "(marks & 2) <> 0"
	markedWalking = "(marks & 4) <> 0"
	markedNumbers = "(marks & 8) <> 0"
	markedUnsure  = "marks >= 0" // PostgreSQL: terms may be those of before
)

// scale returns a bound in seconds in milliseconds.
func scale(sec, more int64) int64 {
	switch {
	case sec < math.MinInt64/1000:
		return math.MinInt64
	case sec > math.MaxInt64/1000-1:
		return math.MaxInt64
	}
	return sec*1000 + more
}

// between returns the condition that a value is from low to high.
func (w *filterWriter) between(value string, low, high int64) string {
	var list []string
	if low > math.MinInt64 {
		list = append(list, value+" >= "+w.integer(low))
	}
	if high < math.MaxInt64 {
		list = append(list, value+" <= "+w.integer(high))
	}
	return join(true, list)
}

func (w *filterWriter) integer(n int64) string {
	if w.dialect == postgresDialect {
		return w.arg(n) + "::bigint"
	}
	return w.arg(n)
}

func (w *filterWriter) text(s string) string {
	if w.dialect == postgresDialect {
		return w.arg(column.Escape(s)) + "::text"
	}
	return w.arg(column.Escape(s))
}

// has reports whether the rows that are asked for include those of a kind.
func (w *filterWriter) has(kind store.Kind) bool { return slices.Contains(w.kinds, kind) }

// isKind returns the condition on a kind behind its column.
func (w *filterWriter) isKind(kinds []store.Kind) string {
	if len(kinds) == 1 {
		return "= " + w.arg(int16(kinds[0]))
	}
	list := make([]int16, len(kinds))
	for i, k := range kinds {
		list[i] = int16(k)
	}
	return "= ANY(" + w.arg(list) + "::smallint[])"
}

// key returns the condition on a key.
func (w *filterWriter) key(f *store.Filter) string {
	kinds := slices.DeleteFunc(slices.Clone(w.kinds), func(k store.Kind) bool { return !slices.Contains(f.Kinds, k) })
	var all []string
	switch {
	case len(kinds) == 0:
		return sqlFalse
	case f.Texts != nil && len(f.Texts) == 0:
		return sqlFalse
	case len(kinds) < len(w.kinds):
		all = append(all, "kind "+w.isKind(kinds))
	}
	if f.Texts == nil {
		return join(true, all)
	}
	ids := make([][]byte, len(f.Texts))
	for i, id := range f.Texts {
		ids[i] = columnID(id)
	}
	if w.dialect == postgresDialect {
		return join(true, append(all, "id = ANY("+w.arg(ids)+"::bytea[])"))
	}
	list := make([]string, len(ids))
	for i := range ids {
		list[i] = w.arg(ids[i])
	}
	return join(true, append(all, "id IN ("+strings.Join(list, ", ")+")"))
}

// event returns the condition on the statistics of an event.
func (w *filterWriter) event(f *store.Filter) string {
	name := w.text(f.Name)
	occurred := "event_names ? " + name
	value := func(i int) string { return fmt.Sprintf("(stats -> %s ->> %d)::numeric", name, i) }
	if w.dialect == sqliteDialect {
		occurred = "EXISTS (SELECT 1 FROM json_each(stats) AS s WHERE s.key = " + name + ")"
		value = func(i int) string {
			return fmt.Sprintf("(SELECT json_extract(s.value, '$[%d]') FROM json_each(stats) AS s WHERE s.key = %s)", i, name)
		}
	}
	switch f.Kind {
	case store.FilterCount:
		if f.From > 0 {
			return join(true, []string{occurred, w.between(value(0), f.From, f.To)})
		}
		return w.between("COALESCE("+value(0)+", 0)", f.From, f.To)
	case store.FilterFirst:
		return join(true, []string{occurred, value(0) + " > 0", w.between(value(1), f.From, f.To)})
	case store.FilterLast:
		return join(true, []string{occurred, value(0) + " > 0", w.between(value(2), f.From, f.To)})
	}
	return join(true, []string{occurred, w.unsure()}) // FilterLacks: the counters are in state
}

// jsonTypes returns the JSON that values of the types are kept as, apart from
// unknown ones, which are not there. What values of other types are kept as, too, is in
// maybe.
func jsonTypes(f *store.Filter) (types, maybe []string, unknown bool) {
	add := func(name string, kinds ...value.Kind) {
		switch has := slices.DeleteFunc(slices.Clone(kinds), func(k value.Kind) bool { return !f.HasType(k) }); len(has) {
		case 0:
		case len(kinds):
			types = append(types, name)
		default:
			maybe = append(maybe, name)
		}
	}
	add("string", value.KindString, value.KindLink, value.KindImage, value.KindStripe)
	add("number", value.KindNumber, value.KindDate)
	add("object", value.KindRichLink, value.KindMonetary)
	add("boolean", value.KindBool)
	add("array", value.KindList)
	return types, append(maybe, "null"), f.HasType(value.KindUnknown) // null: what JSON cannot say
}

// contained returns, for each text, the JSON {"name": text}, and the rich link
// with the text as its title; or {"name": [text]}.
func contained(f *store.Filter) []string {
	list := make([]string, 0, 2*len(f.Texts))
	for _, s := range f.Texts {
		name := string(append(column.AppendText([]byte{'{'}, f.Name), ':'))
		if f.Kind == store.FilterList {
			list = append(list, name+string(column.AppendTexts(nil, []string{s}))+"}")
			continue
		}
		value := string(column.AppendText(nil, s))
		list = append(list, name+value+"}", name+`{"value":`+value+"}}")
	}
	return list
}

// texts returns a filter's texts, as a list of the database. For FilterNotText those are
// not in it that another text may look like.
func (w *filterWriter) texts(f *store.Filter) string {
	texts := f.Texts
	if f.Kind == store.FilterNotText {
		texts = slices.DeleteFunc(slices.Clone(texts), odd)
	}
	if w.dialect == sqliteDialect {
		return "(SELECT value FROM json_each(" + w.arg(string(column.AppendTexts(nil, texts))) + "))"
	}
	list := make([]string, len(texts))
	for i, s := range texts {
		list[i] = column.Escape(s)
	}
	return w.arg(list) + "::text[]"
}
