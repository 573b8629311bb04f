package testserver

import (
	"net"
	"net/url"
	"os"
	"strings"
	"testing"
)

// A server takes connections when it has started, none when it was killed, and
// again at the same address when it was started anew; afterwards nothing of it
// is left.
func TestPostgresServer(t *testing.T) {
	s := StartPostgres(t)
	address := s.URL()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(u.Host, "127.0.0.1:") {
		t.Errorf("it listens at %s", u.Host)
	}
	answers := func() bool {
		c, err := net.Dial("tcp", u.Host)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}
	for _, end := range []func() error{s.Kill, s.Stop} {
		if !answers() {
			t.Fatal("it has started, but takes no connection")
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if answers() {
			t.Error("it was ended, but takes connections")
		}
		if err := s.Start(); err != nil {
			t.Fatal(err)
		}
		if s.URL() != address {
			t.Errorf("it came back as %s, not %s", s.URL(), address)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if answers() {
		t.Error("it was closed, but takes connections")
	}
	if _, err := os.Stat(s.dir); !os.IsNotExist(err) {
		t.Errorf("its folder is still there: %v", err)
	}
}

// Where the environment names a server, none is started.
func TestPostgresFromEnvironment(t *testing.T) {
	const named = "postgres://somewhere/else"
	t.Setenv(PostgresURL, named)
	var shared SharedPostgres
	if got := []string{Postgres(t), shared.URL(t)}; got[0] != named || got[1] != named {
		t.Errorf("got %v", got)
	}
	if shared.server != nil {
		t.Error("a server was started")
	}
	if err := shared.Close(); err != nil {
		t.Error(err)
	}
}
