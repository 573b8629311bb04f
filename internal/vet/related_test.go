package vet_test

import (
	"fmt"
	"strings"
	"testing"
)

func both(a, b string) string { return `{"all":[` + a + `,` + b + `]}` }

func either(a, b string) string { return `{"any":[` + a + `,` + b + `]}` }

// never and always are what is told of an audience as a whole.
const never, always = "contradiction messages[0].audience", "always_true messages[0].audience"

// Conditions on one text rule each other out, or follow from each other, whatever the letter
// case and the type of the value.
func TestTextsTogether(t *testing.T) {
	is := func(op, operand string) string {
		return `{"user":"n","op":"` + op + `","value":"` + operand + `"}`
	}
	none := func(rule string) string { return `{"not":` + rule + `}` }
	for _, c := range []struct{ rule, want string }{
		{both(is("starts_with", "a"), is("starts_with", "b")), never},
		{both(is("starts_with", "ab"), is("starts_with", "A")), ""},
		{both(is("starts_with", "ab"), is("starts_with", "Ac")), never},
		{both(is("ends_with", "a"), is("ends_with", "b")), never},
		{both(is("ends_with", "ba"), is("ends_with", "A")), ""},
		{both(is("starts_with", "a"), is("ends_with", "b")), ""},
		{both(is("is", "abc"), is("contains", "x")), never},
		{both(is("is", "abc"), is("contains", "B")), ""},
		{both(is("is", "abc"), is("starts_with", "b")), never},
		{both(is("starts_with", "abc"), is("does_not_contain", "B")), never},
		{both(is("starts_with", "abc"), is("does_not_contain", "d")), ""},
		{both(is("contains_word", "abc"), is("does_not_contain", "bc")), never},
		{both(is("contains", "abc"), none(is("contains_word", "abc"))), ""},
		{both(is("contains_word", "abc"), none(is("starts_with", "abc"))), ""},
		{both(is("contains_word", "abc"), none(is("matches", "abc"))), ""},
		{both(is("contains", "abc"), none(is("ends_with", "abc"))), ""},
		{both(is("contains_word", "abc"), none(is("contains_word", "abc"))), never},
		{both(is("contains", "a b c"), none(is("contains_word", "b"))), never},
		{both(is("contains", "a b"), none(is("contains_word", "b"))), ""}, // "a bx"
		{both(is("ends_with", "a b"), none(is("contains_word", "b"))), never},
		{both(is("matches", "a*"), is("starts_with", "b")), never},
		{both(is("matches", "*/shop/*/cart"), is("does_not_contain", "shop")), never},
		{both(is("matches", "*/shop/*/cart"), is("ends_with", "/cart/")), never},
		{both(is("matches", "*/shop/*/cart"), is("starts_with", "https://")), ""},
		{both(is("matches", "*shop*cart*"), none(is("matches", "*cart*"))), never},
		{both(is("matches", "*shop*cart*"), is("matches", "*cart*shop*")), ""},
		{both(is("matches", "abc"), is("contains", "x")), never},
		{both(is("matches", "abc"), is("is", "ABC")), ""},
		{both(is("contains", "K"), is("does_not_contain", "\u212a")), never}, // the Kelvin sign folds to k
		{both(is("contains", "i"), is("does_not_contain", "\u0130")), ""},    // and no i with a dot to i
		{both(is("contains", "*"), none(is("matches", "a"))), ""},
		{both(is("contains", "a*b"), is("does_not_contain", "a")), never},
		{both(is("contains", "a"), none(is("contains", ""))), never},
		{is("contains", ""), ""}, // what is unknown contains nothing
		{either(is("contains", ""), none(`{"user":"n","op":"has_any_value"}`)), ""}, // nor does a number
		{either(is("does_not_contain", "a"), is("contains", "A")), always},
		{either(is("does_not_contain", "a"), is("contains", "")), always},
		{either(is("does_not_contain", "ab"), is("contains", "a")), always},
		{either(is("does_not_contain", "a"), is("contains", "ab")), ""},
	} {
		for _, doc := range []string{audience(c.rule), strings.Replace(where(strings.ReplaceAll(c.rule, `"user":"n"`, `"metadata":"n"`)), "trigger", "trigger", 1)} {
			want := c.want
			if strings.Contains(doc, `"metadata"`) {
				want = strings.Replace(want, "audience", "trigger.where", 1)
			}
			if got := strings.Join(check(t, doc, ""), ", "); got != want {
				t.Errorf("%s\ngot  %s\nwant %s", doc, got, want)
			}
		}
	}
}

// Of many conditions on one text nothing false is said, and it does not take long.
func TestManyTexts(t *testing.T) {
	list := func(kind, op string, n int) string {
		var rules []string
		for i := range n {
			rules = append(rules, fmt.Sprintf(`{"user":"n","op":%q,"value":"x%dx"}`, op, i))
		}
		return `{"` + kind + `":[` + strings.Join(rules, ",") + `]}`
	}
	lists := func(n int) string {
		var rules []string
		for i := range n {
			rules = append(rules, fmt.Sprintf(`{"user":"n","op":"contains_any","value":["x%d"]}`, i))
		}
		return `{"all":[` + strings.Join(rules, ",") + `]}`
	}
	for _, n := range []int{2, 12, 13, 14, 31, 32, 33, 200, 990} {
		for _, c := range []struct{ rule, want string }{
			{list("all", "contains", n), ""},
			{list("any", "contains", n), ""},
			{list("all", "does_not_contain", n), ""},
			{list("any", "starts_with", n), ""},
			{list("any", "is", n), ""},
			{list("all", "is", n), never},
			{list("all", "is_not", n), ""},
			{lists(n), ""},
			{both(list("any", "contains", n), both(pro, free)), never},
		} {
			if got := strings.Join(findings(t, audience(c.rule), ""), ", "); got != c.want {
				t.Errorf("%d: %.200s\ngot  %s\nwant %s", n, c.rule, got, c.want)
			}
		}
	}
	if got := strings.Join(findings(t, audience(list("all", "starts_with", 30)), ""), ", "); got != never {
		t.Error(got)
	}
	page := strings.ReplaceAll(list("any", "contains", 50), `"user":"n"`, `"page":"url"`)
	if got := strings.Join(findings(t, message(`"channel":"push","audience":`+page), ""), ", "); got != never {
		t.Error(got)
	}
}

// A field that is compared with itself, or with another one.
func TestFieldsTogether(t *testing.T) {
	with := func(op, field string) string {
		return `{"user":"a","op":"` + op + `","value":` + field + `}`
	}
	const a, b = `{"user":"a"}`, `{"user":"b"}`
	known := `{"user":"a","op":"has_any_value"}`
	for _, c := range []struct{ rule, want string }{
		{with("greater_than", a), never},
		{with("less_than", a), never},
		{with("after", a), never},
		{with("before", a), never},
		{with("in", a), never},
		{with("not_in", a), always},
		{with("at_least", a), ""},
		{with("is", a), ""},
		{with("is_not", a), ""},              // if it is unknown
		{both(known, with("is_not", a)), ""}, // or a list
		{both(`{"user":"a","op":"is","value":"x"}`, with("is_not", a)), never},
		{both(`{"user":"a","op":"contains","value":"x"}`, with("does_not_contain", a)), never},
		{with("contains_word", a), ""},
		{with("contains_none", a), ""}, // an empty list
		{with("on", a), ""},
		{`{"company":"a","op":"greater_than","value":{"company":"a"}}`, never},
		{`{"company":"a","op":"greater_than","value":{"user":"a"}}`, ""},

		{both(with("greater_than", b), with("less_than", b)), never},
		{both(with("greater_than", b), with("is", b)), never},
		{both(with("at_least", b), with("at_most", b)), ""},
		{both(with("is", b), with("is_not", b)), never},
		{either(with("is", b), with("is_not", b)), always},
		{both(with("is", b), with("does_not_contain", b)), ""}, // numbers
		{both(with("is_not", b), with("contains", b)), ""},
		{both(with("after", b), with("before", b)), never},
		{both(with("after", b), with("on", b)), ""},
		{both(with("greater_than", b), with("contains", b)), never},
		{both(with("greater_than", b), with("after", b)), ""}, // Unix seconds
		{both(with("greater_than", b), with("before", b)), never},
		{both(with("contains_all", b), with("contains_none", b)), ""}, // of none
		{both(with("contains_any", b), with("contains_none", b)), never},
		{both(with("in", b), with("is", b)), never},
		{with("is", b), ""},
		{both(with("greater_than", b), with("less_than", `{"company":"b"}`)), ""},
	} {
		if got := strings.Join(check(t, audience(c.rule), ""), ", "); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.rule, got, c.want)
		}
	}
	const whole = "contradiction messages[0].trigger.where"
	for _, c := range []struct{ rule, want string }{
		{`{"metadata":"a","op":"greater_than","value":{"metadata":"A"}}`, whole},
		{`{"metadata":"a","op":"greater_than","value":{"metadata":"b"}}`, ""},
		{`{"metadata":"a","op":"in","value":{"metadata":"b"}}`, whole}, // no metadata is a list
		{`{"metadata":"a","op":"in","value":{"user":"b"}}`, ""},
		{`{"metadata":"a","op":"contains_any","value":{"user":"b"}}`, whole},
		{`{"user":"a","op":"contains_any","value":{"user":"b"}}`, ""},
		{`{"page":"url","op":"is","value":{"metadata":"b"}}`, ""},
		{`{"page":"url","op":"is","value":{"user":"tags"}}`, ""},
		{`{"page":"seconds","op":"at_least","value":{"metadata":"b"}}`, ""},
	} {
		if got := strings.Join(check(t, where(c.rule), ""), ", "); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.rule, got, c.want)
		}
	}
}

// What is known of the values under a key goes together, and with how often the event came.
func TestValuesTogether(t *testing.T) {
	of := func(stat, op, operand string, more ...string) string {
		return `{"event":"e","stat":"` + stat + `","of":"n","op":"` + op + `","value":` + operand + strings.Join(more, "") + `}`
	}
	count := func(op, operand string, more ...string) string {
		return `{"event":"e","stat":"count","op":"` + op + `","value":` + operand + strings.Join(more, "") + `}`
	}
	const euros, dollars = `{"amount":500,"currency":"eur"}`, `{"amount":500,"currency":"usd"}`
	const day, week, kind = `,"within":"1d"`, `,"within":"7d"`, `,"where":{"metadata":"k","op":"is","value":1}`
	const nothing, number = `{"event":"e","stat":"min","of":"n","op":"is_unknown"}`, `{"event":"e","stat":"average","of":"n","op":"has_any_value"}`
	for _, c := range []struct{ rule, want string }{
		{both(of("min", "greater_than", "5"), of("max", "less_than", "3")), never},
		{both(of("min", "greater_than", "5"), of("max", "at_most", "5")), never},
		{both(of("min", "at_least", "5"), of("max", "at_most", "5")), ""},
		{both(of("max", "greater_than", "5"), of("min", "less_than", "3")), ""},
		{both(of("min", "greater_than", "5"), of("average", "less_than", "5")), never},
		{both(of("average", "greater_than", "5"), of("max", "at_most", "5")), never},
		{both(of("average", "at_least", "5"), of("max", "at_most", "5")), ""},
		{both(of("average", "between", "[5,5.5]"), of("max", "is", "7")), ""},
		{both(of("min", "is_not", "5"), of("max", "is", "5")), ""},
		{both(nothing, number), never},
		{both(nothing, of("max", "at_least", "5")), never},
		{both(nothing, of("sum", "at_least", "5")), never},
		{both(nothing, of("sum", "at_most", "5")), ""},
		{both(number, of("sum", "is", "0")), ""}, // one and minus one
		{either(nothing, number), always},

		{both(of("min", "at_least", "5"), of("sum", "less_than", "5")), never},
		{both(of("min", "at_least", "-5"), of("sum", "less_than", "-5")), ""}, // twice
		{both(of("max", "at_most", "-5"), of("sum", "greater_than", "-5")), never},
		{both(of("max", "at_most", "0"), of("sum", "greater_than", "0")), never},
		{both(of("max", "at_most", "5"), of("sum", "greater_than", "5")), ""},
		{both(of("average", "at_least", "5"), of("sum", "less_than", "5")), never},
		{both(of("min", "at_most", "-5"), of("sum", "greater_than", "-5")), ""}, // others are positive
		{both(of("max", "at_least", "5"), of("sum", "less_than", "5")), ""},
		{both(of("average", "less_than", "0"), of("sum", "greater_than", "0")), never},
		{both(of("average", "at_most", "5"), of("sum", "greater_than", "5")), ""},

		{both(of("distinct", "at_least", "3"), count("less_than", "3")), never},
		{both(of("distinct", "at_least", "3"), count("at_most", "3")), ""},
		{both(of("distinct", "less_than", "3"), count("at_least", "3")), ""},
		{both(of("distinct", "is", "0"), number), never},
		{both(of("distinct", "is", "0"), count("at_least", "3")), ""}, // without the key
		{both(of("distinct", "at_least", "1"), nothing), ""},          // texts
		{both(of("sum", "at_least", "1"), count("is", "0")), never},
		{both(of("sum", "is_not", "0"), count("is", "0")), never},
		{both(of("sum", "is", "0"), count("is", "0")), ""},
		{both(number, count("is", "0")), never},
		{both(nothing, count("is", "0")), ""},
		{both(number, `{"event":"e","stat":"last","op":"is_unknown"}`), never},
		{both(number, `{"event":"f","stat":"count","op":"is","value":0}`), ""},

		// Other keys, windows and events that are told apart.
		{both(of("min", "greater_than", "5"), strings.Replace(of("max", "less_than", "3"), `"n"`, `"m"`, 1)), ""},
		{both(of("min", "greater_than", "5"), strings.Replace(of("max", "less_than", "3"), `"n"`, `"N"`, 1)), never},
		{both(of("min", "greater_than", "5", week), of("max", "less_than", "3", day)), never}, // what was within a day was within a week
		{both(of("min", "greater_than", "5", week), of("average", "less_than", "3", day)), never},
		{both(of("min", "greater_than", "5", day), of("max", "less_than", "3", week)), never},
		{both(of("min", "greater_than", "5", day), of("average", "less_than", "3", week)), ""},
		{both(of("max", "greater_than", "5", day), of("max", "less_than", "3", week)), never},
		{both(of("max", "greater_than", "5", week), of("max", "less_than", "3", day)), ""},
		{both(of("max", "greater_than", "5", kind), of("max", "less_than", "3")), never},
		{both(of("max", "greater_than", "5", week, kind), of("max", "less_than", "3", week)), ""}, // the newest of all may be others
		{both(of("distinct", "at_least", "5", day), of("distinct", "less_than", "5", week)), never},
		{both(of("distinct", "at_least", "5", day), of("distinct", "less_than", "5")), never},
		{both(of("distinct", "at_least", "5"), of("distinct", "less_than", "5", day)), ""},
		{both(of("distinct", "at_least", "1500", day), of("distinct", "less_than", "1500")), ""}, // it stops counting
		{both(of("sum", "at_least", "5", day), of("sum", "less_than", "5", week)), ""},           // some are negative
		{both(of("sum", "at_least", "5", day), of("max", "is_unknown", "1", week)), ""},
		{both(of("sum", "at_least", "5", day), count("is", "0", week)), never},
		{both(of("sum", "at_least", "5", week), count("is", "0", day)), ""},
		{both(of("distinct", "at_least", "5", day), count("less_than", "5", week)), never},

		// Money in a currency, and by its major units.
		{both(of("sum", "at_least", euros), of("sum", "less_than", euros)), never},
		{both(of("sum", "at_least", euros), of("sum", "less_than", dollars)), ""},
		{both(of("sum", "at_least", euros), of("sum", "less_than", "5")), ""},
		{both(of("average", "greater_than", euros), of("average", "less_than", `{"amount":501,"currency":"eur"}`)), ""},
		{both(of("min", "greater_than", euros), of("max", "at_most", euros)), never},
		{both(of("min", "greater_than", euros), of("max", "at_most", dollars)), ""},
		{both(of("max", "greater_than", euros), of("max", "at_most", "5")), never},
		{both(of("max", "greater_than", euros), of("max", "at_most", "5.01")), ""},
		{both(of("max", "greater_than", "5"), of("max", "at_most", euros)), ""},
		{both(of("max", "greater_than", euros), nothing), never},
		{both(of("sum", "between", "["+euros+`,{"amount":600,"currency":"eur"}]`), of("sum", "at_most", `{"amount":499,"currency":"eur"}`)), never},
		{both(of("sum", "between", "["+euros+`,{"amount":600,"currency":"eur"}]`), of("sum", "at_most", euros)), ""},
		{both(of("sum", "at_least", `{"amount":5,"currency":"jpy"}`), of("sum", "less_than", `{"amount":6,"currency":"jpy"}`)), ""},
	} {
		if strings.Contains(c.rule, `"is_unknown","value"`) {
			c.rule = strings.Replace(c.rule, `"is_unknown","value":1,"within":"7d"`, `"is_unknown","within":"7d"`, 1)
			c.want = never
		}
		if got := strings.Join(check(t, audience(c.rule), ""), ", "); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.rule, got, c.want)
		}
	}
}

// Days are those of the workspace's zone, and instants are not.
func TestDaysInTheirZone(t *testing.T) {
	of := func(op, operand string) string { return `{"user":"d","op":"` + op + `","value":"` + operand + `"}` }
	for _, c := range []struct{ zone, rule, want string }{
		{"UTC", both(of("after", "2026-03-01"), of("before", "2026-03-02T00:00:00Z")), never},
		{"Asia/Tokyo", both(of("after", "2026-03-01"), of("before", "2026-03-02T00:00:00Z")), ""},
		{"Asia/Tokyo", both(of("after", "2026-03-01"), of("before", "2026-03-01T15:00:00Z")), never},
		{"Asia/Tokyo", both(of("after", "2026-03-01"), of("before", "2026-03-01T15:00:01Z")), ""},
		{"America/Los_Angeles", both(of("after", "2026-03-01"), of("before", "2026-03-02T00:00:00Z")), never},
		{"America/Los_Angeles", both(of("on", "2026-03-08"), of("after", "2026-03-09T06:59:59Z")), never}, // 23 hours
		{"America/Los_Angeles", both(of("on", "2026-03-08"), of("after", "2026-03-09T06:59:58Z")), ""},
		{"Europe/Dublin", both(of("exactly_ago", "3d"), of("more_than_ago", "4d")), never},
		{"Europe/Dublin", both(of("exactly_ago", "3d"), of("more_than_ago", "3d")), ""},
		{"Europe/Dublin", both(of("exactly_ago", "3d"), of("less_than_ago", "2d")), never},
		{"Europe/Dublin", both(of("exactly_ago", "3d"), of("less_than_ago", "3d")), ""},
		{"Europe/Dublin", both(of("exactly_ahead", "3d"), of("less_than_ahead", "3d")), ""},
		{"Europe/Dublin", both(of("exactly_ahead", "3d"), of("more_than_ahead", "4d")), never},
		{"Europe/Dublin", both(of("exactly_ago", "0d"), of("less_than_ahead", "1h")), ""},
		{"Europe/Dublin", both(of("less_than_ago", "200d"), of("more_than_ago", "199d")), ""},
		{"Europe/Dublin", both(of("less_than_ago", "199d"), of("more_than_ago", "200d")), never},
		{"Asia/Tokyo", both(of("on", "2026-03-01"), of("on", "2026-03-02")), never},

		// Days beside hours: the clocks change, and it may be any time of day.
		{"UTC", both(of("more_than_ago", "1d"), of("less_than_ago", "24h")), never},
		{"UTC", both(of("more_than_ago", "24h"), of("less_than_ago", "1d")), never},
		{"Asia/Tokyo", both(of("more_than_ago", "3d"), of("less_than_ago", "72h")), never},
		{"Europe/Dublin", both(of("more_than_ago", "1d"), of("less_than_ago", "24h")), ""},
		{"Europe/Dublin", both(of("more_than_ago", "24h"), of("less_than_ago", "1d")), ""},
		{"Europe/Dublin", both(of("more_than_ago", "25h"), of("less_than_ago", "1d")), never},
		{"Europe/Dublin", both(of("more_than_ago", "1d"), of("less_than_ago", "23h")), never},
		{"Europe/Dublin", both(of("more_than_ago", "90m"), of("less_than_ago", "1h")), never}, // no days
		{"Europe/Dublin", both(of("more_than_ahead", "24h"), of("less_than_ahead", "1d")), ""},
		{"Europe/Dublin", both(of("more_than_ahead", "25h"), of("less_than_ahead", "1d")), never},
		{"Australia/Lord_Howe", both(of("more_than_ago", "24h"), of("less_than_ago", "1d")), ""}, // by half an hour
		{"Australia/Lord_Howe", both(of("more_than_ago", "1470m"), of("less_than_ago", "1d")), never},
		{"Europe/Dublin", both(of("more_than_ago", "300d"), of("less_than_ago", "7200h")), ""},
		{"UTC", both(of("exactly_ago", "1d"), of("less_than_ago", "11h")), ""}, // at night
		{"UTC", both(of("exactly_ago", "0d"), of("more_than_ago", "13h")), ""},
		{"UTC", both(of("exactly_ago", "0d"), of("more_than_ago", "24h")), never},
		{"UTC", both(of("exactly_ago", "1d"), of("more_than_ago", "48h")), never},
		{"Europe/Dublin", both(of("exactly_ago", "0d"), of("more_than_ago", "24h")), ""},
		{"Europe/Dublin", both(of("exactly_ago", "0d"), of("more_than_ago", "25h")), never},
		{"UTC", both(of("exactly_ahead", "1d"), of("less_than_ahead", "11h")), ""},
		{"UTC", both(both(of("less_than_ago", "4d"), of("more_than_ago", "1d")), `{"not":`+either(of("exactly_ago", "1d"), of("exactly_ago", "4d"))+`}`), ""}, // the day between
		{"UTC", both(`{"event":"e","stat":"last","op":"exactly_ago","value":"1d"}`, `{"event":"e","stat":"last","op":"less_than_ago","value":"11h"}`), ""},
		{"Europe/Dublin", both(`{"event":"e","stat":"first","op":"less_than_ago","value":"1d"}`, `{"event":"e","stat":"last","op":"more_than_ago","value":"24h"}`), ""},
		{"Europe/Dublin", both(`{"event":"e","stat":"first","op":"less_than_ago","value":"1d"}`, `{"event":"e","stat":"last","op":"more_than_ago","value":"25h"}`), never},

		// What another system has counted may have a last time and no events (E4).
		{"UTC", both(`{"event":"e","stat":"last","op":"less_than_ago","value":"1d"}`, `{"event":"e","stat":"count","op":"is","value":0,"within":"7d"}`), ""},
		{"Asia/Tokyo", both(`{"user":"d","op":"on","value":{"user":"e"}}`, `{"user":"d","op":"after","value":{"user":"e"}}`), ""},
		{"America/Los_Angeles", both(`{"user":"d","op":"on","value":{"user":"e"}}`, `{"user":"d","op":"after","value":{"user":"e"}}`), ""},
		{"America/Los_Angeles", both(`{"not":{"user":"d","op":"on","value":{"user":"e"}}}`, `{"user":"d","op":"after","value":{"user":"e"}}`), ""},
		{"America/Los_Angeles", both(`{"event":"e","stat":"first","op":"after","value":"2026-03-01"}`, `{"event":"e","stat":"last","op":"before","value":"2026-03-02T08:00:00Z"}`), never},
		{"America/Los_Angeles", both(`{"event":"e","stat":"first","op":"after","value":"2026-03-01"}`, `{"event":"e","stat":"last","op":"before","value":"2026-03-02T08:00:01Z"}`), ""},
	} {
		doc := `{"timezone":"` + c.zone + `",` + audience(c.rule)[1:]
		if got := strings.Join(check(t, doc, ""), ", "); got != c.want {
			t.Errorf("%s: %s\ngot  %s\nwant %s", c.zone, c.rule, got, c.want)
		}
	}
}

// What happened since a walk began also happened; not the other way round.
func TestSinceEntry(t *testing.T) {
	count := func(op, n, more string) string {
		return `{"event":"e","stat":"count","op":"` + op + `","value":` + n + more + `}`
	}
	const since = `,"since":"entry"`
	for _, c := range []struct{ rule, want string }{
		{both(count("at_least", "1", since), count("is", "0", "")), "contradiction series[0].blocks[0].rule"},
		{both(count("at_least", "1", ""), count("is", "0", since)), ""},
		{both(count("at_least", "1", since), count("is", "0", since)), "contradiction series[0].blocks[0].rule"},
		{both(count("at_least", "1", since), count("is", "0", since+`,"within":"1d"`)), ""},
	} {
		doc := `{"series":[{"id":"s","entry":{"trigger":{"event":"e"}},"blocks":[{"id":"b","rule":` + c.rule + `}]}]}`
		if got := strings.Join(check(t, doc, ""), ", "); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.rule, got, c.want)
		}
	}
}

// Who a contact is, and its role, are no contradiction: a host may set the role.
func TestRolesAreSet(t *testing.T) {
	for _, rule := range []string{
		both(`{"user":"role","op":"is","value":"visitor"}`, `{"user":"user_id","op":"has_any_value"}`),
		both(`{"user":"role","op":"is","value":"user"}`, `{"user":"user_id","op":"is_unknown"}`),
		`{"user":"role","op":"is_unknown"}`,
		`{"user":"p","op":"at_least","value":{"amount":500,"currency":"eur"}}`, // an attribute may be money, in Go
	} {
		if got := check(t, audience(rule), ""); len(got) > 0 {
			t.Errorf("%s: %s", rule, got)
		}
	}
}
