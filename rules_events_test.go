package beckon

import (
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/rule"
)

func TestEventBuilders(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	checkBuilt(t, []built{
		{
			Did("x").Within(Days(7)).Where(Metadata("k").Is(1)).AtLeast(3),
			`{"event":"x","stat":"count","op":"at_least","value":3,"within":"7d","where":{"metadata":"k","op":"is","value":1}}`,
		},
		{
			Did("x").Where(Metadata("k").Is(1)).First().On("2026-01-02"),
			`{"event":"x","stat":"first","op":"on","value":"2026-01-02","where":{"metadata":"k","op":"is","value":1}}`,
		},
		{Did("x").Is(0), `{"event":"x","stat":"count","op":"is","value":0}`},
		{Did("x").Is(1), `{"event":"x","stat":"count","op":"is","value":1}`},
		{Did("x").IsNot(1), `{"event":"x","stat":"count","op":"is_not","value":1}`},
		{Did("x").GreaterThan(1), `{"event":"x","stat":"count","op":"greater_than","value":1}`},
		{Did("x").LessThan(1), `{"event":"x","stat":"count","op":"less_than","value":1}`},
		{Did("x").AtMost(1), `{"event":"x","stat":"count","op":"at_most","value":1}`},
		{Did("x").Between(1, 2), `{"event":"x","stat":"count","op":"between","value":[1,2]}`},
		{
			Did("x").Within(Days(30)).Where(Metadata("k").Is(1)).Sum("price").AtLeast(Monetary(50000, "eur")),
			`{"event":"x","stat":"sum","of":"price","op":"at_least","value":{"amount":50000,"currency":"eur"},"within":"30d","where":{"metadata":"k","op":"is","value":1}}`,
		},
		{Did("x").Min("n").IsUnknown(), `{"event":"x","stat":"min","of":"n","op":"is_unknown"}`},
		{Did("x").Max("n").Between(1, 2.5), `{"event":"x","stat":"max","of":"n","op":"between","value":[1,2.5]}`},
		{Did("x").Average("n").LessThan(3), `{"event":"x","stat":"average","of":"n","op":"less_than","value":3}`},
		{Did("x").Distinct("city").Within(Days(7)).AtLeast(2), `{"event":"x","stat":"distinct","of":"city","op":"at_least","value":2,"within":"7d"}`},
		{Did("x").First().MoreThanAgo(Hours(36)), `{"event":"x","stat":"first","op":"more_than_ago","value":"36h"}`},
		{Did("x").Last().ExactlyAgo(Weeks(2)), `{"event":"x","stat":"last","op":"exactly_ago","value":"2w"}`},
		{Did("x").Last().After(at), `{"event":"x","stat":"last","op":"after","value":"2026-01-02T03:04:05Z"}`},
		{Did("x").Last().Before("2026-01-02"), `{"event":"x","stat":"last","op":"before","value":"2026-01-02"}`},
		{Did("x").Last().IsUnknown(), `{"event":"x","stat":"last","op":"is_unknown"}`},
		{Did("x").Last().HasAnyValue(), `{"event":"x","stat":"last","op":"has_any_value"}`},
		{WasSent("w").Last().MoreThanAgo(Days(30)), `{"message":"w","stat":"last_sent","op":"more_than_ago","value":"30d"}`},
		{WasSent("w").Last().IsUnknown(), `{"message":"w","stat":"last_sent","op":"is_unknown"}`},
		{Did("x").AtLeast(User("goal")), `{"event":"x","stat":"count","op":"at_least","value":{"user":"goal"}}`},
		{Did("x").Last().After(User("paid_at")), `{"event":"x","stat":"last","op":"after","value":{"user":"paid_at"}}`},
		{Did("x").Sum("n").LessThan(User("budget")), `{"event":"x","stat":"sum","of":"n","op":"less_than","value":{"user":"budget"}}`},
		{WasSent("w").Is(0), `{"message":"w","stat":"sent_count","op":"is","value":0}`},
		{WasSent("w").IsNot(0), `{"message":"w","stat":"sent_count","op":"is_not","value":0}`},
		{WasSent("w").GreaterThan(1), `{"message":"w","stat":"sent_count","op":"greater_than","value":1}`},
		{WasSent("w").LessThan(1), `{"message":"w","stat":"sent_count","op":"less_than","value":1}`},
		{WasSent("w").AtLeast(1), `{"message":"w","stat":"sent_count","op":"at_least","value":1}`},
		{WasSent("w").AtMost(1), `{"message":"w","stat":"sent_count","op":"at_most","value":1}`},
		{WasSent("w").Between(1, 2), `{"message":"w","stat":"sent_count","op":"between","value":[1,2]}`},
	})
}

// A window of no time is a fault, never no window.
func TestBuilderKeepsMistakes(t *testing.T) {
	var faults fault.List
	rule.Compile(lowered(Did("x").Within(Duration{}).AtLeast(1)), &rule.Compiler{Loc: time.UTC, Counters: &rule.CounterSet{}, Faults: &faults}, rule.OfContact, "r")
	if len(faults) != 1 || faults[0].Path != "r.within" {
		t.Error(faults)
	}
}

// Of what was sent only the last is known, over all time, and nothing of its metadata.
func TestWasSentIsNoEvent(t *testing.T) {
	for path, r := range map[string]Rule{
		"r.stat":   WasSent("w").First().IsUnknown(),
		"r.within": WasSent("w").Within(Days(1)).AtLeast(1),
		"r.where":  WasSent("w").Where(Metadata("k").Is(1)).AtLeast(1),
	} {
		var faults fault.List
		rule.Compile(lowered(r), &rule.Compiler{Loc: time.UTC, Counters: &rule.CounterSet{}, Faults: &faults}, rule.OfContact, "r")
		if len(faults) != 1 || faults[0].Path != path {
			t.Errorf("%s: got %v", path, faults)
		}
	}
}
