package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/storetest"
)

// A host is a program with a database and a table of its own.
type host struct {
	store *sqlstore.Store
	// transact runs fn in a transaction, with the store within it and a
	// statement of the host's; it is rolled back if fn fails.
	transact func(fn func(within *sqlstore.Store, exec func(sql string) error) error) error
	count    func(table string) int
	watch    func() int // PostgreSQL: how many wait for a lock
}

func hosts(t *testing.T) map[string]host {
	url := postgresURL(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	watcher, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = watcher.Close(context.Background()) })
	path := filepath.Join(t.TempDir(), "host.db")
	lite := openSQLite(t, path)
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	all := map[string]host{
		"postgres": {
			store: openPostgres(t, url),
			transact: func(fn func(*sqlstore.Store, func(string) error) error) error {
				return pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
					return fn(sqlstore.Tx(tx), func(text string) error { _, err := tx.Exec(t.Context(), text); return err })
				})
			},
			count: func(table string) (n int) {
				if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
					t.Fatal(err)
				}
				return n
			},
			watch: func() (n int) {
				if err := watcher.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()").Scan(&n); err != nil {
					t.Fatal(err)
				}
				return n
			},
		},
		"sqlite": {
			store: lite,
			transact: func(fn func(*sqlstore.Store, func(string) error) error) error {
				tx, err := db.BeginTx(t.Context(), nil)
				if err != nil {
					return err
				}
				if err := fn(sqlstore.TxSQLite(tx), func(text string) error { _, err := tx.ExecContext(t.Context(), text); return err }); err != nil {
					return errors.Join(err, tx.Rollback())
				}
				return tx.Commit()
			},
			count: func(table string) (n int) {
				if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
					t.Fatal(err)
				}
				return n
			},
		},
	}
	for name, h := range all {
		if err := h.transact(func(_ *sqlstore.Store, exec func(string) error) error { return exec("CREATE TABLE orders (id text)") }); err != nil {
			t.Fatal(name, err)
		}
	}
	return all
}

// What the host writes and what follows from the event are committed together,
// and rolled back together: the order, the statistics, the log, the totals.
func TestTxTogether(t *testing.T) {
	for name, h := range hosts(t) {
		t.Run(name, func(t *testing.T) {
			engine, err := beckon.New(h.store)
			if err != nil {
				t.Fatal(err)
			}
			program := beckon.Program{Messages: []beckon.Message{{
				ID: "thanks", Status: beckon.Live, Trigger: beckon.On("ordered"), Content: beckon.Content{Body: "Thanks"},
			}}}
			if err := engine.Publish(t.Context(), program); err != nil {
				t.Fatal(err)
			}
			order := func(end error) (sent int, err error) {
				err = h.transact(func(within *sqlstore.Store, exec func(string) error) error {
					if err := exec("INSERT INTO orders VALUES ('1')"); err != nil {
						return err
					}
					res, err := engine.Using(within).Track(t.Context(), beckon.Event{Name: "ordered", UserID: "u1"})
					if err != nil {
						return err
					}
					sent = len(res.Deliveries)
					return end
				})
				return sent, err
			}
			check := func(what string, want int) {
				t.Helper()
				key := store.Key{Kind: store.KindUser, ID: "u1"}
				var exists bool
				if err := h.store.Read(t.Context(), []store.Key{key}, func(r *store.Record) error { exists = r.Exists; return nil }); err != nil {
					t.Fatal(err)
				}
				events, err := h.store.Events(t.Context(), key, store.EventCursor{}, 10)
				if err != nil {
					t.Fatal(err)
				}
				totals, err := h.store.Totals(t.Context(), "thanks")
				if err != nil {
					t.Fatal(err)
				}
				if n := h.count("orders"); n != want || exists != (want > 0) || len(events) != want || (len(totals) > 0) != (want > 0) {
					t.Errorf("%s: %d orders, contact %v, %d events, totals %v; want %d of each", what, n, exists, len(events), totals, want)
				}
			}
			changed := errors.New("changed my mind")
			if sent, err := order(changed); !errors.Is(err, changed) || sent != 1 {
				t.Fatalf("%d sent, %v", sent, err)
			}
			check("rolled back", 0)
			// The message was never sent, so it is due again.
			if sent, err := order(nil); err != nil || sent != 1 {
				t.Fatalf("%d sent, %v", sent, err)
			}
			check("committed", 1)
		})
	}
}

// The contract holds within a transaction too. Each test has a transaction of
// its own, which is never committed.
func TestTxKeepsTheContract(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the same statements as TestContract")
	}
	url := postgresURL(t)
	openPostgres(t, url)
	t.Run("postgres", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) beckon.Store {
			conn, err := pgx.Connect(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close(context.Background()) })
			tx, err := conn.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return patient{sqlstore.Tx(tx)}
		})
	})
	t.Run("sqlite", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) beckon.Store {
			path := filepath.Join(t.TempDir(), "tx.db")
			openSQLite(t, path)
			db, err := sql.Open("sqlite", "file:"+path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			tx, err := db.BeginTx(context.Background(), nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = tx.Rollback() })
			return sqlstore.TxSQLite(tx)
		})
	})
}

// A patient store looks at contexts before it begins, and then no more: pgx
// ends a connection whose context ends in the middle of a statement, and the
// transaction with it, which is the same one for all callers of a test.
type patient struct{ *sqlstore.Store }

func (s patient) Step(ctx context.Context, steps []store.Step) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.Store.Step(context.WithoutCancel(ctx), steps)
}

func (s patient) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.Store.Read(context.WithoutCancel(ctx), keys, fn)
}

func (s patient) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	return s.Store.Scan(context.WithoutCancel(ctx), q, after, limit, fn)
}

// A step of the host's transaction keeps others off the record until it ends,
// also off one that is not there yet.
func TestTxLocks(t *testing.T) {
	hosts := hosts(t)
	h, watch := hosts["postgres"], hosts["postgres"].watch
	key := store.Key{Kind: store.KindUser, ID: "u"}
	done := make(chan error, 1)
	err := h.transact(func(within *sqlstore.Store, _ func(string) error) error {
		if err := add(t.Context(), within, key); err != nil {
			return err
		}
		go func() { done <- add(context.Background(), h.store, key) }()
		for watch() == 0 {
			select {
			case err := <-done:
				return fmt.Errorf("the other did not wait: %w", err)
			default:
			}
		}
		return nil
	})
	if err := errors.Join(err, <-done); err != nil {
		t.Fatal(err)
	}
	if n := seen(t, h.store, key); n != 2 {
		t.Errorf("counted %d, want 2", n)
	}
}

// An option without sense is the error of every call.
func TestTxOption(t *testing.T) {
	s := sqlstore.TxSQLite(nil, sqlstore.WithNamespace("a\x00"))
	if err := s.Step(t.Context(), nil); !errors.Is(err, sqlstore.ErrSetup) {
		t.Errorf("Step returned %v", err)
	}
}

// Without a transaction, and after its end, every call is refused.
func TestTxOfNone(t *testing.T) {
	url := postgresURL(t)
	openPostgres(t, url)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	ended, err := conn.Begin(t.Context())
	if err == nil {
		err = ended.Rollback(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "ended.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	endedLite, err := db.BeginTx(t.Context(), nil)
	if err == nil {
		err = endedLite.Rollback()
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		store *sqlstore.Store
		want  beckon.Code
	}{
		{"none, PostgreSQL", sqlstore.Tx(nil), sqlstore.ErrSetup},
		{"none, SQLite", sqlstore.TxSQLite(nil), sqlstore.ErrSetup},
		{"ended, PostgreSQL", sqlstore.Tx(ended), beckon.ErrClosed},
		{"ended, SQLite", sqlstore.TxSQLite(endedLite), beckon.ErrClosed},
	} {
		if err := add(t.Context(), c.store, user("u")); !errors.Is(err, c.want) {
			t.Errorf("%s: a step returned %v, want %v", c.name, err, c.want)
		}
		if _, err := c.store.Totals(t.Context(), "m"); !errors.Is(err, c.want) {
			t.Errorf("%s: Totals returned %v, want %v", c.name, err, c.want)
		}
	}
}

// A call that fails halfway in a host's transaction in SQLite is undone through
// its savepoint, with what it had written already; the transaction goes on, with
// what the host wrote before and what it writes after.
func TestTxSQLiteUndoesAFailedCall(t *testing.T) {
	h := hosts(t)["sqlite"]
	write := decide(func(r *store.Record, c *store.Changes) error {
		c.LastSeen = r.LastSeen + 1
		c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "sent", N: 1})
		return nil
	})
	// Keys are written in their order, so that a comes before what is refused.
	refused := decide(func(_ *store.Record, c *store.Changes) error {
		c.Stats = append(c.Stats, store.Stats{Name: name1("\xff"), Count: 1})
		return nil
	})
	ends := decide(func(*store.Record, *store.Changes) error { runtime.Goexit(); return nil })
	err := h.transact(func(within *sqlstore.Store, exec func(string) error) error {
		if err := exec("INSERT INTO orders VALUES ('before')"); err != nil {
			return err
		}
		if err := add(t.Context(), within, user("a")); err != nil {
			return err
		}
		if err := within.Step(t.Context(), []store.Step{{Key: user("a"), Decider: write}, {Key: user("b"), Decider: refused}}); !errors.Is(err, sqlstore.ErrRefused) {
			return fmt.Errorf("what is refused returned %w", err)
		}
		var call sync.WaitGroup
		call.Go(func() {
			err := within.Step(t.Context(), []store.Step{{Key: user("a"), Decider: write}, {Key: user("b"), Decider: ends}})
			t.Errorf("a decision ended the goroutine, but Step returned %v", err)
		})
		call.Wait()
		if n := seen(t, within, user("a")); n != 1 {
			t.Errorf("within the transaction a counts %d after calls that failed, want 1", n)
		}
		return errors.Join(add(t.Context(), within, user("a")), exec("INSERT INTO orders VALUES ('after')"))
	})
	if err != nil {
		t.Fatal(err)
	}
	totals, err := h.store.Totals(t.Context(), "m")
	if a, b := seen(t, h.store, user("a")), seen(t, h.store, user("b")); err != nil || a != 2 || b != 0 || len(totals) > 0 || h.count("orders") != 2 {
		t.Errorf("a counts %d and b %d, with totals %v and %d orders; want 2, 0, none and 2: %v", a, b, totals, h.count("orders"), err)
	}
}
