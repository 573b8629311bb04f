// Package benchmarks holds measurements of beckon beside what one would use or
// write instead, and beside a limit: the same work written out by hand in Go,
// without what a library has to add (missing values, limits, errors). It has
// no code of its own to import; docs/benchmarks.md says how to run it and
// what came out.
//
// Every row of one table is measured in one run, since only ratios carry over
// from one machine to another. Before anything is measured, tests make sure
// that the rows do the same.
package benchmarks
