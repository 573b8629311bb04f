package wire_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
	"github.com/beckon-go/beckon/internal/fault"
)

func search(t *testing.T, body string) (string, fault.List) {
	t.Helper()
	n, faults := wire.Parse(body)
	if len(faults) > 0 {
		t.Fatalf("%s: %v", body, faults)
	}
	rule := wire.Search(&n, func(id string) (string, string) { return "user_id", "of " + id }, &faults)
	return string(rule), faults
}

func TestSearch(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{`{}`, `{"all":[]}`},
		{`{"query":{"field":"email","operator":"=","value":"a@b.example"}}`, `{"user":"email","op":"is","value":"a@b.example"}`},
		{`{"query":{"field":"custom_attributes.plan","operator":"IN","value":["a","b"]}}`, `{"user":"plan","op":"in","value":["a","b"]}`},
		{`{"query":{"field":"external_id","operator":"!=","value":null}}`, `{"user":"user_id","op":"has_any_value"}`},
		{`{"query":{"field":"name","operator":"=","value":null}}`, `{"user":"name","op":"is_unknown"}`},
		{`{"query":{"field":"created_at","operator":">","value":1772442000}}`, `{"user":"created_at","op":"after","value":"2026-03-02"}`},
		{`{"query":{"field":"signed_up_at","operator":"=","value":"1772442000"}}`, `{"user":"signed_up_at","op":"on","value":"2026-03-02"}`},
		{`{"query":{"field":"id","operator":"=","value":"x"}}`, `{"user":"user_id","op":"is","value":"of x"}`},
		{
			`{"query":{"operator":"AND","value":[{"field":"a","operator":">=","value":1.50},{"operator":"OR","value":[{"field":"b","operator":"!~","value":"x"}]}]}}`,
			`{"all":[{"user":"a","op":"at_least","value":1.50},{"any":[{"user":"b","op":"does_not_contain","value":"x"}]}]}`,
		},
	} {
		got, faults := search(t, c.body)
		if diff := cmp.Diff(c.want, got); diff != "" || len(faults) > 0 {
			t.Errorf("%s: %v\n%s", c.body, faults, diff)
		}
	}
}

func TestSearchFaults(t *testing.T) {
	filter := `{"field":"a","operator":"=","value":1}`
	for body, field := range map[string]string{
		`{"query":5}`:                                                                                    "query",
		`{"query":{}}`:                                                                                   "query.operator",
		`{"query":{"operator":5}}`:                                                                       "query.operator",
		`{"query":{"operator":"AND"}}`:                                                                   "query.value",
		`{"query":{"operator":"=","value":1}}`:                                                           "query.field",
		`{"query":{"field":"a","operator":"LIKE","value":1}}`:                                            "query.operator",
		`{"query":{"field":"a","operator":">","value":null}}`:                                            "query.value",
		`{"query":{"field":"a","operator":"=","value":[1]}}`:                                             "query.value",
		`{"query":{"field":"a","operator":"NIN","value":1}}`:                                             "query.value",
		`{"query":{"field":"created_at","operator":"~","value":1}}`:                                      "query.operator",
		`{"query":{"field":"created_at","operator":"=","value":"x"}}`:                                    "query.value",
		`{"query":{"field":"id","operator":"~","value":"x"}}`:                                            "query",
		`{"query":{"operator":"OR","value":[` + strings.Repeat(filter+",", 15) + filter + `]}}`:          "query.value",
		`{"query":{"operator":"OR","value":[{"operator":"OR","value":[{"operator":"OR","value":[]}]}]}}`: "query.value[0].value[0]",
	} {
		if _, faults := search(t, body); len(faults) != 1 || faults[0].Field != field {
			t.Errorf("%s: %v, want %s", body, faults, field)
		}
	}
}
