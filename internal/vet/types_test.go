package vet_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/vet"
	"github.com/beckon-go/beckon/memstore"
)

// A field is of a wrong type if its known types can never match (A11).
func TestFieldsOfWrongTypes(t *testing.T) {
	const wrong = "wrong_type messages[0].trigger.where.value"
	of := func(key, op, field string) string {
		return `{"metadata":"` + key + `","op":"` + op + `","value":` + field + `}`
	}
	const price, count, plan, ends, link, image, rich, yes, customer = `{"metadata":"price"}`, `{"metadata":"count"}`, `{"metadata":"plan"}`, `{"metadata":"ends"}`, `{"metadata":"link"}`, `{"metadata":"image"}`, `{"metadata":"rich"}`, `{"metadata":"yes"}`, `{"metadata":"customer"}`
	program := func(rule string) string {
		return `{"events":{"e":{"metadata":{"price":{"type":"monetary"},"count":{"type":"number"},"plan":{"type":"string"},"ends":{"type":"date"},"link":{"type":"link"},"image":{"type":"image"},"rich":{"type":"rich_link"},"yes":{"type":"boolean"},"customer":{"type":"stripe"},"any":{}}},"f":{"metadata":{"plan":{"type":"number"}}}},` + where(rule)[1:]
	}
	inner := func(operand string) string {
		return `{"event":"f","stat":"count","op":"at_least","value":1,"where":` + of("plan", "is", operand) + `}`
	}
	for _, c := range []struct{ rule, want string }{
		{of("count", "is", plan), wrong},
		{of("count", "is_not", plan), wrong},
		{of("count", "is", price), ""}, // money by its major units
		{of("price", "greater_than", count), ""},
		{of("plan", "greater_than", count), wrong},
		{of("plan", "greater_than", plan), "contradiction messages[0].trigger.where"}, // of any type
		{of("plan", "contains", link), ""},
		{of("plan", "contains", count), wrong},
		{of("plan", "contains", yes), wrong},
		{of("plan", "is", customer), ""},
		{of("link", "is", customer), wrong}, // one has a colon
		{of("link", "contains", customer), ""},
		{of("link", "is", image), ""},
		{of("image", "is", link), ""},
		{of("rich", "is", link), ""}, // its title
		{of("yes", "is", yes), ""},
		{of("yes", "is", count), wrong},
		{of("ends", "after", ends), "contradiction messages[0].trigger.where"},
		{of("ends", "on", ends), ""},
		{of("ends", "is", count), wrong},
		{of("ends", "before", count), ""}, // Unix seconds
		{of("ends", "before", plan), ""},  // 2026-06-17
		{of("ends", "before", yes), wrong},
		{of("ends", "before", price), wrong},
		{of("count", "is", `{"metadata":"any"}`), ""},
		{of("any", "is", count), ""},
		{of("any", "contains", count), wrong},
		{of("count", "in", `{"user":"tags"}`), wrong}, // a list has texts
		{of("plan", "in", `{"user":"tags"}`), ""},
		{of("plan", "contains_any", `{"user":"tags"}`), wrong},
		{of("count", "is", `{"user":"email"}`), wrong},
		{of("plan", "is", `{"user":"email"}`), ""},
		{of("count", "is", `{"user":"session_count"}`), ""},
		{of("plan", "is", `{"user":"session_count"}`), wrong},
		{of("ends", "after", `{"user":"signed_up_at"}`), ""},
		{of("yes", "is", `{"user":"signed_up_at"}`), wrong},
		{of("plan", "is", `{"user":"signed_up_at"}`), wrong},
		{of("ends", "is", `{"user":"signed_up_at"}`), ""},
		{of("count", "is", `{"company":"employees"}`), ""},
		{`{"user":"email","op":"is","value":` + count + `}`, wrong},
		{`{"user":"email","op":"is","value":` + plan + `}`, ""},
		{`{"user":"seats","op":"is","value":` + count + `}`, ""},
		{`{"page":"url","op":"is","value":` + count + `}`, wrong},
		{`{"page":"url","op":"is","value":` + link + `}`, ""},
		{`{"page":"seconds","op":"at_least","value":` + count + `}`, ""},
		{`{"page":"seconds","op":"at_least","value":` + plan + `}`, wrong},
		{`{"event":"f","stat":"count","op":"at_least","value":` + count + `}`, ""},
		{`{"event":"f","stat":"count","op":"at_least","value":` + plan + `}`, wrong},
		{`{"event":"f","stat":"last","op":"after","value":` + ends + `}`, ""},
		{`{"event":"f","stat":"last","op":"after","value":` + yes + `}`, wrong},
		{`{"event":"f","stat":"sum","of":"plan","op":"at_least","value":` + price + `}`, ""},
		{`{"event":"f","stat":"sum","of":"plan","op":"at_least","value":` + plan + `}`, wrong},
		{`{"event":"e","stat":"sum","of":"plan","op":"at_least","value":1}`, wrong}, // of texts there is no sum
		{`{"event":"e","stat":"distinct","of":"plan","op":"at_least","value":1}`, ""},
		{`{"event":"e","stat":"min","of":"plan","op":"is_unknown"}`, ""},
		{`{"event":"e","stat":"max","of":"any","op":"at_least","value":1}`, ""},
		{inner(`{"trigger":"count"}`), ""},
		{inner(`{"trigger":"plan"}`), strings.Replace(wrong, "where.value", "where.where.value", 1)},
		{inner(`{"trigger":"any"}`), ""},
		{`{"any":[` + of("count", "is", plan) + `,` + of("count", "is", `{"metadata":"any"}`) + `]}`, strings.Replace(wrong, "where.value", "where.any[0].value", 1)},
	} {
		doc := program(c.rule)
		if got := strings.Join(check(t, doc, ""), ", "); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.rule, got, c.want)
		}
	}
	// Without declarations nothing is known, but of standard attributes and pages.
	for _, c := range []struct{ rule, want string }{
		{of("count", "is", plan), ""},
		{of("count", "at_least", `{"user":"session_count"}`), ""},
		{`{"user":"email","op":"is","value":{"metadata":"k"}}`, ""},
		{`{"page":"url","op":"is","value":{"metadata":"k"}}`, ""},
	} {
		if got := strings.Join(check(t, where(c.rule), ""), ", "); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.rule, got, c.want)
		}
	}
	if got := findings(t, where(of("count", "is", plan)), `{"events":[{"name":"e","metadata":[{"key":"count","types":["number","monetary"]},{"key":"plan","types":["string"]}]}]}`); strings.Join(got, "") != wrong {
		t.Error(got)
	}
	if got := findings(t, where(of("count", "is", plan)), `{"events":[{"name":"e","metadata":[{"key":"count","types":["number","string"]},{"key":"plan","types":["string"]}]}]}`); len(got) > 0 {
		t.Error(got)
	}
}

// What is said to be of a wrong type never matches, whatever values of their types the keys
// have.
func TestWrongTypesAreTrue(t *testing.T) {
	values := map[string][]beckon.Value{
		"string":    {beckon.String("x"), beckon.String("xy"), beckon.String(""), beckon.String("1"), beckon.String("2026-06-17"), beckon.String("cus_1"), beckon.String("https://a.example/x"), beckon.Link("https://a.example/x"), beckon.Image("https://a.example/x.png")},
		"number":    {beckon.Number(0), beckon.Number(1), beckon.NumberLiteral("1.5"), beckon.Number(noon.Unix()), beckon.Number(noon.Unix() + 90_000)},
		"boolean":   {beckon.Bool(true), beckon.Bool(false)},
		"date":      {beckon.Date(noon), beckon.Date(noon.AddDate(0, 0, 1))},
		"link":      {beckon.Link("https://a.example/x"), beckon.Link("https://a.example/xy"), beckon.Image("https://a.example/x.png")},
		"image":     {beckon.Image("https://a.example/x.png"), beckon.Image("https://a.example/y.png")},
		"rich_link": {beckon.RichLink("https://a.example/x", "x"), beckon.RichLink("https://a.example/x", "https://a.example/x"), beckon.RichLink("https://a.example/x", "cus_1")},
		"stripe":    {beckon.Stripe("cus_1"), beckon.Stripe("cus_12")},
		"monetary":  {beckon.Monetary(100, "eur"), beckon.Monetary(150, "eur"), beckon.Monetary(100, "usd"), beckon.Monetary(0, "usd")},
	}
	var types []string
	for name := range values {
		types = append(types, name)
	}
	slices.Sort(types)
	operands := []any{"x", "2026-06-17", "cus_1", "https://a.example/x", 1, 1.5, 0, true, beckon.Monetary(100, "eur")}
	tell := said(t)
	rapid.Check(t, func(t *rapid.T) {
		one, two := rapid.SampledFrom(types).Draw(t, "one"), rapid.SampledFrom(types).Draw(t, "two")
		a := beckon.Metadata("a")
		var operand any = beckon.Metadata("b")
		if rapid.IntRange(0, 2).Draw(t, "constant") == 0 {
			operand = rapid.SampledFrom(operands).Draw(t, "operand")
		}
		r := rapid.SampledFrom([]beckon.Rule{
			a.Is(operand), a.IsNot(operand), a.Contains(operand), a.DoesNotContain(operand), a.ContainsWord(operand), a.StartsWith(operand), a.EndsWith(operand), a.Matches(operand),
			a.GreaterThan(operand), a.LessThan(operand), a.AtLeast(operand), a.AtMost(operand), a.After(operand), a.On(operand), a.Before(operand),
		}).Draw(t, "rule")
		program := beckon.Program{
			Events:   map[string]beckon.EventDeclaration{"e": {Metadata: map[string]beckon.KeyDeclaration{"a": {Type: one}, "b": {Type: two}}}},
			Messages: []beckon.Message{{ID: "m", Status: beckon.Live, Trigger: &beckon.Trigger{Event: "e", Filter: r}, Frequency: beckon.EachTime(), Content: beckon.Content{Body: "x"}}},
		}
		list, err := beckon.Vet(program, nil, nil)
		if err != nil {
			return // no operator takes such an operand
		}
		wrong := slices.ContainsFunc(list, func(f beckon.Finding) bool { return f.Code == vet.WrongType })
		tell(wrong)
		if !wrong {
			return
		}
		engine, err := beckon.New(memstore.New())
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(t.Context(), program); err != nil {
			t.Fatal(err)
		}
		want := 0
		if r.Op == beckon.OpIsNot || r.Op == beckon.OpDoesNotContain {
			want = 1
		}
		for _, v := range values[one] {
			for _, w := range values[two] {
				result, err := engine.Track(t.Context(), beckon.Event{Name: "e", UserID: "u", Metadata: beckon.Fields{{Key: "a", Value: v}, {Key: "b", Value: w}}})
				if err != nil {
					t.Fatal(err)
				}
				if len(result.Deliveries) != want || len(result.Warnings) > 0 {
					t.Fatalf("%s of %s and %s is of a wrong type, and of %v and %v come %d deliveries: %v", r, one, two, v, w, len(result.Deliveries), result.Warnings)
				}
			}
		}
	})
}
