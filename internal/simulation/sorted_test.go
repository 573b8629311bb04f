package simulation

import (
	"cmp"
	"maps"
	"slices"
)

// sorted returns the values of a map in the order of its keys: what happens must
// not follow a map.
func sorted[K cmp.Ordered, V any](m map[K]V) []V {
	list := make([]V, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, m[k])
	}
	return list
}
