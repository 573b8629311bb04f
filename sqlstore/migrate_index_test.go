package sqlstore_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unique"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// searched makes records with all that PostgreSQL's index finds, and what it does not.
func searched(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	for i, attributes := range [][]store.Attribute{
		{store.NewAttribute("plan", beckon.String("pro"))},
		{store.NewAttribute("on", beckon.Bool(true)), store.NewAttribute("plan", beckon.String("free")), store.NewAttribute("tags", beckon.List("a", "é\x00\x01\"\\"))},
		{store.NewAttribute("at", beckon.Date(time.Unix(5, 0))), store.NewAttribute("n", beckon.Number(5)), store.NewAttribute("no", beckon.Bool(false))},
		{store.NewAttribute("link", beckon.RichLink("https://x.test/?a=1&b=<2>", "A <title> & more\x00")), store.NewAttribute("money", beckon.Monetary(150, "EUR")), store.NewAttribute("page", beckon.Link("https://x.test/?a&b"))},
		{store.NewAttribute("a\x00b", beckon.String("not \xff\xfe UTF-8")), store.NewAttribute("long", beckon.String(strings.Repeat("0123456789", 300)))},
		nil,
	} {
		steps := []store.Step{{Key: user(fmt.Sprint("u", i)), Decider: decide(func(_ *store.Record, c *store.Changes) error {
			c.Profile = &store.Profile{Created: 1, Attributes: attributes}
			for k := range i {
				c.Stats = append(c.Stats, store.Stats{Name: unique.Make(fmt.Sprint("event\x01 ", k)), Count: 1, First: 1, Last: 2})
			}
			return nil
		})}}
		if err := s.Step(t.Context(), steps); err != nil || steps[0].Err != nil {
			t.Fatal(err, steps[0].Err)
		}
	}
}

// How many of them a filter holds for.
var finds = []struct {
	filter store.Filter
	want   int64
}{
	{store.Filter{Kind: store.FilterText, Name: "plan", Texts: []string{"free", "pro"}}, 2},
	{store.Filter{Kind: store.FilterText, Name: "plan", Texts: []string{"none"}}, 0},
	{store.Filter{Kind: store.FilterText, Name: "plan"}, 0},
	{store.Filter{Kind: store.FilterList, Name: "tags", Texts: []string{"é\x00\x01\"\\"}}, 1},
	{store.Filter{Kind: store.FilterBool, Name: "on", True: true}, 1},
	{store.Filter{Kind: store.FilterBool, Name: "no"}, 1},
	{store.Filter{Kind: store.FilterText, Name: "link", Texts: []string{"A <title> & more\x00"}}, 1},
	{store.Filter{Kind: store.FilterText, Name: "a\x00b", Texts: []string{"not \xff\xfe UTF-8"}}, 1},
	{store.Filter{Kind: store.FilterText, Name: "long", Texts: []string{strings.Repeat("0123456789", 300)}}, 1},
	{store.Filter{Kind: store.FilterCount, Name: "event\x01 3", From: 1, To: 9}, 2},
	{store.Filter{Kind: store.FilterNumber, Name: "n", Low: "5", High: "5"}, 1},
	{store.Filter{Kind: store.FilterAny, Of: []*store.Filter{
		{Kind: store.FilterText, Name: "plan", Texts: []string{"pro"}}, {Kind: store.FilterBool, Name: "on", True: true}, {Kind: store.FilterCount, Name: "event\x01 0", From: 1, To: 9},
	}}, 6},
}

// checkFinds counts, and goes through pages.
func checkFinds(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	for _, f := range finds {
		q := store.Query{Kinds: []store.Kind{store.KindUser}, Filter: &f.filter}
		if n, _, err := s.CountFilter(t.Context(), q); n != f.want || err != nil {
			t.Errorf("%+v: %d are counted, want %d; %v", f.filter, n, f.want, err)
		}
		n := int64(0)
		if _, err := s.Scan(t.Context(), q, "", 100, func(*store.Record) error { n++; return nil }); n != f.want || err != nil {
			t.Errorf("%+v: %d are found, want %d; %v", f.filter, n, f.want, err)
		}
	}
}

// withoutTerms brings tables of PostgreSQL back to version 4.
var withoutTerms = []string{
	"DROP INDEX beckon_records_terms, beckon_records_unsure",
	"ALTER TABLE beckon_records DROP COLUMN terms",
	"CREATE INDEX beckon_records_attributes ON beckon_records USING gin (attributes jsonb_path_ops)",
	"CREATE INDEX beckon_records_event_names ON beckon_records USING gin (event_names)",
	"UPDATE beckon_records SET marks = marks & 32767",
	"UPDATE beckon_schema SET version = 4",
}

// A migration writes each row, and may take longer than the server lets a statement take:
// that limit is for others.
func TestMigrateBeyondStatementTimeout(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	searched(t, openPostgres(t, url))
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	const slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.15); RETURN NEW; END $$"
	for _, text := range append(withoutTerms, slow, "CREATE TRIGGER slow BEFORE UPDATE ON beckon_records FOR EACH ROW EXECUTE FUNCTION slow()") {
		if _, err := conn.Exec(t.Context(), text); err != nil {
			t.Fatal(text, err)
		}
	}
	checkFinds(t, openPostgres(t, url+"&statement_timeout=600"))
}

// Tables of version 4 had indexes on attributes and event names. Since version 5 one on
// terms finds the same, and what a migration makes of rows is what a step writes.
func TestMigrateTermsIndex(t *testing.T) {
	url := postgresURL(t)
	s := openPostgres(t, url)
	searched(t, s)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	exec := func(text string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), text); err != nil {
			t.Fatal(text, err)
		}
	}
	text := func(sql string) (text string) {
		t.Helper()
		if err := conn.QueryRow(t.Context(), sql).Scan(&text); err != nil {
			t.Fatal(err)
		}
		return text
	}
	const terms = "SELECT string_agg(id::text || marks || (SELECT string_agg(term::text, ',' ORDER BY term) FROM unnest(terms) AS t (term)), '; ' ORDER BY id) FROM beckon_records"
	const indexes = "SELECT string_agg(indexdef, '; ' ORDER BY indexname) FROM pg_indexes WHERE tablename = 'beckon_records'"
	written, fresh := text(terms), text(indexes)
	checkFinds(t, s)
	for _, text := range withoutTerms {
		exec(text)
	}
	s = openPostgres(t, url)
	if got := text(terms); got != written {
		t.Errorf("the migration makes %s\nwritten were %s", got, written)
	}
	if got := text(indexes); got != fresh {
		t.Errorf("the indexes are %s; of new tables %s", got, fresh)
	}
	if got := text("SELECT max(version)::text FROM beckon_schema"); got != fmt.Sprint(sqlstore.SchemaVersion) {
		t.Error("version", got)
	}
	checkFinds(t, s)
	if n := text("SELECT count(*)::text FROM beckon_records WHERE NOT marks < 0"); n != "0" {
		t.Errorf("of %s rows the terms are not known", n)
	}
}

// A program of an older version goes on for a while beside one of this version. What it
// writes is found, although it does not write terms.
func TestOlderProgramWritesNoTerms(t *testing.T) {
	url := postgresURL(t)
	s := openPostgres(t, url)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	searched(t, s)
	// As if all had been made by it, or changed so much that no term is right.
	for _, old := range []string{"terms = DEFAULT", "terms = '{1,2,3}'"} {
		if _, err := conn.Exec(t.Context(), "UPDATE beckon_records SET version = version + 1, marks = marks & 32767, "+old); err != nil {
			t.Fatal(err)
		}
		checkFinds(t, s)
	}
	// What only changes what is pending says no more of terms than is known.
	key := user("u0")
	pend := func() {
		t.Helper()
		steps := []store.Step{{Key: key, Decider: decide(func(r *store.Record, c *store.Changes) error {
			c.Pending = append(c.Pending, store.Pending{Until: 5, Delivery: beckon.Delivery{ID: fmt.Sprint("d", r.EventSeq), Channel: beckon.Email}})
			return nil
		})}}
		if err := s.Step(t.Context(), steps); err != nil || steps[0].Err != nil {
			t.Fatal(err, steps[0].Err)
		}
	}
	pend()
	checkFinds(t, s)
	put(t, s, key, store.Profile{Created: 1, Attributes: []store.Attribute{store.NewAttribute("plan", beckon.String("pro"))}})
	pend()
	var unsure int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM beckon_records WHERE marks >= 0").Scan(&unsure); err != nil || unsure != 5 {
		t.Errorf("of %d rows the terms are not known, want all but the one that was written; %v", unsure, err)
	}
	checkFinds(t, s)
}
