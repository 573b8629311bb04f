package rule

import (
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/textmatch"
)

// sides returns the value that the condition looks at, unknown for a total, and the one
// that it compares it with.
func (c *Condition) sides(f *Condition, s *Scope) (v, w repr.Value) {
	w = *f.value(s)
	switch c.source.kind() {
	case ofValue:
		v = *c.value(s)
	case ofCount:
		v = repr.Number(c.count(s))
	case ofTime:
		if at, known := c.moment(s); known {
			v = repr.NewDate(at)
		}
	}
	return v, w
}

// holdsAgainst judges a condition on what a field holds, except for its negation. If
// either side is unknown, or they are of different types, it does not hold (A11).
func (c *Condition) holdsAgainst(f *Condition, s *Scope) bool {
	v, w := c.sides(f, s)
	if c.source.kind() == ofTotal {
		t := c.total(s, currencyOf(&w))
		return typeOf(&w) == subjectNumber && (t.Count > 0 || c.source == fromSum) && c.compareTotal(t, &w)&c.signs != 0
	}
	switch c.test {
	case testSame:
		return sameFields(&v, &w)
	case testCompare:
		return compareFields(&v, &w, c.signs)
	case testSpan:
		return c.datesHold(&v, &w, s)
	case testIn:
		text, ok := v.ConditionText()
		return ok && w.Kind == repr.KindList && hasText(w.Str, text)
	case testListAny, testListAll:
		return v.Kind == repr.KindList && w.Kind == repr.KindList && hasTexts(&v, &w, c.test == testListAll)
	}
	text, ok := v.ConditionText()
	operand, too := w.ConditionText()
	return ok && too && (c.test != testWord || isWord(operand)) && c.test.fits(text, fold.Key(operand))
}

// sameFields reports whether two values are of one type and the same, as operators see
// them (A4).
func sameFields(v, w *repr.Value) bool {
	if text, ok := v.ConditionText(); ok {
		other, too := w.ConditionText()
		return too && text == other
	}
	if v.Kind == w.Kind && (v.Kind == repr.KindBool || v.Kind == repr.KindDate) {
		return v.Num == w.Num
	}
	return compareFields(v, w, signEqual)
}

// compareFields compares two numbers: money with money of its own currency, and with a
// number as its amount in major units.
func compareFields(v, w *repr.Value, signs uint8) bool {
	n, ok := v.ConditionNumber()
	m, too := w.ConditionNumber()
	return ok && too && !ofTwoCurrencies(v, w) && signs&signBit(repr.CompareNumbers(n, m)) != 0
}

// currency returns the currency of the money that a total is compared with; empty for
// a plain number.
func (c *Condition) currency(s *Scope) string {
	if f := c.field(); f != nil {
		return currencyOf(f.value(s))
	}
	return c.text
}

func currencyOf(v *repr.Value) string {
	if v.Kind == repr.KindMonetary {
		return repr.CurrencyCode(v.Str)
	}
	return ""
}

func ofTwoCurrencies(v, w *repr.Value) bool {
	return v.Kind == repr.KindMonetary && w.Kind == repr.KindMonetary && !repr.SameCurrency(*v, *w)
}

// datesHold compares two dates; a plain day is its first instant. On the same day is
// on that of the workspace's zone.
func (c *Condition) datesHold(v, w *repr.Value, s *Scope) bool {
	at, ok := v.ConditionDate(s.Loc)
	then, too := w.ConditionDate(s.Loc)
	switch {
	case !ok || !too:
		return false
	case c.signs == signGreater:
		return at > then
	case c.signs == signLess:
		return at < then
	}
	y, m, d := calendar.LocalDay(then, s.Loc)
	start, end := calendar.DayBounds(y, m, d, s.Loc)
	return start <= at && at < end
}

// hasText reports whether a text is among those of a list.
func hasText(list, text string) bool {
	for list != "" {
		var s string
		if s, list = repr.CutText(list); s == text {
			return true
		}
	}
	return false
}

// fewPairs is how many texts are compared one by one, before a set is made of them.
const fewPairs = 1024

// hasTexts reports whether a list has one of the texts of another, or all.
func hasTexts(v, w *repr.Value, all bool) bool {
	if v.Num*w.Num > fewPairs {
		set := textmatch.NewSet(w.SplitTexts())
		if all {
			return set.AllIn(v.Str)
		}
		return set.AnyIn(v.Str)
	}
	for list := w.Str; list != ""; {
		var s string
		if s, list = repr.CutText(list); hasText(v.Str, s) != all {
			return !all
		}
	}
	return all
}

// seeField tells what the field holds, and why the two count as unknown.
func (c *Condition) seeField(f *Condition, s *Scope, t *Trace) {
	v, w := c.sides(f, s)
	t.Against = seen(&w, s.Loc)
	t.Operand = typed(&w, s.Loc)
	if c.source.kind() == ofTotal {
		v = repr.Number(0) // it is a number
	}
	switch {
	case t.Unknown:
	case w.IsUnknown():
		t.Problem = "what it is compared with is unknown"
	case c.test == testSpan:
		if t.Problem = notDate(&v, s.Loc); t.Problem == "" {
			t.Problem = notDate(&w, s.Loc)
		}
	default:
		t.Problem = c.unlike(&v, &w)
	}
}

// unlike tells that two values cannot be compared as the condition does; empty if they
// can be.
func (c *Condition) unlike(v, w *repr.Value) string {
	need, other := subjectText, subjectText
	switch c.test {
	case testSame:
		if need = typeOf(v); need == subjectList {
			return described(v) + " is not a text, a number, a boolean or a date"
		}
		other = need
	case testCompare:
		need, other = subjectNumber, subjectNumber
	case testIn:
		other = subjectList
	case testListAny, testListAll:
		need, other = subjectList, subjectList
	}
	switch {
	case typeOf(v) != need:
		return described(v) + " is not " + need.String()
	case typeOf(w) != other:
		return described(w) + " is not " + other.String()
	case need == subjectNumber && ofTwoCurrencies(v, w):
		return described(v) + " is not an amount in " + repr.CurrencyCode(w.Str)
	}
	return ""
}

// typeOf returns what operators see a value as.
func typeOf(v *repr.Value) subjectType {
	switch v.Kind {
	case repr.KindNumber, repr.KindMonetary:
		return subjectNumber
	case repr.KindBool:
		return subjectBool
	case repr.KindDate:
		return subjectDate
	case repr.KindList:
		return subjectList
	}
	return subjectText
}
