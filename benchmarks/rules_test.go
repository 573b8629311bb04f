package benchmarks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
)

// A person is a contact as one would declare it for one application: every
// attribute a field, every event name a place in an array.
type person struct {
	plan, country, title string
	lower                string // title in small letters: by hand one would store it so
	score                int64
	active               bool
	numbers              [16]int64
	events               [20]struct{ count, last int64 }
}

// newPerson gives one of any number of different persons.
func newPerson(i int) *person {
	p := &person{
		plan: []string{"free", "pro", "team", "trial"}[i%4], country: []string{"DE", "IE", "US", "FR", "JP"}[i%5],
		title: []string{"Head of Upload", "Engineer", "upload hero"}[i%3], score: int64(i % 100), active: i%2 == 0,
	}
	p.lower = strings.ToLower(p.title)
	for n := range p.numbers {
		p.numbers[n] = int64((i + n) % 10)
	}
	for n := range p.events {
		p.events[n].count = int64(8 + (i+n)%5)
		p.events[n].last = start.Unix() - int64((i+n)%14)*86400 - 100
	}
	return p
}

func numberName(n int) string { return fmt.Sprintf("number_%02d", n) }
func eventName(n int) string  { return fmt.Sprintf("event-%02d", n) }

// contact gives the person as data.
func (p *person) contact(id string) beckon.Contact {
	c := beckon.Contact{UserID: id, Attributes: beckon.Attributes{
		"plan": beckon.String(p.plan), "country": beckon.String(p.country), "title": beckon.String(p.title),
		"score": beckon.Number(p.score), "active": beckon.Bool(p.active),
	}}
	for n, v := range p.numbers {
		c.Attributes[numberName(n)] = beckon.Number(v)
	}
	return c
}

// store puts the person into a store under its id, statistics and all.
func (p *person) store(tb testing.TB, store beckon.Store, id string) {
	tb.Helper()
	at := start
	engine, err := beckon.New(store, beckon.WithClock(func() time.Time { return at }))
	check(tb, err)
	_, err = engine.Update(context.Background(), p.contact(id))
	check(tb, err)
	for n, e := range p.events {
		at = time.Unix(e.last, 0)
		for range e.count {
			_, err := engine.Track(context.Background(), beckon.Event{Name: eventName(n), UserID: id})
			check(tb, err)
		}
	}
}

// environment gives the person as the map that an expression is evaluated over.
func (p *person) environment() map[string]any {
	env := map[string]any{"plan": p.plan, "country": p.country, "title": p.title, "score": p.score, "active": p.active, "now": start.Unix()}
	for n, v := range p.numbers {
		env[numberName(n)] = v
	}
	for n, e := range p.events {
		env[fmt.Sprintf("count_%02d", n)] = e.count
		env[fmt.Sprintf("last_%02d", n)] = e.last
	}
	return env
}

// A ruleCase is one rule in the form of each peer.
type ruleCase struct {
	name       string
	rule       beckon.Rule
	expression string
	limit      func(*person, int64) bool
}

func ruleCases() []ruleCase {
	number := func(n int) beckon.User { return beckon.User(numberName(n)) }
	did := func(n int) beckon.Did { return beckon.Did(eventName(n)) }
	large := ruleCase{name: "large", limit: largeLimit}
	var groups []beckon.Rule
	var texts []string
	for g := range 4 {
		var inner []beckon.Rule
		var texts2 []string
		for i := range 5 {
			n := g*4 + i%4
			inner = append(inner, beckon.Any(number(n).GreaterThan(100), did(g*5+i).AtLeast(1)))
			texts2 = append(texts2, fmt.Sprintf("(%s > 100 || count_%02d >= 1)", numberName(n), g*5+i))
		}
		groups = append(groups, beckon.All(inner...))
		texts = append(texts, "("+strings.Join(texts2, " && ")+")")
	}
	large.rule, large.expression = beckon.All(groups...), strings.Join(texts, " && ")
	return []ruleCase{
		{
			"small", beckon.All(beckon.User("plan").In("pro", "team"), did(3).AtLeast(1)),
			`plan in ["pro", "team"] && count_03 >= 1`,
			func(p *person, _ int64) bool { return (p.plan == "pro" || p.plan == "team") && p.events[3].count >= 1 },
		},
		{
			"medium", beckon.All(
				beckon.Any(beckon.User("plan").Is("pro"), beckon.User("active").Is(true)),
				beckon.User("country").In("DE", "IE", "FR", "NL", "AT"),
				beckon.Any(beckon.User("title").Contains("UPLOAD"), number(3).AtLeast(7)),
				did(2).AtLeast(10), did(7).Last().LessThanAgo(7*beckon.Day), beckon.User("score").GreaterThan(5),
			),
			`(plan == "pro" || active) && country in ["DE", "IE", "FR", "NL", "AT"] && (lower(title) contains "upload" || number_03 >= 7)
				&& count_02 >= 10 && last_07 > now - 604800 && score > 5`,
			func(p *person, now int64) bool {
				return (p.plan == "pro" || p.active) &&
					(p.country == "DE" || p.country == "IE" || p.country == "FR" || p.country == "NL" || p.country == "AT") &&
					(strings.Contains(p.lower, "upload") || p.numbers[3] >= 7) &&
					p.events[2].count >= 10 && p.events[7].last > now-7*86400 && p.score > 5
			},
		},
		large,
	}
}

func largeLimit(p *person, _ int64) bool {
	n, e := &p.numbers, &p.events
	return (n[0] > 100 || e[0].count >= 1) && (n[1] > 100 || e[1].count >= 1) && (n[2] > 100 || e[2].count >= 1) &&
		(n[3] > 100 || e[3].count >= 1) && (n[0] > 100 || e[4].count >= 1) &&
		(n[4] > 100 || e[5].count >= 1) && (n[5] > 100 || e[6].count >= 1) && (n[6] > 100 || e[7].count >= 1) &&
		(n[7] > 100 || e[8].count >= 1) && (n[4] > 100 || e[9].count >= 1) &&
		(n[8] > 100 || e[10].count >= 1) && (n[9] > 100 || e[11].count >= 1) && (n[10] > 100 || e[12].count >= 1) &&
		(n[11] > 100 || e[13].count >= 1) && (n[8] > 100 || e[14].count >= 1) &&
		(n[12] > 100 || e[15].count >= 1) && (n[13] > 100 || e[16].count >= 1) && (n[14] > 100 || e[17].count >= 1) &&
		(n[15] > 100 || e[18].count >= 1) && (n[12] > 100 || e[19].count >= 1)
}

func compileExpr(tb testing.TB, expression string) *vm.Program {
	tb.Helper()
	program, err := expr.Compile(expression, expr.Env(newPerson(0).environment()), expr.AsBool())
	check(tb, err)
	return program
}

// All peers give the same answer for persons of all sorts.
func TestRulesAgree(t *testing.T) {
	store := memstore.New()
	engine, err := beckon.New(store, beckon.WithClock(func() time.Time { return start }))
	check(t, err)
	persons := make([]*person, 60)
	for i := range persons {
		persons[i] = newPerson(i)
		persons[i].store(t, store, fmt.Sprint("u", i))
	}
	for _, c := range ruleCases() {
		program := compileExpr(t, c.expression)
		var answers []bool
		for i, p := range persons {
			want := c.limit(p, start.Unix())
			answers = append(answers, want)
			if got, err := expr.Run(program, p.environment()); err != nil || got != want {
				t.Errorf("%s, person %d: expr: %v, %v; want %v", c.name, i, got, err, want)
			}
			if got, err := engine.Matches(context.Background(), c.rule, beckon.Identity{UserID: fmt.Sprint("u", i)}); err != nil || got != want {
				t.Errorf("%s, person %d: %v, %v; want %v", c.name, i, got, err, want)
			}
		}
		if !slices.Contains(answers, true) {
			t.Errorf("%s: nobody matches", c.name)
		}
	}
}

// matching gives a person for whom all of the rule has to be looked at.
func matching(tb testing.TB, c ruleCase) *person {
	tb.Helper()
	for i := range 1000 {
		if p := newPerson(i); c.limit(p, start.Unix()) {
			return p
		}
	}
	tb.Fatal("nobody matches ", c.name)
	return nil
}

// BenchmarkRule judges one contact by one rule. The row of beckon is a whole
// decision on the contact, with all that it does around the rule.
func BenchmarkRule(b *testing.B) {
	for _, c := range ruleCases() {
		b.Run(c.name, func(b *testing.B) {
			p, now := matching(b, c), start.Unix()
			sink := false
			b.Run("limit-struct", func(b *testing.B) { measure(b, func() { sink = c.limit(p, now) }) })
			b.Run("beckon-decision", func(b *testing.B) {
				store := &repeater{Store: memstore.New()}
				p.store(b, store, "u1")
				engine, err := beckon.New(store, beckon.WithClock(func() time.Time { return start }))
				check(b, err)
				store.repeat = func(decide func()) { measure(b, decide) }
				ok, err := engine.Matches(context.Background(), c.rule, beckon.Identity{UserID: "u1"})
				check(b, err)
				sink = ok
			})
			program, env := compileExpr(b, c.expression), p.environment()
			var machine vm.VM
			b.Run("expr-map-reusedVM", func(b *testing.B) {
				measure(b, func() {
					out, err := machine.Run(program, env)
					if err != nil {
						b.Fatal(err)
					}
					sink = out.(bool)
				})
			})
			b.Run("map-for-expr", func(b *testing.B) { measure(b, func() { _ = p.environment() }) })
			if !sink {
				b.Fatal("nobody matched")
			}
		})
	}
}
