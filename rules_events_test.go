package beckon

import (
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/rule"
)

// Rules in Go are the documents of formats: field for field.
func TestBuilders(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		rule Rule
		want string
	}{
		{
			All(User("plan").In("pro", "team"), Did("uploaded-video").AtLeast(10), Did("invited-teammate").Last().LessThanAgo(Days(7))),
			`{"all":[{"user":"plan","op":"in","value":["pro","team"]},{"event":"uploaded-video","stat":"count","op":"at_least","value":10},{"event":"invited-teammate","stat":"last","op":"less_than_ago","value":"7d"}]}`,
		},
		{Any(Not(Segment("power-users"))), `{"any":[{"not":{"segment":"power-users"}}]}`},
		{
			Did("x").Within(Days(7)).Where(Metadata("k").Is(1)).AtLeast(3),
			`{"event":"x","stat":"count","op":"at_least","value":3,"within":"7d","where":{"metadata":"k","op":"is","value":1}}`,
		},
		{
			Did("x").Where(Metadata("k").Is(1)).First().On("2026-01-02"),
			`{"event":"x","stat":"first","op":"on","value":"2026-01-02","where":{"metadata":"k","op":"is","value":1}}`,
		},
		{Did("x").Times().Is(0), `{"event":"x","stat":"count","op":"is","value":0}`},
		{Did("x").Is(1), `{"event":"x","stat":"count","op":"is","value":1}`},
		{Did("x").IsNot(1), `{"event":"x","stat":"count","op":"is_not","value":1}`},
		{Did("x").GreaterThan(1), `{"event":"x","stat":"count","op":"greater_than","value":1}`},
		{Did("x").LessThan(1), `{"event":"x","stat":"count","op":"less_than","value":1}`},
		{Did("x").AtMost(1), `{"event":"x","stat":"count","op":"at_most","value":1}`},
		{Did("x").Between(1, 2), `{"event":"x","stat":"count","op":"between","value":[1,2]}`},
		{Did("x").First().MoreThanAgo(Hours(36)), `{"event":"x","stat":"first","op":"more_than_ago","value":"36h"}`},
		{Did("x").Last().ExactlyAgo(Weeks(2)), `{"event":"x","stat":"last","op":"exactly_ago","value":"2w"}`},
		{Did("x").Last().After(at), `{"event":"x","stat":"last","op":"after","value":"2026-01-02T03:04:05Z"}`},
		{Did("x").Last().Before("2026-01-02"), `{"event":"x","stat":"last","op":"before","value":"2026-01-02"}`},
		{Did("x").Last().IsUnknown(), `{"event":"x","stat":"last","op":"is_unknown"}`},
		{Did("x").Last().HasAnyValue(), `{"event":"x","stat":"last","op":"has_any_value"}`},
		{WasSent("w").Last().MoreThanAgo(Days(30)), `{"message":"w","stat":"last_sent","op":"more_than_ago","value":"30d"}`},
		{WasSent("w").Times().Last().IsUnknown(), `{"message":"w","stat":"last_sent","op":"is_unknown"}`},
		{WasSent("w").Is(0), `{"message":"w","stat":"sent_count","op":"is","value":0}`},
		{WasSent("w").IsNot(0), `{"message":"w","stat":"sent_count","op":"is_not","value":0}`},
		{WasSent("w").GreaterThan(1), `{"message":"w","stat":"sent_count","op":"greater_than","value":1}`},
		{WasSent("w").LessThan(1), `{"message":"w","stat":"sent_count","op":"less_than","value":1}`},
		{WasSent("w").AtLeast(1), `{"message":"w","stat":"sent_count","op":"at_least","value":1}`},
		{WasSent("w").AtMost(1), `{"message":"w","stat":"sent_count","op":"at_most","value":1}`},
		{WasSent("w").Between(1, 2), `{"message":"w","stat":"sent_count","op":"between","value":[1,2]}`},
		{PageURL().Is("u"), `{"page":"url","op":"is","value":"u"}`},
		{PageURL().IsNot("u"), `{"page":"url","op":"is_not","value":"u"}`},
		{PageURL().In("u", "v"), `{"page":"url","op":"in","value":["u","v"]}`},
		{PageURL().NotIn("u"), `{"page":"url","op":"not_in","value":["u"]}`},
		{PageURL().ContainsWord("u"), `{"page":"url","op":"contains_word","value":"u"}`},
		{PageURL().StartsWith("u"), `{"page":"url","op":"starts_with","value":"u"}`},
		{PageURL().EndsWith("u"), `{"page":"url","op":"ends_with","value":"u"}`},
		{PageURL().HasAnyValue(), `{"page":"url","op":"has_any_value"}`},
		{PageSeconds().Is(1), `{"page":"seconds","op":"is","value":1}`},
		{PageSeconds().IsNot(1), `{"page":"seconds","op":"is_not","value":1}`},
		{PageSeconds().GreaterThan(1.5), `{"page":"seconds","op":"greater_than","value":1.5}`},
		{PageSeconds().LessThan(1), `{"page":"seconds","op":"less_than","value":1}`},
		{PageSeconds().AtMost(1), `{"page":"seconds","op":"at_most","value":1}`},
		{PageSeconds().Between(1, 2), `{"page":"seconds","op":"between","value":[1,2]}`},
		{PageSeconds().HasAnyValue(), `{"page":"seconds","op":"has_any_value"}`},
	} {
		if c.rule.String() != c.want {
			t.Errorf("got  %s\nwant %s", c.rule, c.want)
		}
		if _, err := ParseRule([]byte(c.want)); err != nil {
			t.Errorf("%s: %v", c.want, err)
		}
	}
}

// The three subjects of attributes have the same operators.
func TestAttributeBuilders(t *testing.T) {
	type subject interface {
		Is(any) Rule
		IsNot(any) Rule
		In(...any) Rule
		NotIn(...any) Rule
		Contains(string) Rule
		DoesNotContain(string) Rule
		ContainsWord(string) Rule
		StartsWith(string) Rule
		EndsWith(string) Rule
		GreaterThan(any) Rule
		LessThan(any) Rule
		AtLeast(any) Rule
		AtMost(any) Rule
		Between(low, high any) Rule
		MoreThanAgo(Duration) Rule
		LessThanAgo(Duration) Rule
		ExactlyAgo(Duration) Rule
		After(any) Rule
		On(string) Rule
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
			{s.GreaterThan(1.5), `"greater_than","value":1.5`},
			{s.LessThan(Monetary(100, "EUR")), `"less_than","value":{"amount":100,"currency":"EUR"}`},
			{s.AtLeast(1), `"at_least","value":1`},
			{s.AtMost(1), `"at_most","value":1`},
			{s.Between(1, 2), `"between","value":[1,2]`},
			{s.MoreThanAgo(Days(7)), `"more_than_ago","value":"7d"`},
			{s.LessThanAgo(Seconds(90)), `"less_than_ago","value":"90s"`},
			{s.ExactlyAgo(Weeks(1)), `"exactly_ago","value":"1w"`},
			{s.After("2026-01-02"), `"after","value":"2026-01-02"`},
			{s.On("2026-01-02"), `"on","value":"2026-01-02"`},
			{s.Before("2026-01-02"), `"before","value":"2026-01-02"`},
			{s.ContainsAny("x"), `"contains_any","value":["x"]`},
			{s.ContainsAll("x"), `"contains_all","value":["x"]`},
			{s.ContainsNone("x"), `"contains_none","value":["x"]`},
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

// A window of no time is a fault, never no window.
func TestBuilderKeepsMistakes(t *testing.T) {
	var faults fault.List
	rule.Compile(lowered(Did("x").Within(Duration{}).AtLeast(1)), &rule.Compiler{Loc: time.UTC, Counters: &rule.CounterSet{}, Faults: &faults}, rule.OfContact, "r")
	if len(faults) != 1 || faults[0].Path != "r.within" {
		t.Error(faults)
	}
}

// A group keeps nothing of what it was given, and a trigger stays as it is.
func TestBuildersCopy(t *testing.T) {
	list := []Rule{User("a").Is(1)}
	r := All(list...)
	list[0] = User("b").Is(2)
	if r.All[0].User != "a" {
		t.Error("All keeps the slice")
	}
	on := On("x")
	narrowed := on.Where(Metadata("k").Is(1)).Unless("y", Hours(1), "id")
	if !on.Filter.IsZero() || on.Absence != nil {
		t.Errorf("%+v", on)
	}
	if narrowed.Event != "x" || narrowed.Filter.Metadata != "k" || *narrowed.Absence != (Unless{Event: "y", Within: Hours(1), Same: "id"}) {
		t.Errorf("%+v", narrowed)
	}
	if d := OnDate("trial_ends_at", Days(-3)); d.Date != "trial_ends_at" || d.Offset != Days(-3) || d.Event != "" {
		t.Errorf("%+v", d)
	}
}
