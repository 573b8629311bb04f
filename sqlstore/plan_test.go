package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// scans are the scans that an index serves, and its name.
var scans = map[string]store.Query{
	"pkey":         {Kinds: []store.Kind{store.KindUser}},
	"next_due":     {Due: 100},
	"next_pending": {Pending: 100},
	"email":        {Email: "a@x.test"},
	"moving":       {Moving: true},
}

// On tables that were never analysed, that were analysed when they were empty,
// and that have grown since, no statement that a step, a scan or a page of
// events takes reads a whole table.
func TestPostgresPlans(t *testing.T) {
	url := postgresURL(t)
	s := openPostgres(t, url)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	exec := func(text string, args ...any) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), text, append([]any{pgx.QueryExecModeSimpleProtocol}, args...)...); err != nil {
			t.Fatal(err)
		}
	}
	statements := map[string]string{"load": sqlstore.LoadSQL, "write": sqlstore.WriteSQL(), "write light": sqlstore.LightSQL(), "write probed": sqlstore.ProbingSQL(false), "write sought": sqlstore.ProbingSQL(true), "events": sqlstore.EventsSQL}
	for name, q := range scans {
		statements["scan "+name], _ = sqlstore.PageSQL("postgres", q)
	}
	// A connection of the store's own keeps plans that are for any parameters.
	exec(sqlstore.OwnConnection + "; SET plan_cache_mode = force_generic_plan")
	prepared := make(map[string]string)
	check := func(what string) {
		t.Helper()
		for name, text := range statements {
			if prepared[name] == "" {
				prepared[name] = fmt.Sprintf("s%d", len(prepared))
				exec("PREPARE " + prepared[name] + " AS " + text)
			}
			n := 1
			for strings.Contains(text, fmt.Sprintf("$%d", n)) {
				n++
			}
			rows, err := conn.Query(t.Context(), "EXPLAIN (COSTS OFF) EXECUTE "+prepared[name]+" ("+strings.TrimSuffix(strings.Repeat("NULL, ", n-1), ", ")+")", pgx.QueryExecModeSimpleProtocol)
			if err != nil {
				t.Fatal(err)
			}
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				t.Fatal(name, err)
			}
			plan := strings.Join(lines, "\n")
			if strings.HasPrefix(name, "write") && strings.Contains(plan, "Memoize") {
				t.Errorf("%s, %s keeps rows that do not come again:\n%s", what, name, plan)
			}
			if strings.Contains(plan, "Seq Scan") {
				t.Errorf("%s, %s:\n%s", what, name, plan)
			}
			if index, ok := strings.CutPrefix(name, "scan "); ok {
				indexes := []string{"beckon_records_" + index}
				of, waits := strings.CutPrefix(index, "next_")
				if waits { // it has a table of its own
					indexes = []string{"beckon_" + of + "_pkey", "beckon_records_pkey"}
				}
				for _, index := range indexes {
					if !strings.Contains(plan, index) || waits && strings.Contains(plan, "Sort") {
						t.Errorf("%s, %s is not read by its index:\n%s", what, name, plan)
					}
				}
			}
			if want := map[string]int{"write": 3, "write light": 1, "write probed": 3, "write sought": 3}[name]; strings.Count(plan, "Tid Scan on beckon_records") != want {
				t.Errorf("%s, rows that were loaded are not written where they are:\n%s", what, plan)
			}
			if before := map[string]string{"write probed": "Tid Range Scan on beckon_records", "write sought": "Index Scan using beckon_records_pkey on beckon_records"}[name]; before != "" {
				if n := strings.Count(plan, before); n != 3 {
					t.Errorf("%s, %s: pages of %d kinds of rows are cleaned up, want 3:\n%s", what, name, n, plan)
				}
				for part := range strings.SplitSeq(plan, "Update on beckon_records") {
					if at := strings.Index(part, "Tid Scan on"); at >= 0 && !strings.Contains(part[:at], before) {
						t.Errorf("%s, %s: a page is cleaned up while the row is at hand:\n%s", what, name, plan)
					}
				}
			}
		}
	}
	check("never analysed and empty")
	exec("VACUUM ANALYZE")
	check("analysed when empty")
	for range 2 {
		steps := make([]store.Step, 2000)
		for i := range steps {
			steps[i] = store.Step{Key: user(fmt.Sprint(i)), Decider: decide(func(r *store.Record, c *store.Changes) error {
				c.Profile = &store.Profile{Attributes: []store.Attribute{store.NewAttribute("email", beckon.String(fmt.Sprintf("%d@x.test", i)))}}
				if i%50 == 0 {
					c.Profile.Moving, c.Profile.Holds = user("x"), []store.Hold{{Due: int64(i + 1)}}
					c.Pending = append(c.Pending, store.Pending{Until: int64(i + 1)})
				}
				c.Events = append(c.Events, store.LoggedEvent{Seq: r.EventSeq + 1, Name: name1("e"), At: int64(i)})
				c.EventSeq, c.KeepEvents = r.EventSeq+1, 100
				return nil
			})}
		}
		if err := s.Step(t.Context(), steps); err != nil {
			t.Fatal(err)
		}
		check("grown since")
		prepared = make(map[string]string) // with another connection
		exec("DEALLOCATE ALL")
		check("planned after it has grown")
		exec("ANALYZE")
		check("analysed")
	}
}

// What waits may be analysed when little does, and be much a moment later: a page of it is
// then read by its index all the same, and not all that waits with every page.
func TestPostgresPlansOfWhatWaits(t *testing.T) {
	url := postgresURL(t)
	s := openPostgres(t, url)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), sqlstore.OwnConnection); err != nil {
		t.Fatal(err)
	}
	wait := func(from, to int) {
		t.Helper()
		var steps []store.Step
		for i := from; i < to; i++ {
			steps = append(steps, store.Step{Key: user(fmt.Sprint(i)), Decider: decide(func(_ *store.Record, c *store.Changes) error {
				c.Profile = &store.Profile{Holds: []store.Hold{{Due: int64(i + 1)}}}
				c.Pending = append(c.Pending, store.Pending{Until: int64(i + 1)})
				return nil
			})})
		}
		if err := s.Step(t.Context(), steps); err != nil {
			t.Fatal(err)
		}
	}
	wait(0, 2000)
	if _, err := conn.Exec(t.Context(), "DELETE FROM beckon_records WHERE next_due <= 1980"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "ANALYZE"); err != nil {
		t.Fatal(err)
	}
	wait(2000, 5000)
	for name, q := range map[string]store.Query{"due": {Due: 10_000}, "pending": {Pending: 10_000}} {
		text, args := sqlstore.PageSQL("postgres", q)
		text = strings.Replace(text, " LIMIT 10", " LIMIT 256", 1) // more than waited then
		rows, err := conn.Query(t.Context(), "EXPLAIN (COSTS OFF) "+text, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(name, err)
		}
		if plan := strings.Join(lines, "\n"); strings.Contains(plan, "Sort") || !strings.Contains(plan, "using beckon_"+name+"_pkey") {
			t.Errorf("%s:\n%s", name, plan)
		}
	}
}

// The statements of groups are planned once for a connection, also where each group has one
// step: to plan them takes longer than to execute them.
func TestPostgresPlansOnce(t *testing.T) {
	s := openPostgres(t, postgresURL(t)+"&pool_max_conns=1")
	if len(sqlstore.Bytes(t, s, "SELECT attname::text::bytea FROM pg_attribute WHERE attrelid = 'pg_prepared_statements'::regclass AND attname = 'custom_plans' UNION ALL SELECT '' ORDER BY 1 DESC LIMIT 1")) == 0 {
		t.Skip("the server does not tell how often it has planned: it does so from version 14 on")
	}
	step := func(id string, d decide) {
		t.Helper()
		list := []store.Step{{Key: user(id), Decider: d}}
		if err := s.Step(t.Context(), list); err != nil || list[0].Err != nil {
			t.Fatal(err, list[0].Err)
		}
	}
	for i := range 20 {
		step(fmt.Sprint("new", i), func(r *store.Record, c *store.Changes) error { // a row that is made
			c.LastSeen = 1
			return nil
		})
		step("a", func(r *store.Record, c *store.Changes) error { // the first time made, then light
			c.LastSeen = int64(i + 1)
			return nil
		})
		step("a", func(r *store.Record, c *store.Changes) error { // light, with an event and a total
			c.Events = append(c.Events, store.LoggedEvent{Seq: r.EventSeq + 1, Name: name1("e"), At: int64(i)})
			c.EventSeq, c.KeepEvents = r.EventSeq+1, 100
			c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "sent", N: 1})
			return nil
		})
		step("a", func(r *store.Record, c *store.Changes) error { // pending
			c.Pending = append(c.Pending, store.Pending{Until: int64(i + 1)})
			return nil
		})
		step("a", func(r *store.Record, c *store.Changes) error { // whole
			c.Profile = &store.Profile{Attributes: []store.Attribute{store.NewAttribute("n", beckon.Number(float64(i)))}}
			return nil
		})
	}
	plans := string(sqlstore.Bytes(t, s, `SELECT string_agg(name || ' ' || custom_plans || ' ' || generic_plans, ', ' ORDER BY name)::bytea
		FROM pg_prepared_statements WHERE name LIKE 'beckon%'`))
	n := 0
	for line := range strings.SplitSeq(plans, ", ") {
		var name string
		var custom, generic int
		if _, err := fmt.Sscan(line, &name, &custom, &generic); err != nil {
			t.Fatal(line, err)
		}
		if n++; custom > 5 || generic < 10 {
			t.Errorf("%s was planned %d times, and executed %d times by a plan that was there", name, custom, generic)
		}
	}
	if n < 6 {
		t.Errorf("only these statements are known: %s", plans)
	}
}

// On connections of a store's own no page of a scan is compiled, or read by other
// processes: both take longer than the page.
func TestPostgresSettings(t *testing.T) {
	s := openPostgres(t, postgresURL(t))
	for setting, want := range map[string]string{"jit": "off", "max_parallel_workers_per_gather": "0", "enable_seqscan": "off"} {
		if got := sqlstore.Bytes(t, s, "SELECT current_setting('"+setting+"')::bytea"); string(got) != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
}

// SQLite finds records through an index too.
func TestSQLitePlans(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plan.db")
	openSQLite(t, path)
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	plan := func(text string, args ...any) string {
		t.Helper()
		rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, args...)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		var all []string
		for rows.Next() {
			var a, b, c int
			var line string
			if err := rows.Scan(&a, &b, &c, &line); err != nil {
				t.Fatal(err)
			}
			all = append(all, line)
		}
		return strings.Join(all, "\n")
	}
	for name, q := range scans {
		text, args := sqlstore.PageSQL("sqlite", q)
		got := plan(text, args...)
		index := "beckon_records_" + name
		if name == "pkey" {
			index = "sqlite_autoindex_beckon_records_1"
		}
		if !strings.Contains(got, "SEARCH beckon_records USING INDEX "+index) || strings.Contains(got, "B-TREE") {
			t.Errorf("%s:\n%s", name, got)
		}
	}
	if got := plan(strings.NewReplacer("$1", "''", "$2", "1", "$3", "x''", "$4", "1", "$5", "1", "$6", "1").Replace(sqlstore.EventsSQL)); strings.Contains(got, "SCAN") {
		t.Errorf("events:\n%s", got)
	}
}
