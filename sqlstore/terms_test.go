package sqlstore

import (
	"fmt"
	"testing"

	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// Contacts that are made together have each of their terms in beckon_terms, however many
// of one name there are.
func TestTermsOfMany(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, mostTerms - 1, mostTerms, mostTerms + 1, 2*mostTerms + 4} {
		s, err := OpenSQLite(t.Context(), t.TempDir()+"/beckon.db")
		if err != nil {
			t.Fatal(err)
		}
		steps := make([]store.Step, n)
		want := make(map[string]bool)
		for i := range steps {
			id := fmt.Sprintf("u%02d", (i*7)%n)
			plan := []string{"pro", "free"}[i%2]
			steps[i] = store.Step{Key: store.Key{Kind: store.KindUser, ID: id}, Decider: profiled{&store.Profile{Attributes: []store.Attribute{
				store.NewAttribute("plan", value.String(plan)), store.NewAttribute("seats", value.Number(i)), store.NewAttribute("tags", value.List("a", id)),
			}}}}
			for _, term := range []string{"plan " + plan, "seats ", "tags ", "tags a", "tags " + id} {
				want[id+" "+term] = true
			}
		}
		for range 2 { // the second time nothing is new
			if err := s.Step(t.Context(), steps); err != nil {
				t.Fatal(err)
			}
		}
		rows, err := s.db.(*lite).reading.QueryContext(t.Context(), "SELECT id, n.name, value FROM beckon_terms t JOIN beckon_names n ON n.number = t.name")
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var id, name, text string
			if err := rows.Scan(&id, &name, &text); err != nil {
				t.Fatal(err)
			}
			if term := id + " " + name + " " + text; !want[term] {
				t.Errorf("of %d: %q is there", n, term)
			} else {
				delete(want, term)
			}
		}
		if err := rows.Err(); err != nil || len(want) > 0 {
			t.Errorf("of %d: %v; missing: %v", n, err, want)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A profiled is a way to put a profile into a record.
type profiled struct{ profile *store.Profile }

// Decide implements [store.Decider].
func (p profiled) Decide(_ *store.Record, c *store.Changes) error {
	c.Touch, c.Profile = true, p.profile
	return nil
}

// Parameters go without numbers only where that changes none.
func TestLiteSQL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a = 1":                                "a = 1",
		"a = $1":                               "a = ?",
		"a = $1, b = $2":                       "a = ?, b = ?",
		"a = $2, b = $1":                       "a = ?2, b = ?1",
		"a = $1, b = $1":                       "a = ?1, b = ?1",
		"a = $1, b = $3":                       "a = ?1, b = ?3",
		"a = $1, b = $10":                      "a = ?1, b = ?10",
		"a = $10":                              "a = ?10",
		"a = $1 + $2, b = $1":                  "a = ?1 + ?2, b = ?1",
		"($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)": "(?,?,?,?,?,?,?,?,?,?,?)",
	} {
		if got := liteSQL(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
