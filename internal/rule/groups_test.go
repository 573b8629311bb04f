package rule

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A1: groups, empty ones included.
func TestGroups(t *testing.T) {
	yes, no := user("a").Is(1), user("a").Is(2)
	for _, c := range []struct {
		rule Rule
		want bool
	}{
		{all(), true},
		{anyOf(), false},
		{not(all()), false},
		{not(anyOf()), true},
		{all(yes, yes), true},
		{all(yes, no), false},
		{all(no, yes), false},
		{anyOf(no, yes), true},
		{anyOf(yes, no), true},
		{anyOf(no, no), false},
		{not(yes), false},
		{not(no), true},
		{not(not(yes)), true},
		{all(anyOf(no, yes), not(all(yes, no))), true},
		{anyOf(all(yes, no), not(anyOf(no, yes))), false},
		{all(all(), not(anyOf()), yes), true},
		{anyOf(anyOf(), all(no), not(all())), false},
		{not(user("gone").Is(1)), true}, // fault 37: not of unknown
		{user("gone").IsNot(1), true},
	} {
		if got := judge(t, c.rule.String(), withAttribute(value.Number(1))); got != c.want {
			t.Errorf("%s: %v", c.rule, got)
		}
	}
	if !(*Compiled)(nil).Eval(nil) || !(*Compiled)(nil).Explain(nil).Matched {
		t.Error("no rule at all does not match")
	}
	var faults fault.List
	zero := Compile(ref(Rule{}), &Compiler{Faults: &faults}, OfContact, "")
	if !zero.Eval(&Scope{}) || !zero.Explain(&Scope{}).Matched || len(faults) > 0 {
		t.Error("the zero ruleTree does not match")
	}
}

// The flat program decides as the tree it was made of.
func TestGroupsAgreeWithTheTree(t *testing.T) {
	var naive func(r Rule, s *Scope) bool
	naive = func(r Rule, s *Scope) bool {
		switch {
		case r.All != nil:
			for _, x := range r.All {
				if !naive(x, s) {
					return false
				}
			}
			return true
		case r.Any != nil:
			for _, x := range r.Any {
				if naive(x, s) {
					return true
				}
			}
			return false
		case r.Not != nil:
			return !naive(*r.Not, s)
		}
		return !s.Rec.Profile.Attribute(r.User).IsUnknown()
	}
	var rule func(depth int) *rapid.Generator[Rule]
	rule = func(depth int) *rapid.Generator[Rule] {
		return rapid.Custom(func(t *rapid.T) Rule {
			n := rapid.IntRange(0, 3).Draw(t, "group")
			if depth == 0 || n == 3 {
				return user(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name")).HasAnyValue()
			}
			if n == 2 {
				return not(rule(depth-1).Draw(t, "not"))
			}
			list := rapid.SliceOfN(rule(depth-1), 0, 3).Draw(t, "list")
			if n == 1 {
				return all(list...)
			}
			return anyOf(list...)
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		r := rule(5).Draw(t, "rule")
		var faults fault.List
		compiled := Compile(&r, &Compiler{Loc: time.UTC, Counters: &CounterSet{}, Faults: &faults}, OfContact, "")
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		for bits := range 8 {
			s := &Scope{Rec: &store.Record{Profile: &store.Profile{}}, Loc: time.UTC}
			for i, name := range []string{"a", "b", "c"} {
				if bits&(1<<i) != 0 {
					s.Rec.Profile.Attributes = append(s.Rec.Profile.Attributes, store.NewAttribute(name, value.Bool(true)))
				}
			}
			if got, want := compiled.Eval(s), naive(r, s); got != want || compiled.Explain(s).Matched != want {
				t.Fatalf("%s with %03b: %v", r, bits, got)
			}
		}
	})
}
