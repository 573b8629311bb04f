package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// changeOne changes the little that an event does, or all columns of a row.
func changeOne(r *store.Record, c *store.Changes, by int64, whole bool) {
	if c.LastSeen = r.LastSeen + by; whole {
		c.Profile = &store.Profile{Created: 1}
	}
}

// A record that another process makes meanwhile is decided again, with what it has by then.
func TestMadeMeanwhile(t *testing.T) {
	p := places(t)["postgres"]
	one, two := p.open(t), p.open(t)
	tries := 0
	steps := []store.Step{{Key: user("u"), Decider: decide(func(r *store.Record, c *store.Changes) error {
		if tries++; tries == 1 {
			if err := add(t.Context(), two, user("u")); err != nil {
				return err
			}
		}
		c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "n", N: 1})
		changeOne(r, c, 10, true)
		return nil
	})}, {Key: user("v"), Decider: decide(func(r *store.Record, c *store.Changes) error { changeOne(r, c, 1, true); return nil })}}
	if err := errors.Join(one.Step(t.Context(), steps), steps[0].Err, steps[1].Err); err != nil {
		t.Fatal(err)
	}
	totals, err := one.Totals(t.Context(), "m")
	if n := seen(t, two, user("u")); n != 11 || tries != 2 || seen(t, two, user("v")) != 1 || err != nil || len(totals) != 1 || totals[0].Count != 1 {
		t.Errorf("counted %d after %d decisions, totals %v, %v", n, tries, totals, err)
	}
}

// If a record is made meanwhile, its whole group is decided again. Then one that is made
// meanwhile is lost alone.
func TestMadeMeanwhileTwice(t *testing.T) {
	p := places(t)["postgres"]
	one, two := p.open(t), p.open(t)
	tries := make(map[string]int)
	var steps []store.Step
	for _, id := range []string{"u", "v", "w"} {
		steps = append(steps, store.Step{Key: user(id), Decider: decide(func(r *store.Record, c *store.Changes) error {
			if tries[id]++; id == "u" && tries[id] == 1 || id == "v" && tries[id] == 2 {
				if err := add(t.Context(), two, user(id)); err != nil {
					return err
				}
			}
			c.Totals = append(c.Totals, store.Increment{Message: "m", Name: id, N: 1})
			changeOne(r, c, 10, false)
			return nil
		})})
	}
	if err := errors.Join(one.Step(t.Context(), steps), steps[0].Err, steps[1].Err, steps[2].Err); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(tries); got != "map[u:2 v:3 w:2]" {
		t.Error("decisions:", got)
	}
	for id, want := range map[string]int64{"u": 11, "v": 11, "w": 10} {
		if n := seen(t, two, user(id)); n != want {
			t.Errorf("%s has %d, want %d", id, n, want)
		}
	}
	totals, err := one.Totals(t.Context(), "m")
	if got := fmt.Sprint(totals); err != nil || got != "[{u 1} {v 1} {w 1}]" {
		t.Error(got, err)
	}
}

// A decision on what another process has changed since is made again, on what
// is there now: twice beside others, and then with the row locked.
func TestChangedMeanwhile(t *testing.T) {
	p := places(t)["postgres"] // in SQLite nobody comes between
	one, two := p.open(t), p.open(t)
	for i := range 6 {
		lost, whole := i/2, i%2 == 1
		key := user(fmt.Sprint(i))
		if err := add(t.Context(), one, key); err != nil {
			t.Fatal(err)
		}
		tries := 0
		steps := []store.Step{{Key: key, Decider: decide(func(r *store.Record, c *store.Changes) error {
			if tries++; tries <= lost {
				if err := add(t.Context(), two, key); err != nil {
					return err
				}
			}
			changeOne(r, c, 1, whole)
			return nil
		})}}
		if err := errors.Join(one.Step(t.Context(), steps), steps[0].Err); err != nil {
			t.Fatal(err)
		}
		if n := seen(t, two, key); n != int64(lost)+2 || tries != lost+1 {
			t.Errorf("after %d lost races: counted %d after %d decisions, want %d after %d", lost, n, tries, lost+2, lost+1)
		}
	}
}

// A record that is deleted while another process changes it does not come back
// with what it was.
func TestDeletedMeanwhile(t *testing.T) {
	p := places(t)["postgres"] // in SQLite nobody comes between
	for name, whole := range map[string]bool{"light": false, "whole": true} {
		t.Run(name, func(t *testing.T) {
			one, two := p.open(t), p.open(t)
			key := user(name)
			for range 5 {
				if err := add(t.Context(), one, key); err != nil {
					t.Fatal(err)
				}
			}
			tries := 0
			steps := []store.Step{{Key: key, Decider: decide(func(r *store.Record, c *store.Changes) error {
				if tries++; tries == 1 {
					gone := []store.Step{{Key: key, Decider: decide(func(_ *store.Record, c *store.Changes) error { c.Delete = true; return nil })}}
					if err := errors.Join(two.Step(t.Context(), gone), gone[0].Err); err != nil {
						return err
					}
				}
				changeOne(r, c, 1, whole)
				return nil
			})}}
			if err := errors.Join(one.Step(t.Context(), steps), steps[0].Err); err != nil {
				t.Fatal(err)
			}
			if n := seen(t, two, key); n != 1 || tries != 2 {
				t.Errorf("counted %d after %d decisions, want 1 after 2", n, tries)
			}
		})
	}
}

// A record is written where it was when it was loaded, if it is still there: not
// over another one that has taken its place since, with the same version, and not
// over a later version of its own that has come there.
func TestPlaceTakenMeanwhile(t *testing.T) {
	url := postgresURL(t)
	one, two := openPostgres(t, url), openPostgres(t, url)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	place := func(id string) (ctid string) {
		if err := conn.QueryRow(t.Context(), "SELECT ctid::text FROM beckon_records WHERE id = $1", []byte(id)).Scan(&ctid); err != nil {
			t.Error(err)
		}
		return ctid
	}
	vacuum := func() error {
		_, err := conn.Exec(t.Context(), "VACUUM beckon_records")
		return err
	}
	for name, c := range map[string]struct {
		whole bool
		steps int // of a before
		taken string
		take  func() error
		want  int64 // of a
	}{
		"by another": {false, 1, "b", func() error {
			gone := []store.Step{{Key: user("a"), Decider: decide(func(_ *store.Record, c *store.Changes) error { c.Delete = true; return nil })}}
			return errors.Join(two.Step(t.Context(), gone), gone[0].Err, vacuum(), add(t.Context(), two, user("b")))
		}, 10},
		"by another, whole": {true, 1, "b", func() error {
			gone := []store.Step{{Key: user("a"), Decider: decide(func(_ *store.Record, c *store.Changes) error { c.Delete = true; return nil })}}
			return errors.Join(two.Step(t.Context(), gone), gone[0].Err, vacuum(), add(t.Context(), two, user("b")))
		}, 10},
		"by itself": {false, 2, "a", func() error {
			return errors.Join(add(t.Context(), two, user("a")), vacuum(), add(t.Context(), two, user("a")))
		}, 14},
		"by itself, whole": {true, 2, "a", func() error {
			return errors.Join(add(t.Context(), two, user("a")), vacuum(), add(t.Context(), two, user("a")))
		}, 14},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := conn.Exec(t.Context(), "TRUNCATE beckon_records"); err != nil {
				t.Fatal(err)
			}
			for range c.steps {
				if err := add(t.Context(), one, user("a")); err != nil {
					t.Fatal(err)
				}
			}
			was, tries := place("a"), 0
			steps := []store.Step{{Key: user("a"), Decider: decide(func(r *store.Record, changes *store.Changes) error {
				if tries++; tries == 1 {
					if err := c.take(); err != nil {
						return err
					}
					if is := place(c.taken); is != was {
						t.Errorf("%s is at %s, not where a was, %s", c.taken, is, was)
					}
				}
				changeOne(r, changes, 10, c.whole)
				return nil
			})}}
			if err := errors.Join(one.Step(t.Context(), steps), steps[0].Err); err != nil {
				t.Fatal(err)
			}
			if n := seen(t, two, user("a")); n != c.want || tries != 2 {
				t.Errorf("a has %d after %d decisions, want %d after 2", n, tries, c.want)
			}
			if n := seen(t, two, user("b")); c.taken == "b" && n != 1 {
				t.Errorf("b has %d, want 1", n)
			}
		})
	}
}

// A record that another process is writing when a group comes to write it is
// waited for, and then decided again.
func TestWrittenMeanwhile(t *testing.T) {
	url := postgresURL(t)
	s := openPostgres(t, url)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if err := add(t.Context(), s, user("u")); err != nil {
		t.Fatal(err)
	}
	for i, whole := range []bool{false, true} {
		tries := writtenMeanwhile(t, s, conn, whole)
		if n := seen(t, s, user("u")); n != int64(i+1)*110+1 || tries != 2 {
			t.Errorf("whole %t: %d after %d decisions, want %d after 2", whole, n, tries, (i+1)*110+1)
		}
	}
}

// writtenMeanwhile adds 10 to a record while another transaction adds 100, and returns how
// often that was decided.
func writtenMeanwhile(t *testing.T, s *sqlstore.Store, conn *pgx.Conn, whole bool) (tries int) {
	t.Helper()
	var other sync.WaitGroup
	steps := []store.Step{{Key: user("u"), Decider: decide(func(r *store.Record, c *store.Changes) error {
		changeOne(r, c, 10, whole)
		if tries++; tries > 1 {
			return nil
		}
		tx, err := conn.Begin(context.Background())
		if err != nil {
			return err
		}
		if _, err := tx.Exec(context.Background(), "UPDATE beckon_records SET version = version + 1, last_seen = last_seen + 100"); err != nil {
			return err
		}
		other.Go(func() {
			for waiting := false; !waiting; {
				err := conn.QueryRow(context.Background(), "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))").Scan(&waiting)
				if err != nil {
					t.Error(err)
					return
				}
			}
			if err := tx.Commit(context.Background()); err != nil {
				t.Error(err)
			}
		})
		return nil
	})}}
	err := errors.Join(s.Step(t.Context(), steps), steps[0].Err)
	other.Wait()
	if err != nil {
		t.Error(err)
	}
	return tries
}
