package sqlstore_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// Groups of two processes lock the rows of contacts in one order, also if something begins to
// wait for some of them and not for others. Else the server ends one of them after a second, or a
// statement of the host that waits behind.
func TestGroupsLockInOneOrder(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	conn := connect(t, url)
	if _, err := conn.Exec(t.Context(), "ALTER DATABASE "+conn.Config().Database+" SET deadlock_timeout = '50ms'"); err != nil {
		t.Fatal(err)
	}
	var ended atomic.Int64
	open := func() *sqlstore.Store {
		return openPool(t, url, func(config *pgxpool.Config) {
			config.ConnConfig.OnPgError = func(_ *pgconn.PgConn, err *pgconn.PgError) bool {
				if err.Code == "40P01" {
					ended.Add(1)
				}
				return true
			}
		})
	}
	seen := decide(func(r *store.Record, c *store.Changes) error { c.LastSeen = r.LastSeen + 1; return nil })
	pending := decide(func(_ *store.Record, c *store.Changes) error {
		c.Pending = append(c.Pending, store.Pending{Until: 1, Delivery: beckon.Delivery{ID: "d"}})
		return nil
	})
	a, b := open(), open()
	var made []store.Step
	for _, id := range []string{"0", "1", "2"} {
		made = append(made, store.Step{Key: user(id), Decider: seen})
	}
	if err := a.Step(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	waiting := func(n int) { // until so many wait for a lock
		for count(t, conn, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") < n {
			runtime.Gosched()
		}
	}
	holder := connect(t, url)
	tx, err := holder.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "SELECT FROM beckon_records WHERE id = '2' FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	group := func(s *sqlstore.Store, steps ...store.Step) {
		all.Go(func() {
			if err := s.Step(t.Context(), steps); err != nil {
				t.Error(err)
			}
		})
	}
	// The first has the 1, waits for the 2 and is then to lock the 0; the second has the 0 and waits for the 1.
	group(a, store.Step{Key: user("0"), Decider: pending}, store.Step{Key: user("1"), Decider: seen}, store.Step{Key: user("2"), Decider: seen})
	waiting(1)
	group(b, store.Step{Key: user("0"), Decider: seen}, store.Step{Key: user("1"), Decider: pending})
	waiting(2)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	if n := ended.Load(); n != 0 {
		t.Errorf("the server ended %d statements", n)
	}
	if is := disagree(t, conn); is != "" {
		t.Errorf("of one table only: %s", is)
	}
}

// A group that the server has ended because it and another waited for each other locks all rows
// in one order when it is carried out again, also rows of which more is written than of others.
func TestGroupsLockInOneOrderAgain(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	conn := connect(t, url)
	var ended atomic.Int64
	s := openPool(t, url, func(config *pgxpool.Config) {
		config.ConnConfig.RuntimeParams["deadlock_timeout"] = "10ms" // that of the host is a second: ours is ended
		config.ConnConfig.OnPgError = func(_ *pgconn.PgConn, err *pgconn.PgError) bool {
			if err.Code == "40P01" {
				ended.Add(1)
			}
			return true
		}
	})
	seen := decide(func(r *store.Record, c *store.Changes) error { c.LastSeen = r.LastSeen + 1; return nil })
	whole := decide(func(r *store.Record, c *store.Changes) error {
		c.LastSeen, c.Profile = r.LastSeen+1, &store.Profile{Created: 1, Attributes: []store.Attribute{store.NewAttribute("n", beckon.Number(r.LastSeen))}}
		return nil
	})
	if err := s.Step(t.Context(), []store.Step{{Key: user("0"), Decider: seen}, {Key: user("1"), Decider: seen}, {Key: user("2"), Decider: seen}}); err != nil {
		t.Fatal(err)
	}
	lock := func(tx pgx.Tx, id string) {
		if _, err := tx.Exec(t.Context(), "SELECT FROM beckon_records WHERE id = $1 FOR UPDATE", []byte(id)); err != nil {
			t.Error(err)
		}
	}
	var all sync.WaitGroup
	// The group has the 1, waits for the 2 and is then to lock the 0. A host has the 0, and waits for the 1.
	crossed := func(holds, crosses *pgx.Conn) error {
		held, err := holds.Begin(t.Context())
		if err != nil {
			return err
		}
		tx, err := crosses.Begin(t.Context())
		if err != nil {
			return err
		}
		lock(held, "2")
		var locked atomic.Bool
		waiting := func(n int) {
			for !locked.Load() && count(t, conn, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") < n {
				runtime.Gosched()
			}
		}
		all.Go(func() {
			waiting(1)
			all.Go(func() {
				lock(tx, "0")
				lock(tx, "1")
				locked.Store(true)
				if err := tx.Rollback(t.Context()); err != nil {
					t.Error(err)
				}
			})
			waiting(2)
			if err := held.Rollback(t.Context()); err != nil {
				t.Error(err)
			}
		})
		return nil
	}
	conns := [][2]*pgx.Conn{{connect(t, url), connect(t, url)}, {connect(t, url), connect(t, url)}}
	tries := 0
	steps := []store.Step{{Key: user("0"), Decider: whole}, {Key: user("1"), Decider: seen}, {Key: user("2"), Decider: decide(func(r *store.Record, c *store.Changes) error {
		if tries++; tries <= len(conns) {
			if err := crossed(conns[tries-1][0], conns[tries-1][1]); err != nil {
				return err
			}
		}
		return seen(r, c)
	})}}
	err := s.Step(t.Context(), steps)
	all.Wait()
	if n := ended.Load(); err != nil || n != 1 || tries != 2 {
		t.Errorf("%v; the server ended %d statements in %d tries, want 1 in 2", err, n, tries)
	}
}
