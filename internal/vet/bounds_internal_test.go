package vet

import (
	"fmt"
	"math/big"
	"testing"
)

// Bounds hold all numbers of both, and are above others if none is as great.
func TestBounds(t *testing.T) {
	at := func(n int64) edge { return edge{at: big.NewRat(n, 1)} }
	open := func(n int64) edge { return edge{big.NewRat(n, 1), true} }
	for _, c := range []struct {
		a, b, want bounds
		above      bool // a is above b
	}{
		{bounds{at(1), at(2)}, bounds{at(3), at(4)}, bounds{at(1), at(4)}, false},
		{bounds{at(3), at(4)}, bounds{at(1), at(2)}, bounds{at(1), at(4)}, true},
		{bounds{at(2), at(4)}, bounds{at(1), at(2)}, bounds{at(1), at(4)}, false},
		{bounds{open(2), at(4)}, bounds{at(1), at(2)}, bounds{at(1), at(4)}, true},
		{bounds{at(2), at(4)}, bounds{at(1), open(2)}, bounds{at(1), at(4)}, true},
		{bounds{open(1), at(4)}, bounds{at(1), open(4)}, bounds{at(1), at(4)}, false},
		{bounds{at(1), open(4)}, bounds{open(1), at(4)}, bounds{at(1), at(4)}, false},
		{bounds{open(1), open(4)}, bounds{open(1), open(4)}, bounds{open(1), open(4)}, false},
		{bounds{edge{}, at(4)}, bounds{at(1), at(2)}, bounds{edge{}, at(4)}, false},
		{bounds{at(3), edge{}}, bounds{at(1), at(2)}, bounds{at(1), edge{}}, true},
		{bounds{at(3), at(4)}, bounds{edge{}, at(2)}, bounds{edge{}, at(4)}, true},
		{bounds{at(3), at(4)}, bounds{at(1), edge{}}, bounds{at(1), edge{}}, false},
	} {
		if got, want := written(c.a.join(&c.b)), written(&c.want); got != want {
			t.Errorf("%s and %s: %s, want %s", written(&c.a), written(&c.b), got, want)
		}
		if got := c.a.above(&c.b); got != c.above {
			t.Errorf("%s above %s: %v", written(&c.a), written(&c.b), got)
		}
	}
}

func written(b *bounds) string {
	one := func(e edge) string {
		if e.at == nil {
			return "…"
		}
		return fmt.Sprint(e.at.RatString(), map[bool]string{true: " left out"}[e.open])
	}
	return one(b.low) + " to " + one(b.high)
}
