// Package randtest makes random rules and contacts for tests that compare two
// ways of finding the contacts that a rule matches. They share few names and
// values, so that rules do match, and among the values are those that a
// database is likely to get wrong: hostile text, numbers that no float holds,
// dates in each of their forms.
//
// Everything follows from the source of random numbers that a test brings.
package randtest
