package beckon

// maxFilterLeaves bounds the filter of a query: a statement that a database
// must parse and plan for every page.
const maxFilterLeaves = 256

// filterNone is the filter that holds for no record.
func filterNone() *Filter { return &Filter{Kind: FilterAny} }

// holdsNever reports whether no record can satisfy the filter.
func holdsNever(f *Filter) bool { return f != nil && f.Kind == FilterAny && len(f.Of) == 0 }

// filterAll returns the filter that holds where all of them do; nil holds.
func filterAll(list ...*Filter) *Filter { return filterGroup(FilterAll, list) }

// filterAny returns the filter that holds where one of them does; nil holds.
func filterAny(list ...*Filter) *Filter { return filterGroup(FilterAny, list) }

// filterGroup joins filters, simplified: groups of the same kind become one,
// what holds always or never is left out or decides.
func filterGroup(kind FilterKind, list []*Filter) *Filter {
	var of []*Filter
	for _, f := range list {
		switch {
		case f == nil:
			if kind == FilterAny {
				return nil
			}
		case holdsNever(f):
			if kind == FilterAll {
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
	case len(of) == 0 && kind == FilterAll:
		return nil
	}
	return &Filter{Kind: kind, Of: of}
}

// boundFilter returns a filter with at most budget leaves that holds wherever f does,
// and how many it has: of All some are left out, an Any that is too large is
// given up.
func boundFilter(f *Filter, budget int) (bounded *Filter, leaves int) {
	switch {
	case f == nil:
		return nil, 0
	case f.Kind != FilterAll && f.Kind != FilterAny:
		if budget < 1 {
			return nil, 0
		}
		return f, 1
	}
	of := make([]*Filter, 0, len(f.Of))
	for _, g := range f.Of {
		g, n := boundFilter(g, budget-leaves)
		if g == nil && f.Kind == FilterAny {
			return nil, 0
		}
		leaves += n
		of = append(of, g)
	}
	return filterGroup(f.Kind, of), leaves
}
