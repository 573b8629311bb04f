package sqlstore_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/storetest"
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

// A place is where a store has its data.
type place struct {
	open func(t testing.TB, opts ...sqlstore.Option) *sqlstore.Store
	// commits returns how many transactions have written so far.
	commits func(t testing.TB) int
}

// places returns a new one of each dialect.
func places(t testing.TB) map[string]place {
	t.Helper()
	url, path := postgresURL(t), filepath.Join(t.TempDir(), "store.db")
	return map[string]place{
		"postgres": {
			open: func(t testing.TB, opts ...sqlstore.Option) *sqlstore.Store { return openPostgres(t, url, opts...) },
			commits: func(t testing.TB) int {
				conn, err := pgx.Connect(t.Context(), url)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = conn.Close(t.Context()) }()
				// It takes a number itself, as all transactions of the server that write.
				var n int
				if err := conn.QueryRow(t.Context(), "SELECT pg_current_xact_id()::text::int").Scan(&n); err != nil {
					t.Fatal(err)
				}
				return n - int(asked.Add(1))
			},
		},
		"sqlite": {
			open:    func(t testing.TB, opts ...sqlstore.Option) *sqlstore.Store { return openSQLite(t, path, opts...) },
			commits: func(t testing.TB) int { return walCommits(t, path+"-wal") },
		},
	}
}

// asked is how many transactions commits has made in PostgreSQL itself.
var asked atomic.Int64

// walCommits counts the commits in a write-ahead log of SQLite: the frames that
// say how long the file is after them.
func walCommits(t testing.TB, path string) (n int) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const header, frame = 32, 24
	if len(data) < header {
		return 0
	}
	page := int(binary.BigEndian.Uint32(data[8:]))
	for at := header; at+frame+page <= len(data); at += frame + page {
		if bytes.Equal(data[at+8:at+16], data[16:24]) && binary.BigEndian.Uint32(data[at+4:]) != 0 {
			n++
		}
	}
	return n
}

// Both dialects keep the contract, with several stores on the same data too.
// Each test has a namespace of its own, which is a test of namespaces as well.
func TestContract(t *testing.T) {
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			namespaces := make(map[beckon.Store]string)
			again := func(t *testing.T, s beckon.Store) beckon.Store {
				other := p.open(t, sqlstore.WithNormalSync(), sqlstore.WithNamespace(namespaces[s]))
				namespaces[other] = namespaces[s]
				return other
			}
			storetest.Factory{
				New: func(t *testing.T) beckon.Store {
					namespace := t.Name()[:min(len(t.Name()), 40)] + fmt.Sprint(len(namespaces))
					s := p.open(t, sqlstore.WithNormalSync(), sqlstore.WithNamespace(namespace))
					namespaces[s] = namespace
					return s
				},
				Reopen: again,
				Second: again,
				Damage: damage(),
			}.Run(t)
		})
	}
}
