package benchmarks

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// The rules are what the tables say they are.
func TestRuleSizes(t *testing.T) {
	for i, c := range ruleCases() {
		if got, want := c.rule.leaves(), []int{2, 8, 40}[i]; got != want {
			t.Errorf("%s: %d conditions, want %d", c.name, got, want)
		}
		if got, want := c.rule.depth()-1, []int{1, 2, 4}[i]; got != want {
			t.Errorf("%s: %d levels, want %d", c.name, got, want)
		}
	}
}

// All peers give the same answer for persons of all sorts.
func TestRulesAgree(t *testing.T) {
	list := persons(300)
	store := memstore.New()
	for i, p := range list[:60] {
		p.store(t, store, fmt.Sprint("u", i))
	}
	engine := newEngine(t, store, atStart)
	for _, c := range ruleCases() {
		var answers []bool
		peers := rulePeers(t, c.rule)
		for i, p := range list {
			want := c.limit(p, start.Unix())
			answers = append(answers, want)
			for _, peer := range peers {
				if got := peer.prepare(p)(); got != want {
					t.Errorf("%s, person %d: %s: %v, want %v", c.name, i, peer.name, got, want)
				}
			}
			if i >= 60 {
				continue // a store of all of them takes long to fill
			}
			if got, err := engine.Matches(context.Background(), c.rule.beckon(), beckon.Identity{UserID: fmt.Sprint("u", i)}); err != nil || got != want {
				t.Errorf("%s, person %d: %v, %v; want %v", c.name, i, got, err, want)
			}
		}
		if !slices.Contains(answers, true) || c.name != "large" && !slices.Contains(answers, false) {
			t.Errorf("%s: everybody has the same answer", c.name)
		}
	}
}

// ruleRows judges one contact by one rule. The row of beckon is a whole
// decision on the contact, with all that it does around the rule.
func ruleRows(tb testing.TB, c ruleCase) []row {
	tb.Helper()
	p, now, held := c.matching(), start.Unix(), true
	store := &repeater{Store: memstore.New()}
	p.store(tb, store, "u1")
	engine, rule := newEngine(tb, store, atStart), c.rule.beckon()
	rows := []row{
		{"limit-struct", func(n int) {
			for range n {
				held = held && c.limit(p, now)
			}
		}},
		{"beckon-decision", store.repeated(func() {
			ok, err := engine.Matches(context.Background(), rule, beckon.Identity{UserID: "u1"})
			check(tb, err)
			held = held && ok
		})},
	}
	for _, peer := range rulePeers(tb, c.rule) {
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
	for _, c := range ruleCases() {
		b.Run(c.name, func(b *testing.B) { measureAll(b, ruleRows(b, c)) })
	}
	b.Run("mixed", func(b *testing.B) { measureAll(b, mixedRows(b)) })
}

// mixedRows judge a thousand different contacts in turn by the medium rule:
// neither branches nor caches are trained on one of them.
func mixedRows(tb testing.TB) []row {
	tb.Helper()
	const size = 1024
	c, list, now := ruleCases()[1], persons(size), start.Unix()
	held := 0
	rows := []row{{"limit-struct", func(n int) {
		for i := range n {
			if c.limit(list[i%size], now) {
				held++
			}
		}
	}}}
	for _, peer := range rulePeers(tb, c.rule) {
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
		{"map-for-expr-and-cel", each(func() { sink = p.environment() })},
		{"map-for-jsonlogic", each(func() { sink = p.jsonEnvironment() })},
		{"launchdarkly-context", each(func() { sink = p.launchDarkly() })},
	})
	if sink == nil || copied.lower == "" {
		b.Error("nothing was made")
	}
}
