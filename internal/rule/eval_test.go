package rule

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// compileTest compiles a rule that has no faults.
func compileTest(t testing.TB, doc string, ctx Context, k *Compiler) *Compiled {
	t.Helper()
	r, faults := Parse([]byte(doc))
	if len(faults) > 0 {
		t.Fatalf("%s: %v", doc, faults)
	}
	if k == nil {
		k = &Compiler{}
	}
	if k.Loc == nil {
		k.Loc = time.UTC
	}
	if k.Counters == nil {
		k.Counters = &CounterSet{}
	}
	k.Faults = &faults
	compiled := Compile(&r, k, ctx, "rule")
	if len(faults) > 0 {
		t.Fatalf("%s: %v", doc, faults)
	}
	return compiled
}

// judge compiles and runs a rule, and checks that the explanation agrees.
func judge(t testing.TB, doc string, s *Scope) bool {
	t.Helper()
	if s.Loc == nil {
		s.Loc = time.UTC
	}
	if s.Rec == nil {
		s.Rec = &store.Record{}
	}
	r := compileTest(t, doc, OfTrigger, &Compiler{Loc: s.Loc})
	got := r.Eval(s)
	if explained := r.Explain(s).Matched; explained != got {
		t.Errorf("%s: %v, but explained as %v", doc, got, explained)
	}
	return got
}

func withAttribute(v value.Value) *Scope {
	rec := &store.Record{Profile: &store.Profile{}}
	if !v.IsUnknown() {
		rec.Profile.Attributes = []store.Attribute{store.NewAttribute("a", v)}
	}
	return &Scope{Rec: rec, Now: testTime.UnixMilli(), Loc: time.UTC}
}

// A4, A5: every operator over a value of every type. "+" is a match.
func TestEveryOperatorOnEveryType(t *testing.T) {
	values := []struct {
		name  string
		value value.Value
	}{
		{"unknown", value.Value{}},
		{"text", value.String("Pro plan")},
		{"empty", value.String("")},
		{"digits", value.String("10")},
		{"number", value.Number(10)},
		{"decimal", value.NumberLiteral("10.50")},
		{"huge", value.NumberLiteral("9007199254740993")},
		{"true", value.Bool(true)},
		{"date", value.Date(testTime.Add(-24 * time.Hour))},
		{"rfc3339", value.String("2026-03-01T12:00:00Z")},
		{"later", value.Date(testTime.Add(24 * time.Hour))},
		{"link", value.Link("https://a.example/Pro")},
		{"rich link", value.RichLink("https://a.example/", "Pro plan")},
		{"image", value.Image("https://a.example/pro.png")},
		{"stripe", value.Stripe("cus_10")},
		{"money", value.Monetary(1000, "EUR")},
		{"list", value.List("Pro", "new")},
		{"no list", value.List()},
	}
	asked := map[string]bool{}
	for _, c := range []struct {
		condition string // of the subject "a"
		match     string // the names of the values that match
	}{
		{`"is","value":"Pro plan"`, "text, rich link"},
		{`"is","value":"pro plan"`, ""},
		{`"is","value":""`, "empty"},
		{`"is","value":"10"`, "digits"},
		{`"is","value":10`, "number, money"},
		{`"is","value":1e1`, "number, money"},
		{`"is","value":10.5`, "decimal"},
		{`"is","value":9007199254740993`, "huge"},
		{`"is","value":9007199254740992`, ""},
		{`"is","value":true`, "true"},
		{`"is","value":false`, ""},
		{`"is","value":{"amount":1000,"currency":"eur"}`, "money"},
		{`"is","value":{"amount":10,"currency":"eur"}`, ""},
		{`"is","value":{"amount":1000,"currency":"usd"}`, ""},
		{`"is_not","value":"Pro plan"`, "!text, rich link"},
		{`"is_not","value":10`, "!number, money"},
		{`"is_not","value":true`, "!true"},
		{`"is_not","value":{"amount":1000,"currency":"EUR"}`, "!money"},
		{`"in","value":["10",10,true]`, "digits, number, true, money"},
		{`"in","value":[]`, ""},
		{`"in","value":[{"amount":1000,"currency":"EUR"}]`, "money"},
		{`"not_in","value":["10",10,true]`, "!digits, number, true, money"},
		{`"not_in","value":[]`, "!"},
		{`"contains","value":"PRO"`, "text, link, rich link, image"},
		{`"contains","value":""`, "text, empty, digits, rfc3339, link, rich link, image, stripe"},
		{`"does_not_contain","value":"PRO"`, "!text, link, rich link, image"},
		{`"contains_word","value":"PRO"`, "text, link, rich link, image"},
		{`"contains_word","value":"pla"`, ""},
		{`"contains_word","value":"10"`, "digits, stripe"},
		{`"starts_with","value":"pro "`, "text, rich link"},
		{`"ends_with","value":"PRO"`, "link"},
		{`"matches","value":"pro*"`, "text, rich link"},
		{`"matches","value":"*/PRO*"`, "link, image"},
		{`"matches","value":"*"`, "text, empty, digits, rfc3339, link, rich link, image, stripe"},
		{`"matches","value":""`, "empty"},
		{`"greater_than","value":9.99`, "number, decimal, huge, money"},
		{`"greater_than","value":10`, "decimal, huge"},
		{`"at_least","value":10`, "number, decimal, huge, money"},
		{`"less_than","value":10.5`, "number, money"},
		{`"less_than","value":10`, ""},
		{`"at_most","value":10.500`, "number, decimal, money"},
		{`"at_most","value":9007199254740992`, "number, decimal, money"},
		{`"between","value":[10,10.5]`, "number, decimal, money"},
		{`"between","value":[10.1,1e300]`, "decimal, huge"},
		{`"at_least","value":{"amount":1000,"currency":"eur"}`, "money"},
		{`"less_than","value":{"amount":1001,"currency":"eur"}`, "money"},
		{`"greater_than","value":{"amount":1,"currency":"usd"}`, ""},
		{`"between","value":[{"amount":1,"currency":"eur"},{"amount":1000,"currency":"EUR"}]`, "money"},
		{`"more_than_ago","value":"23h"`, "number, date, rfc3339"},
		{`"more_than_ago","value":"24h"`, "number"},
		{`"less_than_ago","value":"25h"`, "date, rfc3339"},
		{`"less_than_ago","value":"24h"`, ""},
		{`"exactly_ago","value":"1d"`, "date, rfc3339"},
		{`"exactly_ago","value":"2d"`, ""},
		{`"more_than_ahead","value":"23h"`, "later"},
		{`"more_than_ahead","value":"24h"`, ""},
		{`"less_than_ahead","value":"25h"`, "later"},
		{`"less_than_ahead","value":"24h"`, ""},
		{`"exactly_ahead","value":"1d"`, "later"},
		{`"exactly_ahead","value":"2d"`, ""},
		{`"after","value":"2026-02-28"`, "date, rfc3339, later"},
		{`"after","value":"2026-03-01"`, "later"},
		{`"after","value":"2026-03-01T11:59:59Z"`, "date, rfc3339, later"},
		{`"after","value":"2026-03-01T12:00:00Z"`, "later"},
		{`"on","value":"2026-03-01"`, "date, rfc3339"},
		{`"before","value":"2026-03-01"`, "number"},
		{`"before","value":"2026-03-02"`, "number, date, rfc3339"},
		{`"before","value":"2026-03-01T13:00:01+01:00"`, "number, date, rfc3339"},
		{`"before","value":"2026-03-01T12:00:00Z"`, "number"},
		{`"contains_any","value":["Pro","x"]`, "list"},
		{`"contains_any","value":["pro"]`, ""},
		{`"contains_any","value":[]`, ""},
		{`"contains_all","value":["new","Pro"]`, "list"},
		{`"contains_all","value":["new","x"]`, ""},
		{`"contains_all","value":[]`, "list, no list"},
		{`"contains_none","value":["Pro","x"]`, "!list"},
		{`"is_unknown"`, "unknown"},
		{`"has_any_value"`, "!unknown"},
	} {
		asked[strings.Split(c.condition, `"`)[1]] = true
		names, all := strings.CutPrefix(c.match, "!")
		want := make(map[string]bool)
		for _, v := range values {
			want[v.name] = all
		}
		for _, name := range strings.Split(names, ", ") {
			if _, known := want[name]; !known && name != "" {
				t.Fatalf("no value %q", name)
			}
			want[name] = !all
		}
		// 9007199254740993 seconds are no date; 10 seconds after 1970 are one.
		for _, v := range values {
			for _, subject := range []string{"user", "company", "metadata"} {
				s := withAttribute(v.value)
				switch subject {
				case "company":
					s.Company = s.Rec
				case "metadata":
					s.Fields = value.Fields{{Key: "A", Value: v.value}}
				}
				doc := fmt.Sprintf(`{%q:"a","op":%s}`, subject, c.condition)
				if got := judge(t, doc, s); got != want[v.name] {
					t.Errorf("%s on %s: %v", doc, v.name, got)
				}
			}
		}
	}
	for _, op := range Operators {
		if !asked[string(op)] {
			t.Errorf("nothing asks by %s", op)
		}
	}
}

// A4: contains, contains word, starts and ends ignore case, by one fold.
func TestTextOperators(t *testing.T) {
	for _, c := range []struct {
		text, op, operand string
		want              bool
	}{
		{"Kelvin \u212A", "contains", "kelvin k", true},
		{"STRASSE", "contains", "straße", false}, // one character folds to one
		{"GROẞ", "ends_with", "ß", true},
		{"ſet", "starts_with", "SET", true},
		{"ΣΑΣ", "is", "σας", false},
		{"ΣΑΣ", "contains", "σας", true},
		{"İ", "contains", "i", false},
		{"ab", "starts_with", "abc", false},
		{"ab", "ends_with", "cab", false},
		{"", "contains_word", "a", false},
		{"a", "contains_word", "A", true},
		{"aa a", "contains_word", "a", true},
		{"aaa", "contains_word", "a", false},
		{"x-a-y", "contains_word", "a", true},
		{"x_a_y", "contains_word", "a", true},
		{"a1", "contains_word", "a", false},
		{"1a", "contains_word", "a", false},
		{"été", "contains_word", "t", false},
		{"l'été", "contains_word", "Été", true},
		{"ete\u0301", "contains_word", "ete", false}, // the mark belongs to the word
		{"we go pro plan now", "contains_word", "pro plan", true},
		{"we go pro planning", "contains_word", "pro plan", false},
		{"plan 日本 x", "contains_word", "日本", true},
		{"日本語", "contains_word", "日本", false},
		{"aab", "contains", "ab", true},
		{"aaaaab", "contains", "aaab", true},
		{"x", "contains", "xx", false},
		{"https://shop.example/shop/7/Cart", "matches", "*/shop/*/cart", true},
		{"https://shop.example/shop/7/cart?x", "matches", "*/shop/*/cart", false},
		{"https://shop.example/shop/cart", "matches", "*/shop/*/cart", false}, // one slash cannot be two
		{"/shop//cart", "matches", "*/shop/*/cart", true},
		{"abc", "matches", "abc", true},
		{"abc", "matches", "ab", false},
		{"abc", "matches", "bc", false},
		{"abc", "matches", "a*b*c", true},
		{"abc", "matches", "*a**b***c*", true},
		{"abc", "matches", "a*cb*", false},
		{"aba", "matches", "ab*ba", false}, // the b is not there twice
		{"abba", "matches", "ab*ba", true},
		{"ab", "matches", "*a*a*", false},
		{"", "matches", "**", true},
		{"", "matches", "*a*", false},
		{"line\nbreak", "matches", "line*break", true},
		{"a.c", "matches", "a?c", false}, // all else is literal
		{"a?c", "matches", "a?c", true},
		{"[x]\\", "matches", "[X]\\", true},
		{"Kelvin \u212A!", "matches", "*kelvin k!", true},
		{"\u212A", "matches", "k*k", false},
	} {
		doc := fmt.Sprintf(`{"user":"a","op":%q,"value":%q}`, c.op, c.operand)
		if got := judge(t, doc, withAttribute(value.String(c.text))); got != c.want {
			t.Errorf("%s on %q: %v", doc, c.text, got)
		}
	}
}

// Large lists are looked up another way than small ones.
func TestLargeLists(t *testing.T) {
	var texts []string
	for i := range 1000 {
		texts = append(texts, fmt.Sprintf("t%d", i))
	}
	in := user("a").In(texts).String()
	most := user("a").ContainsAll(texts, texts[0]).String()
	for _, c := range []struct {
		doc   string
		value value.Value
		want  bool
	}{
		{in, value.String("t999"), true},
		{in, value.String("t1000"), false},
		{user("a").ContainsAny(texts).String(), value.List("x", "t500"), true},
		{user("a").ContainsNone(texts).String(), value.List("x", "y"), true},
		{user("a").ContainsAll(texts[:999]).String(), value.List(texts...), true},
		{user("a").ContainsAll(texts).String(), value.List(texts[1:]...), false},
		{user("a").ContainsAll(texts).String(), value.List(append(texts[1:], "t1")...), false},
	} {
		if got := judge(t, c.doc, withAttribute(c.value)); got != c.want {
			t.Errorf("%.60s… : %v", c.doc, got)
		}
	}
	if _, faults := Parse([]byte(most)); len(faults) == 0 {
		t.Error("a list of 1001 is taken")
	}
}

// A1, T3: the page is unknown where there is none, and so is what it lacks.
func TestPage(t *testing.T) {
	page := &store.Page{URL: "https://x.example/Pricing", Seconds: value.NumberLiteral("30.5")}
	for _, c := range []struct {
		doc  string
		page *store.Page
		want bool
	}{
		{pageURL().Contains("/pricing").String(), page, true},
		{pageURL().Contains("/pricing").String(), nil, false},
		{pageURL().DoesNotContain("/pricing").String(), nil, true},
		{pageURL().IsUnknown().String(), nil, true},
		{pageURL().IsUnknown().String(), &store.Page{Seconds: value.Number(1)}, true},
		{pageURL().IsUnknown().String(), page, false},
		{pageSeconds().AtLeast(30).String(), page, true},
		{pageSeconds().AtLeast(31).String(), page, false},
		{pageSeconds().AtMost(31).String(), nil, false},
		{pageSeconds().IsUnknown().String(), &store.Page{URL: "x"}, true},
	} {
		if got := judge(t, c.doc, &Scope{Page: c.page, Now: testTime.UnixMilli()}); got != c.want {
			t.Errorf("%s on %v: %v", c.doc, c.page, got)
		}
	}
}

// E4, A1: count, first and last of what was done; nothing done is 0 and unknown.
func TestEvents(t *testing.T) {
	at := testTime.Unix()
	rec := &store.Record{Stats: []store.Stats{
		{Name: unique.Make("bought"), Count: 3, First: at - 100, Last: at - 10},
		{Name: unique.Make("flood"), Count: 1<<64 - 1, First: 1, Last: at},
	}}
	for _, c := range []struct {
		rule Rule
		want bool
	}{
		{did("bought").Is(3), true},
		{did("Bought").Is(3), true}, // E2
		{did(" BOUGHT ").IsNot(3), false},
		{did("bought").AtLeast(3), true},
		{did("bought").AtLeast(4), false},
		{did("bought").GreaterThan(2), true},
		{did("bought").GreaterThan(3), false},
		{did("bought").LessThan(4), true},
		{did("bought").LessThan(3), false},
		{did("bought").AtMost(3), true},
		{did("bought").AtMost(2), false},
		{did("bought").Between(3, 5), true},
		{did("bought").Between(4, 5), false},
		{did("never").Is(0), true},
		{did("never").AtLeast(1), false},
		{did("never").AtLeast(0), true},
		{did("flood").GreaterThan(math.MaxInt / 8), true},
		{did("never").Last().IsUnknown(), true},
		{did("never").First().HasAnyValue(), false},
		{did("never").Last().LessThanAgo(calendar.Days(1)), false},
		{did("never").Last().MoreThanAgo(calendar.Days(1)), false},
		{did("bought").Last().HasAnyValue(), true},
		{did("bought").Last().IsUnknown(), false},
		{did("bought").Last().LessThanAgo(calendar.Seconds(10)), false},
		{did("bought").Last().LessThanAgo(calendar.Seconds(11)), true},
		{did("bought").First().MoreThanAgo(calendar.Seconds(100)), false},
		{did("bought").First().MoreThanAgo(calendar.Seconds(99)), true},
		{did("flood").Last().LessThanAgo(calendar.Seconds(1)), true}, // this very second
		{did("bought").Last().After(testTime.Add(-11 * time.Second)), true},
		{did("bought").Last().After(testTime.Add(-10 * time.Second)), false},
		{did("bought").Last().On("2026-03-02"), true},
		{did("bought").Last().Before("2026-03-02"), false},
	} {
		if got := judge(t, c.rule.String(), &Scope{Rec: rec, Now: testTime.UnixMilli()}); got != c.want {
			t.Errorf("%s: %v", c.rule, got)
		}
	}
	for doc, want := range map[string]bool{
		`{"event":"bought","stat":"count","op":"is","value":3.0}`:           true,
		`{"event":"bought","stat":"count","op":"is","value":2.5}`:           false,
		`{"event":"bought","stat":"count","op":"is_not","value":2.5}`:       true,
		`{"event":"bought","stat":"count","op":"at_least","value":2.5}`:     true,
		`{"event":"bought","stat":"count","op":"at_most","value":3.5}`:      true,
		`{"event":"bought","stat":"count","op":"less_than","value":3.5}`:    true,
		`{"event":"bought","stat":"count","op":"greater_than","value":2.5}`: true,
		`{"event":"bought","stat":"count","op":"less_than","value":1e300}`:  true,
		`{"event":"flood","stat":"count","op":"less_than","value":1e300}`:   true,
	} {
		if got := judge(t, doc, &Scope{Rec: rec, Now: testTime.UnixMilli()}); got != want {
			t.Errorf("%s: %v", doc, got)
		}
	}
}

// A7: what was sent, over all companies, and not what was held out.
func TestSentMessages(t *testing.T) {
	now := testTime.UnixMilli()
	rec := &store.Record{SendStats: []store.SendStats{
		{Message: "news", Company: "", Count: 1, Last: now - 5000},
		{Message: "news", Company: "acme", Count: 2, Last: now - 3001},
		{Message: "news", Company: "zeta", Count: 0, Last: now, Prior: now},
		{Message: "news", Control: true, Count: 5, Last: now - 1},
		{Message: "other", Count: 9, Last: now},
	}}
	for _, c := range []struct {
		rule Rule
		want bool
	}{
		{wasSent("news").Is(3), true},
		{wasSent("news").AtLeast(4), false},
		{wasSent("News").Is(0), true}, // ids are what they are
		{wasSent("news").Last().MoreThanAgo(calendar.Seconds(3)), true},
		{wasSent("news").Last().LessThanAgo(calendar.Seconds(5)), true},
		{wasSent("news").Last().LessThanAgo(calendar.Seconds(4)), false},
		{wasSent("none").Last().IsUnknown(), true},
		{wasSent("none").AtMost(0), true},
	} {
		if got := judge(t, c.rule.String(), &Scope{Rec: rec, Now: now}); got != c.want {
			t.Errorf("%s: %v", c.rule, got)
		}
	}
}
