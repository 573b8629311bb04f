package foresee

import "testing"

// The first look is for all; the first that a message asks for is free, as long as there is; what
// comes then is paid out of its own share, and of what others have left.
func TestWork(t *testing.T) {
	w := &work{price: 10, free: 25, spare: 5}
	a, b, c := &asked{left: 4}, &asked{left: 7}, &asked{left: 12}
	for i, step := range []struct {
		of          *asked
		can         bool
		free, spare int
		left        int
	}{
		{a, true, 25, 5, 4},  // the first of all
		{a, true, 15, 5, 4},  // its own first
		{a, false, 15, 5, 4}, // 4 and 5 are not 10
		{b, true, 5, 5, 7},   // its own first
		{b, true, 5, 2, 0},   // 7 and 3
		{c, true, 5, 2, 2},   // no free one is left: 10 of its own
		{c, false, 5, 2, 2},  // 2 and 2 are not 10
		{b, false, 5, 2, 0},  // nothing
	} {
		if can := w.look(step.of); can != step.can || w.free != step.free || w.spare != step.spare || step.of.left != step.left || step.of.spent == step.can {
			t.Errorf("look %d: %v, %+v, %+v", i, can, w, step.of)
		}
	}
}
