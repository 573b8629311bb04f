package sqlstore_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/beckon-go/beckon/internal/failover"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// execute executes a statement on a connection of its own.
func execute(t *testing.T, url, sql string) {
	t.Helper()
	conn := connect(t, url)
	if _, err := conn.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(sql, err)
	}
}

// pair starts a server and its standby.
func pair(t *testing.T, settings ...string) (primary, standby *testserver.PostgresServer) {
	t.Helper()
	if testing.Short() {
		t.Skip("two servers take their time to start")
	}
	t.Parallel()
	primary = testserver.StartPostgres(t, settings...)
	return primary, testserver.StartStandby(t, primary)
}

// Where the primary dies under load and a standby that has confirmed each commit takes over, no
// step that was acknowledged is lost, none is made twice, and the Store goes on with the standby.
func TestPrimaryDies(t *testing.T) {
	primary, standby := pair(t, "synchronous_standby_names=standby")
	l := failover.NewLoad(t, openPostgres(t, primary.Either(standby)))
	l.Progress()
	if err := primary.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := standby.Promote(); err != nil {
		t.Fatal(err)
	}
	l.Progress()
	l.Check(nil)
}

// A step that the standby never got is lost with the primary, also for the Store that has made it
// and kept what it wrote: whatever comes next is decided on what the standby has.
func TestPrimaryDiesBeforeItsStandby(t *testing.T) {
	primary, standby := pair(t)
	s := openPostgres(t, primary.Either(standby))
	l := failover.NewLoad(t, s)
	l.Progress()
	safe := l.Acknowledged()
	caughtUp(t, primary)
	execute(t, primary.URL(), "ALTER SYSTEM SET max_wal_senders = 0") // for when it comes back
	if err := standby.Stop(); err != nil {
		t.Fatal(err)
	}
	l.Progress() // of this the standby knows nothing
	if err := primary.Kill(); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		failover.Pause() // callers meet it
	}
	if err := errors.Join(standby.Start(), standby.Promote()); err != nil {
		t.Fatal(err)
	}
	l.Progress()
	if lost := l.Check(safe); lost == 0 {
		t.Error("nothing was lost: the standby has followed to the end")
	}
}

// caughtUp waits until a standby has all that its primary has written so far.
func caughtUp(t *testing.T, primary *testserver.PostgresServer) {
	t.Helper()
	conn := connect(t, primary.URL())
	var at string
	if err := conn.QueryRow(t.Context(), "SELECT pg_current_wal_lsn()::text").Scan(&at); err != nil {
		t.Fatal(err)
	}
	began := time.Now() //nolint:forbidigo // there is no clock to set
	for has := false; !has; runtime.Gosched() {
		if err := conn.QueryRow(t.Context(), "SELECT coalesce(bool_or(flush_lsn >= $1::pg_lsn), false) FROM pg_stat_replication", at).Scan(&has); err != nil {
			t.Fatal(err)
		}
		if time.Since(began) > failover.GoesOn { //nolint:forbidigo // likewise
			t.Fatal("the standby does not follow")
		}
	}
}

// A sweep goes on with a standby that takes over in its middle: each contact gets the message
// once, from the sweep or from the outbox.
func TestSweepOutlivesFailover(t *testing.T) {
	primary, standby := pair(t, "synchronous_standby_names=standby")
	failover.Sweep(t, openPostgres(t, primary.Either(standby)), map[int]func() error{failover.Swept / 2: primary.Kill}, standby.Promote)
}

// A primary that takes no more writes, though its connections stay, is left for the server that
// does, also where the pool is the host's.
func TestPrimaryIsDemoted(t *testing.T) {
	opens := map[string]func(t *testing.T, url string) *sqlstore.Store{
		"own": func(t *testing.T, url string) *sqlstore.Store { return openPostgres(t, url) },
		"of the host": func(t *testing.T, url string) *sqlstore.Store {
			return openPool(t, url, func(*pgxpool.Config) {})
		},
	}
	for name, open := range opens {
		t.Run(name, func(t *testing.T) {
			primary, standby := pair(t, "synchronous_standby_names=standby")
			l := failover.NewLoad(t, open(t, primary.Either(standby)))
			l.Progress()
			execute(t, primary.URL(), "ALTER SYSTEM SET default_transaction_read_only = on")
			execute(t, primary.URL(), "SELECT pg_reload_conf()")
			for range 50 {
				failover.Pause() // callers meet it
			}
			if err := standby.Promote(); err != nil {
				t.Fatal(err)
			}
			l.Progress()
			l.Check(nil)
		})
	}
}

// So it is where the only steps are those that have a transaction of their own.
func TestPrimaryIsDemotedUnderDeletes(t *testing.T) {
	primary, standby := pair(t, "synchronous_standby_names=standby")
	s, key := openPostgres(t, primary.Either(standby), sqlstore.WithFlights(1)), user("a")
	if err := add(t.Context(), s, key); err != nil {
		t.Fatal(err)
	}
	execute(t, primary.URL(), "ALTER SYSTEM SET default_transaction_read_only = on")
	execute(t, primary.URL(), "SELECT pg_reload_conf()")
	if err := standby.Promote(); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); ; failover.Pause() { //nolint:forbidigo // there is no clock to set
		steps := []store.Step{{Key: key, Decider: decide(func(_ *store.Record, c *store.Changes) error { c.Delete = true; return nil })}}
		err := errors.Join(s.Step(t.Context(), steps), steps[0].Err)
		if err == nil {
			break
		}
		if time.Since(began) > failover.GoesOn { //nolint:forbidigo // likewise
			t.Fatal(err)
		}
	}
	if n := seen(t, s, key); n != 0 {
		t.Errorf("the record is there, with %d", n)
	}
}

// Where a server is read-only and stays so, a step says that, and the Store works again when it
// is no more.
func TestReadOnlyForAWhile(t *testing.T) {
	t.Parallel()
	server := testserver.StartPostgres(t)
	s := openPostgres(t, server.URL())
	set := func(mode string) {
		execute(t, server.URL(), "ALTER SYSTEM SET default_transaction_read_only = "+mode)
		execute(t, server.URL(), "SELECT pg_reload_conf()")
	}
	key, n := user("a"), int64(0)
	// until makes steps until the server has heard of the setting.
	until := func(is func(error) bool) {
		t.Helper()
		for began := time.Now(); ; failover.Pause() { //nolint:forbidigo // there is no clock to set
			err := add(t.Context(), s, key)
			if err == nil {
				n++
			}
			if got := seen(t, s, key); got != n {
				t.Fatalf("%d steps are to be read, %d were acknowledged", got, n)
			}
			if is(err) {
				return
			}
			if time.Since(began) > failover.GoesOn { //nolint:forbidigo // likewise
				t.Fatal(err)
			}
		}
	}
	for range 3 {
		set("on")
		until(func(err error) bool {
			return errors.Is(err, sqlstore.ErrReadOnly) && strings.Contains(err.Error(), "takes no writes")
		})
		set("off")
		until(func(err error) bool { return err == nil })
	}
}

// Steps on a server that stays read-only do not make a connection each.
func TestReadOnlyMakesFewConnections(t *testing.T) {
	t.Parallel()
	server := testserver.StartPostgres(t)
	var made atomic.Int64
	s := openPool(t, server.URL(), func(config *pgxpool.Config) {
		config.AfterConnect = func(context.Context, *pgx.Conn) error { made.Add(1); return nil }
	})
	execute(t, server.URL(), "ALTER SYSTEM SET default_transaction_read_only = on")
	execute(t, server.URL(), "SELECT pg_reload_conf()")
	for began := time.Now(); add(t.Context(), s, user("a")) == nil; failover.Pause() { //nolint:forbidigo // there is no clock to set
		if time.Since(began) > failover.GoesOn { //nolint:forbidigo // likewise
			t.Fatal("it takes writes")
		}
	}
	const steps = 50
	before := made.Load()
	for range steps {
		if err := add(t.Context(), s, user("a")); !errors.Is(err, sqlstore.ErrReadOnly) {
			t.Fatal(err)
		}
	}
	if n := made.Load() - before; n > steps/5 {
		t.Errorf("%d steps made %d connections", steps, n)
	}
}
