// Package benchmarks compares beckon with what you would use or write instead, and
// with a limit: the same work written out by hand in Go, without what a library has to
// add (missing values, limits, errors). It has no code to import. docs/benchmarks.md
// says what is compared and what was measured. README.md says how to run it and how to
// add a row.
//
// Only ratios carry over from one machine to another, so every row of a table is
// measured in one run. Before anything is measured, tests check that the rows do the
// same.
package benchmarks
