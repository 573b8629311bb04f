package iso4217

import "iter"

// All returns every currency, by code.
func All() iter.Seq[Currency] {
	return func(yield func(Currency) bool) {
		for _, c := range table {
			if !yield(c) {
				return
			}
		}
	}
}
