package beckon

import (
	"reflect"
	"testing"

	"github.com/beckon-go/beckon/internal/rule"
)

// What a rule shares stays shared: with 60 levels, where each has the next
// twice, it would else be 2 to the 60 rules.
func TestLoweringKeepsWhatIsShared(t *testing.T) {
	r := User("a").IsUnknown()
	for range 60 {
		r = Rule{All: []Rule{r, r}}
	}
	low := lowerRule(&r)
	for range 59 {
		if &low.All[0].All[0] != &low.All[1].All[0] {
			t.Fatal("the two are told apart")
		}
		low = &low.All[1]
	}
	if low.All[1].User != "a" || low.All[1].Op != rule.OperatorIsUnknown {
		t.Errorf("the last is %+v", low.All[1])
	}
}

// A rule that contains itself does so as it is compiled.
func TestLoweringOfARuleInItself(t *testing.T) {
	r := containsItself()
	low := lowerRule(&r)
	if inner := low.Not; inner.Not != inner {
		t.Error("it does not contain itself")
	}
	if _, err := r.MarshalJSON(); err == nil {
		t.Error("a rule that contains itself has a document")
	}
}

// A rule is the same after it was lowered and raised, empty groups included.
func TestRaisingALoweredRule(t *testing.T) {
	where := Metadata("k").In(1, "two", true)
	for _, r := range []Rule{
		{},
		{All: []Rule{}},
		{Any: []Rule{{Any: []Rule{}}, {}}},
		Not(All(Segment("s"), PageURL().Contains("x"), WasSent("m").AtLeast(1))),
		Did("e").Where(where).Within(Days(7)).AtLeast(3),
		Company("c").Is(Monetary(100, "eur")),
	} {
		if again := raiseRule(lowerRule(&r)); !reflect.DeepEqual(again, r) {
			t.Errorf("%s became %s: %+v", r, again, again)
		}
	}
	if got := lowerRules(map[string]Rule{"a": where, "b": {}}); len(got) != 2 || got["a"].Metadata != "k" || !reflect.DeepEqual(got["b"], rule.Rule{}) {
		t.Errorf("%+v", got)
	}
}

// containsItself is a rule in itself.
func containsItself() Rule {
	var r Rule
	r.Not = &r
	return r
}
