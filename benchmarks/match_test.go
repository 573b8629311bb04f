package benchmarks

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/expr-lang/expr/vm"
)

// matchNames is how many event names the live messages of BenchmarkMatch
// share: one incoming event has a two-hundredth of them as its candidates.
const matchNames = 200

// matchMessages gives live messages, each with an audience that looks at
// three things and lets nobody in.
func matchMessages(n int) []beckon.Message {
	list := make([]beckon.Message, n)
	for i := range list {
		list[i] = beckon.Message{
			ID: fmt.Sprintf("m%05d", i), Status: beckon.Live, LiveAt: start.AddDate(0, -1, 0), Trigger: beckon.On(fmt.Sprintf("match-%03d", i%matchNames)),
			Audience: beckon.All(beckon.User("plan").In("pro", "team"), beckon.User("score").AtLeast(1), beckon.Did(eventName(i%20)).AtLeast(1000+i)),
			Content:  beckon.Content{Body: "hello"},
		}
	}
	return list
}

// matchLimit judges the candidates of one event by hand, and matchExpr by
// compiled expressions; both give how many match.
type (
	matchLimit map[string][]int
	matchExpr  map[string][]*vm.Program
)

func newMatchLimit(n int) matchLimit {
	m := matchLimit{}
	for i := range n {
		name := fmt.Sprintf("match-%03d", i%matchNames)
		m[name] = append(m[name], i)
	}
	return m
}

func (m matchLimit) match(p *person, event string) (n int) {
	for _, i := range m[event] {
		if (p.plan == "pro" || p.plan == "team") && p.score >= 1 && p.events[i%20].count >= int64(1000+i) {
			n++
		}
	}
	return n
}

func newMatchExpr(tb testing.TB, n int) matchExpr {
	tb.Helper()
	m := matchExpr{}
	for i := range n {
		name := fmt.Sprintf("match-%03d", i%matchNames)
		m[name] = append(m[name], compileExpr(tb, fmt.Sprintf(`plan in ["pro", "team"] && score >= 1 && count_%02d >= %d`, i%20, 1000+i)))
	}
	return m
}

func (m matchExpr) match(tb testing.TB, machine *vm.VM, env map[string]any, event string) (n int) {
	for _, program := range m[event] {
		out, err := machine.Run(program, env)
		check(tb, err)
		if out.(bool) {
			n++
		}
	}
	return n
}

// matchPerson is somebody for whom every rule is looked at to its end.
func matchPerson() *person {
	p := newPerson(1)
	for n := range p.events {
		p.events[n].count, p.events[n].last = 1, start.Unix()
	}
	return p
}

func TestMatchAgrees(t *testing.T) {
	p := matchPerson()
	store := memstore.New()
	p.store(t, store, "u1")
	messages := matchMessages(2 * matchNames)
	// Two of the event's messages, one of which lets the person in.
	messages[7].Audience = beckon.All(beckon.User("plan").In("pro", "team"), beckon.Did(eventName(7)).AtLeast(1))
	engine := newEngine(t, store, messages...)
	res, err := engine.Track(context.Background(), beckon.Event{Name: "match-007", UserID: "u1"})
	check(t, err)
	if len(res.Deliveries) != 1 || len(res.Held()) != 1 || res.Held()[0].Reason != beckon.ReasonAudience {
		t.Errorf("%+v, held %+v", res.Deliveries, res.Held())
	}
	var machine vm.VM
	if a, b := newMatchLimit(2*matchNames).match(p, "match-007"), newMatchExpr(t, 2*matchNames).match(t, &machine, p.environment(), "match-007"); a != 0 || b != 0 {
		t.Errorf("%d and %d", a, b)
	}
}

// BenchmarkMatch finds, among all live messages, those for one event. The peers
// judge the audiences and no more; the rows of beckon judge everything, note why
// each candidate was held, and count; Track also records the event.
func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := matchPerson()
			env := p.environment()
			const event = "match-007"
			limit := newMatchLimit(n)
			b.Run("limit-index", func(b *testing.B) { measure(b, func() { limit.match(p, event) }) })
			store := &repeater{Store: memstore.New()}
			p.store(b, store, "u1")
			engine, err := beckon.New(store, beckon.WithClock(func() time.Time { return start }))
			check(b, err)
			check(b, engine.Publish(context.Background(), beckon.Program{Messages: matchMessages(n)}))
			e := beckon.Event{Name: event, UserID: "u1"}
			track := func() {
				_, err := engine.Track(context.Background(), e)
				check(b, err)
			}
			b.Run("beckon-decision", func(b *testing.B) {
				store.repeat = func(decide func()) { measure(b, decide) }
				track()
				store.repeat = nil
			})
			for range 3000 { // the event log fills up
				track()
			}
			b.Run("beckon-Track", func(b *testing.B) { measure(b, track) })
			programs, machine := newMatchExpr(b, n), new(vm.VM)
			b.Run("index-expr-map", func(b *testing.B) { measure(b, func() { programs.match(b, machine, env, event) }) })
		})
	}
}
