package vet

import (
	"math"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/ojson"
)

// A span is how often something can have happened in the worlds of one verdict.
type span struct{ least, most int64 }

// count adds a world of the subject to the span of its verdict. The greatest count of all
// stands for each that is greater.
func (sub *subject) count(verdict string, n, greatest int64) {
	if sub.spans == nil {
		sub.spans = map[string]span{}
	}
	if n == greatest && n > 0 {
		n = math.MaxInt64
	}
	least := min(n, greatest)
	s, known := sub.spans[verdict]
	if !known {
		s = span{least, n}
	}
	sub.spans[verdict] = span{min(s.least, least), max(s.most, n)}
}

// fits reports whether the world of a subject goes with those chosen before it: what
// happened within a day also happened within a week.
func (s *search) fits(sub *subject, chosen []*subject) bool {
	for _, other := range chosen {
		if sub.within(other) && s.exceeds(sub, other) || other.within(sub) && s.exceeds(other, sub) {
			return false
		}
	}
	return true
}

// exceeds reports whether the part happened more often than the whole.
func (s *search) exceeds(part, whole *subject) bool {
	p, known := part.spans[s.worlds[part]]
	w, both := whole.spans[s.worlds[whole]]
	return known && both && p.least > w.most
}

// within reports whether all that one subject counts is counted by another, too.
func (sub *subject) within(whole *subject) bool {
	if sub.kind != counted || whole.kind != counted || sub == whole {
		return false
	}
	a, b := sub.leaves[0].node, whole.leaves[0].node
	if a.Get("event") == nil || b.Get("event") == nil || canonical(text(a, "event")) != canonical(text(b, "event")) {
		return false
	}
	for _, member := range []string{"where", "since"} {
		if m := b.Get(member); m != nil && (a.Get(member) == nil || encode(a.Get(member)) != encode(m)) {
			return false
		}
	}
	wide := b.Get("within")
	return wide == nil || a.Get("within") != nil && seconds(a.Get("within")) <= seconds(wide)
}

// seconds returns how long a window is.
func seconds(n *ojson.Node) int64 {
	d, _ := calendar.ParseDuration(n.Text)
	return d.Total()
}
