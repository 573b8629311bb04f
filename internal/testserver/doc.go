// Package testserver starts throwaway database servers for tests, from binaries
// that are installed, and stops them again. They listen on the loopback
// interface only, on a port that was free, with their data in a folder of their
// own that is removed at the end.
//
// Where an environment variable names a server that runs already, that one is
// used and left alone: [PostgresURL] and [RedisURL] say which. A server that is not
// installed skips the test, except where [ServersEnv] says that servers are
// required: there it fails, so that no check is lost without notice.
package testserver
