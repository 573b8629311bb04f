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

// InsertAll puts new rows into a sorted list. Of rows that compare as equal, the last
// stays. Many of them go in one pass, so that the list is not moved for each. It may
// change list, and does not change added.
func InsertAll[T any](list, added []T, compare func(a, b T) int) []T {
	if len(added) <= Few {
		for _, row := range added {
			list = Upsert(list, row, compare)
		}
		return list
	}
	added = slices.Clone(added)
	slices.SortStableFunc(added, compare)
	n := 0
	for i, row := range added {
		if i+1 == len(added) || compare(row, added[i+1]) != 0 {
			added[n] = row
			n++
		}
	}
	return Merge(list, added[:n], compare, func(_, row T) T { return row })
}

// Merge returns the rows of two sorted lists in order. join says what two that
// compare as equal become.
func Merge[T any](a, b []T, compare func(a, b T) int, join func(a, b T) T) []T {
	out := make([]T, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch n := compare(a[0], b[0]); {
		case n < 0:
			out, a = append(out, a[0]), a[1:]
		case n > 0:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a, b = append(out, join(a[0], b[0])), a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// Unite returns the elements of both lists, each once, those of a first.
func Unite[T comparable](a, b []T) []T {
	out := slices.Clone(a)
	if len(a)+len(b) <= 2*Few {
		for _, x := range b {
			if !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
		return out
	}
	has := Set(a)
	for _, x := range b {
		if _, known := has[x]; !known {
			has[x] = struct{}{}
			out = append(out, x)
		}
	}
	return out
}

// Set returns the elements of a list.
func Set[T comparable](list []T) map[T]struct{} {
	set := make(map[T]struct{}, len(list))
	for _, x := range list {
		set[x] = struct{}{}
	}
	return set
}
