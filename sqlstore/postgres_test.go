package sqlstore_test

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/sqlstore"
)

var server testserver.SharedPostgres

func TestMain(m *testing.M) {
	code := m.Run()
	if err := server.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

var databases atomic.Int64

// postgresURL returns the address of a new database.
func postgresURL(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("beckon_%d_%d", os.Getpid(), databases.Add(1))
	root := server.URL(t)
	conn, err := pgx.Connect(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	if _, err := conn.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	config, err := pgx.ParseConfig(root)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("postgres://%s:%s@%s:%d/%s?sslmode=disable", config.User, config.Password, config.Host, config.Port, name)
}

// openPostgres returns a store in the database.
func openPostgres(t testing.TB, url string, opts ...sqlstore.Option) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.OpenPostgres(t.Context(), url, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// openTraced opens a store over a pool that tells a tracer of each statement.
func openTraced(t testing.TB, tracer pgx.QueryTracer) *sqlstore.Store {
	t.Helper()
	return openPool(t, postgresURL(t), func(config *pgxpool.Config) { config.ConnConfig.Tracer = tracer })
}

// openPool opens a store over a pool of the test's own, which set has set up.
func openPool(t testing.TB, url string, set func(*pgxpool.Config)) *sqlstore.Store {
	t.Helper()
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	set(config)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s, err := sqlstore.OpenPool(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
