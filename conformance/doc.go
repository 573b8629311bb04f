// Package conformance compares the stores with each other, and tests what no test
// within one process can: processes that are killed, servers that are killed, many
// processes at once. It has tests, and the command stores, which measures the stores.
// It is a module of its own, so nobody else gets what it depends on.
//
// The tests start PostgreSQL and Redis where they are installed; see the README.
package conformance
