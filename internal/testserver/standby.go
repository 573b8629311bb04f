package testserver

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
)

// StartStandby starts a standby of a server, which follows it until it is promoted. It ends with
// the test.
func StartStandby(tb testing.TB, primary *PostgresServer, settings ...string) *PostgresServer {
	tb.Helper()
	return start(tb, "PostgreSQL", noPostgres, primary.NewStandby, settings)
}

// NewStandby copies the server's data and starts a server that follows it, with the name
// "standby". The caller must Close it.
func (s *PostgresServer) NewStandby(settings ...string) (*PostgresServer, error) {
	b := &PostgresServer{bin: s.bin, password: s.password, settings: append([]string{"cluster_name=standby"}, settings...)}
	var err error
	if b.dir, err = os.MkdirTemp("", "beckon-postgres-"); err != nil {
		return nil, err
	}
	if err := b.follow(s); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	if err := b.Start(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// follow makes the cluster as a copy of another, which it will follow.
func (s *PostgresServer) follow(primary *PostgresServer) error {
	if err := giveAway(s.dir); err != nil {
		return err
	}
	cmd := s.command("pg_basebackup", "-D", s.data(), "-d", primary.URL(), "-R", "--checkpoint=fast", "--no-sync", "-X", "stream")
	cmd.Env = append(os.Environ(), "PGPASSWORD="+s.password)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pg_basebackup: %w\n%s", err, out)
	}
	return nil
}

// Promote makes a standby a server that takes writes. It returns when it does.
func (s *PostgresServer) Promote() error {
	if out, err := s.command("pg_ctl", "promote", "-D", s.data(), "-w").CombinedOutput(); err != nil {
		return fmt.Errorf("pg_ctl promote: %w\n%s", err, out)
	}
	return nil
}

// Either returns an address at which clients find that of two servers which takes writes.
func (s *PostgresServer) Either(other *PostgresServer) string {
	hosts := make([]string, 2)
	for i, one := range []*PostgresServer{s, other} {
		hosts[i] = net.JoinHostPort("127.0.0.1", strconv.Itoa(one.port))
	}
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", s.password),
		Host: strings.Join(hosts, ","), Path: "/postgres", RawQuery: "sslmode=disable&target_session_attrs=read-write",
	}
	return u.String()
}
