package sqlstore_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// What cannot be written is refused for what is there, and not for a row that was kept and
// has changed: neither what the Store refuses nor what the server does.
func TestRecentRefused(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	one, two := openPostgres(t, url), openPostgres(t, url)
	for _, c := range []struct {
		name   string
		refuse func(*store.Changes)
	}{
		{"by the store", func(c *store.Changes) { c.Stats = append(c.Stats, store.Stats{Name: name1("\xff"), Count: 1}) }},
		{"by the server", func(c *store.Changes) {
			c.LastSeen, c.Totals = 9, append(c.Totals, store.Increment{Message: "m", Name: "\xff", N: 1})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			key := user(t.Name())
			if err := errors.Join(add(t.Context(), one, key), add(t.Context(), two, key)); err != nil {
				t.Fatal(err)
			}
			steps := []store.Step{{Key: key, Decider: decide(func(r *store.Record, d *store.Changes) error {
				if r.LastSeen == 1 { // as one has kept it
					c.refuse(d)
				}
				return nil
			})}}
			if err := errors.Join(one.Step(t.Context(), steps), steps[0].Err); err != nil {
				t.Error(err)
			}
		})
	}
}

// A row is not taken for what it was on connections that are no more: the server may be another
// by now, or one that came up again without its last commits, and has others of the same number.
func TestRecentReconnected(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	s, key := openPostgres(t, url), user("u")
	if err := add(t.Context(), s, key); err != nil {
		t.Fatal(err)
	}
	// The same version in the same place, but another record.
	sqlstore.Exec(t, s, "CREATE TABLE other AS SELECT * FROM beckon_records; UPDATE other SET last_seen = 100; TRUNCATE beckon_records; INSERT INTO beckon_records SELECT * FROM other")
	sqlstore.Reconnect(s)
	if err := add(t.Context(), s, key); err != nil {
		t.Fatal(err)
	}
	if n := seen(t, s, key); n != 101 {
		t.Errorf("counted %d, want 101", n)
	}
	kept(t, s, "on a connection made since", 0, 0)
	if err := add(t.Context(), s, key); err != nil {
		t.Fatal(err)
	}
	kept(t, s, "on the same connection", 1, 0)
}

// A row that is longer than a generation is not kept, and takes no other's place. Of long ones
// there are as many as two generations have room for.
func TestRecentTooLong(t *testing.T) {
	t.Parallel()
	s := openPostgres(t, postgresURL(t))
	sqlstore.SetMostRecent(s, 10_000)
	for _, c := range []struct{ size, rows, least, most int }{{10, 20, 20, 20}, {10_000, 20, 20, 20}, {1000, 20, 4, 12}} {
		steps := make([]store.Step, c.rows)
		for i := range steps {
			steps[i] = store.Step{Key: user(fmt.Sprint(c.size, i)), Decider: decide(func(_ *store.Record, d *store.Changes) error {
				d.Profile = &store.Profile{Created: 1, Attributes: []store.Attribute{store.NewAttribute("a", beckon.String(strings.Repeat("x", c.size)))}}
				return nil
			})}
		}
		if err := s.Step(t.Context(), steps); err != nil {
			t.Fatal(err)
		}
		if n, _, _ := sqlstore.Recent(s); n < c.least || n > c.most {
			t.Errorf("after %d rows of %d bytes %d are kept, want %d to %d", c.rows, c.size, n, c.least, c.most)
		}
	}
}

// Where rows that are kept are mostly of no use, because others write them or because the steps
// on them write nothing, none are kept for a time: not of what is written, and not of scans.
func TestRecentInVain(t *testing.T) {
	t.Parallel()
	const rows = 256 // as many as are counted until that is judged
	for _, c := range []struct {
		name   string
		others bool // write the same rows
		writes bool
	}{{"others write", true, true}, {"nothing is written", false, false}} {
		t.Run(c.name, func(t *testing.T) {
			url := postgresURL(t)
			one, two := openPostgres(t, url), openPostgres(t, url)
			crowd(t, two, rows)
			scan := func() {
				t.Helper()
				if _, err := one.Scan(t.Context(), store.Query{Kinds: []store.Kind{store.KindUser}, ToStep: true}, "", rows, func(*store.Record) error { return nil }); err != nil {
					t.Fatal(err)
				}
			}
			step := func(s *sqlstore.Store, n int, writes bool) {
				t.Helper()
				steps := make([]store.Step, n)
				for i := range steps {
					steps[i] = store.Step{Key: user(fmt.Sprintf("user-%06d", i)), Decider: decide(func(r *store.Record, d *store.Changes) error {
						if writes {
							d.LastSeen = r.LastSeen + 1
						}
						return nil
					})}
				}
				if err := s.Step(t.Context(), steps); err != nil {
					t.Fatal(err)
				}
			}
			scan()
			if c.others {
				step(two, rows, true)
			}
			step(one, rows, c.writes)
			scan()
			step(one, rows/2, true)
			kept(t, one, "after as many rows in vain", 0, 0)
			if n, _, _ := sqlstore.Recent(one); n != 0 {
				t.Errorf("%d rows are kept, want none", n)
			}
		})
	}
}

// A connection that has ended is noticed before a group is sent over it, also if nothing is to
// be loaded: else nobody knew whether it was written.
func TestRecentEnded(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	conn := connect(t, url)
	const others = " FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
	for _, c := range []struct {
		name string
		open func() *sqlstore.Store
	}{
		{"of our own", func() *sqlstore.Store { return openPostgres(t, url) }},
		{"of a host", func() *sqlstore.Store { return openPool(t, url, func(*pgxpool.Config) {}) }},
	} {
		s := c.open()
		if err := add(t.Context(), s, user(c.name)); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "SELECT pg_terminate_backend(pid)"+others); err != nil {
			t.Fatal(err)
		}
		for count(t, conn, "SELECT count(*)"+others) > 0 {
			continue // they are about to end
		}
		if err := add(t.Context(), s, user(c.name)); err != nil {
			t.Errorf("over a connection %s that has ended: %v", c.name, err)
		}
		if n := seen(t, s, user(c.name)); n != 2 {
			t.Errorf("over a connection %s that has ended: counted %d, want 2", c.name, n)
		}
	}
}

// A row that another has written since is not taken for the one that was kept, even if it is in
// the same place again because the table was rewritten.
func TestRecentRewritten(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	one, two, key := openPostgres(t, url), openPostgres(t, url), user("u")
	place := func() string { return string(sqlstore.Bytes(t, two, "SELECT ctid::text::bytea FROM beckon_records")) }
	if err := add(t.Context(), one, key); err != nil {
		t.Fatal(err)
	}
	was := place()
	if err := add(t.Context(), two, key); err != nil {
		t.Fatal(err)
	}
	sqlstore.Exec(t, two, "VACUUM FULL beckon_records")
	if is := place(); is != was {
		t.Fatalf("the row is at %s, and was at %s", is, was)
	}
	if err := add(t.Context(), one, key); err != nil {
		t.Fatal(err)
	}
	if n := seen(t, one, key); n != 3 {
		t.Errorf("counted %d, want 3", n)
	}
}

// Nor is the row of another record that has come into its place, with the same version.
func TestRecentReplaced(t *testing.T) {
	t.Parallel()
	for _, seek := range []bool{false, true} {
		url := postgresURL(t)
		s := openPostgres(t, url)
		if seek {
			sqlstore.Seek(s)
		}
		row := func(column, id string) string {
			return string(sqlstore.Bytes(t, s, "SELECT ("+column+")::text::bytea FROM beckon_records WHERE id = $1", []byte(id)))
		}
		if err := add(t.Context(), s, user("u")); err != nil {
			t.Fatal(err)
		}
		was := row("ctid", "u")
		sqlstore.Exec(t, s, "UPDATE beckon_records SET id = $1", []byte("v"))
		sqlstore.Exec(t, s, "VACUUM FULL beckon_records")
		if is := row("ctid", "v"); is != was {
			t.Fatalf("the other row is at %s, want %s", is, was)
		}
		if err := add(t.Context(), s, user("u")); err != nil {
			t.Fatal(err)
		}
		if u, v := row("last_seen", "u"), row("last_seen", "v"); u != "1" || v != "1" {
			t.Errorf("seek %t: u counts %s and v %s, want 1 and 1", seek, u, v)
		}
	}
}
