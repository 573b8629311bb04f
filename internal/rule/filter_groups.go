package rule

import (
	"math"
	"time"

	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
)

// A filterCompiler makes filters of compiled rules, as of one instant. Nothing
// is on a page in a scan.
type filterCompiler struct {
	r     *Compiled
	scope Scope // no record; now and the zone
	rough bool  // some part holds for more than it is to
}

// more returns a filter that holds for more than it is to.
func (k *filterCompiler) more(f *store.Filter) *store.Filter {
	k.rough = true
	return f
}

// FilterOf returns a filter that holds for every record for which the rule does
// at now, in milliseconds, with whatever company data; nil if that cannot be
// told from the record. It is not bounded yet.
func FilterOf(r *Compiled, now int64, loc *time.Location) *store.Filter {
	f, _ := ExactFilterOf(r, now, loc)
	return f
}

// ExactFilterOf is FilterOf, and reports whether the filter holds for no other record,
// except for one that is moving: then to ask the one is to ask the other.
func ExactFilterOf(r *Compiled, now int64, loc *time.Location) (f *store.Filter, exact bool) {
	if r == nil {
		return nil, true
	}
	k := filterCompiler{r: r, scope: Scope{Rec: &store.Record{}, Now: now, Loc: loc}}
	k.scope.Begin()
	f = k.node(r.root, true)
	return f, !k.rough
}

// node returns a filter that holds wherever the outcome of a part of the rule is
// want. So what is negated is the question, never the answer: a filter says
// "may be", and the opposite of that is not "may not be".
func (k *filterCompiler) node(n *node, want bool) *store.Filter {
	if n.segment != nil {
		outer := k.r
		k.r = n.segment.Rule
		f := k.node(k.r.root, want)
		k.r = outer
		return f
	}
	if n.condition >= 0 {
		return k.condition(&k.r.Conditions[n.condition], want)
	}
	switch n.text {
	case "all", "any":
		list := make([]*store.Filter, len(n.of))
		for i, inner := range n.of {
			list[i] = k.node(inner, want)
		}
		if (n.text == "all") == want {
			return filterAll(list...)
		}
		return FilterAny(list...)
	case "not":
		want = !want
	}
	if len(n.of) == 1 { // not
		return k.node(n.of[0], want)
	}
	if want { // no rule at all
		return nil
	}
	return filterNone()
}

// condition returns a filter that holds wherever the outcome of c is want.
func (k *filterCompiler) condition(c *Condition, want bool) *store.Filter {
	matched := want != c.negate
	if f := c.field(); f != nil {
		return k.against(c, f, matched)
	}
	switch c.source {
	case fromUser:
		return k.stored(c, matched)
	case fromStandard:
		return k.standard(c, matched)
	case fromPageURL, fromPageSeconds: // unknown
		if c.holdsFor(&repr.Value{}, &k.scope) == matched {
			return nil
		}
		return filterNone()
	case fromCount, fromCounterCount, fromWindow, fromDistinct:
		return k.count(c, matched)
	case fromSum, fromMin, fromMax, fromAverage:
		return k.total(c, matched)
	case fromFirst, fromLast, fromCounterFirst, fromCounterLast:
		return k.moment(c, matched)
	}
	return k.more(nil)
}

// MaxFilterLeaves bounds the filter of a query: a statement that a database
// must parse and plan for every page.
const MaxFilterLeaves = 256

// filterNone is the filter that holds for no record.
func filterNone() *store.Filter { return &store.Filter{Kind: store.FilterAny} }

// HoldsNever reports whether no record can satisfy the filter.
func HoldsNever(f *store.Filter) bool { return f != nil && f.Kind == store.FilterAny && len(f.Of) == 0 }

// filterAll returns the filter that holds where all of them do; nil holds.
func filterAll(list ...*store.Filter) *store.Filter { return filterGroup(store.FilterAll, list) }

// FilterAny returns the filter that holds where one of them does; nil holds.
func FilterAny(list ...*store.Filter) *store.Filter { return filterGroup(store.FilterAny, list) }

// filterGroup joins filters, simplified: groups of the same kind become one,
// what holds always or never is left out or decides.
func filterGroup(kind store.FilterKind, list []*store.Filter) *store.Filter {
	var of []*store.Filter
	for _, f := range list {
		switch {
		case f == nil:
			if kind == store.FilterAny {
				return nil
			}
		case HoldsNever(f):
			if kind == store.FilterAll {
				return f
			}
		case f.Kind == kind:
			of = append(of, f.Of...)
		default:
			of = append(of, f)
		}
	}
	switch {
	case len(of) == 1:
		return of[0]
	case len(of) == 0 && kind == store.FilterAll:
		return nil
	}
	return &store.Filter{Kind: kind, Of: of}
}

// BoundFilter returns a filter with at most budget leaves that holds wherever f does,
// and how many it has: of All some are left out, an Any that is too large is
// given up.
func BoundFilter(f *store.Filter, budget int) (bounded *store.Filter, leaves int) {
	switch {
	case f == nil:
		return nil, 0
	case f.Kind != store.FilterAll && f.Kind != store.FilterAny:
		if budget < 1 {
			return nil, 0
		}
		return f, 1
	}
	of := make([]*store.Filter, 0, len(f.Of))
	for _, g := range f.Of {
		g, n := BoundFilter(g, budget-leaves)
		if g == nil && f.Kind == store.FilterAny {
			return nil, 0
		}
		leaves += n
		of = append(of, g)
	}
	return filterGroup(f.Kind, of), leaves
}

// LacksFilters returns filters for the contacts that lack a counter which the
// rule reads, except for those that are in known: it is built when a decision asks
// for it, and then kept.
func LacksFilters(r *Compiled, known map[*CounterDef]bool, segments map[*Segment]bool) []*store.Filter {
	if r == nil {
		return nil
	}
	var list []*store.Filter
	for i := range r.Conditions {
		c := &r.Conditions[i]
		if c.segment != nil && !segments[c.segment] {
			segments[c.segment] = true
			list = append(list, LacksFilters(c.segment.Rule, known, segments)...)
		}
		if c.counter != nil && !c.counter.FromEvents() && !known[c.counter] {
			known[c.counter] = true
			list = append(list, &store.Filter{Kind: store.FilterLacks, Name: c.name, Def: c.counter.Def, Keep: c.counter.Keep})
		}
	}
	return list
}

// against returns a filter for conditions on what a field holds: who may satisfy one
// has both of them, of the types that they are compared as.
func (k *filterCompiler) against(c, f *Condition, matched bool) *store.Filter {
	if !matched {
		return k.more(nil)
	}
	own, other := typeText, typeText
	switch c.test {
	case testSame:
		own = typeText | typeNumber | 1<<repr.KindBool | 1<<repr.KindDate
		other = own
	case testCompare:
		own, other = typeNumber, typeNumber
	case testSpan:
		own = typeText | typeNumber | 1<<repr.KindDate
		other = own
	case testIn:
		other = 1 << repr.KindList
	case testListAny, testListAll:
		own, other = 1<<repr.KindList, 1<<repr.KindList
	}
	var list []*store.Filter
	switch c.source {
	case fromUser:
		list = append(list, typeFilter(c, own))
	case fromPageURL, fromPageSeconds: // unknown in a scan
		list = append(list, filterNone())
	case fromFirst, fromLast, fromCounterFirst, fromCounterLast, fromMin, fromMax, fromAverage:
		list = append(list, eventFilter(c, store.FilterCount, 1, math.MaxInt64))
	}
	if f.source == fromUser {
		if kind := c.source.kind(); kind == ofCount || kind == ofTotal {
			other = typeNumber
		}
		list = append(list, typeFilter(f, other))
	}
	return k.more(filterAll(list...))
}
