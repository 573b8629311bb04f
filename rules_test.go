package beckon

import "testing"

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
	if narrowed.Event != "x" || narrowed.Filter.Metadata != "k" || *narrowed.Absence != (Unless{Event: "y", Within: Hours(1), Same: "id"}) {
		t.Errorf("%+v", narrowed)
	}
	if d := OnDate("trial_ends_at", Days(-3)); d.Date != "trial_ends_at" || d.Offset != Days(-3) || d.Event != "" {
		t.Errorf("%+v", d)
	}
}
