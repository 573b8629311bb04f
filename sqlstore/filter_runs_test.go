package sqlstore_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/randtest"
	"github.com/beckon-go/beckon/memstore"
)

// Z2: sweeps and sends over a database that leaves contacts out send the same
// to the same, and count the same, as over memory, which leaves out none.
func TestRunsWithFilter(t *testing.T) {
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
