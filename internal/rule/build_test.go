package rule

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

func all(rules ...Rule) Rule { return Rule{All: append([]Rule{}, rules...)} }

func anyOf(rules ...Rule) Rule { return Rule{Any: append([]Rule{}, rules...)} }

func not(rule Rule) Rule { return Rule{Not: &rule} }

func inSegment(name string) Rule { return Rule{Segment: name} }

// A subject is a condition without its operator.
type subject struct{ Rule }

func user(name string) subject { return subject{Rule{User: name}} }

func company(name string) subject { return subject{Rule{Company: name}} }

func metadata(key string) subject { return subject{Rule{Metadata: key}} }

func pageURL() subject { return subject{Rule{Page: "url"}} }

func pageSeconds() subject { return subject{Rule{Page: "seconds"}} }

func did(event string) subject { return subject{Rule{Event: event, Stat: statisticCount}} }

func wasSent(message string) subject {
	return subject{Rule{Message: message, Stat: statisticSentCount}}
}

func (s subject) First() subject { s.Stat = statisticFirst; return s }

func (s subject) Last() subject {
	if s.Stat = statisticLast; s.Message != "" {
		s.Stat = statisticLastSent
	}
	return s
}

func (s subject) ago(d calendar.Duration) subject { s.Rule.Within = d; return s }

func (s subject) where(r Rule) subject { s.Rule.Where = &r; return s }

func (s subject) with(op Operator, o Operand) Rule {
	r := s.Rule
	r.Op, r.Value = op, o
	return r
}

func (s subject) Is(v any) Rule { return s.with(operatorIs, operandFor(v)) }

func (s subject) IsNot(v any) Rule { return s.with(operatorIsNot, operandFor(v)) }

func (s subject) In(list ...any) Rule { return s.with(operatorIn, operandsFor(list)) }

func (s subject) NotIn(list ...any) Rule { return s.with(operatorNotIn, operandsFor(list)) }

func (s subject) Contains(v any) Rule { return s.with(operatorContains, operandFor(v)) }

func (s subject) DoesNotContain(v any) Rule { return s.with(operatorDoesNotContain, operandFor(v)) }

func (s subject) ContainsWord(v any) Rule { return s.with(operatorContainsWord, operandFor(v)) }

func (s subject) StartsWith(v any) Rule { return s.with(operatorStartsWith, operandFor(v)) }

func (s subject) EndsWith(v any) Rule { return s.with(operatorEndsWith, operandFor(v)) }

func (s subject) Matches(v any) Rule { return s.with(operatorMatches, operandFor(v)) }

func (s subject) GreaterThan(v any) Rule { return s.with(operatorGreaterThan, operandFor(v)) }

func (s subject) LessThan(v any) Rule { return s.with(operatorLessThan, operandFor(v)) }

func (s subject) AtLeast(v any) Rule { return s.with(operatorAtLeast, operandFor(v)) }

func (s subject) AtMost(v any) Rule { return s.with(operatorAtMost, operandFor(v)) }

func (s subject) Between(low, high any) Rule {
	return s.with(operatorBetween, operandsFor([]any{low, high}))
}

func (s subject) MoreThanAgo(v any) Rule { return s.with(operatorMoreThanAgo, operandFor(v)) }

func (s subject) LessThanAgo(v any) Rule { return s.with(operatorLessThanAgo, operandFor(v)) }

func (s subject) ExactlyAgo(v any) Rule { return s.with(operatorExactlyAgo, operandFor(v)) }

func (s subject) MoreThanAhead(v any) Rule { return s.with(operatorMoreThanAhead, operandFor(v)) }

func (s subject) LessThanAhead(v any) Rule { return s.with(operatorLessThanAhead, operandFor(v)) }

func (s subject) ExactlyAhead(v any) Rule { return s.with(operatorExactlyAhead, operandFor(v)) }

func (s subject) After(v any) Rule { return s.with(operatorAfter, operandFor(v)) }

func (s subject) On(v any) Rule { return s.with(operatorOn, operandFor(v)) }

func (s subject) Before(v any) Rule { return s.with(operatorBefore, operandFor(v)) }

func (s subject) ContainsAny(list ...any) Rule {
	return s.with(operatorContainsAny, operandsFor(list))
}

func (s subject) ContainsAll(list ...any) Rule {
	return s.with(operatorContainsAll, operandsFor(list))
}

func (s subject) ContainsNone(list ...any) Rule {
	return s.with(operatorContainsNone, operandsFor(list))
}

func (s subject) IsUnknown() Rule { return s.with(OperatorIsUnknown, Operand{}) }

func (s subject) HasAnyValue() Rule { return s.with(operatorHasAnyValue, Operand{}) }

// operandFor returns the operand of what a test compares with.
func operandFor(v any) Operand {
	switch v := v.(type) {
	case string:
		return Text(v)
	case bool:
		return Bool(v)
	case int:
		return Number(strconv.Itoa(v))
	case float64:
		return Number(strconv.FormatFloat(v, 'g', -1, 64))
	case json.Number:
		return Number(v.String())
	case calendar.Duration:
		return Text(v.String())
	case time.Time:
		return Text(v.Format(time.RFC3339))
	case value.Value:
		p := peek.Of(&v)
		switch p.Kind {
		case repr.KindNumber:
			return Number(v.Text())
		case repr.KindBool:
			return Bool(p.Num != 0)
		case repr.KindMonetary:
			return Money(strconv.FormatInt(p.Num, 10), p.Str)
		}
		return Text(v.Text())
	case []string:
		return operandsFor(anys(v))
	case []int:
		return operandsFor(anys(v))
	}
	panic(fmt.Sprintf("no operand for %T", v))
}

// operandsFor returns the list of them; a list in it stands for its elements.
func operandsFor(list []any) Operand {
	out := []Operand{}
	for _, v := range list {
		if o := operandFor(v); o.kind == operandList {
			out = append(out, o.list...)
		} else {
			out = append(out, o)
		}
	}
	return List(out)
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
