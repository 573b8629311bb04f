// Package randtest makes random rules and contacts for tests that compare two ways to
// find the contacts that a rule matches. They share few names and values, so rules do
// match. Among the values are those that a database is likely to get wrong: hostile
// text, numbers that no float holds, dates in each of their forms.
//
// Everything follows from the source of random numbers that a test passes.
package randtest
