package mutate

import (
	"encoding/json"
	"math/big"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
)

// boundaries are operators that differ at one value, or in how many must fit.
var boundaries = map[string]string{ //nolint:gochecknoglobals // a table that nothing writes to
	"at_least": "greater_than", "greater_than": "at_least", "at_most": "less_than", "less_than": "at_most",
	"contains_any": "contains_all", "contains_all": "contains_any",
	"more_than_ago": "less_than_ago", "less_than_ago": "more_than_ago", "more_than_ahead": "less_than_ahead", "less_than_ahead": "more_than_ahead",
	"starts_with": "contains", "ends_with": "contains", "contains_word": "contains", "after": "before", "before": "after",
}

// rule adds the mutants of a rule. The rule as a whole is dropped by who knows where it
// stands.
func (m *mutants) rule(r object, path []any) {
	for _, group := range []string{"all", "any"} {
		parts, is := r[group].(list)
		if !is {
			continue
		}
		if len(parts) > 1 {
			swapped := object{"all": parts}
			if group == "all" {
				swapped = object{"any": parts}
			}
			m.add(path, swapped, group+" is the other of all and any")
		}
		for i := range parts {
			at := to(path, group, i)
			if len(parts) > 1 {
				m.drop(at, "a part of "+group+" is dropped")
			}
			m.part(parts[i], at)
		}
		return
	}
	if not, is := r["not"].(object); is {
		m.add(path, not, "a negation is dropped")
		m.rule(not, to(path, "not"))
		return
	}
	m.add(path, object{"not": r}, "a condition is negated")
	m.condition(r, path)
}

// part is rule for what may be none.
func (m *mutants) part(v any, path []any) {
	if r, is := v.(object); is && len(r) > 0 {
		m.rule(r, path)
	}
}

// condition adds the mutants of a condition: its operator's boundary, its operand, its
// window, and the rule that narrows its events.
func (m *mutants) condition(c object, path []any) {
	op, _ := c["op"].(string) // a segment has none
	if other := boundaries[op]; other != "" {
		m.add(to(path, "op"), other, "the operator is another")
	}
	m.operand(op, c["value"], to(path, "value"))
	m.span(c["within"], to(path, "within"), "a window")
	if _, is := c["within"]; is {
		m.drop(to(path, "within"), "a window is dropped")
	}
	if where, is := c["where"].(object); is && len(where) > 0 {
		m.drop(to(path, "where"), "what narrows the events is dropped")
		m.rule(where, to(path, "where"))
	}
}

// operand adds operands beside the one of a condition.
func (m *mutants) operand(op string, v any, path []any) {
	switch v := v.(type) {
	case json.Number:
		for _, by := range []int64{1, -1} {
			if beside, ok := plus(v, by); ok {
				m.add(path, beside, "the operand is another")
			}
		}
	case bool: // the negation is the same
	case string:
		switch {
		case strings.HasSuffix(op, "_ago"), strings.HasSuffix(op, "_ahead"):
			m.span(v, path, "the operand")
		case op == "after", op == "before", op == "on":
		default:
			m.add(path, v+"~", "the operand is another")
		}
	case list:
		for i := range v {
			if len(v) > 1 && op != "between" {
				m.drop(to(path, i), "a value is dropped")
			} else {
				m.operand(op, v[i], to(path, i))
			}
		}
	case object:
		if amount, is := v["amount"].(json.Number); is {
			m.operand(op, amount, to(path, "amount"))
		}
	}
}

// span adds lengths beside one: a unit more, and half.
func (m *mutants) span(v any, path []any, what string) {
	s, _ := v.(string) // it may be left out
	d, problem := calendar.ParseDuration(s)
	if problem != "" || d.Total() == 0 {
		return
	}
	if days, whole := d.Days(); whole { // which are days of the calendar in some places
		m.add(path, calendar.Days(int(2*days)).String(), what+" is twice as long")
		if days/2 != 0 {
			m.add(path, calendar.Days(int(days/2)).String(), what+" is half as long")
		}
		return
	}
	m.add(path, calendar.DurationOf(2*d.Elapsed()).String(), what+" is twice as long")
	if half := (d.Elapsed() / 2).Truncate(time.Second); half != 0 {
		m.add(path, calendar.DurationOf(half).String(), what+" is half as long")
	}
}

// plus adds to a number, exactly.
func plus(n json.Number, by int64) (json.Number, bool) {
	x, ok := new(big.Rat).SetString(n.String())
	if !ok || x.Num().BitLen() > 200 {
		return "", false
	}
	x.Add(x, big.NewRat(by, 1))
	digits, exact := x.FloatPrec()
	return json.Number(x.FloatString(digits)), exact
}
