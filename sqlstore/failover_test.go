package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// goesOn is how long it may take until a Store works with a server that has taken over.
const goesOn = 20 * time.Second

// A load makes steps on records without end. Each record has one caller.
type load struct {
	t             *testing.T
	s             *sqlstore.Store
	done, unknown []atomic.Int64 // by record
	stop          chan struct{}
	ended         sync.Once
	callers       sync.WaitGroup
}

func newLoad(t *testing.T, s *sqlstore.Store) *load {
	t.Helper()
	const callers, each = 6, 8
	l := &load{t: t, s: s, done: make([]atomic.Int64, callers*each), unknown: make([]atomic.Int64, callers*each), stop: make(chan struct{})}
	t.Cleanup(l.end)
	for c := range callers {
		l.callers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-l.stop:
					return
				default:
				}
				l.step(c*each + n%each)
			}
		})
	}
	return l
}

func recordAt(i int) store.Key { return user(fmt.Sprint("record-", i)) }

// counted counts in LastSeen of a record, and in the totals.
var counted = decide(func(r *store.Record, c *store.Changes) error {
	c.LastSeen = r.LastSeen + 1
	c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "sent", N: 1})
	return nil
})

func (l *load) step(i int) {
	steps := []store.Step{{Key: recordAt(i), Decider: counted}}
	err := errors.Join(l.s.Step(context.Background(), steps), steps[0].Err)
	switch {
	case err == nil:
		l.done[i].Add(1)
		return
	case errors.Is(err, sqlstore.ErrUnknownOutcome):
		l.unknown[i].Add(1)
	case errors.Is(err, sqlstore.ErrUnavailable), errors.Is(err, sqlstore.ErrReadOnly):
	default:
		l.t.Errorf("an error of another kind: %v", err)
	}
	pause()
}

// pause is what a caller does that meets a server which is not there.
func pause() { time.Sleep(2 * time.Millisecond) } //nolint:forbidigo // there is no clock to set

func (l *load) end() {
	l.ended.Do(func() { close(l.stop) })
	l.callers.Wait()
}

// acknowledged returns how many steps on each record were.
func (l *load) acknowledged() []int64 {
	list := make([]int64, len(l.done))
	for i := range list {
		list[i] = l.done[i].Load()
	}
	return list
}

// progress waits until some steps on each record were acknowledged.
func (l *load) progress() {
	l.t.Helper()
	began, before := time.Now(), l.acknowledged() //nolint:forbidigo // there is no clock to set
	for i := range before {
		for l.done[i].Load() < before[i]+3 && !l.t.Failed() {
			if time.Since(began) > goesOn { //nolint:forbidigo // likewise
				l.t.Fatalf("after %v there was no step on %s", goesOn, recordAt(i).ID)
			}
			pause()
		}
	}
}

// check ends the load. Each record has at least what least has for it, and no more than was
// acknowledged or is not known; the totals have what the records have.
func (l *load) check(least []int64) (lost int64) {
	l.t.Helper()
	l.end()
	var sum, unknown int64
	for i := range l.done {
		n, done, open := seen(l.t, l.s, recordAt(i)), l.done[i].Load(), l.unknown[i].Load()
		want := done
		if least != nil {
			want = least[i]
		}
		if n < want || n > done+open {
			l.t.Errorf("%s has %d steps; %d were acknowledged, of %d nobody knows, and at least %d are to be there", recordAt(i).ID, n, done, open, want)
		}
		sum, lost, unknown = sum+n, lost+max(0, done-n), unknown+open
	}
	totals, err := l.s.Totals(l.t.Context(), "m")
	if err != nil || len(totals) != 1 || totals[0].Count != sum {
		l.t.Errorf("the records have %d steps, the totals %v: %v", sum, totals, err)
	}
	l.t.Logf("%d steps found; %d that were acknowledged are lost, of %d nobody knows", sum, lost, unknown)
	return lost
}

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
	l := newLoad(t, openPostgres(t, primary.Either(standby)))
	l.progress()
	if err := primary.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := standby.Promote(); err != nil {
		t.Fatal(err)
	}
	l.progress()
	l.check(nil)
}

// A step that the standby never got is lost with the primary, also for the Store that has made it
// and kept what it wrote: whatever comes next is decided on what the standby has.
func TestPrimaryDiesBeforeItsStandby(t *testing.T) {
	primary, standby := pair(t)
	s := openPostgres(t, primary.Either(standby))
	l := newLoad(t, s)
	l.progress()
	safe := l.acknowledged()
	caughtUp(t, primary)
	execute(t, primary.URL(), "ALTER SYSTEM SET max_wal_senders = 0") // for when it comes back
	if err := standby.Stop(); err != nil {
		t.Fatal(err)
	}
	l.progress() // of this the standby knows nothing
	if err := primary.Kill(); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		pause() // callers meet it
	}
	if err := errors.Join(standby.Start(), standby.Promote()); err != nil {
		t.Fatal(err)
	}
	l.progress()
	if lost := l.check(safe); lost == 0 {
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
		if time.Since(began) > goesOn { //nolint:forbidigo // likewise
			t.Fatal("the standby does not follow")
		}
	}
}

// A primary that takes no more writes, though its connections stay, is left for the server that
// does, also where the pool is the host's.
func TestPrimaryIsDemoted(t *testing.T) {
	opens := map[string]func(t *testing.T, url string) *sqlstore.Store{
		"own": func(t *testing.T, url string) *sqlstore.Store { return openPostgres(t, url) },
		"of the host": func(t *testing.T, url string) *sqlstore.Store {
			pool, err := pgxpool.New(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(pool.Close)
			s, err := sqlstore.OpenPool(t.Context(), pool)
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
	}
	for name, open := range opens {
		t.Run(name, func(t *testing.T) {
			primary, standby := pair(t, "synchronous_standby_names=standby")
			l := newLoad(t, open(t, primary.Either(standby)))
			l.progress()
			execute(t, primary.URL(), "ALTER SYSTEM SET default_transaction_read_only = on")
			execute(t, primary.URL(), "SELECT pg_reload_conf()")
			for range 50 {
				pause() // callers meet it
			}
			if err := standby.Promote(); err != nil {
				t.Fatal(err)
			}
			l.progress()
			l.check(nil)
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
	for began := time.Now(); ; pause() { //nolint:forbidigo // there is no clock to set
		steps := []store.Step{{Key: key, Decider: decide(func(_ *store.Record, c *store.Changes) error { c.Delete = true; return nil })}}
		err := errors.Join(s.Step(t.Context(), steps), steps[0].Err)
		if err == nil {
			break
		}
		if time.Since(began) > goesOn { //nolint:forbidigo // likewise
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
		for began := time.Now(); ; pause() { //nolint:forbidigo // there is no clock to set
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
			if time.Since(began) > goesOn { //nolint:forbidigo // likewise
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
	pool, err := pgxpool.New(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s, err := sqlstore.OpenPool(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, server.URL(), "ALTER SYSTEM SET default_transaction_read_only = on")
	execute(t, server.URL(), "SELECT pg_reload_conf()")
	for began := time.Now(); add(t.Context(), s, user("a")) == nil; pause() { //nolint:forbidigo // there is no clock to set
		if time.Since(began) > goesOn { //nolint:forbidigo // likewise
			t.Fatal("it takes writes")
		}
	}
	const steps = 50
	before := pool.Stat().NewConnsCount()
	for range steps {
		if err := add(t.Context(), s, user("a")); !errors.Is(err, sqlstore.ErrReadOnly) {
			t.Fatal(err)
		}
	}
	if made := pool.Stat().NewConnsCount() - before; made > steps/5 {
		t.Errorf("%d steps made %d connections", steps, made)
	}
}
