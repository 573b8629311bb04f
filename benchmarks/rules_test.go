package benchmarks

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/workload"
	"github.com/beckon-go/beckon/memstore"
)

// All peers return the same answer for persons of all sorts.
func TestRulesAgree(t *testing.T) {
	list := workload.Persons(300)
	store := memstore.New()
	for i, p := range list[:60] {
		check(t, p.Store(store, fmt.Sprint("u", i)))
	}
	engine := newEngine(t, store, atStart)
	for _, c := range workload.Rules() {
		var answers []bool
		peers := rulePeers(t, c.Rule)
		for i, p := range list {
			want := c.Limit(p, start.Unix())
			answers = append(answers, want)
			for _, peer := range peers {
				if got := peer.prepare(p)(); got != want {
					t.Errorf("%s, person %d: %s: %v, want %v", c.Name, i, peer.name, got, want)
				}
			}
			if i >= 60 {
				continue // a store of all of them takes long to fill
			}
			if got, err := engine.Matches(context.Background(), c.Rule.Beckon(), beckon.Identity{UserID: fmt.Sprint("u", i)}); err != nil || got != want {
				t.Errorf("%s, person %d: %v, %v; want %v", c.Name, i, got, err, want)
			}
		}
		if !slices.Contains(answers, true) || c.Name != "large" && !slices.Contains(answers, false) {
			t.Errorf("%s: everybody has the same answer", c.Name)
		}
	}
}

// ruleRows judges one contact by one rule. The row of beckon is a whole
// decision on the contact, with all that it does around the rule.
func ruleRows(tb testing.TB, c ruleCase) []row {
	tb.Helper()
	p, now, held := c.Matching(), start.Unix(), true
	store := &repeater{Store: memstore.New()}
	check(tb, p.Store(store, "u1"))
	engine, rule := newEngine(tb, store, atStart), c.Rule.Beckon()
	rows := []row{
		{"limit-struct", func(n int) {
			for range n {
				held = held && c.Limit(p, now)
			}
		}},
		{"beckon-decision", store.repeated(func() {
			ok, err := engine.Matches(context.Background(), rule, beckon.Identity{UserID: "u1"})
			check(tb, err)
			held = held && ok
		})},
	}
	for _, peer := range rulePeers(tb, c.Rule) {
		judge := peer.prepare(p)
		rows = append(rows, row{peer.name, each(func() { held = judge() && held })})
	}
	tb.Cleanup(func() {
		if !held {
			tb.Error("the rule did not hold")
		}
	})
	return rows
}

// BenchmarkRule judges one contact by one rule, in the form that each peer
// wants it in.
func BenchmarkRule(b *testing.B) {
	for _, c := range workload.Rules() {
		b.Run(c.Name, func(b *testing.B) { measureAll(b, ruleRows(b, c)) })
	}
	b.Run("mixed", func(b *testing.B) { measureAll(b, mixedRows(b)) })
}

// mixedRows judge a thousand different contacts in turn by the medium rule:
// neither branches nor caches are trained on one of them.
func mixedRows(tb testing.TB) []row {
	tb.Helper()
	const size = 1024
	c, list, now := workload.Rules()[1], workload.Persons(size), start.Unix()
	held := 0
	rows := []row{{"limit-struct", func(n int) {
		for i := range n {
			if c.Limit(list[i%size], now) {
				held++
			}
		}
	}}}
	for _, peer := range rulePeers(tb, c.Rule) {
		judges := make([]func() bool, size)
		for i, p := range list {
			judges[i] = peer.prepare(p)
		}
		rows = append(rows, row{peer.name, func(n int) {
			for i := range n {
				if judges[i%size]() {
					held++
				}
			}
		}})
	}
	tb.Cleanup(func() {
		if held == 0 {
			tb.Error("nobody matched")
		}
	})
	return rows
}

// BenchmarkForm brings a contact that is kept as one's own struct into the
// form that rules are judged in, once for each event. beckon needs none: rules
// read its record in place.
func BenchmarkForm(b *testing.B) {
	p := newPerson(5)
	var copied person
	var sink any
	measureAll(b, []row{
		{"limit-copy-struct", func(n int) {
			for range n {
				copied = *p
			}
		}},
		{"map-for-expr-and-cel", each(func() { sink = environment(p) })},
		{"map-for-jsonlogic", each(func() { sink = jsonEnvironment(p) })},
		{"launchdarkly-context", each(func() { sink = launchDarkly(p) })},
	})
	if sink == nil || copied.Lower == "" {
		b.Error("nothing was made")
	}
}
