package beckon_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/randtest"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// A filterStore leaves out of its scans all that the filter allows it to, as a
// database would, and remembers the last filter. Of the others it shows no more than the
// projection names.
type filterStore struct {
	*memstore.Store
	filter *store.Filter
	out    int64 // left out in all
	walked int
}

// projected returns the least that a store may show of a record.
func projected(rec *store.Record, only *store.Projection) *store.Record {
	if only == nil {
		return rec
	}
	least := &store.Record{Key: rec.Key, Exists: rec.Exists}
	if rec.Profile != nil {
		p := *rec.Profile
		p.Attributes = nil
		for _, a := range rec.Profile.Attributes {
			if slices.Contains(only.Attributes, a.Name.Value()) {
				p.Attributes = append(p.Attributes, a)
			}
		}
		least.Profile = &p
	}
	if only.Seen {
		least.LastSeen, least.EventSeq = rec.LastSeen, rec.EventSeq
	}
	if only.Stats {
		least.Stats = rec.Stats
	}
	if only.Sends {
		least.SendStats, least.SendLog = rec.SendStats, rec.SendLog
	}
	if only.Counters {
		least.Counters = rec.Counters
	}
	return least
}

// Walk implements [store.Walker].
func (s *filterStore) Walk(ctx context.Context, q store.Query, fn func(*store.Record) error) error {
	s.walked++
	at, err := store.Cursor(""), error(nil)
	for at, err = s.Scan(ctx, q, at, 50, fn); at != "" && err == nil; {
		at, err = s.Scan(ctx, q, at, 50, fn)
	}
	return err
}

func (s *filterStore) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	s.filter = q.Filter
	return s.Store.Scan(ctx, q, after, limit, func(rec *store.Record) error {
		if q.Filter.Holds(rec) {
			return fn(projected(rec, q.Only))
		}
		if leads := rec.Profile != nil && !rec.Profile.Forward.IsZero(); !leads {
			s.out++
			if q.LeftOut != nil {
				*q.LeftOut++
			}
		}
		return nil
	})
}

// populated makes an engine over the store with random contacts.
func populated(t testing.TB, store beckon.Store, r *rand.Rand, n int, p beckon.Program) (*beckon.Engine, *randtest.Clock) {
	t.Helper()
	clock := &randtest.Clock{At: randtest.Epoch().AddDate(0, 0, -2)}
	e, err := beckon.New(store, beckon.WithClock(clock.Now))
	if err != nil {
		t.Fatal(err)
	}
	p.Segments = randtest.Segments()
	if err := e.Publish(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	for range n {
		clock.At = clock.At.Add(time.Duration(r.Int64N(int64(2*time.Hour)/int64(n)*20 + 1)))
		if err := randtest.Act(t.Context(), e, r, clock.At); err != nil {
			t.Fatal(err)
		}
	}
	clock.At = randtest.Epoch()
	return e, clock
}

// A9: for every contact that a rule matches its filter holds, at any instant
// and in any zone; so nothing is missed where a store leaves out the others. And the rule
// looks at no more of a contact than its projection names.
func TestFilterIsSound(t *testing.T) {
	t.Parallel()
	walked := 0
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		zone := []string{"", "Europe/Dublin", "Pacific/Apia", "America/Sao_Paulo"}[r.IntN(4)]
		store := &filterStore{Store: memstore.New()}
		e, clock := populated(t, store, r, 120, beckon.Program{Timezone: zone})
		for range 12 {
			clock.At = clock.At.Add(time.Duration(r.Int64N(int64(20 * time.Hour))))
			rule := randtest.Rule(r, 3)
			got, want := matches(rt, e, rule), matches(rt, e.Using(store.Store), rule)
			if !slices.Equal(got, want) {
				rt.Fatalf("%s at %s: %v match, %v are listed; filter %s", rule, clock.At, want, got, printFilter(store.filter))
			}
			if n, err := e.Count(t.Context(), rule); err != nil || n != len(want) {
				rt.Fatalf("%s at %s: %v match, %d are counted, %v", rule, clock.At, want, n, err)
			}
		}
		walked += store.walked
	})
	if walked == 0 {
		t.Error("nothing was walked over")
	}
}

// A tallyStore counts what a filter holds for, as a database would. It cannot tell
// while a contact is moving.
type tallyStore struct {
	*memstore.Store
	counted int // how many times it could tell
}

func (s *tallyStore) CountFilter(ctx context.Context, q store.Query) (n int64, exact bool, err error) {
	exact = true
	for at := store.Cursor(""); ; {
		if at, err = s.Scan(ctx, store.Query{Kinds: q.Kinds}, at, 100, func(rec *store.Record) error {
			switch p := rec.Profile; {
			case p != nil && !p.Forward.IsZero():
			case p != nil && !p.Moving.IsZero():
				exact = false
			case q.Filter.Holds(rec):
				n++
			}
			return nil
		}); err != nil || at == "" {
			break
		}
	}
	if exact {
		s.counted++
	}
	return n, exact, err
}

// A9: where a filter is all that a rule asks, a store that counts what it holds for
// counts whom the rule matches. Most kinds of conditions are such rules.
func TestCountByFilter(t *testing.T) {
	t.Parallel()
	rules, counted := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 2))
		zone := []string{"", "Europe/Dublin", "Pacific/Apia", "America/Sao_Paulo"}[r.IntN(4)]
		counting := &tallyStore{Store: memstore.New()}
		e, clock := populated(t, counting, r, 120, beckon.Program{Timezone: zone})
		for range 12 {
			clock.At = clock.At.Add(time.Duration(r.Int64N(int64(20 * time.Hour))))
			rule := randtest.Rule(r, 2)
			n, err := e.Count(t.Context(), rule)
			if want := len(matches(rt, e.Using(counting.Store), rule)); err != nil || n != want {
				rt.Fatalf("%s at %s: counted %d of %d: %v", rule, clock.At, n, want, err)
			}
			rules++
		}
		counted += counting.counted
	})
	if counted < rules/4 {
		t.Errorf("of %d rules only %d were counted by the store", rules, counted)
	}
}

// A rule that is too large for a filter is not counted by the part that is one.
func TestCountByPartOfAFilter(t *testing.T) {
	t.Parallel()
	tally := &tallyStore{Store: memstore.New()}
	e, _ := populated(t, tally, rand.New(rand.NewPCG(1, 1)), 600, beckon.Program{})
	pro := count(t, e, beckon.User("plan").Is("pro"))
	for _, n := range []int{100, 300} {
		all := make([]beckon.Rule, n)
		for i := range all {
			all[i] = beckon.User("plan").IsNot(fmt.Sprint("no", i))
		}
		all[n-1] = beckon.User("plan").Is("pro")
		tally.counted = 0
		if got := count(t, e, beckon.All(all...)); got != pro || pro == 0 || tally.counted != 100/n {
			t.Errorf("%d conditions: %d match, want %d; counted by the store %d times", n, got, pro, tally.counted)
		}
	}
}

func count(t testing.TB, e *beckon.Engine, rule beckon.Rule) int {
	t.Helper()
	n, err := e.Count(t.Context(), rule)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// contactsOf returns all contacts of a store.
func contactsOf(t testing.TB, s beckon.Store) []*store.Record {
	t.Helper()
	var list []*store.Record
	var at store.Cursor
	for {
		next, err := s.Scan(t.Context(), store.Query{Kinds: []store.Kind{1, 2, 3, 4}}, at, 100, func(rec *store.Record) error {
			copied, err := store.DecodeRecord(store.AppendRecord(nil, rec))
			list = append(list, copied)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if at = next; at == "" {
			return list
		}
	}
}

// printFilter writes a filter like an expression.
func printFilter(f *store.Filter) string {
	if f == nil {
		return "true"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "(%v %q", f.Kind, f.Name)
	switch {
	case f.Of != nil || f.Kind <= store.FilterAny:
		for _, g := range f.Of {
			b.WriteString(" " + printFilter(g))
		}
	case f.Kind == store.FilterType:
		fmt.Fprintf(&b, " %b", f.Types)
	default:
		fmt.Fprintf(&b, " %v %q %q..%q %v %v %v %d..%d %d", f.Kinds, f.Texts, f.Low, f.High, f.Above, f.Below, f.True, f.From, f.To, f.Keep)
	}
	return b.String() + ")"
}

// What a filter expresses it expresses exactly: for these rules it holds for
// nobody else. Without this a filter that always holds would be as sound.
func TestFilterIsSharp(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(8, 7))
	store := &filterStore{Store: memstore.New()}
	e, _ := populated(t, store, r, 1500, beckon.Program{})
	day := randtest.Epoch().AddDate(0, 0, -1).Format(time.DateOnly)
	for _, c := range []struct {
		rule  beckon.Rule
		exact bool // else it must leave out a half of those who do not match
	}{
		{beckon.User("plan").Is("pro"), true},
		{beckon.User("plan").IsNot("pro"), true},
		{beckon.User("plan").In("pro", "team", 10), true},
		{beckon.User("plan").NotIn("pro", "team"), true},
		{beckon.Not(beckon.User("plan").Is("pro")), true},
		{beckon.Not(beckon.All(beckon.User("plan").Is("pro"), beckon.User("beta").Is(true))), true},
		{beckon.User("beta").Is(true), true},
		{beckon.User("beta").IsNot(false), true},
		{beckon.User("score").GreaterThan(0), true},
		{beckon.User("score").AtMost(beckon.NumberLiteral("0.1")), true},
		{beckon.User("score").Between(1, 10), true},
		{beckon.User("score").IsNot(10), true},
		{beckon.Not(beckon.User("score").LessThan(10)), true},
		{beckon.User("score").IsUnknown(), true},
		{beckon.User("score").HasAnyValue(), true},
		{beckon.User("tags").ContainsAny("pro", "team"), true},
		{beckon.User("tags").ContainsAll("pro", "team"), true},
		{beckon.User("role").Is("lead"), true},
		{beckon.User("role").IsNot("user"), true},
		{beckon.User("email").Is("ann@x.test"), true},
		{beckon.User("user_id").In("u1", "u2"), true},
		{beckon.User("created_at").LessThanAgo(beckon.Hours(1)), true},
		{beckon.User("last_seen_at").MoreThanAgo(beckon.Hours(1)), false},
		{beckon.Not(beckon.User("last_seen_at").LessThanAgo(beckon.Days(1))), false},
		{beckon.User("ends_at").On(day), false},
		{beckon.User("ends_at").MoreThanAgo(beckon.Days(30)), false},
		{beckon.Did("uploaded").AtLeast(2), true},
		{beckon.Did("uploaded").Is(0), true},
		{beckon.Not(beckon.Did("uploaded").Between(1, 2)), true},
		{beckon.Did("uploaded").Last().LessThanAgo(beckon.Days(1)), true},
		{beckon.Did("uploaded").First().MoreThanAgo(beckon.Days(7)), true},
		{beckon.Not(beckon.Did("uploaded").Last().MoreThanAgo(beckon.Days(7))), true},
		{beckon.Did("uploaded").Last().IsUnknown(), true},
		{beckon.Did("uploaded").First().HasAnyValue(), true},
		{beckon.Did("uploaded").Within(beckon.Days(1)).AtLeast(2), false},
		{beckon.Did("uploaded").Where(beckon.Metadata("n").Is(3)).AtLeast(2), false},
		{beckon.Did("uploaded").Where(beckon.Metadata("n").Is(3)).Last().LessThanAgo(beckon.Days(1)), false},
		{beckon.PageURL().Is("https://a.example/"), true},
		{beckon.Any(), true},
		{beckon.Not(beckon.All()), true},
		{beckon.Rule{Segment: "paying"}, true},
		{beckon.All(beckon.Company("plan").Is("pro"), beckon.User("plan").Is("pro")), false},
		{beckon.All(beckon.User("plan").Contains("PRO"), beckon.Did("paid").AtLeast(1)), false},
	} {
		store.out = 0
		n, err := e.Count(t.Context(), c.rule)
		if err != nil {
			t.Fatal(err)
		}
		if store.filter == nil {
			t.Errorf("%s: no filter", c.rule)
			continue
		}
		all, kept := 0, 0
		for _, rec := range contactsOf(t, store.Store) {
			if rec.Profile != nil && !rec.Profile.Forward.IsZero() {
				continue
			}
			all++
			if store.filter.Holds(rec) {
				kept++
			}
		}
		if all < 30 || store.out != int64(all-kept) {
			t.Fatalf("%s: of %d contacts %d were kept and %d left out", c.rule, all, kept, store.out)
		}
		if c.exact && kept != n || kept < n || (kept-n)*2 > all-n {
			t.Errorf("%s: of %d contacts %d match, and the filter holds for %d: %s", c.rule, all, n, kept, printFilter(store.filter))
		}
	}
}

// What no filter can express is none at all: the store is not troubled.
func TestNoFilter(t *testing.T) {
	t.Parallel()
	store := &filterStore{Store: memstore.New()}
	e, _ := populated(t, store, rand.New(rand.NewPCG(1, 1)), 10, beckon.Program{})
	wide := make([]beckon.Rule, 300)
	for i := range wide {
		wide[i] = beckon.User("plan").Is(fmt.Sprint(i))
	}
	for _, rule := range []beckon.Rule{
		{},
		beckon.All(), beckon.Company("plan").Is("pro"), beckon.WasSent("hello").AtLeast(1), beckon.Not(beckon.User("plan").Contains("x")),
		beckon.Any(beckon.User("plan").Is("pro"), beckon.Company("plan").Is("pro")), beckon.Did("paid").AtLeast(0), beckon.Any(wide...),
		beckon.Did("paid").Within(beckon.Days(1)).AtMost(3),
	} {
		if _, err := e.Count(t.Context(), rule); err != nil {
			t.Fatal(err)
		}
		if store.filter != nil {
			t.Errorf("%.80s: %s", rule, printFilter(store.filter))
		}
	}
	// Of all that must hold some can be left out.
	if _, err := e.Count(t.Context(), beckon.All(wide...)); err != nil {
		t.Fatal(err)
	}
	if store.filter == nil || len(store.filter.Of) != 256 {
		t.Errorf("too many conditions that must all hold: %.200s", printFilter(store.filter))
	}
}

// What a filter does not say holds: a store that is older than a kind of filter
// leaves out nothing because of it.
func TestFilterOfNoKind(t *testing.T) {
	t.Parallel()
	for _, f := range []*store.Filter{nil, {}, {Kind: 255}} {
		if !f.Holds(&store.Record{Profile: &store.Profile{}}) || !f.Holds(&store.Record{}) {
			t.Errorf("the filter %+v does not hold", f)
		}
	}
}

// T2, Z2: a message is live from its instant on, also for those that a store
// may leave out before.
func TestFilterFromTheInstantOn(t *testing.T) {
	t.Parallel()
	for _, early := range []time.Duration{time.Millisecond, 0} {
		store := &filterStore{Store: memstore.New()}
		engine, err := beckon.New(store, beckon.WithClock(func() time.Time { return noon.Add(-early) }))
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{{
			ID: "m", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon, Content: beckon.Content{Body: "x"},
			Audience: beckon.User("plan").Is("pro"),
		}}}); err != nil {
			t.Fatal(err)
		}
		if _, err := engine.Update(t.Context(), beckon.Contact{UserID: "u", Attributes: beckon.Attributes{"plan": beckon.String("pro")}}); err != nil {
			t.Fatal(err)
		}
		sent := 0
		for _, err := range engine.Sweep(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			sent++
		}
		if want := map[bool]int{true: 1, false: 0}[early == 0]; sent != want {
			t.Errorf("%v before it is live: %d sent, want %d", early, sent, want)
		}
	}
}
