package sqlstore_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"unique"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// crowd makes n users: one in a thousand has the plan rare and has paid, each has a
// score, and one in a hundred is in each team.
func crowd(t testing.TB, s beckon.Store, n int) {
	t.Helper()
	uploaded, paid := unique.Make("uploaded"), unique.Make("paid")
	steps := make([]store.Step, 0, 1000)
	for i := range n {
		steps = append(steps, store.Step{Key: user(fmt.Sprintf("user-%06d", i*7919%n)), Decider: decide(func(_ *store.Record, c *store.Changes) error {
			plan := "free"
			if i%1000 == 7 {
				plan = "rare"
				c.Stats = append(c.Stats, store.Stats{Name: paid, Count: uint64(i % 5), First: 10, Last: 20})
			}
			c.Stats = append(c.Stats, store.Stats{Name: uploaded, Count: uint64(i % 20), First: 10, Last: int64(i)})
			c.Profile = &store.Profile{Created: 1000, Attributes: []store.Attribute{
				store.NewAttribute("city", beckon.String(fmt.Sprint("city ", i%300))), store.NewAttribute("plan", beckon.String(plan)),
				store.NewAttribute("score", beckon.Number(i%1000)), store.NewAttribute("team", beckon.String(fmt.Sprint("team ", i%100))),
			}}
			return nil
		})})
		if len(steps) < cap(steps) && i < n-1 {
			continue
		}
		if err := s.Step(t.Context(), steps); err != nil {
			t.Fatal(err)
		}
		for k := range steps {
			if steps[k].Err != nil {
				t.Fatal(steps[k].Err)
			}
		}
		steps = steps[:0]
	}
}

// On a fresh table, for which the database has no statistics, a filter is found
// by the index that serves it and not by going through the whole table. Where
// an index would find too many rows they are gone through in the order of keys,
// page by page.
func TestFilterPlans(t *testing.T) {
	if testing.Short() {
		t.Skip("a second, with others like it")
	}
	const rows = 12_000
	plan := func(text string) *store.Filter {
		return &store.Filter{Kind: store.FilterText, Name: "plan", Texts: []string{text}}
	}
	paid := &store.Filter{Kind: store.FilterCount, Name: "paid", From: 2, To: 9}
	walking := &store.Filter{Kind: store.FilterWalking}
	score := &store.Filter{Kind: store.FilterNumber, Name: "score", Low: "990"}
	group := func(kind store.FilterKind, of ...*store.Filter) *store.Filter {
		return &store.Filter{Kind: kind, Of: of}
	}
	cases := []struct {
		name     string
		filter   *store.Filter
		way      byte
		postgres []string // indexes
		lite     []string
	}{
		{"text", plan("rare"), 'i', []string{"beckon_records_terms", "beckon_records_unsure"}, []string{"beckon_terms"}},
		{"event", paid, 'i', []string{"beckon_records_terms", "beckon_records_unsure"}, []string{"beckon_terms"}},
		{"all", group(store.FilterAll, score, plan("rare")), 'i', []string{"beckon_records_terms", "beckon_records_unsure"}, []string{"beckon_terms"}},
		{"any", group(store.FilterAny, walking, paid, plan("rare")), 'i', []string{"beckon_records_terms", "beckon_records_unsure", "beckon_records_walking"}, []string{"beckon_terms", "beckon_records_walking"}},
		{"key", &store.Filter{Kind: store.FilterKey, Kinds: []store.Kind{store.KindUser}, Texts: []string{"user-000001"}}, 'i', []string{"beckon_records_pkey"}, nil},
		{"common", plan("free"), 'o', []string{"beckon_records_pkey"}, nil},
		{"common event", &store.Filter{Kind: store.FilterLast, Name: "uploaded", From: 5, To: 9}, 'o', []string{"beckon_records_pkey"}, nil},
		{"number", score, 'o', []string{"beckon_records_pkey"}, nil},
		{"any with a number", group(store.FilterAny, score, plan("rare")), 'o', []string{"beckon_records_pkey"}, nil},
	}
	// Another filter finds its own way, wherever it takes a scan up.
	another := func(t *testing.T, s *sqlstore.Store) {
		nothing := func(*store.Record) error { return nil }
		for _, filters := range [][]*store.Filter{{plan("rare"), plan("free"), plan("rare")}, {score, paid, walking}, {nil, paid, nil}} {
			at := store.Cursor("")
			for _, f := range filters {
				want := byte('k')
				if f != nil {
					var err error
					if want, _, err = s.PagePlan(t.Context(), f); err != nil {
						t.Fatal(err)
					}
				}
				next, err := s.Scan(t.Context(), store.Query{Kinds: contactKinds(), Filter: f}, at, 1, nothing)
				if err != nil {
					t.Fatal(err)
				}
				if next == "" {
					continue
				}
				if at = next; at[0] != want {
					t.Errorf("after the filter before, the way of %+v is %c, want %c", f, at[0], want)
				}
			}
		}
	}
	check := func(t *testing.T, s *sqlstore.Store, indexes func(int) []string, scan string) {
		another(t, s)
		for i, c := range cases {
			way, plan, err := s.PagePlan(t.Context(), c.filter)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Join(plan, "\n")
			if way != c.way {
				t.Errorf("%s: the way is %c, want %c", c.name, way, c.way)
			}
			for _, name := range indexes(i) {
				if !strings.Contains(text, name) {
					t.Errorf("%s: %s is not used:\n%s", c.name, name, text)
				}
			}
			for _, line := range plan {
				if strings.HasPrefix(line, "window: ") && strings.Contains(line, "TEMP B-TREE") {
					t.Errorf("%s: the ids of a page are sorted:\n%s", c.name, text)
				}
				if strings.Contains(line, "Sort Key: r.") || strings.Contains(line, "Gather") {
					t.Errorf("%s: more rows are read than the page has, or by other processes:\n%s", c.name, text)
				}
				if strings.Contains(line, scan) {
					t.Errorf("%s: goes through the whole table:\n%s", c.name, text)
				}
			}
		}
	}
	t.Run("postgres", func(t *testing.T) {
		url := postgresURL(t)
		s := openPostgres(t, url)
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close(t.Context()) }()
		if _, err := conn.Exec(t.Context(), "ALTER TABLE beckon_records SET (autovacuum_enabled = false)"); err != nil {
			t.Fatal(err)
		}
		crowd(t, s, rows)
		check(t, s, func(i int) []string { return cases[i].postgres }, "Seq Scan on beckon_records")
	})
	t.Run("sqlite", func(t *testing.T) {
		s := openSQLite(t, filepath.Join(t.TempDir(), "beckon.db"))
		crowd(t, s, rows)
		check(t, s, func(i int) []string { return cases[i].lite }, "SCAN beckon_records")
	})
}
