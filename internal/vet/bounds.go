package vet

import (
	"math/big"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/tally"
)

// An edge is where numbers begin or end; without a number they go on.
type edge struct {
	at   *big.Rat
	open bool // the number itself is not among them
}

// Bounds are the numbers that something may be in the worlds of one outcome.
type bounds struct{ low, high edge }

func only(n *big.Rat) *bounds { return &bounds{edge{at: n}, edge{at: n}} }

// join returns bounds that hold both.
func (b *bounds) join(other *bounds) *bounds {
	return &bounds{outer(b.low, other.low, -1), outer(b.high, other.high, 1)}
}

// outer returns the lower of two edges, or with side 1 the higher.
func outer(a, b edge, side int) edge {
	if a.at == nil || b.at == nil {
		return edge{}
	}
	if c := side * a.at.Cmp(b.at); c > 0 || c == 0 && !a.open {
		return a
	}
	return b
}

// above reports whether each number of the one is greater than each of the other.
func (b *bounds) above(other *bounds) bool {
	low, high := b.low, other.high
	if low.at == nil || high.at == nil {
		return false
	}
	c := low.at.Cmp(high.at)
	return c > 0 || c == 0 && (low.open || high.open)
}

// A scope says which events something is counted of, or what values are of.
type scope struct {
	event        string // canonical; empty for what is not of events
	within       int64  // seconds; 0: no window
	where, since string
}

func scopeOf(n *ojson.Node) scope {
	s := scope{event: canonical(text(n, "event")), since: text(n, "since")}
	if within := n.Get("within"); within != nil {
		d, _ := calendar.ParseDuration(within.Text)
		s.within = d.Total()
	}
	if where := n.Get("where"); where != nil {
		s.where = encode(where)
	}
	return s
}

// in reports whether all events of one scope are of another, too: what happened within a
// day also happened within a week.
func (s *scope) in(whole *scope) bool {
	return s.event != "" && s.event == whole.event && (whole.where == "" || whole.where == s.where) && (whole.since == "" || whole.since == s.since) &&
		(whole.within == 0 || s.within != 0 && s.within <= whole.within)
}

// happened reports whether an outcome says that there was something to count, or a number
// under the key.
func (sub *subject) happened(o *outcome) bool {
	switch {
	case o.bounds == nil:
		return false
	case sub.stat == "sum":
		zero := only(new(big.Rat))
		return o.bounds.above(zero) || zero.above(o.bounds)
	case sub.stat == "count" || sub.stat == "distinct":
		return o.bounds.above(only(new(big.Rat)))
	}
	return true
}

// clash reports whether an outcome of a part cannot be, given one of the whole.
func clash(part *subject, a *outcome, whole *subject, b *outcome) bool {
	switch {
	case !part.scope.in(&whole.scope) || part.of == "" && whole.of != "":
		return false
	case part.stat == "count":
		return a.bounds.above(b.bounds)
	case whole.stat == "count" && part.stat == "distinct":
		return a.bounds.above(b.bounds)
	case whole.stat == "count":
		return part.happened(a) && only(big.NewRat(1, 1)).above(b.bounds)
	case part.of != whole.of || whole.scope.within > 0 && whole.scope.where != part.scope.where:
		return false // another key; or of a window that keeps the newest values, which are others of all events than of some
	case whole.stat == "distinct" && part.stat == "distinct":
		counted := only(big.NewRat(tally.MaxDistinct, 1)) // there it stops counting
		return a.bounds.above(b.bounds) && !b.bounds.above(counted) && counted.above(b.bounds)
	case whole.stat == "distinct":
		return part.happened(a) && only(big.NewRat(1, 1)).above(b.bounds)
	case part.stat == "distinct" || whole.currency != "" && whole.currency != part.currency:
		return false
	}
	return clashOfValues(part, a, whole, b)
}

// clashOfValues is clash of a sum, a least, greatest or average value, and another of them.
func clashOfValues(part *subject, a *outcome, whole *subject, b *outcome) bool {
	switch {
	case whole.stat == "sum":
		return whole.scope.in(&part.scope) && part.currency == whole.currency && a.bounds != nil && clashWithSum(part.stat, a.bounds, b.bounds)
	case part.happened(a) && b.bounds == nil:
		return true
	case part.stat == "sum" || a.bounds == nil || b.bounds == nil:
		return false
	case whole.stat == "min":
		return b.bounds.above(a.bounds)
	case whole.stat == "max":
		return a.bounds.above(b.bounds)
	}
	return false
}

// clashWithSum reports whether a sum contradicts what else is known of its values.
// It is at least as great as each of them, and as their average, if none is negative.
func clashWithSum(stat string, of, sum *bounds) bool {
	zero := only(new(big.Rat))
	if stat != "max" && !zero.above(of) && of.low.at != nil && of.low.at.Sign() >= 0 && of.above(sum) {
		return true
	}
	return stat != "min" && of.high.at != nil && of.high.at.Sign() <= 0 && sum.above(of)
}
