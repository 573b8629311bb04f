package sqlstore_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"unique"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// decide is a decision written as a function.
type decide func(*store.Record, *store.Changes) error

func (d decide) Decide(r *store.Record, c *store.Changes) error { return d(r, c) }

// add counts in LastSeen of a record.
func add(ctx context.Context, s beckon.Store, key store.Key) error {
	steps := []store.Step{{Key: key, Decider: decide(func(r *store.Record, c *store.Changes) error {
		c.LastSeen = r.LastSeen + 1
		return nil
	})}}
	return errors.Join(s.Step(ctx, steps), steps[0].Err)
}

// seen returns LastSeen of a record.
func seen(t testing.TB, s beckon.Store, key store.Key) (n int64) {
	t.Helper()
	if err := s.Read(t.Context(), []store.Key{key}, func(r *store.Record) error { n = r.LastSeen; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func name1(s string) unique.Handle[string] { return unique.Make(s) }

func user(id string) store.Key { return store.Key{Kind: store.KindUser, ID: id} }

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
