package testserver

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// PostgresURL is the environment variable that names a PostgreSQL server to be
// used instead of a throwaway one: a URL whose user may create databases.
const PostgresURL = "BECKON_POSTGRES_URL"

const (
	howPostgres = "install its server (Debian: apt-get install postgresql) or set " + PostgresURL
	noPostgres  = "needs PostgreSQL: " + howPostgres
)

// How long a server may take to start, and to start again after a crash.
const startTime = 60 * time.Second

// Postgres returns the URL of a PostgreSQL server for one test, which may create
// databases in it. It ends with the test. Settings are as on the command line,
// such as "fsync=on"; a server that the environment names does not get them.
func Postgres(tb testing.TB, settings ...string) (url string) {
	tb.Helper()
	if url := os.Getenv(PostgresURL); url != "" {
		return url
	}
	return StartPostgres(tb, settings...).URL()
}

// StartPostgres starts a throwaway server for one test, also if the environment names
// a server. The test may kill it and start it again. It ends with the test.
func StartPostgres(tb testing.TB, settings ...string) *PostgresServer {
	tb.Helper()
	return start(tb, "PostgreSQL", noPostgres, NewPostgres, settings)
}

// A SharedPostgres is one server for all tests of a binary. It starts when it
// is first asked for; TestMain closes it when the tests have run:
//
//	var server testserver.SharedPostgres
//
//	func TestMain(m *testing.M) {
//		code := m.Run()
//		server.Close()
//		os.Exit(code)
//	}
//
// The zero value is ready.
type SharedPostgres struct {
	Settings []string // as for Postgres; to be set before the first use

	shared[*PostgresServer]
}

// URL returns the address of the server, as Postgres does.
func (s *SharedPostgres) URL(tb testing.TB) string {
	tb.Helper()
	if url := os.Getenv(PostgresURL); url != "" {
		return url
	}
	return s.get(tb, noPostgres, NewPostgres, s.Settings).URL()
}

// A PostgresServer is a throwaway server. Its methods are not for concurrent
// use.
type PostgresServer struct {
	bin      string // folder of the programs
	dir      string // everything that is this server's
	port     int
	password string
	settings []string
	process  *exec.Cmd
	exited   chan struct{} // closed when process has ended
	output   *bytes.Buffer // of process; to be read after it has ended
}

// NewPostgres makes a database cluster and starts a server for it. The caller
// must Close it. The error wraps [exec.ErrNotFound] if PostgreSQL is not
// installed.
//
// Unless the settings say otherwise, it does not wait for the disk (fsync is
// off): what it acknowledged survives its own death, but not that of the
// machine.
func NewPostgres(settings ...string) (*PostgresServer, error) {
	bin, err := postgresPrograms()
	if err != nil {
		return nil, err
	}
	s := &PostgresServer{bin: bin, password: rand.Text(), settings: settings}
	if s.dir, err = os.MkdirTemp("", "beckon-postgres-"); err != nil {
		return nil, err
	}
	if err := s.init(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.Start(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// init makes the cluster.
func (s *PostgresServer) init() error {
	if err := giveAway(s.dir); err != nil {
		return err
	}
	secret := filepath.Join(s.dir, "password")
	if err := os.WriteFile(secret, []byte(s.password), 0o600); err != nil {
		return err
	}
	if err := giveAway(secret); err != nil {
		return err
	}
	cmd := s.command("initdb", "-D", s.data(), "-U", "postgres", "-A", "password", "--pwfile", secret,
		"--no-sync", "-E", "UTF8", "--locale=C")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

func (s *PostgresServer) data() string { return filepath.Join(s.dir, "data") }

// command prepares one of PostgreSQL's programs: they refuse to run as root.
func (s *PostgresServer) command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(context.Background(), filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = attributes()
	return cmd
}

// URL returns the address of the server's database "postgres", password
// included.
func (s *PostgresServer) URL() string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", s.password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)), Path: "/postgres", RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Start starts the server again, at the same address, after Kill or Stop. It
// returns when the server takes connections.
func (s *PostgresServer) Start() error {
	deadline := time.Now().Add(startTime)
	for {
		if err := s.pickPort(); err != nil {
			return err
		}
		err := s.launch(deadline)
		if err == nil || time.Now().After(deadline) {
			return err
		}
		// Somebody took the port first, or processes of a server that was
		// killed are not yet gone.
		time.Sleep(50 * time.Millisecond)
	}
}

// pickPort chooses a port that is free. Once a server has run, it keeps the
// port: clients are to find it again.
func (s *PostgresServer) pickPort() error {
	if s.process != nil {
		return nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.port = l.Addr().(*net.TCPAddr).Port //nolint:errcheck // a TCP listener has a TCP address
	return l.Close()
}

func (s *PostgresServer) launch(deadline time.Time) error {
	args := []string{"-D", s.data(), "-p", strconv.Itoa(s.port), "-k", s.dir, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"}
	for _, setting := range s.settings {
		args = append(args, "-c", setting)
	}
	cmd, output, exited := s.command("postgres", args...), new(bytes.Buffer), make(chan struct{})
	cmd.Stdout, cmd.Stderr = output, output
	cmd.WaitDelay = 5 * time.Second // backends of a killed server hold the output open
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	for time.Now().Before(deadline) {
		select {
		case <-exited:
			return fmt.Errorf("postgres has ended: %s", output)
		case <-time.After(10 * time.Millisecond):
		}
		if s.ready(cmd.Process.Pid) {
			s.process, s.exited, s.output = cmd, exited, output
			return nil
		}
	}
	_ = cmd.Process.Kill()
	<-exited
	return fmt.Errorf("postgres does not get ready: %s", output)
}

// ready reads the state that a server keeps in its pid file.
func (s *PostgresServer) ready(pid int) bool {
	data, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		return false
	}
	lines := strings.Split(string(data), "\n")
	return len(lines) > 7 && strings.TrimSpace(lines[0]) == strconv.Itoa(pid) && strings.TrimSpace(lines[7]) == "ready"
}

// Kill ends the server as a crash would (SIGKILL).
func (s *PostgresServer) Kill() error { return s.end(syscall.SIGKILL) }

// Stop ends the server in order, but without waiting for clients.
func (s *PostgresServer) Stop() error { return s.end(syscall.SIGINT) }

func (s *PostgresServer) end(signal syscall.Signal) error {
	select {
	case <-s.exited:
		return nil
	default:
	}
	if err := s.process.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-s.exited:
		return nil
	case <-time.After(startTime):
		return errors.New("postgres does not end")
	}
}

// Close ends the server for good and removes its data.
func (s *PostgresServer) Close() error {
	var err error
	if s.process != nil {
		err = s.end(syscall.SIGQUIT) // at once: nothing is to be kept
	}
	// Processes of a server that was killed may write for another moment.
	for range 100 {
		if removed := os.RemoveAll(s.dir); removed == nil {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// postgresPrograms finds the folder of the programs: on the path, or where
// distributions put them beside it; the newest if there are several.
func postgresPrograms() (string, error) {
	if err := hidden(); err != nil {
		return "", err
	}
	for _, name := range []string{"initdb", "postgres"} {
		path, err := exec.LookPath(name)
		if err != nil {
			break
		}
		if name == "postgres" {
			if path, err = filepath.EvalSymlinks(path); err != nil { // only some of them may be linked
				break
			}
			return filepath.Dir(path), nil
		}
	}
	best, version := "", -1
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/postgres", "/usr/pgsql-*/bin/postgres", "/usr/local/pgsql/bin/postgres", "/opt/homebrew/opt/postgresql@*/bin/postgres"} {
		found, _ := filepath.Glob(pattern) // the patterns are sound
		for _, path := range found {
			digits := strings.Trim(filepath.Base(filepath.Dir(filepath.Dir(path))), "abcdefghijklmnopqrstuvwxyz-@")
			if n, _ := strconv.Atoi(digits); n > version {
				best, version = filepath.Dir(path), n
			}
		}
	}
	if best == "" {
		return "", fmt.Errorf("postgres: %w", exec.ErrNotFound)
	}
	return best, nil
}
