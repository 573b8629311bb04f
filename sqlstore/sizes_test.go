package sqlstore_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// sizes returns what the store and the table say of how many records of a few kinds there
// are.
func sizes(t *testing.T, s *sqlstore.Store, conn *pgx.Conn) (kept, counted [3]int64) {
	t.Helper()
	for i := range kept {
		kind := store.Kind(i + 1)
		var err error
		if kept[i], err = s.Size(t.Context(), []store.Kind{kind}); err != nil {
			t.Fatal(err)
		}
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM beckon_records WHERE namespace = '' AND kind = $1", int16(kind)).Scan(&counted[i]); err != nil {
			t.Fatal(err)
		}
	}
	return kept, counted
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	return conn
}

// PostgreSQL keeps how many records there are, however they come and go: in groups and one
// by one, in a transaction of the host, whether it is committed or not, and by hand, under
// another key too.
func TestSizes(t *testing.T) {
	url := postgresURL(t)
	s, other := openPostgres(t, url), openPostgres(t, url, sqlstore.WithNamespace("other"))
	conn := connect(t, url)
	agree := func(what string) {
		t.Helper()
		if kept, counted := sizes(t, s, conn); kept != counted || counted == [3]int64{} {
			t.Errorf("%s: %v, the table has %v", what, kept, counted)
		}
	}
	var all sync.WaitGroup
	for c := range 4 {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(c), 7))
			for range 60 {
				steps := make([]store.Step, 1+r.IntN(20))
				for i := range steps {
					act := r.IntN(4)
					steps[i] = store.Step{Key: store.Key{Kind: store.Kind(1 + r.IntN(3)), ID: fmt.Sprint(r.IntN(40))}, Decider: decide(func(rec *store.Record, c *store.Changes) error {
						switch act {
						case 0:
							c.Delete = true
						case 1:
							c.Clear, c.Touch = true, true
						case 2:
							c.Profile = &store.Profile{Created: 1}
						default:
							c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "n", N: 1}) // makes none
						}
						return nil
					})}
				}
				if err := s.Step(t.Context(), steps); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	agree("after steps")
	if err := add(t.Context(), other, user("elsewhere")); err != nil {
		t.Fatal(err)
	}
	agree("beside another namespace")

	for _, end := range []func(pgx.Tx) error{
		func(tx pgx.Tx) error { return tx.Commit(t.Context()) }, func(tx pgx.Tx) error { return tx.Rollback(t.Context()) },
	} {
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		within := sqlstore.Tx(tx)
		steps := []store.Step{
			{Key: user("new of the host"), Decider: decide(func(_ *store.Record, c *store.Changes) error { c.Touch = true; return nil })},
			{Key: user("1"), Decider: decide(func(_ *store.Record, c *store.Changes) error { c.Delete = true; return nil })},
			{Key: user("never there"), Decider: decide(func(_ *store.Record, c *store.Changes) error { return errors.New("no") })},
		}
		if err := errors.Join(within.Step(t.Context(), steps), end(tx)); err != nil {
			t.Fatal(err)
		}
		agree("after a transaction of the host")
	}

	if _, err := conn.Exec(t.Context(), "DELETE FROM beckon_records WHERE id < '2'"); err != nil {
		t.Fatal(err)
	}
	agree("after a deletion by hand")

	for _, text := range []string{
		`UPDATE beckon_records SET kind = 3, id = id || '\x00' WHERE namespace = '' AND kind = 1 AND id >= '3'`, "UPDATE beckon_records SET kind = kind",
		"UPDATE beckon_records SET namespace = 'elsewhere' WHERE namespace = '' AND id < '25'", "UPDATE beckon_records SET namespace = '' WHERE namespace = 'other'",
		// one that fails, and another in the same transaction
		"DO $$ BEGIN BEGIN UPDATE beckon_records SET namespace = 'a'; RAISE EXCEPTION 'no'; EXCEPTION WHEN OTHERS THEN NULL; END; UPDATE beckon_records SET kind = 1 WHERE kind = 2 AND id > '39'; END $$",
	} {
		if _, err := conn.Exec(t.Context(), text); err != nil {
			t.Fatal(text, err)
		}
		agree(text)
	}

	// Another table of that name does not count, nor where the session looks for tables, and
	// who may write records need not have a right to the sums.
	for _, text := range []string{
		"CREATE ROLE writer_of_" + conn.Config().Database, "GRANT SELECT, DELETE ON beckon_records TO writer_of_" + conn.Config().Database,
		"CREATE TEMP TABLE beckon_sizes (LIKE public.beckon_sizes INCLUDING ALL)", "SET search_path = pg_catalog", "SET ROLE writer_of_" + conn.Config().Database,
		"DELETE FROM public.beckon_records WHERE id < '3'", "RESET ROLE", "RESET search_path", "DROP TABLE pg_temp.beckon_sizes",
		"DROP OWNED BY writer_of_" + conn.Config().Database, "DROP ROLE writer_of_" + conn.Config().Database,
	} {
		if _, err := conn.Exec(t.Context(), text); err != nil {
			t.Fatal(text, err)
		}
	}
	agree("after a deletion by who may little")
	if _, err := conn.Exec(t.Context(), "TRUNCATE beckon_records"); err != nil {
		t.Fatal(err)
	}
	if err := add(t.Context(), s, user("first")); err != nil {
		t.Fatal(err)
	}
	agree("after all were removed")
}

// Tables of version 3 did not have how many records there are: since version 4 they do, and
// a program that has the tables open all the while is counted too.
func TestMigrateSizes(t *testing.T) {
	url := postgresURL(t)
	old := openPostgres(t, url)
	conn := connect(t, url)
	for i := range 5 {
		put(t, old, user(fmt.Sprint(i)), store.Profile{Created: 1})
	}
	put(t, old, emailed("a@x.test"), store.Profile{Created: 1})
	for _, text := range []string{
		"DROP TABLE beckon_sizes", "DROP FUNCTION beckon_count_made, beckon_count_removed, beckon_count_none CASCADE", "UPDATE beckon_schema SET version = 3",
	} {
		if _, err := conn.Exec(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	put(t, old, user("of version 3"), store.Profile{Created: 1})
	// Whatever the database's own default is, the sums are of all that was committed.
	if _, err := conn.Exec(t.Context(), "ALTER DATABASE "+conn.Config().Database+" SET default_transaction_isolation = 'repeatable read'"); err != nil {
		t.Fatal(err)
	}
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "INSERT INTO beckon_records SELECT namespace, kind, 'under way', version, last_seen, event_seq, email, next_due, next_pending, marks, attributes, companies, stats, event_names, log_count, log_keep, log_from, state FROM beckon_records WHERE id = '1'"); err != nil {
		t.Fatal(err)
	}
	opened := make(chan *sqlstore.Store)
	go func() {
		s, err := sqlstore.OpenPostgres(t.Context(), url)
		if err != nil {
			t.Error(err)
		}
		opened <- s
	}()
	watch := connect(t, url)
	for waits := false; !waits; { // for the transaction
		if err := watch.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'beckon_records'::regclass)").Scan(&waits); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := <-opened
	if s == nil {
		t.FailNow()
	}
	t.Cleanup(func() { _ = s.Close() })
	put(t, old, user("after it"), store.Profile{Created: 1})
	kept, counted := sizes(t, s, conn)
	if want := [3]int64{8, 0, 1}; kept != want || counted != want {
		t.Errorf("kept %v, counted %v, want %v", kept, counted, want)
	}
	var f beckon.Store = s
	var out int64
	q := store.Query{Kinds: contactKinds(), Filter: &store.Filter{Kind: store.FilterText, Name: "plan", Texts: []string{"pro"}}, LeftOut: &out, LeftOutLate: true}
	if next, err := f.Scan(t.Context(), q, "", 10, func(*store.Record) error { return nil }); err != nil || next != "" || out != 9 {
		t.Errorf("%d were left out, %q, %v", out, next, err)
	}
}
