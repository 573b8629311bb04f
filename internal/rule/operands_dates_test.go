package rule

import (
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/zonetest"
	"github.com/beckon-go/beckon/value"
)

// A5: a plain day is its first instant in the workspace's zone, and dates reach
// from the year 1 to 9999.
func TestDatesInRules(t *testing.T) {
	dublin := zonetest.Zone(t, "Europe/Dublin")
	apia := zonetest.Zone(t, "Pacific/Apia")
	now := time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC) // the second 01:30 in Dublin
	for _, c := range []struct {
		value any
		rule  string
		loc   *time.Location
		want  bool
	}{
		{"2026-04-01", `"on","value":"2026-04-01"`, dublin, true},
		{"2026-04-01", `"after","value":"2026-03-31T22:59:59Z"`, dublin, true},
		{"2026-04-01", `"after","value":"2026-03-31T23:00:00Z"`, dublin, false},
		{"2026-04-01", `"before","value":"2026-03-31T23:00:01Z"`, dublin, true},
		{"2026-04-01", `"after","value":"2026-03-31t23:00:00z"`, time.UTC, true},
		{"2011-12-30", `"on","value":"2011-12-31"`, apia, true}, // a day that was left out begins with the next
		{"2026-04-01t10:00:00z", `"on","value":"2026-04-01"`, dublin, true},
		{"2026-04-01 10:00:00Z", `"has_any_value"`, dublin, true},
		{"2026-04-01 10:00:00Z", `"on","value":"2026-04-01"`, dublin, false},
		{"2026-02-30", `"after","value":"2000-01-01"`, dublin, false},
		{"1965-03-01", `"on","value":"1965-03-01"`, dublin, true},
		{"1965-03-01", `"more_than_ago","value":"20000d"`, dublin, true},
		{-1, `"on","value":"1969-12-31"`, time.UTC, true},
		{-1, `"before","value":"1970-01-01"`, time.UTC, true},
		{"0001-01-01", `"before","value":"0001-01-02"`, time.UTC, true},
		{"0000-12-31", `"before","value":"0001-01-02"`, time.UTC, false},
		{now.AddDate(-70, 0, 0), `"less_than_ago","value":"25569d"`, time.UTC, true}, // 70 years and a day

		// A6: no time at all.
		{now.Add(-time.Second), `"more_than_ago","value":"0s"`, dublin, true},
		{now.Add(-time.Second), `"more_than_ago","value":"0d"`, dublin, true},
		{now.Add(-time.Hour), `"more_than_ago","value":"0w"`, dublin, true},
		{now, `"more_than_ago","value":"0s"`, dublin, false},
		{now, `"more_than_ago","value":"0d"`, dublin, false},
		{now.Add(time.Second), `"more_than_ago","value":"0d"`, dublin, false},
		{"2026-10-25", `"exactly_ago","value":"0d"`, dublin, true},
		{now.Add(20 * time.Hour), `"exactly_ago","value":"0d"`, dublin, true},
		{"2026-10-25T23:30:00Z", `"exactly_ago","value":"0d"`, dublin, true},
		{"2026-10-26", `"exactly_ago","value":"0w"`, dublin, false},
		{"2026-10-24T22:59:59Z", `"exactly_ago","value":"0d"`, dublin, false},
	} {
		v := value.Value{}
		switch x := c.value.(type) {
		case string:
			v = value.String(x)
		case int:
			v = value.Number(x)
		case time.Time:
			v = value.Date(x)
		}
		r := compileTest(t, `{"user":"a","op":`+c.rule+`}`, OfContact, &Compiler{Loc: c.loc})
		s := withAttribute(v)
		s.Now, s.Loc = now.UnixMilli(), c.loc
		if got := r.Eval(s); got != c.want {
			t.Errorf("%v %s in %s: %v", v, c.rule, c.loc, got)
		}
		if from, to := r.Conditions[0].span(s); r.Conditions[0].test >= testSpan {
			if sec, ok := peek.Of(&v).ConditionDate(c.loc); (ok && from <= sec && sec <= to) != c.want {
				t.Errorf("%v %s in %s: the filter's span says %v", v, c.rule, c.loc, !c.want)
			}
		}
	}
	for doc, says := range map[string]string{
		`"less_than_ago","value":"0s"`:                "longer than no time",
		`"less_than_ago","value":"0d"`:                "longer than no time",
		`"exactly_ago","value":"0s"`:                  "whole days",
		`"more_than_ago","value":"-1d"`:               "negative",
		`"exactly_ago","value":"-1d"`:                 "negative",
		`"more_than_ago","value":"36526d"`:            "over 100 years",
		`"less_than_ahead","value":"0s"`:              "nothing is less than that ahead",
		`"less_than_ahead","value":"0w"`:              "nothing is less than that ahead",
		`"exactly_ahead","value":"12h"`:               "exactly_ahead takes whole days",
		`"more_than_ahead","value":"-1d"`:             "negative",
		`"more_than_ahead","value":7`:                 `a duration such as "7d"`,
		`"on","value":"2026-04-01 "`:                  "not a day",
		`"after","value":"2026-04-01 00:00:00Z"`:      "neither a day",
		`"before","value":"0000-12-31"`:               "neither a day",
		`"before","value":"0000-01-01T00:00:00Z"`:     "neither a day",
		`"after","value":"9999-12-31T23:59:59-01:00"`: "neither a day",
		`"before","value":"２026-04-01"`:               "neither a day",
	} {
		_, faults := Parse([]byte(`{"user":"a","op":` + doc + `}`))
		if len(faults) != 1 || faults[0].Path != "value" || !strings.Contains(faults[0].Message, says) {
			t.Errorf("%s: %v, want one that says %q", doc, faults, says)
		}
	}
}

// A5: Explain says why a value that is there counts as unknown.
func TestExplainNamesTheType(t *testing.T) {
	for _, c := range []struct {
		value value.Value
		rule  string
		want  string
	}{
		{value.String("99"), `"at_least","value":5`, `the text "99" is not a number`},
		{value.String("99"), `"between","value":[1,2]`, `the text "99" is not a number`},
		{value.String("99"), `"is","value":99`, `the text "99" is not a number`},
		{value.String("99"), `"is_not","value":99`, `the text "99" is not a number`},
		{value.String("99"), `"in","value":[1,true]`, `the text "99" is not a number`},
		{value.String("99"), `"in","value":[1,"a"]`, ""},
		{value.String("99"), `"in","value":[]`, ""},
		{value.Number(99), `"in","value":["99"]`, `the number 99 is not a text`},
		{value.Number(99), `"contains","value":"9"`, `the number 99 is not a text`},
		{value.Number(99), `"is","value":"99"`, `the number 99 is not a text`},
		{value.String("true"), `"is","value":true`, `the text "true" is not a boolean`},
		{value.String("a"), `"contains_any","value":["a"]`, `the text "a" is not a list of texts`},
		{value.List("a"), `"is","value":"a"`, `the list "a" is not a text`},
		{value.Bool(true), `"is","value":"true"`, `the boolean true is not a text`},
		{value.Monetary(500, "eur"), `"is","value":{"amount":500,"currency":"usd"}`, `the amount 5.00 EUR is not an amount in USD`},
		{value.Monetary(500, "eur"), `"is","value":5`, ""},
		{value.String("soon"), `"after","value":"2026-01-01"`, `the text "soon" is not a date: write it as 2026-01-02 or 2026-01-02T15:04:05Z (RFC 3339)`},
		{value.String("1389913941"), `"more_than_ago","value":"1d"`, `the text "1389913941" is not a date: Unix seconds are a number`},
		{value.Number(int64(1389913941000)), `"less_than_ago","value":"1d"`, `the number 1389913941000 is not a date, and this looks like milliseconds`},
		{value.NumberLiteral("1.5"), `"on","value":"2026-01-01"`, `the number 1.5 is not a date: Unix seconds are whole`},
		{value.String("2026-01-01"), `"on","value":"2026-01-01"`, ""},
		{value.String("99"), `"is_unknown"`, ""},
		{value.Value{}, `"at_least","value":5`, ""},
		{value.String(strings.Repeat("x", 200)), `"at_least","value":5`, `the text "` + strings.Repeat("x", 64) + `"… is not a number`},
		{value.NumberLiteral(strings.Repeat("9", 99)), `"is","value":"9"`, `the number ` + strings.Repeat("9", 64) + `… is not a text`},
	} {
		r := compileTest(t, `{"user":"a","op":`+c.rule+`}`, OfContact, &Compiler{Loc: time.UTC})
		if got := r.Explain(withAttribute(c.value)); got.Problem != c.want {
			t.Errorf("%v %s: %q, want %q", c.value, c.rule, got.Problem, c.want)
		}
	}
}

// A date without a zone is told so.
func TestDateWithoutAZone(t *testing.T) {
	v := repr.String("2026-01-02T15:04:05")
	if got, want := notDate(&v, nil), `the text "2026-01-02T15:04:05" is not a date: it has no zone, write 2026-01-02T15:04:05Z, or an offset such as +01:00 in place of Z`; got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
}
