package beckon

import (
	"slices"

	"github.com/beckon-go/beckon/internal/repr"
)

// onward returns the instruction where a rule goes on that needs the condition to hold,
// or not to; nil if it can hold either way.
func (l *instruction) onward() (next *instruction, opposite bool) {
	switch {
	case l.op <= opHolds:
	case l.onFalse.op == opFails:
		return l.onTrue, false
	case l.onTrue.op == opFails:
		return l.onFalse, true
	}
	return nil, false
}

// common returns how many of the conditions that each of two rules begins by
// needing are the same.
func (l *instruction) common(other *instruction) (n int) {
	for {
		a, negated := l.onward()
		b, too := other.onward()
		if a == nil || b == nil || negated != too || !l.whole.same(other.whole) {
			return n
		}
		l, other = a, b
		n++
	}
}

// head returns a program of the first n conditions of those that a rule begins by
// needing.
func (l *instruction) head(n int) *instruction {
	list := make([]instruction, n+2)
	list[n].op, list[n+1].op = opHolds, opFails
	for i := range n {
		next, negated := l.onward()
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
func (c *condition) same(other *condition) bool {
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
