// Package rows keeps sorted lists of rows.
package rows

import "slices"

// Few is how many changed rows are looked through one by one; with more, an index
// finds them, so that n changes do not cost n times n.
const Few = 16

// Upsert puts a row into a sorted list: in the place of the one that compares as
// equal, else where the order has it. It changes the list.
func Upsert[T any](list []T, row T, compare func(a, b T) int) []T {
	i, found := slices.BinarySearchFunc(list, row, compare)
	if found {
		list[i] = row
		return list
	}
	return slices.Insert(list, i, row)
}
