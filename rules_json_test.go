package beckon

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

var compareRules = cmp.AllowUnexported(Operand{}, rule.Operand{})

// Every document marshals back to an equal one, literals as they were written.
func TestRuleDocuments(t *testing.T) {
	for _, doc := range []string{
		`{"user":"plan","op":"in","value":["pro","team"]}`,
		`{"company":"employees","op":"at_least","value":50}`,
		`{"event":"uploaded-video","stat":"count","op":"at_least","value":10}`,
		`{"event":"uploaded-video","stat":"count","op":"at_least","value":3,"within":"7d","where":{"all":[]}}`,
		`{"event":"invited-teammate","stat":"last","op":"less_than_ago","value":"7d"}`,
		`{"metadata":"duration","op":"greater_than","value":2.50}`,
		`{"page":"url","op":"contains","value":"/pricing"}`,
		`{"page":"seconds","op":"at_least","value":30}`,
		`{"message":"welcome","stat":"last_sent","op":"more_than_ago","value":"1w"}`,
		`{"segment":"power-users"}`,
		`{"all":[]}`, `{"any":[]}`, `{"not":{"any":[]}}`,
		`{"user":"a","op":"is","value":-0.0}`,
		`{"user":"a","op":"is","value":9007199254740993}`,
		`{"user":"a","op":"is","value":1E+2}`,
		`{"user":"a","op":"is","value":""}`,
		`{"user":"a","op":"is","value":false}`,
		`{"user":"a","op":"in","value":[]}`,
		`{"user":"a","op":"in","value":["x",1.0,true,{"amount":100,"currency":"eur"}]}`,
		`{"user":"a","op":"between","value":[1.0,2]}`,
		`{"user":"a","op":"is","value":{"amount":-100,"currency":"EUR"}}`,
		`{"user":"a","op":"after","value":"2026-01-02T00:00:00+01:00"}`,
		`{"user":"é 😀","op":"is","value":"naïve 日本"}`,
	} {
		r, err := ParseRule([]byte(doc))
		if err != nil {
			t.Errorf("%s: %v", doc, err)
			continue
		}
		if r.String() != doc {
			t.Errorf("%s comes back as %s", doc, r)
		}
		var again Rule
		if err := json.Unmarshal([]byte(doc), &again); err != nil || !cmp.Equal(r, again, compareRules) {
			t.Errorf("%s: %v, %s", doc, err, cmp.Diff(r, again, compareRules))
		}
		if r.IsZero() {
			t.Errorf("%s is no rule", doc)
		}
	}
	// The order of members and the space between them say nothing.
	r, err := ParseRule([]byte(" {\"value\" : 1,\n\"op\":\"is\" , \"user\":\"a\"}\t"))
	if err != nil || r.String() != `{"user":"a","op":"is","value":1}` {
		t.Errorf("%s, %v", r, err)
	}
}

// No rule at all is {} or null to package json, and a fault to ParseRule.
func TestZeroRule(t *testing.T) {
	var v struct {
		A, B Rule
		C    Rule `json:",omitzero"`
	}
	if b, err := json.Marshal(v); err != nil || string(b) != `{"A":{},"B":{}}` {
		t.Errorf("%s, %v", b, err)
	}
	v.A, v.B = All(), All()
	if err := json.Unmarshal([]byte(`{"A":{},"B":null}`), &v); err != nil || !v.A.IsZero() || !cmp.Equal(v.B, All(), compareRules) && !v.B.IsZero() {
		t.Errorf("%+v, %v", v, err)
	}
	if !(Rule{}).IsZero() || All().IsZero() || Any().IsZero() {
		t.Error("empty groups are rules, the zero Rule is none")
	}
	for _, doc := range []string{"", "{", "[]", "{}", "null", `"x"`, `{"all":[]} x`, "\ufeff{\"all\":[]}"} {
		if _, err := ParseRule([]byte(doc)); err == nil {
			t.Errorf("%q is a rule", doc)
		}
	}
	if err := json.Unmarshal([]byte(`{"user":"a"}`), &v.A); err == nil {
		t.Error("a condition without an operator is taken")
	}
}

func ruleGenerator() *rapid.Generator[Rule] {
	names := rapid.SampledFrom([]string{"a", "plan", "K y", "é"})
	literals := rapid.SampledFrom([]string{"0", "-1", "1.50", "1e3", "9007199254740993"})
	texts := rapid.SampledFrom([]string{"", "x", "Pro plan", "日本", `q"\`})
	condition := rapid.Custom(func(t *rapid.T) Rule {
		r := User(names.Draw(t, "name")).IsUnknown()
		switch rapid.IntRange(0, 8).Draw(t, "kind") {
		case 0:
			return r
		case 1:
			return Company(r.User).Is(texts.Draw(t, "text"))
		case 2:
			return User(r.User).AtMost(json.Number(literals.Draw(t, "literal")))
		case 3:
			return User(r.User).NotIn(rapid.SliceOfN(texts, 0, 4).Draw(t, "list"))
		case 4:
			return Did(r.User).Within(Days(rapid.IntRange(1, 9).Draw(t, "n"))).AtLeast(rapid.IntRange(0, 9).Draw(t, "count"))
		case 5:
			return Did(r.User).Where(Metadata(r.User).Is(Monetary(100, "EUR"))).Last().LessThanAgo(Seconds(90))
		case 6:
			return WasSent(r.User).Last().After("2026-01-02")
		case 7:
			return PageSeconds().Between(1, 2.5)
		}
		return Segment(r.User)
	})
	var rule func(depth int) *rapid.Generator[Rule]
	rule = func(depth int) *rapid.Generator[Rule] {
		if depth == 0 {
			return condition
		}
		return rapid.Custom(func(t *rapid.T) Rule {
			switch rapid.IntRange(0, 3).Draw(t, "group") {
			case 0:
				return All(rapid.SliceOfN(rule(depth-1), 0, 3).Draw(t, "all")...)
			case 1:
				return Any(rapid.SliceOfN(rule(depth-1), 0, 3).Draw(t, "any")...)
			case 2:
				return Not(rule(depth-1).Draw(t, "not"))
			}
			return condition.Draw(t, "condition")
		})
	}
	return rule(4)
}

// What is written in Go and what is read from its document are one rule.
func TestRuleRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := ruleGenerator().Draw(t, "rule")
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseRule(b)
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if diff := cmp.Diff(r, again, compareRules); diff != "" {
			t.Fatalf("%s: %s", b, diff)
		}
	})
}

func TestOperandOf(t *testing.T) {
	type plan string
	type level int8
	at := time.Date(2026, 1, 2, 3, 4, 5, 999, time.FixedZone("", 3600))
	for _, c := range []struct {
		v    any
		want string
	}{
		{"x", `"x"`},
		{plan("pro"), `"pro"`},
		{true, "true"},
		{level(-3), "-3"},
		{uint64(math.MaxUint64), "18446744073709551615"},
		{1.5, "1.5"},
		{float32(0.1), "0.1"},
		{1e21, "1e+21"},
		{decimal.RequireFromString("1.50"), "1.5"},
		{json.Number("1.50"), "1.50"},
		{Days(7), `"7d"`},
		{at, `"2026-01-02T03:04:05+01:00"`},
		{[]string{"a", "b"}, `["a","b"]`},
		{[]any{1, "b"}, `[1,"b"]`},
		{[2]int{1, 2}, "[1,2]"},
		{[]int(nil), "[]"},
		{NumberLiteral("1.50"), "1.50"},
		{String("s"), `"s"`},
		{Bool(false), "false"},
		{Monetary(100, "eur"), `{"amount":100,"currency":"eur"}`},
		{Date(time.Unix(0, 0)), `"1970-01-01T00:00:00Z"`},
		{Link("https://x.example"), `"https://x.example"`},
		{RichLink("https://x.example", "X"), `"X"`},
		{List("a"), `["a"]`},
		{OperandOf(1), "1"},
	} {
		if got := OperandOf(c.v).String(); got != c.want {
			t.Errorf("%v (%T): %s, want %s", c.v, c.v, got, c.want)
		}
		var again Operand
		if err := json.Unmarshal([]byte(c.want), &again); err != nil || !cmp.Equal(again, OperandOf(c.v), compareRules) {
			t.Errorf("%s: %v, %+v", c.want, err, again)
		}
	}
	// What is no value becomes a fault on publish, never a panic.
	for _, v := range []any{
		nil, math.NaN(), math.Inf(1),
		struct{}{},
		map[string]int{},
		(*int)(nil), make(chan int), func() {}, time.Hour, 1i,
		Value{},
		Number(math.NaN()),
		[]any{1, nil},
		[][]int{{1}},
		json.Number("one"), json.Number(""),
	} {
		for _, r := range []Rule{User("a").Is(v), User("a").In(1, v), User("a").AtLeast(v), User("a").After(v)} {
			if slice, ok := v.([]any); ok && len(slice) == 2 && r.Op == OpIn {
				continue
			}
			var faults fault.List
			rule.Compile(lowered(r), &rule.Compiler{Loc: time.UTC, Counters: &rule.CounterSet{}, Faults: &faults}, rule.OfContact, "r")
			if nested, ok := v.([][]int); ok && r.Op == OpIn && len(nested) == 1 {
				continue // spread: a list of lists is a fault of its own kind
			}
			if len(faults) == 0 || !strings.HasPrefix(faults[0].Path, "r.value") {
				t.Errorf("%s %v (%T): %v", r.Op, v, v, faults)
			}
			_ = r.String()
		}
	}
	for o, want := range map[string]string{
		OperandOf(nil).String():                        "(nil is not a value: use IsUnknown or HasAnyValue)",
		OperandOf([]any{math.NaN()}).String():          "(a list that cannot be written)",
		All(User("a").Is(math.NaN())).String():         "(NaN and infinities are not values)",
		User("a").In([][]int{{1}, {2}}).Value.String(): "(a list that cannot be written)",
		Operand{}.String():                             "null",
	} {
		if o != want {
			t.Errorf("%s, want %s", o, want)
		}
	}
	var o Operand
	for _, doc := range []string{`{"a":1}`, `[[1]]`, `null`} {
		if err := json.Unmarshal([]byte(doc), &o); err == nil {
			t.Errorf("%s is an operand", doc)
		}
	}
	if err := o.UnmarshalJSON([]byte("[1")); err == nil {
		t.Error("a broken document is an operand")
	}
	if !(Operand{}).IsZero() || OperandOf("").IsZero() || OperandOf(nil).IsZero() {
		t.Error("the zero Operand is none, and only that")
	}
}

func FuzzParseRule(f *testing.F) {
	for _, s := range []string{
		`{"all":[{"user":"a","op":"is","value":1},{"not":{"any":[]}}]}`,
		`{"event":"a","stat":"count","op":"between","value":[1,2],"within":"7d","where":{"metadata":"k","op":"in","value":["x",1]}}`,
		`{"user":"a","op":"is","value":{"amount":100,"currency":"eur"}}`,
		`{"user":"a","op":"exactly_ago","value":"3d"}`, `{"user":"a","op":"less_than_ahead","value":"3d"}`, `{"user":"a","op":"matches","value":"*x*"}`,
		`{"user":"a","op":"in","value":{"user":"a"}}`, `{"event":"e","stat":"count","op":"is","value":0,"where":{"metadata":"a","op":"is","value":{"trigger":"a"}}}`,
		`{"segment":"s"}`, `{"user":"a","op":"greater_thn","value":"\ud83d\ude00"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		r, err := ParseRule(doc)
		if err != nil {
			for _, e := range err.(ErrorList) { //nolint:errorlint // documented to be this type
				if e.Code != ErrProgramInvalid || e.Message == "" {
					t.Fatalf("%q %q", e.Code, e.Message)
				}
			}
			return
		}
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseRule(b)
		if err != nil || !cmp.Equal(r, again, compareRules) {
			t.Fatalf("%s comes back as %s, %v", doc, b, err)
		}
		var faults fault.List
		c := &rule.Compiler{Segments: lowerRules(map[string]Rule{"s": r}), Loc: time.UTC, Counters: &rule.CounterSet{}, Faults: &faults}
		compiled := rule.Compile(lowered(r), c, rule.OfTrigger, "r")
		if len(faults) > 0 {
			return
		}
		s := &rule.Scope{Rec: &store.Record{Profile: &store.Profile{Attributes: []store.Attribute{store.NewAttribute("a", String("x"))}}}, Loc: time.UTC}
		if compiled.Eval(s) != compiled.Explain(s).Matched {
			t.Fatalf("%s: judged and explained differ", b)
		}
	})
}
