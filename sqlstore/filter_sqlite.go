package sqlstore

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/store"
)

// liteAttribute returns the condition on an attribute. Names are looked for among
// the members of the object, never made part of a JSON path.
func (w *filterWriter) liteAttribute(f *store.Filter) string {
	member := func(condition string) string {
		return "EXISTS (SELECT 1 FROM json_each(attributes) AS a WHERE a.key = " + w.text(f.Name) + " AND " + condition + ")"
	}
	switch f.Kind {
	case store.FilterType:
		types, maybe, unknown := jsonTypes(f)
		if !w.sure {
			types = append(types, maybe...)
		}
		names := strings.NewReplacer("string", "text", "number", "integer', 'real", "boolean", "true', 'false").Replace(strings.Join(types, "', '"))
		is := member("a.type IN ('" + names + "')")
		if unknown {
			return "(NOT " + member(sqlTrue) + " OR " + is + ")"
		}
		return is
	case store.FilterText:
		return member("CASE a.type WHEN 'text' THEN a.atom IN " + w.texts(f) + " WHEN 'object' THEN json_extract(a.value, '$.value') IN " + w.texts(f) + " END")
	case store.FilterNotText:
		return member("CASE a.type WHEN 'text' THEN a.atom NOT IN " + w.texts(f) + " WHEN 'object' THEN " + w.unsure() + " END")
	case store.FilterTextRange:
		list := []string{"a.atom >= " + w.text(f.Low)}
		if f.High != "" {
			list = append(list, "a.atom < "+w.text(f.High))
		}
		return member("CASE a.type WHEN 'text' THEN " + join(true, append(list, w.unsure())) + " WHEN 'object' THEN " + w.unsure() + " END")
	case store.FilterList:
		return member("a.type = 'array' AND EXISTS (SELECT 1 FROM json_each(a.value) AS e WHERE e.atom IN " + w.texts(f) + ")")
	case store.FilterBool:
		return member("a.type = '" + strconv.FormatBool(f.True) + "'")
	case store.FilterDate:
		return member("a.type = 'integer' AND " + w.unsure() + " AND " + w.between("a.atom", f.From, f.To))
	}
	// An integer is kept as such and compared exactly, if it has 64 bits; all
	// else is a float, and of one near the bound nothing is known.
	whole, real := []string{}, []string{}
	if f.Low != "" {
		whole = append(whole, w.whole("a.atom >= ", f.Low, f.Above, 1))
		real = append(real, w.real("a.atom >= ", f.Low, -1))
	}
	if f.High != "" {
		whole = append(whole, w.whole("a.atom <= ", f.High, f.Below, -1))
		real = append(real, w.real("a.atom <= ", f.High, 1))
	}
	if w.sure {
		whole, real = append(whole, markedNumbers), append(real, markedNumbers)
	}
	return member("CASE WHEN a.type = 'object' THEN " + w.unsure() + " WHEN a.type NOT IN ('integer', 'real') THEN false WHEN typeof(a.atom) = 'integer' THEN " +
		join(true, whole) + " ELSE " + join(true, real) + " END")
}

// whole returns the comparison of an integer with a bound, which becomes the
// nearest integer inside; towards is 1 for a lower bound, -1 for an upper one.
func (w *filterWriter) whole(compare, literal string, open bool, towards int64) string {
	bound, ok := new(big.Rat).SetString(literal)
	if !ok {
		return sqlTrue
	}
	// Div rounds down for a positive denominator.
	n := new(big.Int).Div(bound.Num(), bound.Denom())
	switch {
	case bound.IsInt() && open:
		n.Add(n, big.NewInt(towards))
	case !bound.IsInt() && towards > 0:
		n.Add(n, big.NewInt(1))
	}
	if n.IsInt64() {
		return compare + w.arg(n.Int64())
	}
	if n.Sign() == int(towards) { // beyond all integers
		return sqlFalse
	}
	return sqlTrue
}

// real returns the comparison of a float with a bound, moved outward further than
// any reading of digits is off, or inward to be sure.
func (w *filterWriter) real(compare, literal string, outward float64) string {
	f, _ := strconv.ParseFloat(literal, 64) // out of range it is an infinity, in its place
	switch {
	case w.sure && math.IsInf(f, 0):
		return sqlFalse
	case w.sure:
		outward = -outward
	case math.IsInf(f, int(outward)):
		return sqlTrue
	case math.IsInf(f, 0):
		f = math.Copysign(math.MaxFloat64, f)
	}
	f += outward * (math.Abs(f)*0x1p-40 + 0x1p-1000)
	if math.IsInf(f, 0) {
		return w.unsure()
	}
	return compare + w.arg(f)
}
