package sqlstore_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// However many open a new database at once, all find it ready.
func TestOpenAtOnce(t *testing.T) {
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			var all sync.WaitGroup
			for i := range 8 {
				all.Go(func() {
					if err := add(t.Context(), p.open(t), user(fmt.Sprint(i))); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			s := p.open(t)
			for i := range 8 {
				if n := seen(t, s, user(fmt.Sprint(i))); n != 1 {
					t.Errorf("store %d: counted %d", i, n)
				}
			}
		})
	}
}

// Tables of a newer version are refused, and left as they are. Tables that are
// up to date ask for no right to change them.
func TestSchemaVersion(t *testing.T) {
	newer := fmt.Sprintf("UPDATE beckon_schema SET version = %d", sqlstore.SchemaVersion+1)
	t.Run("postgres", func(t *testing.T) {
		url := postgresURL(t)
		openPostgres(t, url)
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close(t.Context()) }()
		if _, err := conn.Exec(t.Context(), "ALTER DATABASE "+conn.Config().Database+" SET default_transaction_read_only = on"); err != nil {
			t.Fatal(err)
		}
		s := openPostgres(t, url)
		if err := add(t.Context(), s, user("u")); !errors.Is(err, sqlstore.ErrReadOnly) {
			t.Errorf("a step on a read-only database: %v", err)
		}
		if n := seen(t, s, user("u")); n != 0 {
			t.Errorf("counted %d", n)
		}
		if _, err := conn.Exec(t.Context(), newer); err != nil {
			t.Fatal(err)
		}
		if _, err := sqlstore.OpenPostgres(t.Context(), url); !errors.Is(err, store.ErrDataVersion) {
			t.Errorf("opened with %v, want %v", err, store.ErrDataVersion)
		}
	})
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "newer.db")
		openSQLite(t, path)
		db, err := sql.Open("sqlite", "file:"+path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if _, err := db.ExecContext(t.Context(), newer); err != nil {
			t.Fatal(err)
		}
		if _, err := sqlstore.OpenSQLite(t.Context(), path); !errors.Is(err, store.ErrDataVersion) {
			t.Errorf("opened with %v, want %v", err, store.ErrDataVersion)
		}
	})
}

// Tables of version 1 had addresses in the letters in which they were given: since
// version 2 a contact is found by every spelling.
func TestMigrateAddresses(t *testing.T) {
	lead, bare, moved, long := emailed("Lead@x.test"), emailed("Bare@x.test"), emailed("Moved@x.test"), emailed(strings.Repeat("A\x01é", 400))
	fill := func(t *testing.T, s *sqlstore.Store) {
		t.Helper()
		for key, p := range map[store.Key]store.Profile{
			user("u"): {Created: 1, Attributes: []store.Attribute{store.NewAttribute("email", beckon.String("Ada@X.test"))}},
			user("v"): {Created: 1, Attributes: []store.Attribute{store.NewAttribute("email", beckon.String("ada@x.test"))}},
			user("w"): {Created: 1},
			lead:      {Created: 1, Attributes: []store.Attribute{store.NewAttribute("email", beckon.String("Lead@x.test"))}},
			bare:      {Created: 1},
			moved:     {Forward: user("u"), Generation: 1},
			long:      {Created: 1},
		} {
			put(t, s, key, p)
		}
	}
	found := func(t *testing.T, s *sqlstore.Store) string {
		t.Helper()
		var all []string
		for _, address := range []string{"ADA@x.test", "lead@x.test", "bare@X.test", "moved@x.test"} {
			if _, err := s.Scan(t.Context(), store.Query{Email: address}, "", 10, func(r *store.Record) error {
				all = append(all, r.Key.ID)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		return fmt.Sprint(all)
	}
	const want = "[u v Lead@x.test Bare@x.test Moved@x.test]"
	// What version 1 had in the column, and its number.
	old := []string{
		"UPDATE beckon_records SET email = 'Ada@X.test' WHERE kind = 1 AND email IS NOT NULL AND attributes LIKE '%X.test%'",
		"UPDATE beckon_records SET email = NULL WHERE kind = 3", "UPDATE beckon_records SET email = 'Lead@x.test' WHERE kind = 3 AND attributes LIKE '%Lead%'",
		"UPDATE beckon_schema SET version = 1",
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "old.db")
		s := openSQLite(t, path)
		fill(t, s)
		db, err := sql.Open("sqlite", "file:"+path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		for _, text := range append(oldTerms(), old...) {
			if _, err := db.ExecContext(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
		if got := found(t, s); got == want {
			t.Errorf("the old tables have %s", got)
		}
		if got := found(t, openSQLite(t, path)); got != want {
			t.Errorf("found %s, want %s", got, want)
		}
	})
	t.Run("postgres", func(t *testing.T) {
		url := postgresURL(t)
		s := openPostgres(t, url)
		fill(t, s)
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close(t.Context()) }()
		for _, text := range old {
			if text == "UPDATE beckon_schema SET version = 1" {
				text += "; CREATE INDEX beckon_records_attributes ON beckon_records USING gin (attributes)"
			}
			if _, err := conn.Exec(t.Context(), strings.ReplaceAll(text, "attributes LIKE", "attributes::text LIKE")); err != nil {
				t.Fatal(err)
			}
		}
		if got := found(t, s); got == want {
			t.Errorf("the old tables have %s", got)
		}
		if got := found(t, openPostgres(t, url)); got != want {
			t.Errorf("found %s, want %s", got, want)
		}
	})
}

func emailed(id string) store.Key { return store.Key{Kind: store.KindEmail, ID: id} }

// put writes a profile.
func put(t *testing.T, s *sqlstore.Store, key store.Key, p store.Profile) {
	t.Helper()
	steps := []store.Step{{Key: key, Decider: decide(func(_ *store.Record, c *store.Changes) error {
		c.Profile = &p
		return nil
	})}}
	if err := errors.Join(s.Step(t.Context(), steps), steps[0].Err); err != nil {
		t.Fatal(err)
	}
}

// A store takes a pool that the host has, whatever its way of executing
// statements, and leaves it open and its connections' settings as they were.
func TestOpenPool(t *testing.T) {
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeExec} {
		config, err := pgxpool.ParseConfig(postgresURL(t))
		if err != nil {
			t.Fatal(err)
		}
		config.ConnConfig.DefaultQueryExecMode, config.MaxConns = mode, 1
		pool, err := pgxpool.NewWithConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		s, err := sqlstore.OpenPool(t.Context(), pool)
		if err != nil {
			t.Fatal(err)
		}
		for range 8 { // more often than a plan is made anew
			if err := add(t.Context(), s, user("u")); err != nil {
				t.Fatal(mode, err)
			}
		}
		if n := seen(t, s, user("u")); n != 8 {
			t.Errorf("%v: counted %d", mode, n)
		}
		if now, err := s.Now(t.Context()); err != nil || now.IsZero() {
			t.Errorf("%v: Now returned %v, %v", mode, now, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		var setting string
		if err := pool.QueryRow(t.Context(), "SHOW enable_seqscan").Scan(&setting); err != nil || setting != "on" {
			t.Errorf("%v: after Close the pool's connection has %q, %v", mode, setting, err)
		}
	}
}
