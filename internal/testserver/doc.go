// Package testserver starts throwaway database servers for tests, from binaries
// that are installed, and stops them again. They listen on the loopback
// interface only, on a port that was free, with their data in a folder of their
// own that is removed at the end.
//
// Where an environment variable names a server that runs already, that one is
// used and left alone: [PostgresURL] and [RedisURL] say which. A server that is not
// installed skips the test, except where CI is set to true: there it fails, so
// that no check is lost without notice.
package testserver
