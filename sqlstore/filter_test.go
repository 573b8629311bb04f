package sqlstore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/randtest"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// A watched store remembers the filter of the last scan.
type watched struct {
	beckon.Store
	filter *store.Filter
}

func (w *watched) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	if len(q.Kinds) > 1 { // not those of the catalogue and of addresses
		w.filter = q.Filter
	}
	return w.Store.Scan(ctx, q, after, limit, fn)
}

// populate makes random contacts in the store, the same for the same seed.
func populate(t testing.TB, store beckon.Store, seed uint64, acts int) *beckon.Engine {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 9))
	clock := &randtest.Clock{At: randtest.Epoch().AddDate(0, 0, -2)}
	e, err := beckon.New(store, beckon.WithClock(clock.Now))
	if err != nil {
		t.Fatal(err)
	}
	isPro := beckon.User("plan").Is("pro")
	program := beckon.Program{Segments: randtest.Segments(), Series: []beckon.Series{{
		ID: "course", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("invited")},
		Blocks: []beckon.Block{{ID: "rule", Rule: &isPro, Yes: "wait", No: "wait", Within: beckon.Days(1)}, {ID: "wait", Wait: beckon.Days(1)}},
	}}}
	if err := e.Publish(t.Context(), program); err != nil {
		t.Fatal(err)
	}
	for range acts {
		clock.At = clock.At.Add(time.Duration(r.Int64N(int64(48*time.Hour) / int64(acts))))
		if err := randtest.Act(t.Context(), e, r, clock.At); err != nil {
			t.Fatal(err)
		}
	}
	clock.At = randtest.Epoch()
	return e
}

// contactKinds are the kinds that filters are for.
func contactKinds() []store.Kind {
	return []store.Kind{store.KindUser, store.KindContact, store.KindEmail, store.KindAnonymous}
}

// scanned returns the keys of the contacts that a scan with the filter finds, and
// how many it left out.
func scanned(t testing.TB, s beckon.Store, f *store.Filter, limit int) (found map[store.Key]bool, out int64) {
	t.Helper()
	found = map[store.Key]bool{}
	q := store.Query{Kinds: contactKinds(), Filter: f}
	if f != nil {
		q.LeftOut = &out
	}
	for at := store.Cursor(""); ; {
		next, err := s.Scan(t.Context(), q, at, limit, func(r *store.Record) error {
			if found[r.Key] {
				t.Errorf("%v is seen twice", r.Key)
			}
			found[r.Key] = true
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if at = next; at == "" {
			return found, out
		}
	}
}

// A9: what a database leaves out, no rule matches; and what a filter does not
// hold for, a database does leave out, except for what it does not look into.
func TestFilter(t *testing.T) {
	t.Parallel()
	const acts = 600
	rules := 600
	if testing.Short() {
		rules = 200
	}
	for name, open := range map[string]func(testing.TB) beckon.Store{
		"postgres": func(t testing.TB) beckon.Store { return openPostgres(t, postgresURL(t)) },
		"sqlite":   func(t testing.TB) beckon.Store { return openSQLite(t, filepath.Join(t.TempDir(), "beckon.db")) },
	} {
		t.Run(name, func(t *testing.T) {
			kept := &watched{Store: open(t)}
			e := populate(t, kept, 1, acts)
			memory := memstore.New()
			plain := populate(t, memory, 1, acts)
			records := map[store.Key]*store.Record{}
			leads := 0
			merged := func(r *store.Record) bool { return r.Profile != nil && !r.Profile.Forward.IsZero() }
			if _, err := memory.Scan(t.Context(), store.Query{Kinds: contactKinds()}, "", 1<<20, func(r *store.Record) error {
				copied, err := store.DecodeRecord(store.AppendRecord(nil, r))
				if records[r.Key] = copied; err == nil && merged(copied) {
					leads++
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(4, 4))
			filters, left, more := 0, 0, 0
			for range rules {
				rule := randtest.Rule(r, 2)
				got, want := matched(t, e, rule), matched(t, plain, rule)
				if !slices.Equal(got, want) {
					t.Fatalf("%s: %v match, the store finds %v", rule, want, got)
				}
				if kept.filter == nil {
					continue
				}
				found, out := scanned(t, kept, kept.filter, 1+r.IntN(20))
				if name == "sqlite" && len(found) == len(records) {
					continue // found in the order of keys: it is not slower to judge them all
				}
				filters++
				for key := range found {
					if merged(records[key]) {
						delete(found, key) // not counted, whether left out or not
					}
				}
				if len(found)+int(out)+leads != len(records) {
					t.Fatalf("%s: of %d contacts, %d of them merged, %d are found and %d left out", rule, len(records), leads, len(found), out)
				}
				for key, rec := range records {
					switch holds := kept.filter.Holds(rec); {
					case holds && !found[key]:
						t.Fatalf("%s: %v is left out, the filter holds for it", rule, key)
					case !holds && found[key]:
						more++
					case !holds:
						left++
					}
				}
			}
			t.Logf("%d filters, %d contacts left out, %d not", filters, left, more)
			if filters < rules/3 || left < 20*more {
				t.Errorf("of %d contacts that filters do not hold for %d are found all the same", left+more, more)
			}
		})
	}
}

// A page may have few rows, or none, of the many that an index finds: the scan goes on
// behind them, sees each row once, and counts the others.
func TestFilterFindsFewOfMany(t *testing.T) {
	t.Parallel()
	const contacts = 2_000
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			s := p.open(t)
			crowd(t, s, contacts)
			free := &store.Filter{Kind: store.FilterText, Name: "plan", Texts: []string{"free"}}
			for _, c := range []struct {
				low  string
				want int
			}{{"990", 20}, {"999", 2}, {"1000", 0}, {"0", 1998}} {
				f := &store.Filter{Kind: store.FilterAll, Of: []*store.Filter{free, {Kind: store.FilterNumber, Name: "score", Low: c.low}}}
				for _, limit := range []int{1, 3, 20, 256, 1000, 5000} {
					if limit < 20 && c.want > 20 {
						continue // a second, under load
					}
					found, out := scanned(t, s, f, limit)
					if len(found) != c.want || int(out) != contacts-c.want {
						t.Errorf("score from %s in pages of %d: found %d, want %d; left out %d", c.low, limit, len(found), c.want, out)
					}
					if limit >= c.want {
						continue
					}
					q := store.Query{Kinds: contactKinds(), Filter: f}
					nothing := func(*store.Record) error { return nil }
					if q.Until, _ = s.Scan(t.Context(), q, "", limit, nothing); q.Until == "" {
						t.Fatal("a scan that ends early has no cursor")
					}
					n := 0
					for at := store.Cursor(""); ; {
						next, err := s.Scan(t.Context(), q, at, 2, func(*store.Record) error { n++; return nil })
						if err != nil {
							t.Fatal(err)
						}
						if at = next; at == "" {
							break
						}
					}
					if n != limit {
						t.Errorf("score from %s until the record %d: found %d", c.low, limit, n)
					}
				}
			}
		})
	}
}

// matched lists whom a rule matches, in an order that is that of no store.
func matched(t testing.TB, e *beckon.Engine, rule beckon.Rule) (list []string) {
	t.Helper()
	for who, err := range e.Match(t.Context(), rule) {
		if err != nil {
			t.Fatalf("%s: %v", rule, err)
		}
		list = append(list, fmt.Sprintf("%q", who))
	}
	slices.Sort(list)
	return list
}
