package sqlstore_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// The tables of what waits have what beckon_records says when several processes race for the
// same rows: by groups, by transactions of the host, and by statements as an older program
// makes them.
func TestWaitingOfProcesses(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	const keys, rounds = 10, 60
	steps := func(r *rand.Rand) []store.Step {
		steps := make([]store.Step, 1+r.IntN(8))
		for i := range steps {
			steps[i] = store.Step{Key: user(fmt.Sprint(r.IntN(keys))), Decider: waits(r)}
		}
		return steps
	}
	// Groups do not lock all their rows in one order, so the server may end any of these.
	ended := func(err error) bool {
		var e *pgconn.PgError
		return errors.As(err, &e) && e.Code == "40P01"
	}
	var all sync.WaitGroup
	for p := range 3 {
		s := openPostgres(t, url)
		for c := range 3 {
			all.Go(func() {
				r := rand.New(rand.NewPCG(uint64(p), uint64(c)))
				for range rounds {
					if err := s.Step(t.Context(), steps(r)); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	for c := range 2 {
		conn := connect(t, url)
		all.Go(func() {
			r := rand.New(rand.NewPCG(9, uint64(c)))
			for range rounds {
				tx, err := conn.Begin(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				err = sqlstore.Tx(tx).Step(t.Context(), []store.Step{{Key: user(fmt.Sprint(r.IntN(keys))), Decider: waits(r)}})
				if err == nil && r.IntN(3) > 0 {
					err = tx.Commit(t.Context())
				} else {
					err = errors.Join(err, tx.Rollback(t.Context()))
				}
				if err != nil && !ended(err) {
					t.Error(err)
				}
			}
		})
	}
	conn := connect(t, url)
	all.Go(func() {
		r := rand.New(rand.NewPCG(9, 9))
		for range 3 * rounds {
			if _, err := conn.Exec(t.Context(), "UPDATE beckon_records SET version = version + 1, next_due = $1, next_pending = $2, marks = (marks & -32753) | $3 WHERE id = $4",
				1+r.Int64N(5), 1+r.Int64N(5), r.IntN(4)<<4, []byte(fmt.Sprint(r.IntN(keys)))); err != nil && !ended(err) {
				t.Error(err)
			}
		}
	})
	all.Wait()
	if is := disagree(t, connect(t, url)); is != "" {
		t.Errorf("of one table only: %s", is)
	}
}

// Rows that a host gives another key wait under that.
func TestWaitingMoves(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	s, conn := openPostgres(t, url), connect(t, url)
	r := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		if err := s.Step(t.Context(), []store.Step{{Key: user(fmt.Sprint(r.IntN(5))), Decider: waits(r)}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"namespace = 'other'", "id = id || 'x'::bytea", "kind = 2", "namespace = '', next_due = 3, kind = 1"} {
		if _, err := conn.Exec(t.Context(), "UPDATE beckon_records SET "+text, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
		if is := disagree(t, conn); is != "" || count(t, conn, "SELECT count(*) FROM beckon_due") == 0 || count(t, conn, "SELECT count(*) FROM beckon_pending") == 0 {
			t.Errorf("%s: of one table only: %s", text, is)
		}
	}
}
