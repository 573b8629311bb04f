package rule

import (
	"slices"

	"github.com/beckon-go/beckon/internal/repr"
)

// Onward returns the instruction where a rule goes on that needs the condition to hold,
// or not to; nil if it can hold either way.
func (l *Instruction) Onward() (next *Instruction, opposite bool) {
	switch {
	case l.Op <= opHolds:
	case l.onFalse.Op == opFails:
		return l.onTrue, false
	case l.onTrue.Op == opFails:
		return l.onFalse, true
	}
	return nil, false
}

// Common returns how many of the conditions that each of two rules begins by
// needing are the same.
func (l *Instruction) Common(other *Instruction) (n int) {
	for {
		a, negated := l.Onward()
		b, too := other.Onward()
		if a == nil || b == nil || negated != too || !l.Whole.same(other.Whole) {
			return n
		}
		l, other = a, b
		n++
	}
}

// Head returns a program of the first n conditions of those that a rule begins by
// needing.
func (l *Instruction) Head(n int) *Instruction {
	list := make([]Instruction, n+2)
	list[n].Op, list[n+1].Op = opHolds, opFails
	for i := range n {
		next, negated := l.Onward()
		list[i] = *l
		list[i].onTrue, list[i].onFalse = &list[i+1], &list[n+1]
		if negated {
			list[i].onTrue, list[i].onFalse = list[i].onFalse, list[i].onTrue
		}
		l = next
	}
	return &list[0]
}

// same reports whether two conditions of one program are the same, wherever
// their rules go on.
func (c *Condition) same(other *Condition) bool {
	a, b := *c, *other
	a.onTrue, a.onFalse, a.x = 0, 0, nil
	b.onTrue, b.onFalse, b.x = 0, 0, nil
	if a != b || (c.x == nil) != (other.x == nil) {
		return false
	}
	return c.x == nil || slices.EqualFunc(c.x.values, other.x.values, identical) && slices.Equal(c.x.texts.list, other.x.texts.list)
}

// identical reports whether two values are the same in every part.
func identical(v, w repr.Value) bool {
	return v.Kind == w.Kind && v.Flag == w.Flag && v.Exp == w.Exp && v.Num == w.Num && v.Str == w.Str
}
