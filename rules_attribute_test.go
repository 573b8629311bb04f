package beckon

import (
	"testing"

	"github.com/beckon-go/beckon/internal/rule"
)

// The three subjects of attributes have the same operators.
func TestAttributeBuilders(t *testing.T) {
	type subject interface {
		Is(any) Rule
		IsNot(any) Rule
		In(...any) Rule
		NotIn(...any) Rule
		Contains(any) Rule
		DoesNotContain(any) Rule
		ContainsWord(any) Rule
		StartsWith(any) Rule
		EndsWith(any) Rule
		Matches(any) Rule
		GreaterThan(any) Rule
		LessThan(any) Rule
		AtLeast(any) Rule
		AtMost(any) Rule
		Between(low, high any) Rule
		MoreThanAgo(Duration) Rule
		LessThanAgo(Duration) Rule
		ExactlyAgo(Duration) Rule
		MoreThanAhead(Duration) Rule
		LessThanAhead(Duration) Rule
		ExactlyAhead(Duration) Rule
		After(any) Rule
		On(any) Rule
		Before(any) Rule
		ContainsAny(...any) Rule
		ContainsAll(...any) Rule
		ContainsNone(...any) Rule
		IsUnknown() Rule
		HasAnyValue() Rule
	}
	for head, s := range map[string]subject{`{"user":"a"`: User("a"), `{"company":"a"`: Company("a"), `{"metadata":"a"`: Metadata("a")} {
		ops := make(map[Op]bool)
		for _, c := range []struct {
			rule Rule
			want string
		}{
			{s.Is("x"), `"is","value":"x"`},
			{s.IsNot(1), `"is_not","value":1`},
			{s.In([]string{"x", "y"}, 1), `"in","value":["x","y",1]`},
			{s.NotIn(), `"not_in","value":[]`},
			{s.Contains("x"), `"contains","value":"x"`},
			{s.DoesNotContain("x"), `"does_not_contain","value":"x"`},
			{s.ContainsWord("x"), `"contains_word","value":"x"`},
			{s.StartsWith("x"), `"starts_with","value":"x"`},
			{s.EndsWith("x"), `"ends_with","value":"x"`},
			{s.Matches("a*"), `"matches","value":"a*"`},
			{s.GreaterThan(1.5), `"greater_than","value":1.5`},
			{s.LessThan(Monetary(100, "EUR")), `"less_than","value":{"amount":100,"currency":"EUR"}`},
			{s.AtLeast(1), `"at_least","value":1`},
			{s.AtMost(1), `"at_most","value":1`},
			{s.Between(1, 2), `"between","value":[1,2]`},
			{s.MoreThanAgo(Days(7)), `"more_than_ago","value":"7d"`},
			{s.LessThanAgo(Seconds(90)), `"less_than_ago","value":"90s"`},
			{s.ExactlyAgo(Weeks(1)), `"exactly_ago","value":"1w"`},
			{s.MoreThanAhead(Seconds(0)), `"more_than_ahead","value":"0s"`},
			{s.LessThanAhead(Weeks(2)), `"less_than_ahead","value":"2w"`},
			{s.ExactlyAhead(Days(0)), `"exactly_ahead","value":"0d"`},
			{s.After("2026-01-02"), `"after","value":"2026-01-02"`},
			{s.On("2026-01-02"), `"on","value":"2026-01-02"`},
			{s.Before("2026-01-02"), `"before","value":"2026-01-02"`},
			{s.ContainsAny("x"), `"contains_any","value":["x"]`},
			{s.ContainsAll("x"), `"contains_all","value":["x"]`},
			{s.ContainsNone("x"), `"contains_none","value":["x"]`},
			{s.Is(User("b")), `"is","value":{"user":"b"}`},
			{s.In(Company("b")), `"in","value":{"company":"b"}`},
			{s.ContainsAll(Metadata("b")), `"contains_all","value":{"metadata":"b"}`},
			{s.Matches(User("b")), `"matches","value":{"user":"b"}`},
			{s.On(User("b")), `"on","value":{"user":"b"}`},
			{s.IsUnknown(), `"is_unknown"`},
			{s.HasAnyValue(), `"has_any_value"`},
		} {
			want := head + `,"op":` + c.want + `}`
			if c.rule.String() != want {
				t.Errorf("got  %s\nwant %s", c.rule, want)
			}
			ops[c.rule.Op] = true
		}
		for _, op := range rule.Operators {
			if !ops[Op(op)] {
				t.Errorf("no builder for %s", op)
			}
		}
	}
}
