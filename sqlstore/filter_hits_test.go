package sqlstore_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// A database finds the rows of a filter once, for all pages of a scan. What is written
// between the pages is found nevertheless, if the scan has not come there yet: by the store
// itself at once, by another process as soon as they are looked for again.
func TestHits(t *testing.T) {
	t.Parallel()
	const contacts = 300
	is := func(plan string) *store.Filter {
		return &store.Filter{Kind: store.FilterText, Name: "plan", Texts: []string{plan}}
	}
	id := func(i int) string { return fmt.Sprintf("user-%03d", i) }
	put := func(t *testing.T, s *sqlstore.Store, plans map[int]string) {
		t.Helper()
		var steps []store.Step
		for i, plan := range plans {
			steps = append(steps, store.Step{Key: user(id(i)), Decider: decide(func(_ *store.Record, c *store.Changes) error {
				c.Profile = &store.Profile{Created: 1000, Attributes: []store.Attribute{store.NewAttribute("plan", beckon.String(plan))}}
				return nil
			})})
		}
		if err := s.Step(t.Context(), steps); err != nil {
			t.Fatal(err)
		}
	}
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			url := postgresURL(t)
			s, other := openPostgres(t, url), openPostgres(t, url)
			r := rand.New(rand.NewPCG(seed, 1))
			sqlstore.SetHits(s, 1+r.IntN(40), 1+r.IntN(40))
			plans := map[int]string{}
			for i := range contacts {
				if r.IntN(3) > 0 {
					plans[i] = []string{"free", "pro", "team"}[r.IntN(3)]
				}
			}
			put(t, s, plans)
			for range 6 {
				f, late := is("pro"), r.IntN(2) == 0
				if r.IntN(3) == 0 {
					f = &store.Filter{Kind: store.FilterAny, Of: []*store.Filter{is("pro"), is("team")}}
				}
				holds := func(plan string) bool {
					return f.Holds(&store.Record{Profile: &store.Profile{Attributes: []store.Attribute{store.NewAttribute("plan", beckon.String(plan))}}})
				}
				begin, changed := maps.Clone(plans), map[int]bool{}
				seen, at, last, out := map[int]bool{}, store.Cursor(""), -1, int64(0)
				q := store.Query{Kinds: contactKinds(), Filter: f, LeftOut: &out, LeftOutLate: late}
				writes := r.IntN(3) // no writes: then what is left out is exact
				for {
					next, err := s.Scan(t.Context(), q, at, 1+r.IntN(30), func(rec *store.Record) error {
						var i int
						if _, err := fmt.Sscanf(rec.Key.ID, "user-%d", &i); err != nil || i <= last {
							t.Fatalf("%v after %d: %v", rec.Key, last, err)
						}
						last, seen[i] = i, true
						if !holds(plans[i]) {
							t.Errorf("%d is %q and not left out", i, plans[i])
						}
						return nil
					})
					if err != nil {
						t.Fatal(err)
					}
					if at = next; at == "" {
						break
					}
					written := map[int]string{}
					for range min(writes, 1) * r.IntN(8) {
						i := r.IntN(contacts)
						plans[i] = []string{"free", "pro", "team"}[r.IntN(3)]
						if written[i] = plans[i]; i > last { // the scan has yet to come there
							begin[i] = plans[i]
						} else {
							changed[i] = true
						}
					}
					if writes == 2 {
						put(t, other, written)
						sqlstore.AgeHits(s)
					} else {
						put(t, s, written)
					}
				}
				for i, plan := range begin {
					if holds(plan) && !seen[i] && !changed[i] {
						t.Errorf("%d is %q and left out", i, plan)
					}
				}
				if writes == 0 && len(seen)+int(out) != len(plans) {
					t.Errorf("of %d contacts %d were seen and %d left out", len(plans), len(seen), out)
				}
				if n := sqlstore.KeptHits(s); n > 8 {
					t.Errorf("hits of %d scans are kept", n)
				}
			}
		})
	}
}

// Hits are those of one scan: another one, with another filter or at another place, has its
// own, and what scans left that did not come to their end is not kept without limit.
func TestHitsOfManyScans(t *testing.T) {
	t.Parallel()
	s := openPostgres(t, postgresURL(t))
	crowd(t, s, 1_000)
	team := func(i int) *store.Filter {
		return &store.Filter{Kind: store.FilterText, Name: "team", Texts: []string{fmt.Sprint("team ", i)}}
	}
	type scan struct {
		q  store.Query
		at store.Cursor
		n  int
	}
	var scans []scan
	for i := range 20 { // two of each
		scans = append(scans, scan{q: store.Query{Kinds: contactKinds(), Filter: team(i % 10)}})
	}
	for round := range 3 {
		for i := range scans {
			c := &scans[i]
			var err error
			if c.at, err = s.Scan(t.Context(), c.q, c.at, 4, func(*store.Record) error { c.n++; return nil }); err != nil {
				t.Fatal(err)
			}
			if (c.at == "") != (round == 2) {
				t.Fatalf("scan %d ends in round %d", i, round)
			}
		}
		if n := sqlstore.KeptHits(s); n > 8 || round == 0 && n != 8 || round == 2 && n != 0 {
			t.Errorf("round %d: hits of %d scans are kept", round, n)
		}
	}
	// Of what is written without end they do not become longer.
	q := store.Query{Kinds: contactKinds(), Filter: team(3)}
	at, err := s.Scan(t.Context(), q, "", 4, func(*store.Record) error { return nil })
	crowd(t, s, 5_000)
	if kept := sqlstore.KeptHits(s); at == "" || kept != 0 || err != nil {
		t.Errorf("hits of %d scans are kept; the cursor is %q: %v", kept, at, err)
	}
	for i, c := range scans {
		if c.n != 10 {
			t.Errorf("scan %d: %d contacts, want 10", i, c.n)
		}
	}
}

// A scan that ends early has hits up to there, and they are not those of one that goes on.
func TestHitsUntil(t *testing.T) {
	t.Parallel()
	s := openPostgres(t, postgresURL(t))
	crowd(t, s, 1_000)
	q := store.Query{Kinds: contactKinds(), Filter: &store.Filter{Kind: store.FilterText, Name: "team", Texts: []string{"team 7"}}}
	n := 0
	scan := func(q store.Query, at store.Cursor, limit int) store.Cursor {
		t.Helper()
		next, err := s.Scan(t.Context(), q, at, limit, func(*store.Record) error { n++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	short := q
	short.Until = scan(q, "", 5)
	n = 0
	at := scan(short, "", 2)
	scan(q, at, 100)
	if n != 10 {
		t.Errorf("found %d contacts, want 10", n)
	}
	if scan(short, at, 100); n != 13 {
		t.Errorf("found %d contacts more, want 3", n-10)
	}
}

// Scans with one filter, at the same place at the same time, take nothing from each other.
func TestHitsOfScansBesideEachOther(t *testing.T) {
	t.Parallel()
	s := openPostgres(t, postgresURL(t))
	crowd(t, s, 1_000)
	q := store.Query{Kinds: contactKinds(), Filter: &store.Filter{Kind: store.FilterText, Name: "plan", Texts: []string{"free"}}}
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			n := 0
			for at := store.Cursor(""); ; {
				next, err := s.Scan(t.Context(), q, at, 64, func(*store.Record) error { n++; return nil })
				if err != nil {
					t.Error(err)
					return
				}
				if at = next; at == "" {
					break
				}
			}
			if n != 999 {
				t.Errorf("found %d contacts, want 999", n)
			}
		})
	}
	all.Wait()
}

// A mark that an index goes by changes without the names and values that others go by.
func TestHitsOfMarks(t *testing.T) {
	t.Parallel()
	s := openPostgres(t, postgresURL(t))
	crowd(t, s, 100)
	walk := func(i int) {
		t.Helper()
		steps := []store.Step{{Key: user(fmt.Sprintf("user-%06d", i)), Decider: decide(func(rec *store.Record, c *store.Changes) error {
			p := *rec.Profile
			p.SeriesStates = []store.SeriesState{{Series: "course", Block: "wait", Since: 1000, Due: 2000}}
			c.Profile = &p
			return nil
		})}}
		if err := s.Step(t.Context(), steps); err != nil || steps[0].Err != nil {
			t.Fatal(err, steps[0].Err)
		}
	}
	for i := range 10 {
		walk(i)
	}
	n := 0
	q := store.Query{Kinds: contactKinds(), Filter: &store.Filter{Kind: store.FilterWalking}}
	at, err := s.Scan(t.Context(), q, "", 4, func(*store.Record) error { n++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	walk(50)
	if _, err := s.Scan(t.Context(), q, at, 100, func(*store.Record) error { n++; return nil }); n != 11 || err != nil {
		t.Errorf("found %d contacts, want 11: %v", n, err)
	}
}

// Others may take parts up to where the hits end that were found: then the next are looked for.
func TestHitsBehindThoseFound(t *testing.T) {
	t.Parallel()
	s := openPostgres(t, postgresURL(t))
	crowd(t, s, 1_000)
	sqlstore.SetHits(s, 1, 3)
	q := store.Query{Kinds: contactKinds(), Filter: &store.Filter{Kind: store.FilterText, Name: "team", Texts: []string{"team 7"}}}
	var ids []string
	scan := func(at store.Cursor) {
		t.Helper()
		ids = nil
		if _, err := s.Scan(t.Context(), q, at, 100, func(r *store.Record) error { ids = append(ids, r.Key.ID); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	scan("")
	all := ids
	for i := range all {
		if _, err := s.Scan(t.Context(), q, "", 1, func(*store.Record) error { return nil }); err != nil {
			t.Fatal(err)
		}
		var n int
		if _, err := fmt.Sscanf(all[i], "user-%d", &n); err != nil {
			t.Fatal(err)
		}
		at, err := s.Skip(t.Context(), q, "", n+1)
		if err != nil {
			t.Fatal(err)
		}
		if scan(at); len(all) != 10 || !slices.Equal(ids, all[i+1:]) {
			t.Errorf("behind %s: %v, want %v", all[i], ids, all[i+1:])
		}
	}
}

// A searches counts the statements that look for hits.
type searches struct{ n atomic.Int64 }

func (c *searches) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	for _, search := range []string{"SELECT id FROM (", "SELECT DISTINCT id FROM (", "SELECT count(*) FROM (SELECT 1 FROM ("} {
		if strings.HasPrefix(data.SQL, search) {
			c.n.Add(1)
		}
	}
	return ctx
}

func (c *searches) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// The parts of a shared run have one search in common, also where it only shows that there
// are too many; a part that another process has does not matter.
func TestHitsOfParts(t *testing.T) {
	t.Parallel()
	counted := new(searches)
	s := openTraced(t, counted)
	crowd(t, s, 5_000)
	for _, c := range []struct {
		filter   *store.Filter
		want     int
		searches int64
	}{
		{&store.Filter{Kind: store.FilterText, Name: "team", Texts: []string{"team 7"}}, 40, 1},
		{&store.Filter{Kind: store.FilterText, Name: "team", Texts: []string{"team 1000"}}, 0, 1},
		{&store.Filter{Kind: store.FilterText, Name: "plan", Texts: []string{"free"}}, 3995, 2}, // and a count
	} {
		before, n := counted.n.Load(), 0
		q := store.Query{Kinds: contactKinds(), Filter: c.filter}
		at := store.Cursor("")
		for part := range 10 {
			to, err := s.Skip(t.Context(), q, at, 500)
			if err != nil || to == "" != (part == 9) {
				t.Fatal(to, err)
			}
			if q.Until = to; part == 3 || part == 7 { // another process has it
				at = to
				continue
			}
			for at != to {
				if at, err = s.Scan(t.Context(), q, at, 30, func(*store.Record) error { n++; return nil }); err != nil {
					t.Fatal(err)
				}
				if at == "" {
					at = to
				}
			}
		}
		if searched := counted.n.Load() - before; n != c.want || searched != c.searches {
			t.Errorf("%v: %d contacts by %d searches, want %d by %d", c.filter.Texts, n, searched, c.want, c.searches)
		}
	}
}
