package sqlstore_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// Tables of version 2 had an index on attributes that also served whether there is one:
// since version 3 it has values with their paths, and finds the same.
func TestMigrateAttributesIndex(t *testing.T) {
	url := postgresURL(t)
	s := openPostgres(t, url)
	put(t, s, user("u"), store.Profile{Created: 1, Attributes: []store.Attribute{
		store.NewAttribute("on", beckon.Bool(true)), store.NewAttribute("plan", beckon.String("pro")), store.NewAttribute("tags", beckon.List("a", "b")),
	}})
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	const indexSQL = "SELECT indexdef FROM pg_indexes WHERE indexname = 'beckon_records_attributes'"
	index := func() (text string) {
		if err := conn.QueryRow(t.Context(), indexSQL).Scan(&text); err != nil {
			t.Fatal(err)
		}
		return text
	}
	fresh := index()
	for _, text := range []string{
		"DROP INDEX beckon_records_attributes", "CREATE INDEX beckon_records_attributes ON beckon_records USING gin (attributes)",
		"UPDATE beckon_schema SET version = 2",
	} {
		if _, err := conn.Exec(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	s = openPostgres(t, url)
	if got := index(); got != fresh || !strings.Contains(got, "jsonb_path_ops") {
		t.Errorf("the index is %s; of new tables %s", got, fresh)
	}
	for _, f := range []store.Filter{
		{Kind: store.FilterText, Name: "plan", Texts: []string{"free", "pro"}},
		{Kind: store.FilterList, Name: "tags", Texts: []string{"b"}},
		{Kind: store.FilterBool, Name: "on", True: true},
	} {
		n, exact, err := s.CountFilter(t.Context(), store.Query{Kinds: []store.Kind{store.KindUser}, Filter: &f})
		if n != 1 || !exact || err != nil {
			t.Errorf("%v: %d, %v, %v", f, n, exact, err)
		}
	}
	var have int
	if err := conn.QueryRow(t.Context(), "SELECT version FROM beckon_schema").Scan(&have); err != nil || have != sqlstore.SchemaVersion {
		t.Error("version", have, err)
	}
	// What finds a value does so by the index.
	var plan string
	if _, err := conn.Exec(t.Context(), "SET enable_seqscan = off"); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(t.Context(), `EXPLAIN SELECT id FROM beckon_records WHERE attributes @> '{"plan":"pro"}'`)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan += line + "\n"
	}
	if rows.Err() != nil || !strings.Contains(plan, "beckon_records_attributes") {
		t.Error(rows.Err(), plan)
	}
}
