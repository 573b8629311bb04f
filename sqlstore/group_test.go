package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// Callers that come while a group is under way share the next one: far fewer
// commits than callers, whether their keys are one or many. A lone caller has
// a commit for itself.
func TestGrouping(t *testing.T) {
	const callers = 64
	for name, p := range places(t) {
		for _, keys := range []int{1, callers} {
			t.Run(fmt.Sprint(name, "/", keys), func(t *testing.T) {
				s := p.open(t, sqlstore.WithFlights(1), sqlstore.WithNamespace(t.Name()))
				before := p.commits(t)
				for i := range 5 {
					if err := add(t.Context(), s, user("lone")); err != nil {
						t.Fatal(err)
					}
					if n := p.commits(t) - before; n != i+1 {
						t.Errorf("%d commits after %d calls of one caller", n, i+1)
					}
				}
				before = p.commits(t)
				// The first holds its group up until the others have come.
				var come atomic.Int64
				var all sync.WaitGroup
				held := make(chan struct{})
				all.Go(func() {
					steps := []store.Step{{Key: user("0"), Decider: decide(func(r *store.Record, c *store.Changes) error {
						close(held)
						for come.Load() < callers-1 {
							runtime.Gosched()
						}
						c.LastSeen = r.LastSeen + 1
						return nil
					})}}
					if err := errors.Join(s.Step(context.Background(), steps), steps[0].Err); err != nil {
						t.Error(err)
					}
				})
				<-held
				for i := range callers - 1 {
					all.Go(func() {
						come.Add(1)
						if err := add(context.Background(), s, user(fmt.Sprint((i+1)%keys))); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				if n := p.commits(t) - before; n > callers/4 {
					t.Errorf("%d callers at once took %d commits", callers, n)
				}
				var sum int64
				for i := range keys {
					sum += seen(t, s, user(fmt.Sprint(i)))
				}
				if sum != callers {
					t.Errorf("%d of %d steps counted", sum, callers)
				}
			})
		}
	}
}

// A caller that gives up while it leads harms nobody: those who wait for it are
// carried out. Afterwards its Decider is its own again.
func TestCancelledLeader(t *testing.T) {
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			s := p.open(t, sqlstore.WithFlights(1))
			const callers = 16
			var all sync.WaitGroup
			for i := range callers {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				all.Go(func() {
					var deciding atomic.Bool
					fields := value.Fields{{Key: "of", Value: value.Number(i)}}
					steps := []store.Step{{Key: user(fmt.Sprint(i)), Decider: decide(func(r *store.Record, c *store.Changes) error {
						deciding.Store(true)
						if i%2 == 0 {
							cancel()
						}
						runtime.Gosched()
						c.LastSeen = r.LastSeen + 1
						c.EventSeq, c.KeepEvents = r.EventSeq+1, 10
						c.Events = append(c.Events, store.LoggedEvent{Seq: c.EventSeq, Name: unique.Make("e"), At: 1, Metadata: fields})
						deciding.Store(false)
						return nil
					})}}
					err := s.Step(ctx, steps)
					fields[0].Value = value.String("of another") // its memory is used again
					if deciding.Load() {
						t.Error("Step has returned, but its decision runs")
					}
					if i%2 == 1 && (err != nil || steps[0].Err != nil) {
						t.Errorf("who did not give up: %v, %v", err, steps[0].Err)
					}
				})
			}
			all.Wait()
			for i := range callers {
				n := seen(t, s, user(fmt.Sprint(i)))
				if i%2 == 1 && n != 1 || n > 1 {
					t.Errorf("caller %d: counted %d", i, n)
				}
				list, err := s.Events(t.Context(), user(fmt.Sprint(i)), store.EventCursor{}, 10)
				if err != nil || int64(len(list)) != n || n == 1 && list[0].Metadata[0].Value.Text() != fmt.Sprint(i) {
					t.Errorf("caller %d: %+v, %v", i, list, err)
				}
			}
		})
	}
}

// Two stores on the same data, as two processes have them, race for the same
// records: nothing is lost, and no step fails.
func TestLostRaces(t *testing.T) {
	const stores, racers, laps, keys = 3, 4, 30, 2
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			var all sync.WaitGroup
			for range stores {
				s := p.open(t, sqlstore.WithNormalSync())
				for range racers {
					all.Go(func() {
						for lap := range laps {
							if err := add(context.Background(), s, user(fmt.Sprint(lap%keys))); err != nil {
								t.Error(err)
							}
						}
					})
				}
			}
			all.Wait()
			s := p.open(t)
			var sum int64
			for i := range keys {
				sum += seen(t, s, user(fmt.Sprint(i)))
			}
			if sum != stores*racers*laps {
				t.Errorf("counted %d of %d", sum, stores*racers*laps)
			}
		})
	}
}

// What one step of a group wants and the database refuses fails that step
// alone.
func TestRefusedAlone(t *testing.T) {
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			s := p.open(t)
			write := decide(func(_ *store.Record, c *store.Changes) error { c.LastSeen = 1; return nil })
			steps := []store.Step{
				{Key: user("a"), Decider: write},
				{Key: user("b"), Decider: decide(func(_ *store.Record, c *store.Changes) error {
					c.Stats = append(c.Stats, store.Stats{Name: name1("\xff"), Count: 1})
					return nil
				})},
				{Key: user("c"), Decider: write},
			}
			if err := s.Step(t.Context(), steps); err != nil {
				t.Fatal(err)
			}
			if steps[0].Err != nil || !errors.Is(steps[1].Err, sqlstore.ErrRefused) || steps[2].Err != nil {
				t.Errorf("got %v, %v, %v", steps[0].Err, steps[1].Err, steps[2].Err)
			}
			for id, want := range map[string]int64{"a": 1, "b": 0, "c": 1} {
				if n := seen(t, s, user(id)); n != want {
					t.Errorf("%s has %d, want %d", id, n, want)
				}
			}
		})
	}
}

// The same where the others of its call write nothing, or are carried out by another statement.
func TestRefusedBesideOthers(t *testing.T) {
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			s := p.open(t)
			if err := add(t.Context(), s, user("kept")); err != nil {
				t.Fatal(err)
			}
			steps := []store.Step{
				{Key: user("kept"), Decider: decide(func(*store.Record, *store.Changes) error { return nil })},
				{Key: user("refused"), Decider: decide(func(_ *store.Record, c *store.Changes) error {
					c.LastSeen, c.Totals = 1, append(c.Totals, store.Increment{Message: "m", Name: "nul\x00\xff", N: 1})
					return nil
				})},
			}
			if err := s.Step(t.Context(), steps); err != nil {
				t.Errorf("the outcome of the others is not known: %v", err)
			}
			if n := seen(t, s, user("refused")); steps[0].Err != nil || (steps[1].Err != nil) != (n == 0) || steps[1].Err != nil && !errors.Is(steps[1].Err, sqlstore.ErrRefused) {
				t.Errorf("got %v, %v, and what was refused has %d", steps[0].Err, steps[1].Err, n)
			}
		})
	}
}

// SQLite's beckon_terms says the same of records whether they were written together, in
// a transaction of the host, or one by one.
func TestTermsOfAGroup(t *testing.T) {
	folder := t.TempDir()
	terms := make(map[string][]string)
	for _, how := range []string{"together", "alone", "tx"} {
		path := filepath.Join(folder, how)
		s := openSQLite(t, path)
		db, err := sql.Open("sqlite", "file:"+path)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(1, 2))
		for range 4 {
			var steps []store.Step
			for range 90 { // some of them of one record
				var attributes []store.Attribute
				for k := range r.IntN(5) {
					attributes = append(attributes, store.NewAttribute(fmt.Sprint("a", k), beckon.String(fmt.Sprint(r.IntN(9)))))
				}
				gone, event := r.IntN(20) == 0, store.Stats{Name: name1(fmt.Sprint("e", r.IntN(4))), Count: 1}
				steps = append(steps, store.Step{Key: user(fmt.Sprint(r.IntN(70))), Decider: decide(func(_ *store.Record, c *store.Changes) error {
					if c.Delete = gone; !gone {
						c.Profile, c.Touch, c.Stats = &store.Profile{Attributes: attributes}, true, append(c.Stats, event)
					}
					return nil
				})})
			}
			switch how {
			case "together":
				err = s.Step(t.Context(), steps)
			case "alone":
				for i := range steps {
					err = errors.Join(err, s.Step(t.Context(), steps[i:i+1]))
				}
			default:
				var tx *sql.Tx
				if tx, err = db.BeginTx(t.Context(), nil); err == nil {
					err = errors.Join(sqlstore.TxSQLite(tx).Step(t.Context(), steps), tx.Commit())
				}
			}
			for i := range steps {
				err = errors.Join(err, steps[i].Err)
			}
			if err != nil {
				t.Fatal(how, err)
			}
		}
		rows, err := db.QueryContext(t.Context(), "SELECT kind || ' ' || CAST(id AS TEXT) || ' ' || class || ' ' || n.name || ' ' || value FROM beckon_terms t JOIN beckon_names n ON n.number = t.name ORDER BY 1")
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var one string
			if err := rows.Scan(&one); err != nil {
				t.Fatal(err)
			}
			terms[how] = append(terms[how], one)
		}
		if err := errors.Join(rows.Err(), rows.Close(), db.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if len(terms["alone"]) < 100 || !slices.Equal(terms["together"], terms["alone"]) || !slices.Equal(terms["tx"], terms["alone"]) {
		t.Errorf("alone:    %q\ntogether: %q\ntx:       %q", terms["alone"], terms["together"], terms["tx"])
	}
}
