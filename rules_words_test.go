package beckon

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

// Rules as tests write them: all(user("plan").Is("pro"), did("paid").AtLeast(1)).

func all(rules ...ruleTree) ruleTree { return ruleTree{All: append([]ruleTree{}, rules...)} }

func anyOf(rules ...ruleTree) ruleTree { return ruleTree{Any: append([]ruleTree{}, rules...)} }

func not(rule ruleTree) ruleTree { return ruleTree{Not: &rule} }

func inSegment(name string) ruleTree { return ruleTree{Segment: name} }

// A subject is a condition without its operator.
type subject struct{ ruleTree }

func user(name string) subject { return subject{ruleTree{User: name}} }

func company(name string) subject { return subject{ruleTree{Company: name}} }

func metadata(key string) subject { return subject{ruleTree{Metadata: key}} }

func pageURL() subject { return subject{ruleTree{Page: "url"}} }

func pageSeconds() subject { return subject{ruleTree{Page: "seconds"}} }

func did(event string) subject { return subject{ruleTree{Event: event, Stat: statisticCount}} }

func wasSent(message string) subject {
	return subject{ruleTree{Message: message, Stat: statisticSentCount}}
}

func (s subject) First() subject { s.Stat = statisticFirst; return s }

func (s subject) Last() subject {
	if s.Stat = statisticLast; s.Message != "" {
		s.Stat = statisticLastSent
	}
	return s
}

func (s subject) ago(d calendar.Duration) subject { s.ruleTree.Within = d; return s }

func (s subject) where(r ruleTree) subject { s.ruleTree.Where = &r; return s }

func (s subject) with(op operator, o ruleOperand) ruleTree {
	r := s.ruleTree
	r.Op, r.Value = op, o
	return r
}

func (s subject) Is(v any) ruleTree { return s.with(operatorIs, operandFor(v)) }

func (s subject) IsNot(v any) ruleTree { return s.with(operatorIsNot, operandFor(v)) }

func (s subject) In(list ...any) ruleTree { return s.with(operatorIn, operandsFor(list)) }

func (s subject) NotIn(list ...any) ruleTree { return s.with(operatorNotIn, operandsFor(list)) }

func (s subject) Contains(v any) ruleTree { return s.with(operatorContains, operandFor(v)) }

func (s subject) DoesNotContain(v any) ruleTree { return s.with(operatorDoesNotContain, operandFor(v)) }

func (s subject) ContainsWord(v any) ruleTree { return s.with(operatorContainsWord, operandFor(v)) }

func (s subject) StartsWith(v any) ruleTree { return s.with(operatorStartsWith, operandFor(v)) }

func (s subject) EndsWith(v any) ruleTree { return s.with(operatorEndsWith, operandFor(v)) }

func (s subject) GreaterThan(v any) ruleTree { return s.with(operatorGreaterThan, operandFor(v)) }

func (s subject) LessThan(v any) ruleTree { return s.with(operatorLessThan, operandFor(v)) }

func (s subject) AtLeast(v any) ruleTree { return s.with(operatorAtLeast, operandFor(v)) }

func (s subject) AtMost(v any) ruleTree { return s.with(operatorAtMost, operandFor(v)) }

func (s subject) Between(low, high any) ruleTree {
	return s.with(operatorBetween, operandsFor([]any{low, high}))
}

func (s subject) MoreThanAgo(v any) ruleTree { return s.with(operatorMoreThanAgo, operandFor(v)) }

func (s subject) LessThanAgo(v any) ruleTree { return s.with(operatorLessThanAgo, operandFor(v)) }

func (s subject) ExactlyAgo(v any) ruleTree { return s.with(operatorExactlyAgo, operandFor(v)) }

func (s subject) After(v any) ruleTree { return s.with(operatorAfter, operandFor(v)) }

func (s subject) On(v any) ruleTree { return s.with(operatorOn, operandFor(v)) }

func (s subject) Before(v any) ruleTree { return s.with(operatorBefore, operandFor(v)) }

func (s subject) ContainsAny(list ...any) ruleTree {
	return s.with(operatorContainsAny, operandsFor(list))
}

func (s subject) ContainsAll(list ...any) ruleTree {
	return s.with(operatorContainsAll, operandsFor(list))
}

func (s subject) ContainsNone(list ...any) ruleTree {
	return s.with(operatorContainsNone, operandsFor(list))
}

func (s subject) IsUnknown() ruleTree { return s.with(operatorIsUnknown, ruleOperand{}) }

func (s subject) HasAnyValue() ruleTree { return s.with(operatorHasAnyValue, ruleOperand{}) }

// operandFor returns the operand of what a test compares with.
func operandFor(v any) ruleOperand {
	switch v := v.(type) {
	case string:
		return textOperand(v)
	case bool:
		return boolOperand(v)
	case int:
		return numberOperand(strconv.Itoa(v))
	case float64:
		return numberOperand(strconv.FormatFloat(v, 'g', -1, 64))
	case json.Number:
		return numberOperand(v.String())
	case calendar.Duration:
		return textOperand(v.String())
	case time.Time:
		return textOperand(v.Format(time.RFC3339))
	case value.Value:
		p := peek.Of(&v)
		switch p.Kind {
		case repr.KindNumber:
			return numberOperand(v.Text())
		case repr.KindBool:
			return boolOperand(p.Num != 0)
		case repr.KindMonetary:
			return moneyOperand(strconv.FormatInt(p.Num, 10), p.Str)
		}
		return textOperand(v.Text())
	case []string:
		return operandsFor(anys(v))
	case []int:
		return operandsFor(anys(v))
	}
	panic(fmt.Sprintf("no operand for %T", v))
}

// operandsFor returns the list of them; a list in it stands for its elements.
func operandsFor(list []any) ruleOperand {
	out := []ruleOperand{}
	for _, v := range list {
		if o := operandFor(v); o.kind == operandList {
			out = append(out, o.list...)
		} else {
			out = append(out, o)
		}
	}
	return listOperand(out)
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// testTime is the instant at which rules are judged, unless a test says another.
var testTime = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
