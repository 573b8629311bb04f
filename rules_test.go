package beckon

import (
	"reflect"
	"testing"
)

// built is a rule as it is written in Go, and its document.
type built struct {
	rule Rule
	want string
}

// Rules in Go are the documents of formats: field for field.
func checkBuilt(t *testing.T, cases []built) {
	t.Helper()
	for _, c := range cases {
		if c.rule.String() != c.want {
			t.Errorf("got  %s\nwant %s", c.rule, c.want)
		}
		if _, err := ParseRule([]byte(c.want)); err != nil {
			t.Errorf("%s: %v", c.want, err)
		}
	}
}

func TestGroupBuilders(t *testing.T) {
	checkBuilt(t, []built{
		{
			All(User("plan").In("pro", "team"), Did("uploaded-video").AtLeast(10), Did("invited-teammate").Last().LessThanAgo(Days(7))),
			`{"all":[{"user":"plan","op":"in","value":["pro","team"]},{"event":"uploaded-video","stat":"count","op":"at_least","value":10},{"event":"invited-teammate","stat":"last","op":"less_than_ago","value":"7d"}]}`,
		},
		{Any(Not(Segment("power-users"))), `{"any":[{"not":{"segment":"power-users"}}]}`},
	})
}

// A group keeps nothing of what it was given, and a trigger stays as it is.
func TestBuildersCopy(t *testing.T) {
	list := []Rule{User("a").Is(1)}
	r := All(list...)
	list[0] = User("b").Is(2)
	if r.All[0].User != "a" {
		t.Error("All keeps the slice")
	}
	on := On("x")
	narrowed := on.Where(Metadata("k").Is(1)).Unless("y", Hours(1), "id")
	if !on.Filter.IsZero() || on.Absence != nil {
		t.Errorf("%+v", on)
	}
	if narrowed.Event != "x" || narrowed.Filter.Metadata != "k" || !reflect.DeepEqual(*narrowed.Absence, Unless{Event: "y", Within: Hours(1), Same: "id"}) {
		t.Errorf("%+v", narrowed)
	}
	if d := OnDate("trial_ends_at", Days(-3)); d.Date != "trial_ends_at" || d.Offset != Days(-3) || d.Event != "" {
		t.Errorf("%+v", d)
	}
}
