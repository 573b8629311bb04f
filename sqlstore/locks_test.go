package sqlstore_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

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
