package sqlstore_test

import (
	"context"
	"database/sql"
	"flag"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon"
)

// contacts is how many BenchmarkCount counts among.
var contacts = flag.Int("contacts", 100_000, "how many contacts BenchmarkCount makes")

// A floor is what the same work costs by hand.
type floor func(ctx context.Context) (rows int, err error)

// BenchmarkCount counts contacts, and does by hand what a database cannot do with
// less, in turn: to count one in a hundred, the SQL that has the same answer; to
// judge all by a rule that no database can, one reading of all rows. What counts is
// the ratio of the two, "times"; the rest is milliseconds.
//
//	go test -run '^$' -bench Count -benchtime 5x ./sqlstore -contacts 1000000
func BenchmarkCount(b *testing.B) {
	const columns = "SELECT version, last_seen, event_seq, stats, state, kind, id FROM beckon_records WHERE namespace = '' AND kind = 1"
	kinds := map[string]func(b *testing.B) (s beckon.Store, count, read floor){
		"postgres": func(b *testing.B) (s beckon.Store, count, read floor) {
			url := postgresURL(b)
			conn, err := pgx.Connect(b.Context(), url)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = conn.Close(context.Background()) })
			count = func(ctx context.Context) (n int, err error) {
				err = conn.QueryRow(ctx, `SELECT count(*) FROM beckon_records WHERE namespace = '' AND kind = 1 AND attributes @> '{"team": "team 7"}'`).Scan(&n)
				return n, err
			}
			read = func(ctx context.Context) (n int, err error) {
				rows, err := conn.Query(ctx, columns)
				if err != nil {
					return 0, err
				}
				var version, seen, seq int64
				var kind int16
				var stats, state, id []byte
				_, err = pgx.ForEachRow(rows, []any{&version, &seen, &seq, &stats, &state, &kind, &id}, func() error { n++; return nil })
				return n, err
			}
			return openPostgres(b, url), count, read
		},
		"sqlite": func(b *testing.B) (s beckon.Store, count, read floor) {
			path := filepath.Join(b.TempDir(), "beckon.db")
			s = openSQLite(b, path)
			db, err := sql.Open("sqlite", path)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = db.Close() })
			count = func(ctx context.Context) (n int, err error) {
				err = db.QueryRowContext(ctx, `SELECT count(*) FROM beckon_terms AS t CROSS JOIN beckon_records AS r ON r.namespace = '' AND r.kind = 1 AND r.id = t.id
					WHERE t.name = (SELECT number FROM beckon_names WHERE namespace = '' AND kind = 1 AND class = 2 AND name = 'team') AND t.value = 'team 7' AND r.attributes ->> '$.team' = 'team 7'`).Scan(&n)
				return n, err
			}
			read = func(ctx context.Context) (n int, err error) {
				rows, err := db.QueryContext(ctx, columns)
				if err != nil {
					return 0, err
				}
				defer func() { _ = rows.Close() }()
				var version, seen, seq int64
				var kind int16
				var stats, state, id []byte
				for ; rows.Next(); n++ {
					if err := rows.Scan(&version, &seen, &seq, &stats, &state, &kind, &id); err != nil {
						return n, err
					}
				}
				return n, rows.Err()
			}
			return s, count, read
		},
	}
	for name, open := range kinds {
		b.Run(name, func(b *testing.B) {
			s, count, read := open(b)
			crowd(b, s, *contacts)
			e, err := beckon.New(s)
			if err != nil {
				b.Fatal(err)
			}
			for _, c := range []struct {
				name  string
				rule  beckon.Rule
				floor floor
				want  int
			}{
				{"hundredth", beckon.User("team").Is("team 7"), count, *contacts / 100},
				{"hundredth/judged", beckon.All(beckon.User("team").Is("team 7"), beckon.User("city").Contains("CITY")), count, *contacts / 100},
				{"all", beckon.User("city").Contains("CITY"), read, *contacts},
			} {
				b.Run(c.name, func(b *testing.B) {
					timed := func(count func() (int, error)) time.Duration {
						began := time.Now()
						n, err := count()
						if err != nil || n != c.want {
							b.Fatalf("%d match, want %d: %v", n, c.want, err)
						}
						return time.Since(began)
					}
					ours := func() (int, error) { return e.Count(b.Context(), c.rule) }
					byHand := func() (int, error) { return c.floor(b.Context()) }
					timed(ours) // now what they read is in memory
					var before, after runtime.MemStats
					runtime.ReadMemStats(&before)
					timed(ours)
					runtime.ReadMemStats(&after)
					timed(byHand)
					var took, least time.Duration
					for b.Loop() {
						took += timed(ours)
						least += timed(byHand)
					}
					b.ReportMetric(float64(took)/float64(least), "times")
					b.ReportMetric(took.Seconds()*1e3/float64(b.N), "count-ms")
					b.ReportMetric(least.Seconds()*1e3/float64(b.N), "floor-ms")
					b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(c.want), "allocs/match")
					b.ReportMetric(0, "ns/op")
				})
			}
		})
	}
}
