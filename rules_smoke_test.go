package beckon

import (
	"testing"
	"time"
	"unique"
)

func TestSmokeRules(t *testing.T) {
	rec := &Record{Stats: []Stats{{Name: unique.Make("up"), Count: 10, First: 100, Last: 1_700_000_000}}, Profile: &Profile{Attributes: []Attribute{{"age", Number(20)}, {"plan", String("Pro")}}}}
	s := &scope{rec: rec, now: 1_700_000_500_000, loc: time.UTC}
	for _, c := range []struct {
		rule string
		want bool
	}{
		{`{"user":"age","op":"at_least","value":18}`, true},
		{`{"user":"age","op":"between","value":[20.0,21]}`, true},
		{`{"not":{"any":[{"user":"age","op":"is","value":18},{"all":[]}]}}`, false},
		{`{"all":[{"any":[{"user":"plan","op":"in","value":["Pro","x"]}]},{"event":"up","stat":"count","op":"at_least","value":10}]}`, true},
		{`{"event":"up","stat":"last","op":"less_than_ago","value":"500s"}`, false},
		{`{"event":"up","stat":"last","op":"less_than_ago","value":"501s"}`, true},
	} {
		r, err := ParseRule([]byte(c.rule))
		if err != nil {
			t.Fatal(err)
		}
		var l ErrorList
		k := ruleCompiler{loc: time.UTC, counters: &counterSet{}, faults: &l}
		x := compileRule(r, &k, ruleOfContact, "audience")
		if len(l) > 0 {
			t.Fatal(l)
		}
		if got := x.eval(s); got != c.want || x.explain(s).Matched != got {
			t.Errorf("%s: %v", c.rule, got)
		}
		if r.String() != c.rule {
			t.Errorf("%s prints as %s", c.rule, r)
		}
		if n := testing.AllocsPerRun(10, func() { x.eval(s) }); n != 0 {
			t.Errorf("%s: %v allocs", c.rule, n)
		}
	}
	_, err := ParseRule([]byte(`{"all":[{"user":"k","op":"is","value":"x"},{"user":"k","op":"greater_thn","value":3},{"usr":1,"op":"in","value":[1,{},null]},{"segment":"a","stat":"x"},{"event":"a","stat":"count","op":"is","value":"x","within":"0s","where":{}}]}`))
	t.Log(err)
}
