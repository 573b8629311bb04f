package beckon

import (
	"slices"

	"github.com/beckon-go/beckon/internal/repr"
)

// onward returns the line where a rule goes on that needs the condition to hold,
// or not to; nil if it can hold either way.
func (l *line) onward() (next *line, opposite bool) {
	switch {
	case l.op <= opHolds:
	case l.no.op == opFails:
		return l.yes, false
	case l.yes.op == opFails:
		return l.no, true
	}
	return nil, false
}

// common returns how many of the conditions that each of two rules begins by
// needing are the same.
func (l *line) common(other *line) (n int) {
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
func (l *line) head(n int) *line {
	lines := make([]line, n+2)
	lines[n].op, lines[n+1].op = opHolds, opFails
	for i := range n {
		next, negated := l.onward()
		lines[i] = *l
		lines[i].yes, lines[i].no = &lines[i+1], &lines[n+1]
		if negated {
			lines[i].yes, lines[i].no = lines[i].no, lines[i].yes
		}
		l = next
	}
	return &lines[0]
}

// same reports whether two conditions of one program are the same, wherever
// their rules go on.
func (c *condition) same(other *condition) bool {
	a, b := *c, *other
	a.yes, a.no, a.x = 0, 0, nil
	b.yes, b.no, b.x = 0, 0, nil
	if a != b || (c.x == nil) != (other.x == nil) {
		return false
	}
	return c.x == nil || slices.EqualFunc(c.x.values, other.x.values, identical) && slices.Equal(c.x.texts.list, other.x.texts.list)
}

// identical reports whether two values are the same in every part.
func identical(v, w repr.Value) bool {
	return v.Kind == w.Kind && v.Flag == w.Flag && v.Exp == w.Exp && v.Num == w.Num && v.Str == w.Str
}
