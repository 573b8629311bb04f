package vet_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/vet"
	"github.com/beckon-go/beckon/memstore"
)

// What rules are found to hold never or always, a random contact does not contradict.
func TestFindingsAreTrue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRule(t, 0)
		program := beckon.Program{Messages: []beckon.Message{{ID: "m", Audience: r, Content: beckon.Content{Body: "x"}}}}
		list, err := beckon.Vet(program, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			if f.Path != "messages[0].audience" || f.Code != vet.Contradiction && f.Code != vet.AlwaysTrue {
				continue
			}
			engine, err := beckon.New(memstore.New())
			if err != nil {
				t.Fatal(err)
			}
			for i := range 40 {
				attributes := beckon.Attributes{}
				for _, name := range []string{"a", "b"} {
					attributes[name] = rapid.SampledFrom([]beckon.Value{
						{}, beckon.String("x"), beckon.String("y"), beckon.String("xy"), beckon.String(""), beckon.Number(1), beckon.Number(2), beckon.NumberLiteral("1.5"), beckon.Number(3), beckon.Bool(true), beckon.List("x"), beckon.List("x", "y"), beckon.List(),
					}).Draw(t, name)
				}
				if _, err := engine.Update(t.Context(), beckon.Contact{UserID: fmt.Sprint(i), Attributes: attributes}); err != nil {
					t.Fatal(err)
				}
			}
			n, err := engine.Count(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			if want := map[string]int{vet.Contradiction: 0, vet.AlwaysTrue: 40}[f.Code]; int(n) != want {
				t.Errorf("%s is %s, and %d of 40 match", r, f.Code, n)
			}
		}
	})
}

func drawRule(t *rapid.T, depth int) beckon.Rule {
	if depth < 3 && rapid.IntRange(0, 2).Draw(t, "group") > 0 {
		var list []beckon.Rule
		for range rapid.IntRange(1, 3).Draw(t, "n") {
			list = append(list, drawRule(t, depth+1))
		}
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			return beckon.All(list...)
		case 1:
			return beckon.Any(list...)
		}
		return beckon.Not(list[0])
	}
	a := beckon.User(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "attribute"))
	text, n := rapid.SampledFrom([]string{"x", "y"}).Draw(t, "text"), rapid.IntRange(1, 2).Draw(t, "number")
	return rapid.SampledFrom([]beckon.Rule{
		a.Is(text), a.IsNot(text), a.Contains(text), a.DoesNotContain(text), a.StartsWith(text), a.IsUnknown(), a.HasAnyValue(),
		a.AtLeast(n), a.LessThan(n), a.Between(1, n), a.Is(n), a.Is(true), a.ContainsAny(text), a.ContainsNone(text),
	}).Draw(t, "condition")
}
