package sqlstore

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// A server that takes a connection and says nothing is left in time, and the error says what it
// is, and not where.
func TestServerSaysNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	url := "postgres://somebody:secret@" + l.Addr().String() + "/base?connect_timeout=1&sslmode=disable"
	_, err = OpenPostgres(context.Background(), url)
	if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("%v", err)
	}
	for _, secret := range []string{"somebody", "secret", "base", "127.0.0.1"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%v has %q", err, secret)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = OpenPostgres(ctx, url); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) {
		t.Errorf("a context that has ended: %v", err)
	}
}

// An address that does not answer is left after as long as the url says, else after a while.
func TestConnectTimeout(t *testing.T) {
	for url, want := range map[string]time.Duration{"postgres://h/b": connectTimeout, "postgres://h/b?connect_timeout=3": 3 * time.Second} {
		config, err := pgxpool.ParseConfig(url)
		if err != nil {
			t.Fatal(err)
		}
		dialing(&config.ConnConfig.Config)
		if got := config.ConnConfig.ConnectTimeout; got != want {
			t.Errorf("%s: %v, want %v", url, got, want)
		}
	}
}
