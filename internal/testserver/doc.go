// Package testserver starts throwaway database servers for tests, from installed
// programs, and stops them again. They listen on the loopback interface only, on a
// free port. Their data is in a folder of their own that is removed at the end.
//
// If an environment variable names a server that runs already, that server is used and
// left alone: see PostgresURL and RedisURL. If a server is not installed, the test is
// skipped. If ServersEnv says that servers are required, the test fails instead, so
// that no check is lost without notice.
package testserver
