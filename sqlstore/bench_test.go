package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unique"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/group"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/sqlstore"
)

// contacts is how many records a benchmark has, each of about 1 KB.
const contacts = 20_000

// counting counts one event of a contact, as Track does when all is held: a
// statistic, the event's hash, the last visit. Each goroutine has its own.
type counting struct {
	name unique.Handle[string]
	hash [16]byte
	at   int64
}

func (d *counting) Decide(r *beckon.Record, c *beckon.Changes) error {
	s, _ := r.Stat(d.name)
	s.Count, s.Last = s.Count+1, d.at
	c.Stats = append(c.Stats, s)
	c.LastSeen, c.EventSeq = d.at*1000, r.EventSeq+1
	c.Seen, c.SeenDrop = append(c.Seen, beckon.Seen{Hash: d.hash, At: d.at * 1000}), 1
	return nil
}

func benchNames() []unique.Handle[string] {
	var names []unique.Handle[string]
	for i := range 15 {
		names = append(names, unique.Make(fmt.Sprintf("event-name-%02d", i)))
	}
	return names
}

func contact(i int) beckon.Key { return user(fmt.Sprintf("contact-%08d", i)) }

// fill makes the contacts.
func fill(b *testing.B, s beckon.Store) {
	b.Helper()
	profile := &beckon.Profile{Attributes: []beckon.Attribute{beckon.NewAttribute("email", beckon.String("somebody@example.test")), beckon.NewAttribute("plan", beckon.String("pro"))}}
	d := decide(func(_ *beckon.Record, c *beckon.Changes) error {
		for _, n := range benchNames() {
			c.Stats = append(c.Stats, beckon.Stats{Name: n, Count: 1, First: 1_700_000_000, Last: 1_700_000_000})
		}
		for range 10 {
			c.Seen = append(c.Seen, beckon.Seen{At: 1})
		}
		c.Profile = profile
		return nil
	})
	for i := 0; i < contacts; i += 1000 {
		steps := make([]beckon.Step, 1000)
		for k := range steps {
			steps[k] = beckon.Step{Key: contact(i + k), Decider: d}
		}
		if err := s.Step(b.Context(), steps); err != nil {
			b.Fatal(err)
		}
	}
}

// measure runs fn b.N times over so many goroutines and reports the rate and
// the times of single calls.
func measure(b *testing.B, goroutines int, fn func(worker int, random *rand.Rand) error) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(b.N))
	times := make([][]time.Duration, goroutines)
	var failed atomic.Pointer[error]
	b.ResetTimer()
	var all sync.WaitGroup
	for w := range goroutines {
		all.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), uint64(b.N)))
			for left.Add(-1) >= 0 {
				start := time.Now()
				if err := fn(w, random); err != nil {
					failed.Store(&err)
					return
				}
				times[w] = append(times[w], time.Since(start))
			}
		})
	}
	all.Wait()
	b.StopTimer()
	if err := failed.Load(); err != nil {
		b.Fatal(*err)
	}
	sorted := slices.Sorted(slices.Values(slices.Concat(times...)))
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
	b.ReportMetric(float64(sorted[len(sorted)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(sorted[len(sorted)*99/100].Microseconds()), "p99-us")
}

// steps measures single steps on random contacts out of so many.
func steps(b *testing.B, s beckon.Store, goroutines, among int) {
	names := benchNames()
	deciders := make([]counting, goroutines)
	lists := make([][1]beckon.Step, goroutines)
	measure(b, goroutines, func(w int, random *rand.Rand) error {
		d := &deciders[w]
		d.name, d.at = names[random.IntN(len(names))], d.at+1
		d.hash[0]++
		lists[w][0] = beckon.Step{Key: contact(random.IntN(among)), Decider: d}
		return errors.Join(s.Step(context.Background(), lists[w][:]), lists[w][0].Err)
	})
}

// A raw is what the driver can do at best for the same callers, grouped in the
// same way: an upsert of a row of 1 KB for each, all of a group in one
// transaction, nothing read and nothing decided.
type raw struct {
	flights int
	write   func(ids []string, row []byte) error
}

func (r raw) measure(b *testing.B, goroutines int) {
	row := []byte(strings.Repeat("x", 1024))
	type item = group.Item[string, struct{}]
	q := group.New(256, r.flights, func(_ context.Context, items []*item) {
		ids := make([]string, len(items))
		for i, it := range items {
			ids[i] = it.Key
		}
		slices.Sort(ids)
		err := r.write(slices.Compact(ids), row)
		for _, it := range items {
			it.Err = err
		}
	})
	lists := make([][]item, goroutines)
	measure(b, goroutines, func(w int, random *rand.Rand) error {
		lists[w] = append(lists[w][:0], item{Key: contact(random.IntN(contacts)).ID})
		return q.Do(context.Background(), lists[w])
	})
}

// suite measures a store and its raw driver in one run.
func suite(b *testing.B, s beckon.Store, r raw) {
	fill(b, s)
	for _, goroutines := range []int{1, 64, 512} {
		b.Run(fmt.Sprintf("steps-%d", goroutines), func(b *testing.B) { steps(b, s, goroutines, contacts) })
		b.Run(fmt.Sprintf("raw-%d", goroutines), func(b *testing.B) { r.measure(b, goroutines) })
	}
	b.Run("hot-4-of-64", func(b *testing.B) { steps(b, s, 64, 4) })
}

func BenchmarkSQLite(b *testing.B) {
	for _, c := range []struct {
		name string
		sync string
		opts []sqlstore.Option
	}{{"full", "FULL", nil}, {"normal", "NORMAL", []sqlstore.Option{sqlstore.WithNormalSync()}}} {
		b.Run(c.name, func(b *testing.B) {
			s := openSQLite(b, filepath.Join(b.TempDir(), "bench.db"), c.opts...)
			db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "raw.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous("+c.sync+")")
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			db.SetMaxOpenConns(1)
			if _, err := db.Exec("CREATE TABLE raw (id TEXT PRIMARY KEY, data BLOB) STRICT"); err != nil {
				b.Fatal(err)
			}
			conn, err := db.Conn(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			stmt, err := conn.PrepareContext(b.Context(), "INSERT INTO raw VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET data = EXCLUDED.data")
			if err != nil {
				b.Fatal(err)
			}
			ctx := context.Background()
			write := func(ids []string, row []byte) error {
				if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
					return err
				}
				for _, id := range ids {
					if _, err := stmt.ExecContext(ctx, id, row); err != nil {
						return err
					}
				}
				_, err := conn.ExecContext(ctx, "COMMIT")
				return err
			}
			for i := range contacts {
				if i%1000 == 0 {
					if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := stmt.ExecContext(ctx, contact(i).ID, make([]byte, 1024)); err != nil {
					b.Fatal(err)
				}
				if i%1000 == 999 {
					if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
						b.Fatal(err)
					}
				}
			}
			suite(b, s, raw{flights: 1, write: write})
		})
	}
}

// With fsync on, as in production.
func BenchmarkPostgres(b *testing.B) {
	url := testserver.Postgres(b, "fsync=on", "shared_buffers=256MB", "max_wal_size=4GB", "autovacuum=on")
	s := openPostgres(b, url)
	pool, err := pgxpool.New(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	const upsert = "INSERT INTO raw SELECT id, $2 FROM unnest($1::text[]) id ON CONFLICT (id) DO UPDATE SET data = EXCLUDED.data"
	for _, text := range []string{
		"CREATE TABLE raw (id text PRIMARY KEY, data bytea)",
		"ALTER TABLE raw ALTER COLUMN data SET STORAGE EXTERNAL",
		fmt.Sprintf("INSERT INTO raw SELECT 'contact-' || lpad(i::text, 8, '0'), convert_to(repeat('x', 1024), 'UTF8') FROM generate_series(0, %d) i", contacts-1),
	} {
		if _, err := pool.Exec(b.Context(), text); err != nil {
			b.Fatal(err)
		}
	}
	ctx := context.Background()
	suite(b, s, raw{flights: sqlstore.DefaultFlights, write: func(ids []string, row []byte) error {
		_, err := pool.Exec(ctx, upsert, ids, row)
		return err
	}})
}
