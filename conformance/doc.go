// Package conformance tests the stores across each other, and against what no
// test within one process can show: processes that are killed, servers that are
// killed, many processes at once. It has tests, and the command stores, which
// measures them, in a module of its own, so that what they need reaches nobody
// else.
//
// PostgreSQL and Redis are started by the tests where they are installed; see
// the README.
package conformance
