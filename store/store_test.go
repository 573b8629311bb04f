package store

import (
	"errors"
	"strings"
	"testing"
)

type decideFunc func(*Record, *Changes) error

func (d decideFunc) Decide(r *Record, c *Changes) error { return d(r, c) }

// R6 of stores: a panic in a decision is the step's error.
func TestStepDecide(t *testing.T) {
	failed := errors.New("failed")
	for name, c := range map[string]struct {
		decider  Decider
		want     error // errors.Is
		panicked bool
	}{
		"nothing":        {decideFunc(func(*Record, *Changes) error { return nil }), nil, false},
		"an error":       {decideFunc(func(*Record, *Changes) error { return failed }), failed, false},
		"a panic":        {decideFunc(func(*Record, *Changes) error { panic("out of order") }), nil, true},
		"an error panic": {decideFunc(func(*Record, *Changes) error { panic(failed) }), failed, true},
		"no decider":     {nil, nil, true},
	} {
		step := Step{Decider: c.decider}
		err := step.Decide(&Record{}, &Changes{})
		var p *PanicError
		if got := errors.As(err, &p); got != c.panicked {
			t.Errorf("%s: %v is a panic: %v, want %v", name, err, got, c.panicked)
		}
		if c.want != nil && !errors.Is(err, c.want) || err == nil && (c.panicked || c.want != nil) || err != nil && c.want == nil && !c.panicked {
			t.Errorf("%s: %v", name, err)
		}
		if p != nil && len(p.Stack) == 0 {
			t.Errorf("%s: no stack", name)
		}
	}
	long := (&PanicError{Value: strings.Repeat("x\n", 1000)}).Error()
	if len(long) > 250 || strings.Contains(long, "\n") {
		t.Errorf("the sentence is not cut or not escaped: %q", long)
	}
}

func TestQueryValidate(t *testing.T) {
	kinds := []Kind{KindUser}
	for _, q := range []Query{{Kinds: kinds}, {Due: 1}, {Due: -1}, {Pending: 1}, {Pending: -1}, {Email: "a"}, {Moving: true}} {
		if err := q.Validate(1); err != nil {
			t.Errorf("%+v: %v", q, err)
		}
		for _, limit := range []int{0, -1} {
			if err := q.Validate(limit); !errors.Is(err, ErrQueryInvalid) {
				t.Errorf("%+v, at most %d: %v", q, limit, err)
			}
		}
	}
	for _, q := range []Query{{}, {Kinds: []Kind{}}, {Kinds: kinds, Due: 1}, {Pending: 1, Moving: true}, {Email: "a", Due: 1, Pending: 1}} {
		if err := q.Validate(1); !errors.Is(err, ErrQueryInvalid) {
			t.Errorf("%+v: %v", q, err)
		}
	}
}
