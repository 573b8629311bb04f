package sqlstore_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// rewritten returns how many rows of beckon_records were written anew, and how many of them
// without a change of an index, when all other connections have left the database.
func rewritten(t *testing.T, conn *pgx.Conn) (all, spared int) {
	t.Helper()
	for others := 1; others > 0; {
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()").Scan(&others); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.QueryRow(t.Context(), "SELECT COALESCE(sum(n_tup_upd), 0)::bigint, COALESCE(sum(n_tup_hot_upd), 0)::bigint FROM pg_stat_user_tables WHERE relname = 'beckon_records'").Scan(&all, &spared); err != nil {
		t.Fatal(err)
	}
	return all, spared
}

// PostgreSQL writes the row of a contact for which something begins to wait, is sent, is
// pending, is leased or is acknowledged beside the old one, and to no index of the table.
func TestWaitingSparesIndexes(t *testing.T) {
	url := postgresURL(t)
	conn := connect(t, url)
	clock := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	live, body, often := clock.Add(-time.Hour), beckon.Content{Subject: "Hello", Body: "Hello"}, &beckon.Frequency{Every: beckon.Seconds(0)}
	program := beckon.Program{Messages: []beckon.Message{
		{ID: "later", Channel: beckon.Email, Status: beckon.Live, LiveAt: live, Trigger: beckon.On("uploaded").Unless("paid", beckon.Hours(1), ""), Frequency: often, Content: body},
		{ID: "at once", Channel: beckon.Push, Status: beckon.Live, LiveAt: live, Trigger: beckon.On("viewed"), Frequency: often, Content: beckon.Content{Body: "News"}},
	}}
	var outbox *beckon.Engine
	track := func(apart int, names ...string) error { // so far apart that two are in no page of the table
		for i := 0; i < 200; i += apart {
			for _, name := range names {
				if _, err := outbox.Track(t.Context(), beckon.Event{Name: name, UserID: fmt.Sprintf("u%03d", i)}); err != nil {
					return err
				}
			}
		}
		return nil
	}
	const apart = 20
	later := func(d time.Duration) { clock = clock.Add(d) }
	due := func() error {
		later(61 * time.Minute)
		for _, err := range outbox.Due(t.Context()) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	var held []beckon.Delivery
	lease := func() error {
		held = nil
		later(2 * beckon.LeaseFor)
		for d, err := range outbox.Pending(t.Context()) {
			if err != nil {
				return err
			}
			held = append(held, d)
		}
		return nil
	}
	acknowledge := func() error { return outbox.Acknowledge(t.Context(), held...) }
	for _, phase := range []struct {
		name string
		do   func() error
		want int // rows that it writes anew at least; 0: it prepares others
	}{
		{"contacts are made", func() error {
			for i := range 200 {
				if _, err := outbox.Update(t.Context(), beckon.Contact{UserID: fmt.Sprintf("u%03d", i), Attributes: beckon.Attributes{"email": beckon.String(fmt.Sprint("u", i, "@x.test")), "plan": beckon.String("pro")}}); err != nil {
					return err
				}
			}
			return errors.Join(track(1, "uploaded", "viewed"), due(), lease(), acknowledge(), track(apart, "uploaded", "viewed"), due(), lease(), acknowledge())
		}, 0},
		{"it has room", func() error {
			conn, err := pgx.Connect(t.Context(), url)
			if err != nil {
				return err
			}
			_, err = conn.Exec(t.Context(), "CLUSTER beckon_records USING beckon_records_pkey")
			return errors.Join(err, conn.Close(t.Context()))
		}, 0},
		{"something begins to wait", func() error { return track(apart, "uploaded") }, 200 / apart},
		{"it is due", due, 200 / apart},
		{"what is pending is leased", lease, 200 / apart},
		{"it is acknowledged", acknowledge, 200 / apart},
		{"a message goes into the outbox", func() error { return track(apart, "viewed") }, 200 / apart},
		{"it is leased", lease, 200 / apart},
		{"and acknowledged", acknowledge, 200 / apart},
	} {
		before, sparedBefore := rewritten(t, conn)
		s, err := sqlstore.OpenPostgres(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if outbox, err = beckon.New(s, beckon.WithOutbox(), beckon.WithClock(func() time.Time { return clock })); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(outbox.Publish(t.Context(), program), phase.do(), s.Close()); err != nil {
			t.Fatal(phase.name, err)
		}
		all, spared := rewritten(t, conn)
		all, spared = all-before, spared-sparedBefore
		if phase.want > 0 && (all < phase.want || spared != all) {
			t.Errorf("%s: %d rows are written anew, want at least %d; of %d no index is", phase.name, all, phase.want, spared)
		}
	}
}

// disagree returns what the tables of what waits have and beckon_records has not, or the
// other way round; empty if that is nothing.
func disagree(t *testing.T, conn *pgx.Conn) (what string) {
	t.Helper()
	const due, pending = "SELECT namespace, next_due, kind, id, NULL::smallint AS channels FROM ", "SELECT namespace, next_pending, kind, id, channels FROM "
	here := due + "beckon_due UNION ALL " + pending + "beckon_pending"
	there := due + "beckon_records WHERE next_due IS NOT NULL UNION ALL " + pending + "beckon_records WHERE next_pending IS NOT NULL"
	sql := "SELECT COALESCE(string_agg(t::text, ' '), '') FROM (((" + here + ") EXCEPT ALL (" + there + ")) UNION ALL ((" + there + ") EXCEPT ALL (" + here + "))) AS t"
	if err := conn.QueryRow(t.Context(), sql).Scan(&what); err != nil {
		t.Fatal(err)
	}
	return what
}

// count returns the number that a statement finds.
func count(t *testing.T, conn *pgx.Conn, sql string) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// waits changes at random what waits for a contact.
func waits(r *rand.Rand) store.Decider {
	act, at, channel := r.IntN(12), 1+r.Int64N(5), []beckon.Channel{beckon.Email, beckon.Push, "custom:x"}[r.IntN(3)]
	return decide(func(rec *store.Record, c *store.Changes) error {
		p := store.Profile{Created: 1}
		if rec.Profile != nil {
			p = *rec.Profile
		}
		switch act {
		case 0:
			c.Delete = true
			return nil
		case 1:
			c.Clear = true
		case 2, 3, 4:
			p.Holds = []store.Hold{{Due: at}}
		case 5, 6:
			p.Holds = nil
		case 7:
			p.Attributes = []store.Attribute{store.NewAttribute("n", beckon.Number(int(at)))}
		case 8:
			for d := range rec.Pending.All() {
				c.PendingDrop = append(c.PendingDrop, d.Delivery.ID)
			}
			return nil
		default:
			c.Pending = append(c.Pending, store.Pending{Until: at, Delivery: beckon.Delivery{ID: fmt.Sprint(act, channel), Channel: channel}})
			return nil
		}
		c.Profile = &p
		return nil
	})
}

// A group that writes rows which are there keeps the tables of what waits itself: the trigger
// is for others, and not called.
func TestWaitingOfGroups(t *testing.T) {
	url := postgresURL(t)
	s, conn := openPostgres(t, url), connect(t, url)
	step := func(at int64, channel beckon.Channel) error {
		steps := make([]store.Step, 20)
		for i := range steps {
			steps[i] = store.Step{Key: user(fmt.Sprint(i)), Decider: decide(func(rec *store.Record, c *store.Changes) error {
				c.Profile = &store.Profile{Created: 1}
				if at > 0 && i%3 > 0 {
					c.Profile.Holds = []store.Hold{{Due: at + int64(i%2)}}
				}
				switch {
				case at > 0 && i%4 > 0:
					c.Pending = append(c.Pending, store.Pending{Until: at, Delivery: beckon.Delivery{ID: "d", Channel: channel}})
				case rec.Pending.Len() > 0:
					c.PendingDrop = append(c.PendingDrop, "d")
				}
				if at == 5 { // other columns, too
					c.Profile.Attributes = []store.Attribute{store.NewAttribute("n", beckon.Number(5))}
				}
				return nil
			})}
		}
		if err := s.Step(t.Context(), steps); err != nil {
			return err
		}
		for i := range steps {
			if steps[i].Err != nil {
				return steps[i].Err
			}
		}
		return nil
	}
	if err := step(1, beckon.Email); err != nil { // it makes them
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "CREATE OR REPLACE FUNCTION beckon_wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'called'; END $$"); err != nil {
		t.Fatal(err)
	}
	for i, at := range []int64{1, 2, 2, 0, 0, 3, 4, 5} {
		if err := step(at, []beckon.Channel{beckon.Email, beckon.Push}[i%2]); err != nil {
			t.Fatal(i, err)
		}
		if is := disagree(t, conn); is != "" {
			t.Errorf("step %d: of one table only: %s", i, is)
		}
		if n := count(t, conn, "SELECT (SELECT count(*) FROM beckon_due) + (SELECT count(*) FROM beckon_pending)"); n != map[bool]int{true: 13 + 15}[at > 0] {
			t.Errorf("step %d: there are %d", i, n)
		}
	}
	if _, err := conn.Exec(t.Context(), "UPDATE beckon_records SET next_due = 9"); err == nil {
		t.Error("what others write calls no trigger")
	}
	// What was decided on a row that another has written since is not kept.
	if err := step(0, beckon.Email); err != nil {
		t.Fatal(err)
	}
	tries := 0
	steps := []store.Step{{Key: user("1"), Decider: decide(func(rec *store.Record, c *store.Changes) error {
		c.Profile = &store.Profile{Created: 1}
		if tries++; tries == 1 {
			c.Profile.Holds = []store.Hold{{Due: 9}}
			c.Pending = append(c.Pending, store.Pending{Until: 9, Delivery: beckon.Delivery{ID: "lost", Channel: beckon.Email}})
			return add(t.Context(), openPostgres(t, url), rec.Key)
		}
		return nil
	})}, {Key: user("2"), Decider: decide(func(_ *store.Record, c *store.Changes) error {
		c.Profile = &store.Profile{Created: 1, Holds: []store.Hold{{Due: 9}}}
		return nil
	})}}
	if err := errors.Join(s.Step(t.Context(), steps), steps[0].Err, steps[1].Err); err != nil || tries != 2 {
		t.Fatal(tries, err)
	}
	if is := disagree(t, conn); is != "" || count(t, conn, "SELECT count(*) FROM beckon_due") != 1 {
		t.Errorf("after a lost race: of one table only: %s", is)
	}
}

// The tables of what waits have what beckon_records says, no matter who writes that: groups and
// steps alone, a transaction of the host, whether it is committed or not, and statements
// by hand of who has no right to these tables.
func TestWaitingTables(t *testing.T) {
	url := postgresURL(t)
	s, conn := openPostgres(t, url), connect(t, url)
	agree := func(what string) {
		t.Helper()
		if is := disagree(t, conn); is != "" {
			t.Errorf("%s: of one table only: %s", what, is)
		}
		if count(t, conn, "SELECT count(*) FROM beckon_due") == 0 || count(t, conn, "SELECT count(*) FROM beckon_pending") == 0 {
			t.Errorf("%s: nothing waits", what)
		}
	}
	work := func(s *sqlstore.Store, r *rand.Rand, times int) error {
		for range times {
			steps := make([]store.Step, 1+r.IntN(20))
			for i := range steps {
				steps[i] = store.Step{Key: store.Key{Kind: store.Kind(1 + r.IntN(3)), ID: fmt.Sprint(r.IntN(40))}, Decider: waits(r)}
			}
			if err := s.Step(t.Context(), steps); err != nil {
				return err
			}
		}
		return nil
	}
	var all sync.WaitGroup
	for c := range 4 {
		all.Go(func() {
			if err := work(s, rand.New(rand.NewPCG(uint64(c), 7)), 60); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	agree("after steps")
	for i, end := range []func(pgx.Tx) error{
		func(tx pgx.Tx) error { return tx.Commit(t.Context()) }, func(tx pgx.Tx) error { return tx.Rollback(t.Context()) },
	} {
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(work(sqlstore.Tx(tx), rand.New(rand.NewPCG(uint64(i), 9)), 10), end(tx)); err != nil {
			t.Fatal(err)
		}
		agree("after a transaction of the host")
	}

	// Another table of such a name does not count, nor where the session looks for tables.
	role := "waiter_of_" + conn.Config().Database
	for _, text := range []string{
		"CREATE ROLE " + role, "GRANT SELECT, INSERT, UPDATE, DELETE ON beckon_records TO " + role,
		"CREATE TEMP TABLE beckon_due (LIKE public.beckon_due INCLUDING ALL)", "SET search_path = pg_catalog", "SET ROLE " + role,
		"DELETE FROM public.beckon_records WHERE id < '2'",
		"UPDATE public.beckon_records SET next_due = 7, next_pending = NULL WHERE id < '3'",
		"UPDATE public.beckon_records SET next_due = NULL, next_pending = next_pending + 1, channels = 9 WHERE id >= '3' AND id < '4'",
		"INSERT INTO public.beckon_records SELECT * FROM (SELECT (jsonb_populate_record(r, '{\"namespace\": \"another\"}')).* FROM public.beckon_records AS r) AS s",
		"RESET ROLE", "RESET search_path", "DROP TABLE pg_temp.beckon_due", "DROP OWNED BY " + role, "DROP ROLE " + role,
	} {
		if _, err := conn.Exec(t.Context(), text); err != nil {
			t.Fatal(text, err)
		}
	}
	agree("after statements by hand")
	if n := count(t, conn, "SELECT count(*) FROM beckon_due WHERE namespace = 'another' AND next_due = 7"); n == 0 {
		t.Error("nothing waits in another namespace")
	}
	if _, err := conn.Exec(t.Context(), "TRUNCATE beckon_records"); err != nil {
		t.Fatal(err)
	}
	if is := disagree(t, conn); is != "" {
		t.Errorf("after all were removed there is %s", is)
	}
	if err := work(s, rand.New(rand.NewPCG(5, 7)), 20); err != nil {
		t.Fatal(err)
	}
	agree("after all were removed")
}
