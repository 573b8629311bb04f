package sqlstore_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// withoutWaiting brings tables of PostgreSQL back to version 5.
var withoutWaiting = []string{
	"DROP FUNCTION beckon_wait, beckon_wait_none CASCADE",
	"DROP TABLE beckon_due, beckon_pending",
	"CREATE INDEX beckon_records_next_due ON beckon_records (namespace, next_due, kind, id) WHERE next_due IS NOT NULL",
	"CREATE INDEX beckon_records_next_pending ON beckon_records (namespace, next_pending, kind, id) WHERE next_pending IS NOT NULL",
	"UPDATE beckon_records SET marks = marks | channels << 4",
	"ALTER TABLE beckon_records DROP COLUMN channels, DROP COLUMN waits",
	"UPDATE beckon_schema SET version = 5",
}

// waiting returns what scans find of what waits, page by page: who, in their order.
func waiting(t *testing.T, s *sqlstore.Store, q store.Query) (found []string) {
	t.Helper()
	for at := store.Cursor(""); ; {
		next, err := s.Scan(t.Context(), q, at, 3, func(r *store.Record) error {
			found = append(found, fmt.Sprint(r.Key.Kind, r.Key.ID))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if at = next; at == "" {
			return found
		}
	}
}

// queries choose what waits.
var queries = []store.Query{
	{Due: 3},
	{Due: 100},
	{Pending: 2},
	{Pending: 100},
	{Pending: 100, Channels: store.ChannelSetOf(beckon.Push)},
	{Pending: 100, Channels: store.ChannelSetOf(beckon.SMS)},
	{Pending: 100, Channels: store.ChannelSetOf(beckon.Email, beckon.Custom("y"))},
}

func allWaiting(t *testing.T, s *sqlstore.Store) (all [][]string) {
	t.Helper()
	for _, q := range queries {
		all = append(all, waiting(t, s, q))
	}
	return all
}

// fillWaiting makes records, and many of them wait.
func fillWaiting(t *testing.T, s *sqlstore.Store, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	for range 30 {
		steps := make([]store.Step, 1+r.IntN(20))
		for i := range steps {
			steps[i] = store.Step{Key: store.Key{Kind: store.Kind(1 + r.IntN(3)), ID: fmt.Sprint(r.IntN(40))}, Decider: waits(r)}
		}
		if err := s.Step(t.Context(), steps); err != nil {
			t.Fatal(err)
		}
	}
}

// Tables of version 5 found what waits by indexes of beckon_records. Since version 6 tables
// of its own find the same, each once and in the same order, in one namespace and another.
// A migration that is repeated changes nothing.
func TestMigrateWaiting(t *testing.T) {
	url := postgresURL(t)
	s, other, conn := openPostgres(t, url), openPostgres(t, url, sqlstore.WithNamespace("other")), connect(t, url)
	fillWaiting(t, s, 1)
	fillWaiting(t, other, 2)
	want, wantOther := allWaiting(t, s), allWaiting(t, other)
	for i := range queries {
		if nobody := queries[i].Channels == store.ChannelSetOf(beckon.SMS); (len(want[i]) == 0) != nobody || !nobody && slices.Equal(want[i], wantOther[i]) {
			t.Fatalf("%+v: found %q, %q", queries[i], want[i], wantOther[i])
		}
	}
	const indexes = "SELECT string_agg(indexdef, '; ' ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'public'"
	const triggers = "SELECT string_agg(pg_get_triggerdef(oid), '; ' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 'beckon_records'::regclass"
	const columns = "SELECT string_agg(table_name || column_name || data_type || is_nullable || COALESCE(column_default, ''), '; ' ORDER BY table_name, column_name) FROM information_schema.columns WHERE table_schema = 'public'"
	shape := func() (all []string) {
		t.Helper()
		for _, sql := range []string{indexes, triggers, columns} {
			var text string
			if err := conn.QueryRow(t.Context(), sql, pgx.QueryExecModeSimpleProtocol).Scan(&text); err != nil {
				t.Fatal(err)
			}
			all = append(all, text)
		}
		return all
	}
	fresh := shape()
	for name, before := range map[string][]string{
		"of version 5":               withoutWaiting,
		"is repeated":                {"UPDATE beckon_schema SET version = 5"},
		"is repeated after the rest": {"UPDATE beckon_schema SET version = 3"},
		"repairs what is wrong": {
			"DELETE FROM beckon_due WHERE next_due = 2", "UPDATE beckon_pending SET next_pending = next_pending + 1, channels = 0",
			"INSERT INTO beckon_due SELECT namespace, 9, kind, id FROM beckon_records", "UPDATE beckon_schema SET version = 5",
		},
	} {
		for _, text := range before {
			if _, err := conn.Exec(t.Context(), text); err != nil {
				t.Fatal(name, text, err)
			}
		}
		s, other := openPostgres(t, url), openPostgres(t, url, sqlstore.WithNamespace("other"))
		if got := allWaiting(t, s); !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("a migration that %s: found %v\nwant %v", name, got, want)
		}
		if got := allWaiting(t, other); !slices.EqualFunc(got, wantOther, slices.Equal) {
			t.Errorf("a migration that %s: in another namespace found %v\nwant %v", name, got, wantOther)
		}
		if got := shape(); !slices.Equal(got, fresh) {
			t.Errorf("a migration that %s leaves %q\nnew tables have %q", name, got, fresh)
		}
	}
	// What is written from then on is found, too.
	s = openPostgres(t, url)
	fillWaiting(t, s, 5)
	mem := openPostgres(t, postgresURL(t))
	fillWaiting(t, mem, 1)
	fillWaiting(t, mem, 5)
	if got, want := allWaiting(t, s), allWaiting(t, mem); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("after more steps: found %v\nwithout migrations %v", got, want)
	}
}

// A program of version 5 or before goes on for a while beside one of this version. What it
// writes is found: it sets marks for channels, or none, and no column for them.
func TestOlderProgramWaits(t *testing.T) {
	url := postgresURL(t)
	s, conn := openPostgres(t, url), connect(t, url)
	write := func(text string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), "UPDATE beckon_records SET version = version + 1, "+text); err != nil {
			t.Fatal(text, err)
		}
	}
	want := func(what string, q store.Query, want ...string) {
		t.Helper()
		if got := waiting(t, s, q); !slices.Equal(got, want) {
			t.Errorf("%s: %+v finds %q, want %q", what, q, got, want)
		}
	}
	email, push := store.Query{Pending: 100, Channels: store.ChannelSetOf(beckon.Email)}, store.Query{Pending: 100, Channels: store.ChannelSetOf(beckon.Push)}
	pendingOn(t, s, "a", beckon.Email)
	who := fmt.Sprint(store.KindUser, "a")
	want("of this version", email, who)
	want("of this version", push)

	bits := func(channels ...beckon.Channel) string {
		return fmt.Sprintf("marks = marks & -32753 | %d", store.ChannelSetOf(channels...)<<4)
	}
	for _, older := range []string{bits(beckon.Push), "marks = marks & 15"} {
		write(older)
		want("of an older one", push, who)
		pendingOn(t, s, "a", beckon.Email) // the column for channels has that still
		want("the same of this version", email, who)
		want("the same of this version", push)
	}
	write("next_pending = 7, " + bits(beckon.Push))
	want("pending is another channel", email)
	want("pending is another channel", push, who)
	write(bits(beckon.Push, beckon.Email))
	want("one more at the same time", email, who)
	want("one more at the same time", push, who)
	want("before its time", store.Query{Pending: 6})
	write("next_pending = NULL, " + bits())
	want("nothing is pending", email)
	want("nothing is pending", store.Query{Pending: 100})
	write("next_pending = 8, " + bits(beckon.Push))
	want("pending again", push, who)
	want("pending again", email)

	write("next_pending = 9, marks = marks & 15") // before there were channels
	want("any may be pending", push, who)
	want("any may be pending", email, who)
	pendingOn(t, s, "a", beckon.SMS) // beside the email: the record says so
	want("of this version again", push)
	want("of this version again", email, who)
	var marks, terms int
	if err := conn.QueryRow(t.Context(), "SELECT marks, cardinality(terms) FROM beckon_records").Scan(&marks, &terms); err != nil || marks >= 0 || marks&32752 != 0 {
		t.Errorf("marks %d, %d terms, %v: the terms are to be known again, and channels to be apart", marks, terms, err)
	}

	write("next_due = 5")
	want("due", store.Query{Due: 5}, who)
	write("next_due = 6")
	want("due later", store.Query{Due: 5})
	want("due later", store.Query{Due: 6}, who)
	if _, err := conn.Exec(t.Context(), "INSERT INTO beckon_due SELECT namespace, n, kind, id FROM beckon_records, generate_series(1, 5) AS n"); err != nil {
		t.Fatal(err)
	}
	want("keys that should not be there", store.Query{Due: 5})
	want("keys that should not be there", store.Query{Due: 6}, who)
	if _, err := conn.Exec(t.Context(), "DELETE FROM beckon_due WHERE next_due < 6"); err != nil {
		t.Fatal(err)
	}
	write("next_due = NULL")
	want("due no more", store.Query{Due: 6})
	if _, err := conn.Exec(t.Context(), `INSERT INTO beckon_records (namespace, kind, id, version, last_seen, event_seq, next_due, next_pending, marks, attributes, companies, stats, event_names, log_count, log_keep, log_from, state)
		SELECT namespace, kind, 'b', version, last_seen, event_seq, 4, 4, marks | 64, attributes, companies, stats, event_names, log_count, log_keep, log_from, state FROM beckon_records`); err != nil {
		t.Fatal(err)
	}
	if n := count(t, conn, "SELECT count(*) FROM beckon_due JOIN beckon_pending USING (namespace, kind, id) WHERE id = 'b' AND next_due = 4 AND next_pending = 4 AND channels = 4"); n != 1 {
		t.Errorf("a row that was made has %d", n)
	}
	if _, err := conn.Exec(t.Context(), "DELETE FROM beckon_records"); err != nil {
		t.Fatal(err)
	}
	if n := count(t, conn, "SELECT (SELECT count(*) FROM beckon_due) + (SELECT count(*) FROM beckon_pending)"); n != 0 {
		t.Errorf("of rows that were removed there is %d", n)
	}
}

// A connection that writes keeps plans of the triggers that were made when nothing
// waited. They go by the index all the same when much does.
func TestWaitingPlansOfTriggers(t *testing.T) {
	const whole = "SELECT sum(seq_scan)::int FROM pg_stat_user_tables WHERE relname IN ('beckon_due', 'beckon_pending')"
	url := postgresURL(t)
	s, watch := openPostgres(t, url), connect(t, url)
	for i := range 20 {
		put(t, s, user(fmt.Sprint(i)), store.Profile{Created: 1})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	rewritten(t, watch) // waits until it has left
	before, conn := count(t, watch, whole), connect(t, url)
	if _, err := conn.Exec(t.Context(), "VACUUM ANALYZE"); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		for _, text := range []string{"next_due = 5, next_pending = 5", "next_due = 6, next_pending = 6", "next_due = NULL, next_pending = NULL"} {
			if _, err := conn.Exec(t.Context(), "UPDATE beckon_records SET "+text+" WHERE kind = 1 AND id = $1", []byte(fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	rewritten(t, watch)
	if n := count(t, watch, whole) - before; n != 0 {
		t.Errorf("a whole table was read %d times", n)
	}
}
