package fault

import (
	"errors"
	"testing"
)

// Without the public errors a list is its own error; with them it is theirs.
func TestRaise(t *testing.T) {
	defer OnRaise(raiseList, raiseOne)
	OnRaise(nil, nil)
	one := &Error{Code: ErrContactMissing, Message: "is missing"}
	if err := List(nil).Err(); err != nil {
		t.Errorf("an empty list: %v", err)
	}
	if err := (List{one}).Err(); !errors.Is(err, ErrContactMissing) {
		t.Errorf("a list: %v", err)
	}
	if err := one.Err(); !errors.Is(err, ErrContactMissing) {
		t.Errorf("one: %v", err)
	}
	public := errors.New("public")
	OnRaise(func(List) error { return public }, func(*Error) error { return public })
	if !errors.Is(one.Err(), public) || !errors.Is(List{one}.Err(), public) || (List{}).Err() != nil {
		t.Error("the public errors are not used")
	}
}
