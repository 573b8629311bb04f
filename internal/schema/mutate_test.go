package schema_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/rule"
)

// probes are values that stand in the place of each value of a document in turn.
func probes() []any {
	long := func(n int) string { return strings.Repeat("x", n) }
	return []any{
		nil, true, false, 0.0, 1.0, -1.0, 1998.9999999999998, 1.00000000001, 9007199254740993.0, 9.3e18, -9.3e18, 0.5, 999_999_999_999_999.0, 1e15, -1e15, 1e300, 253402300800.0, -62135596801.0, 1e20,
		"", " ", "x", "a\x00b", "a\nb", "\u00a0", "a.b", "a$b", "A", long(255), long(256), long(2048), long(2049), long(1024), long(1025), long(8192), long(8193), long(beckon.MaxAttributeLength + 1), "http://a.example/" + long(2031), "http://a.example/" + long(2032), " " + long(255) + "\t", " " + long(256), "a\tb", "é", "\u0085x", "\u200b", "https:x",
		"is", "email", "custom:", "custom:x", "1d", "-1d", "0s", "99999999w", "106752d", "1d1w", "2026-01-02", "2026-13-02", "2026-02-30", "0000-01-01", "2026-01-02T00:00:00Z", "2026-01-02T25:00:00Z",
		"2026-01-02T00:00:60Z", "2026-01-02T00:00:00+24:00", "0001-01-01T00:00:00Z", "2026-01-02 00:00:00Z", "24:00", "25:00", "mon", "live", "UTC", "a@b.example",
		slices.Repeat([]any{"x"}, rule.MaxList), slices.Repeat([]any{"x"}, rule.MaxList+1), slices.Repeat([]any{"x"}, beckon.MaxListLength+1),
		[]any{},
		[]any{"x"},
		[]any{nil},
		[]any{1.0},
		[]any{""},
		[]any{map[string]any{}},
		map[string]any{},
		map[string]any{"x": "y"},
		map[string]any{"": "y"},
		map[string]any{"amount": 1.0, "currency": "eur"},
		map[string]any{"amount": 1.0, "currency": "xxq"},
		map[string]any{"amount": 1.5, "currency": "EUR"},
		map[string]any{"url": "https://a.example", "value": "x"},
		map[string]any{"url": "x", "value": "x"},
		map[string]any{"amount": 1998.9999999999998, "currency": "EUR"},
		map[string]any{"amount": 1e20, "currency": "EUR"},
		map[string]any{"amount": 1.0, "currency": "euro"},
		map[string]any{"user": "email"},
		map[string]any{"user": "created_at"},
		map[string]any{"user": "session_count"},
		map[string]any{"metadata": "a.b"},
		map[string]any{"user": "x"},
		map[string]any{"metadata": "x"},
		map[string]any{"user": "plan", "op": "is", "value": "x"},
		map[string]any{"all": []any{}},
	}
}

// variants calls fn with a document in which one value is another, one member is missing, or
// one stands besides.
func variants(doc any, set func(any), whole func() any, fn func(any)) {
	for _, p := range probes() {
		set(p)
		fn(whole())
	}
	set(doc)
	switch v := doc.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			value := v[name]
			delete(v, name)
			fn(whole())
			v[name] = value
			variants(value, func(x any) { v[name] = x }, whole, fn)
		}
		v["zebra"] = 1.0
		fn(whole())
		delete(v, "zebra")
	case []any:
		for i := range v {
			variants(v[i], func(x any) { v[i] = x }, whole, fn)
		}
		set(append(slices.Clone(v), v...))
		fn(whole())
		set(v)
	}
}

// unsaid is what the schemas have no words for: the faults of decoders that they do not find.
var unsaid = regexp.MustCompile(strings.Join([]string{
	"is not a currency of ISO 4217", "a current code of ISO 4217", // a list that changes
	"is over 100 years", "whole minor units", "whole number of minor units", "low is greater than high", "of one kind, money of one currency",
	"without point and exponent", "with different values",
	"plain address",
	`contacts\[0\]: must be a string`, // an integer with an exponent
}, "|"))

// perhaps is what a schema may refuse although the decoder does not: a scenario passes on to an
// engine what its steps do, and that is only found when they are run. A null in a source's
// channels is none there.
var perhaps = regexp.MustCompile(`^\$(\[\d+\])?\.(steps\[\d+\]\.[a-z_]+|options\.source_channels\.)`)

// manyKeys reports whether an event has more metadata than counts: an object of a schema has no
// order, and so no first keys.
func manyKeys(doc any) bool {
	event, _ := doc.(map[string]any)
	metadata, _ := event["metadata"].(map[string]any)
	return len(metadata) > beckon.MaxMetadataKeys
}

// compare holds a schema to its decoder over many documents that are nearly those that both
// accept: the schema accepts what the decoder does, and refuses what the decoder does unless it
// has no words for it.
func compare(t *testing.T, v validator, name string, decode func(string) error, docs []string) {
	t.Helper()
	seen, n, wrong := map[string]bool{}, 0, 0
	for _, doc := range docs {
		root, err := plain(doc)
		if err != nil {
			t.Fatal(err)
		}
		rare := 1
		if len(doc) > 1000 { // whole programs: a part of their variants
			rare = 11
		}
		if testing.Short() {
			rare *= 7
		}
		variants(root, func(x any) { root = x }, func() any { return root }, func(x any) {
			if n++; n%rare != 0 {
				return
			}
			text, err := json.Marshal(x)
			if err != nil || seen[string(text)] {
				return
			}
			seen[string(text)] = true
			if strings.Contains(string(text), "0001-01-01T00:00:00Z") { // an instant that Go has for none
				return
			}
			bad, p := decode(string(text)), v.problem(v.root, x, "$")
			switch {
			case bad == nil && p != "" && (name != "scenario" || !perhaps.MatchString(p)):
				t.Errorf("the schema refuses %.300s: %.300s", text, p)
			case bad != nil && p == "" && !unsaid.MatchString(bad.Error()) && !manyKeys(x):
				t.Errorf("the schema accepts %.300s, the decoder: %.300v", text, bad)
			default:
				return
			}
			if wrong++; wrong == 20 {
				t.Fatal("and so on")
			}
		})
	}
}
