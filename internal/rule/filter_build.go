package rule

import "github.com/beckon-go/beckon/store"

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
		if c.counter != nil && !known[c.counter] {
			known[c.counter] = true
			list = append(list, &store.Filter{Kind: store.FilterLacks, Name: c.name, Def: c.counter.Def, Keep: c.counter.Keep})
		}
	}
	return list
}
