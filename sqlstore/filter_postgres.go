package sqlstore

import (
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/sqlstore/internal/column"
	"github.com/beckon-go/beckon/store"
)

// postgresAttribute returns the condition on an attribute.
func (w *filterWriter) postgresAttribute(f *store.Filter) string {
	switch f.Kind {
	case store.FilterText, store.FilterList:
		return "attributes @> ANY(" + w.arg(contained(f)) + "::text[]::jsonb[])"
	case store.FilterBool:
		return "attributes @> " + w.arg(string(column.AppendText([]byte{'{'}, f.Name))+":"+strconv.FormatBool(f.True)+"}") + "::text::jsonb"
	}
	name := w.text(f.Name)
	kind, value := "jsonb_typeof(attributes -> "+name+")", "(attributes ->> "+name+")"
	switch f.Kind {
	case store.FilterType:
		types, maybe, unknown := jsonTypes(f)
		if !w.sure {
			types = append(types, maybe...)
		}
		is := kind + " IS NULL AND false" // such that the name is used
		if len(types) > 0 {
			is = kind + " IN ('" + strings.Join(types, "', '") + "')"
		}
		if unknown {
			return "(NOT attributes ? " + name + " OR " + is + ")"
		}
		return is // of what is not there the type is NULL
	case store.FilterNotText:
		return "CASE " + kind + " WHEN 'string' THEN " + value + " <> ALL(" + w.texts(f) + ") WHEN 'object' THEN " + w.unsure() + " ELSE false END"
	case store.FilterTextRange:
		list := []string{value + ` COLLATE "C" >= ` + w.text(f.Low)}
		if f.High != "" {
			list = append(list, value+` COLLATE "C" < `+w.text(f.High))
		}
		return "CASE " + kind + " WHEN 'string' THEN " + join(true, append(list, w.unsure())) + " WHEN 'object' THEN " + w.unsure() + " ELSE false END"
	}
	// What is no number must not be cast to one.
	var list []string
	compare := func(op, literal string) {
		list = append(list, value+"::numeric "+op+" "+w.arg(literal)+"::text::numeric")
	}
	if f.Kind == store.FilterDate {
		list = append(list, w.between(value+"::numeric", f.From, f.To))
	}
	switch {
	case f.Low == "":
	case f.Above:
		compare(">", f.Low)
	default:
		compare(">=", f.Low)
	}
	switch {
	case f.High == "":
	case f.Below:
		compare("<", f.High)
	default:
		compare("<=", f.High)
	}
	object := w.unsure() // money
	if f.Kind == store.FilterDate {
		object = sqlFalse
		list = append(list, w.unsure()) // a number
	} else if w.sure {
		list = append(list, markedNumbers)
	}
	return "CASE " + kind + " WHEN 'number' THEN " + join(true, list) + " WHEN 'object' THEN " + object + " ELSE false END"
}
