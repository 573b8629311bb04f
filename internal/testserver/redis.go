package testserver

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// RedisURL is the environment variable that names a Redis server to be used
// instead of a throwaway one: a URL such as redis://:password@host:6379/0.
const RedisURL = "BECKON_REDIS_URL"

const (
	howRedis = "install its server (Debian: apt-get install redis-server) or set " + RedisURL
	noRedis  = "needs Redis: " + howRedis
)

// Redis returns the URL of a Redis server for one test, password included. It
// ends with the test. Settings are those of redis.conf, such as
// "appendonly=yes"; a server that the environment names does not get them, and
// may hold others' data.
func Redis(tb testing.TB, settings ...string) (url string) {
	tb.Helper()
	if url := os.Getenv(RedisURL); url != "" {
		return url
	}
	return StartRedis(tb, settings...).URL()
}

// StartRedis starts a throwaway server for one test, also if the environment names a
// server. The test may kill it and start it again. It ends with the test.
func StartRedis(tb testing.TB, settings ...string) *RedisServer {
	tb.Helper()
	return start(tb, "Redis", noRedis, NewRedis, settings)
}

// A SharedRedis is one server for all tests of a binary, as [SharedPostgres]
// is: it starts when it is first asked for, and TestMain closes it. The zero
// value is ready.
type SharedRedis struct {
	Settings []string // as for Redis; to be set before the first use

	shared[*RedisServer]
}

// URL returns the address of the server, as Redis does.
func (s *SharedRedis) URL(tb testing.TB) string {
	tb.Helper()
	if url := os.Getenv(RedisURL); url != "" {
		return url
	}
	return s.get(tb, noRedis, NewRedis, s.Settings).URL()
}

// A RedisServer is a throwaway server. Its methods are not for concurrent use.
type RedisServer struct {
	bin      string
	dir      string // everything that is this server's
	port     int
	bus      int // of a node of a cluster; 0 otherwise
	password string
	settings []string
	process  *exec.Cmd
	exited   chan struct{} // closed when process has ended
}

// NewRedis starts a server, which the caller must Close. The error wraps
// [exec.ErrNotFound] if Redis is not installed.
//
// Unless the settings say otherwise it keeps nothing on disk: killed and
// started again it is empty.
func NewRedis(settings ...string) (*RedisServer, error) {
	return newRedis(rand.Text(), false, settings)
}

func newRedis(password string, node bool, settings []string) (*RedisServer, error) {
	bin, err := redisProgram()
	if err != nil {
		return nil, err
	}
	s := &RedisServer{bin: bin, password: password, settings: settings}
	if s.dir, err = os.MkdirTemp("", "beckon-redis-"); err != nil {
		return nil, err
	}
	if err := giveAway(s.dir); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	// Between being found free and being taken a port may go to somebody else.
	for range 5 {
		if s.port, err = freePort(); err != nil {
			break
		}
		if node {
			if s.bus, err = freePort(); err != nil {
				break
			}
		}
		if err = s.Start(); err == nil {
			return s, nil
		}
	}
	return nil, errors.Join(err, s.Close())
}

func redisProgram() (string, error) {
	if err := hidden(); err != nil {
		return "", err
	}
	return exec.LookPath("redis-server")
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port //nolint:errcheck // a TCP listener has a TCP address
	return port, l.Close()
}

// Addr returns the server's host and port.
func (s *RedisServer) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Password returns what clients need.
func (s *RedisServer) Password() string { return s.password }

// URL returns the address of the server, password included.
func (s *RedisServer) URL() string {
	u := url.URL{Scheme: "redis", User: url.UserPassword("", s.password), Host: s.Addr()}
	return u.String()
}

// Start starts the server again, at the same address, after Kill or Stop. It
// returns when the server has loaded what is on disk and takes commands.
func (s *RedisServer) Start() error {
	args := []string{
		"--bind", "127.0.0.1", "--port", strconv.Itoa(s.port), "--dir", s.dir, "--requirepass", s.password,
		"--save", "", "--daemonize", "no", "--enable-debug-command", "local",
	}
	if s.bus != 0 {
		args = append(args, "--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(s.bus))
	}
	for _, setting := range s.settings {
		name, value, _ := strings.Cut(setting, "=")
		args = append(args, "--"+name, value)
	}
	cmd, output, exited := exec.CommandContext(context.Background(), s.bin, args...), new(bytes.Buffer), make(chan struct{})
	cmd.Dir, cmd.SysProcAttr = s.dir, attributes()
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	for deadline := time.Now().Add(startTime); time.Now().Before(deadline); {
		select {
		case <-exited:
			return fmt.Errorf("redis-server has ended: %s", output)
		case <-time.After(5 * time.Millisecond):
		}
		if got, err := s.Command("PING"); err == nil && got == "+PONG" {
			s.process, s.exited = cmd, exited
			return nil
		}
	}
	_ = cmd.Process.Kill()
	<-exited
	return fmt.Errorf("redis-server does not get ready: %s", output)
}

// Command sends one command, its words set apart by spaces, over a connection
// of its own, and returns the first line of the answer, or all of it if it
// is one text. An error answer is an error.
func (s *RedisServer) Command(line string) (string, error) {
	c, err := net.DialTimeout("tcp", s.Addr(), time.Second)
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(c, "AUTH %s\r\n%s\r\n", s.password, line); err != nil {
		return "", err
	}
	r := bufio.NewReader(c)
	for range 2 { // the answer to AUTH, then the one asked for
		if line, err = r.ReadString('\n'); err != nil {
			return "", err
		}
		if line = strings.TrimRight(line, "\r\n"); strings.HasPrefix(line, "-") {
			return "", errors.New(line)
		}
	}
	if size, ok := strings.CutPrefix(line, "$"); ok {
		n, err := strconv.Atoi(size)
		if err != nil {
			return "", err
		}
		text := make([]byte, max(n, 0))
		for read := 0; read < len(text); {
			n, err := r.Read(text[read:])
			if err != nil {
				return "", err
			}
			read += n
		}
		return string(text), nil
	}
	return line, nil
}

// Kill ends the server as a crash would (SIGKILL).
func (s *RedisServer) Kill() error { return s.end(syscall.SIGKILL) }

// Stop ends the server in order.
func (s *RedisServer) Stop() error { return s.end(syscall.SIGTERM) }

func (s *RedisServer) end(signal syscall.Signal) error {
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
		return errors.New("redis-server does not end")
	}
}

// Close ends the server for good and removes its data.
func (s *RedisServer) Close() error {
	var err error
	if s.process != nil {
		err = s.Kill() // nothing is to be kept
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}
