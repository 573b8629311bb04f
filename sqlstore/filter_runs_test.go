package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/randtest"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// Z2: sweeps and sends over a database that leaves contacts out send the same
// to the same, and count the same, as over memory, which leaves out none.
func TestRunsWithFilter(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a second, with others like it")
	}
	for name, open := range map[string]func(testing.TB) beckon.Store{
		"postgres": func(t testing.TB) beckon.Store { return openPostgres(t, postgresURL(t)) },
		"sqlite":   func(t testing.TB) beckon.Store { return openSQLite(t, filepath.Join(t.TempDir(), "beckon.db")) },
	} {
		t.Run(name, func(t *testing.T) {
			store := &watched{Store: open(t)}
			sent := 0
			for seed := range uint64(6) {
				got, want := sweeps(t, store, seed), sweeps(t, memstore.New(), seed)
				if !slices.Equal(got, want) {
					t.Fatalf("seed %d: over memory\n%q\nover %s\n%q", seed, want, name, got)
				}
				if sent += len(got); store.filter == nil {
					t.Error("the last sweep had no filter")
				}
				store = &watched{Store: open(t)}
			}
			if sent < 60 {
				t.Errorf("only %d sends and counts: this shows little", sent)
			}
		})
	}
}

// sweeps tells what runs over random contacts send and count, sorted within a
// run: the order of contacts is the store's.
func sweeps(t testing.TB, store beckon.Store, seed uint64) (log []string) {
	t.Helper()
	e := populate(t, store, seed, 150)
	r := rand.New(rand.NewPCG(seed, 5))
	message := func(id string, audience beckon.Rule) beckon.Message {
		return beckon.Message{ID: id, Channel: beckon.Email, Status: beckon.Live, Audience: audience, Content: beckon.Content{Body: id}}
	}
	news, dated := message("news", randtest.Rule(r, 1)), message("dated", beckon.Not(beckon.User("plan").Is("free")))
	news.Mode, dated.Trigger = beckon.OneOff, beckon.OnDate("ends_at", beckon.Days(-1))
	program := beckon.Program{Segments: randtest.Segments(), Messages: []beckon.Message{
		message("pro", beckon.User("plan").In("pro", "team")), message("paid", beckon.Did("paid").Where(beckon.Metadata("n").AtLeast(2)).AtLeast(1)),
		message("weekly", beckon.All(beckon.Did("uploaded").Within(beckon.Days(7)).AtLeast(1), beckon.User("role").Is("user"))), news, dated,
	}}
	if err := e.Publish(t.Context(), program); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		for _, run := range []func() ([]string, error){
			func() (list []string, err error) {
				for d, err := range e.Send(t.Context(), "news") {
					if err != nil {
						return nil, err
					}
					list = append(list, fmt.Sprintf("sent %s %q %d", d.Message, d.Contact, d.Sequence))
				}
				return list, nil
			},
			func() (list []string, err error) {
				for d, err := range e.Sweep(t.Context()) {
					if err != nil {
						return nil, err
					}
					list = append(list, fmt.Sprintf("swept %s %q %d", d.Message, d.Contact, d.Sequence))
				}
				return list, nil
			},
		} {
			list, err := run()
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(list)
			log = append(log, list...)
		}
		for range 10 {
			if err := randtest.Act(t.Context(), e, r, randtest.Epoch()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, m := range program.Messages {
		totals, err := e.Totals(t.Context(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, fmt.Sprint(m.ID, totals))
	}
	return log
}

// A tally is a store that remembers how often it was sure of a count.
type tally struct {
	*sqlstore.Store
	asked, sure int
}

func (c *tally) CountFilter(ctx context.Context, q store.Query) (n int64, exact bool, err error) {
	n, exact, err = c.Store.CountFilter(ctx, q)
	if c.asked++; exact {
		c.sure++
	}
	return n, exact, err
}

// A walker is a store that walks, and does not count.
type walker struct {
	beckon.Store
	store.Walker
}

// A9: a count is the same whether the columns of a table tell it, a walk does, or pages
// of a scan do, with contacts and rules that are hard to tell apart in columns.
func TestCount(t *testing.T) {
	t.Parallel()
	const acts = 400
	rules := 600
	if testing.Short() {
		rules = 80
	}
	for name, open := range map[string]func(testing.TB) *sqlstore.Store{
		"postgres": func(t testing.TB) *sqlstore.Store { return openPostgres(t, postgresURL(t)) },
		"sqlite":   func(t testing.TB) *sqlstore.Store { return openSQLite(t, filepath.Join(t.TempDir(), "beckon.db")) },
	} {
		t.Run(name, func(t *testing.T) {
			counts := &tally{Store: open(t)}
			e := populate(t, counts, 2, acts)
			walks, scans := e.Using(walker{counts.Store, counts.Store}), e.Using(&watched{Store: counts.Store})
			plain := populate(t, memstore.New(), 2, acts)
			r := rand.New(rand.NewPCG(6, 6))
			for i := range rules {
				rule := randtest.Rule(r, i%3)
				want := len(matched(t, plain, rule))
				for way, e := range map[string]*beckon.Engine{"columns": e, "a walk": walks, "pages": scans} {
					if n, err := e.Count(t.Context(), rule); n != want || err != nil {
						t.Fatalf("%s: %d match, %s counts %d: %v", rule, want, way, n, err)
					}
				}
			}
			t.Logf("of %d rules %d were nothing but a filter, and %d of those were told by columns", rules, counts.asked, counts.sure)
			if counts.asked < rules/4 || counts.sure < rules/8 {
				t.Errorf("of %d rules %d were nothing but a filter, and only %d of those were told by columns", rules, counts.asked, counts.sure)
			}
		})
	}
}

// A contact that is being merged is counted as what it becomes, and one that leads
// elsewhere not at all; that some are moving keeps the columns from being asked.
func TestCountWhileMoving(t *testing.T) {
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			counts := &tally{Store: p.open(t)}
			e, err := beckon.New(counts)
			if err != nil {
				t.Fatal(err)
			}
			pro := beckon.Attributes{"plan": beckon.String("pro")}
			for _, c := range []beckon.Contact{{UserID: "a", Attributes: pro}, {UserID: "b", Attributes: pro}, {UserID: "c", Attributes: pro}, {UserID: "d"}} {
				if _, err := e.Update(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			}
			count := func(want int, sure bool) {
				t.Helper()
				before := counts.sure
				n, err := e.Count(t.Context(), beckon.User("plan").Is("pro"))
				if n != want || err != nil || counts.sure > before != sure {
					t.Errorf("counted %d, want %d, by columns %v, want %v: %v", n, want, counts.sure > before, sure, err)
				}
			}
			count(3, true)
			if _, err := e.Merge(t.Context(), beckon.Identity{UserID: "a"}, beckon.Identity{UserID: "b"}); err != nil {
				t.Fatal(err)
			}
			count(2, true)
			steps := []store.Step{{Key: user("d"), Decider: decide(func(r *store.Record, c *store.Changes) error {
				p := *r.Profile
				p.Moving = user("a")
				c.Profile = &p
				return nil
			})}}
			if err := errors.Join(counts.Step(t.Context(), steps), steps[0].Err); err != nil {
				t.Fatal(err)
			}
			n, exact, err := counts.Store.CountFilter(t.Context(), store.Query{Kinds: contactKinds()})
			if exact || err != nil {
				t.Errorf("counted %d for sure while one is moving: %v", n, err)
			}
		})
	}
}
