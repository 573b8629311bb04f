package sqlstore_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// An unfiltered store asks its scans for everything.
type unfiltered struct{ beckon.Store }

func (u unfiltered) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	q.Filter, q.LeftOut = nil, nil
	return u.Store.Scan(ctx, q, after, limit, fn)
}

// BenchmarkMatch counts whom rules match among 100,000 contacts, with and
// without a filter: a rare plan, which an index finds, and a score that one
// contact in a hundred has, for which the database goes through all rows.
func BenchmarkMatch(b *testing.B) {
	const contacts = 100_000
	for name, open := range map[string]func() beckon.Store{
		"postgres": func() beckon.Store { return openPostgres(b, postgresURL(b)) },
		"sqlite":   func() beckon.Store { return openSQLite(b, filepath.Join(b.TempDir(), "beckon.db")) },
	} {
		b.Run(name, func(b *testing.B) {
			store := open()
			crowd(b, store, contacts)
			for _, rule := range []struct {
				name string
				rule beckon.Rule
				want int
			}{
				{"rare", beckon.All(beckon.User("plan").Is("rare"), beckon.Did("paid").AtLeast(2)), 60},
				{"score", beckon.User("score").AtLeast(990), 1000},
			} {
				for _, with := range []bool{true, false} {
					name, s := rule.name+"/filter", store
					if !with {
						name, s = rule.name+"/none", unfiltered{store}
					}
					b.Run(name, func(b *testing.B) {
						e, err := beckon.New(s)
						if err != nil {
							b.Fatal(err)
						}
						for b.Loop() {
							n, err := e.Count(b.Context(), rule.rule)
							if err != nil || n < rule.want/2 || n > 2*rule.want {
								b.Fatalf("%d match: %v", n, err)
							}
						}
					})
				}
			}
		})
	}
}
