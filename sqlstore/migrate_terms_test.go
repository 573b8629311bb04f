package sqlstore_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// termsIn returns what a file's beckon_terms says, sorted.
func termsIn(t *testing.T, path, from string) (terms []string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), "SELECT n.namespace || '|' || n.kind || '|' || n.class || '|' || n.name || '|' || t.value || '|' || hex(t.id) FROM "+from)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			t.Fatal(err)
		}
		terms = append(terms, one)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(terms)
	return terms
}

const termsWithNames = "beckon_terms AS t JOIN beckon_names AS n ON n.number = t.name"

// A file that version 4 has made, with two namespaces, says the same of its records after
// it is migrated: the same as a new file that has those records.
func TestMigrateTerms(t *testing.T) {
	data, err := os.ReadFile("testdata/sqlite_4.db")
	if err != nil {
		t.Fatal(err)
	}
	path, fresh := filepath.Join(t.TempDir(), "old.db"), filepath.Join(t.TempDir(), "fresh.db")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	before := termsIn(t, path, "beckon_terms AS t JOIN beckon_terms AS n USING (namespace, kind, class, name, value, id)")
	const terms = 38
	if len(before) != terms {
		t.Fatalf("the old file has %d terms", len(before))
	}
	kinds := []store.Kind{store.KindUser, store.KindEmail, store.KindCompany}
	for _, namespace := range []string{"", "shop"} {
		s, again := openSQLite(t, path, sqlstore.WithNamespace(namespace)), openSQLite(t, fresh, sqlstore.WithNamespace(namespace))
		n := 0
		if _, err := s.Scan(t.Context(), store.Query{Kinds: kinds}, "", 100, func(r *store.Record) error {
			n++
			steps := []store.Step{{Key: r.Key, Decider: decide(func(_ *store.Record, c *store.Changes) error {
				c.Profile, c.Stats, c.EventSeq, c.Touch = r.Profile, slices.Clone(r.Stats), r.EventSeq, true
				return nil
			})}}
			if err := again.Step(t.Context(), steps); err != nil {
				return err
			}
			return steps[0].Err
		}); err != nil || n != 5 {
			t.Fatalf("%d records, %v", n, err)
		}
		for _, f := range []store.Filter{
			{Kind: store.FilterText, Name: "plan", Texts: []string{"free"}},
			{Kind: store.FilterList, Name: "tags", Texts: []string{"b"}},
			{Kind: store.FilterCount, Name: "paid", From: 1, To: 9},
			{Kind: store.FilterText, Name: "a\x00b", Texts: []string{"x\x00y"}},
			{Kind: store.FilterNumber, Name: "seats", Low: "5"},
			{Kind: store.FilterText, Name: "nothing", Texts: []string{"free"}},
		} {
			want := int64(1)
			if f.Name == "nothing" {
				want = 0
			}
			if n, exact, err := s.CountFilter(t.Context(), store.Query{Kinds: kinds[:1], Filter: &f}); n != want || !exact || err != nil {
				t.Errorf("%s: %d contacts, %v, %v", f.Name, n, exact, err)
			}
		}
	}
	after := termsIn(t, path, termsWithNames)
	if !slices.Equal(after, before) {
		t.Errorf("the migration left\n%s\nof\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
	}
	if made := termsIn(t, fresh, termsWithNames); !slices.Equal(made, before) {
		t.Errorf("a new file has\n%s\nwant\n%s", strings.Join(made, "\n"), strings.Join(before, "\n"))
	}
	// What is written goes on with the names that are there.
	s := openSQLite(t, path)
	put(t, s, user("bob"), store.Profile{Created: 2, Attributes: []store.Attribute{store.NewAttribute("plan", beckon.String("team"))}})
	var of []string
	for _, term := range termsIn(t, path, termsWithNames) {
		if strings.HasPrefix(term, "|1|") && strings.HasSuffix(term, "|626F62") {
			of = append(of, term)
		}
	}
	if want := []string{"|1|1|login||626F62", "|1|2|plan|team|626F62"}; !slices.Equal(of, want) {
		t.Errorf("bob is found by %q, want %q", of, want)
	}
}

// oldTerms brings beckon_terms back to the form that it had up to version 4.
func oldTerms() []string {
	return []string{
		"CREATE TABLE old (namespace TEXT NOT NULL, kind INTEGER NOT NULL, class INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, id BLOB NOT NULL, PRIMARY KEY (namespace, kind, class, name, value, id)) STRICT, WITHOUT ROWID",
		"INSERT INTO old SELECT n.namespace, n.kind, n.class, n.name, t.value, t.id FROM " + termsWithNames,
		"DROP TABLE beckon_terms", "DROP TABLE beckon_names", "ALTER TABLE old RENAME TO beckon_terms",
	}
}
