package benchmarks

import (
	"context"
	"fmt"
	"testing"

	"cel.dev/cel-go/cel"
	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/workload"
	"github.com/beckon-go/beckon/memstore"
	"github.com/expr-lang/expr/vm"
)

// matchNames is how many event names the live messages of BenchmarkMatch
// share: one incoming event has a two-hundredth of them as its candidates.
const matchNames = 200

func matchName(i int) string { return fmt.Sprintf("match-%03d", i%matchNames) }

// matchCondition is the audience of live message i. It looks at three things
// and lets nobody in whose counts are below a thousand.
func matchCondition(i int) condition {
	return condition{Is: workload.All, Parts: []condition{
		{Is: workload.In, Name: "plan", Texts: []string{"pro", "team"}}, {Is: workload.Above, Name: "score", Number: 0}, {Is: workload.Count, Event: i % 20, Number: int64(1000 + i)},
	}}
}

func matchMessages(n int) []beckon.Message {
	list := make([]beckon.Message, n)
	for i := range list {
		list[i] = beckon.Message{
			ID: fmt.Sprintf("m%05d", i), Status: beckon.Live, LiveAt: start.AddDate(0, -1, 0), Trigger: beckon.On(matchName(i)),
			Audience: matchCondition(i).Beckon(), Content: beckon.Content{Body: "hello"},
		}
	}
	return list
}

// A matcher finds the live messages for one event, and returns how many match.
type matcher func(event string) int

// index returns the numbers of n live messages by the event that triggers them.
func index(n int) map[string][]int {
	m := map[string][]int{}
	for i := range n {
		m[matchName(i)] = append(m[matchName(i)], i)
	}
	return m
}

func judgeMatch(p *person, i int) bool {
	return (p.Texts[workload.Plan] == "pro" || p.Texts[workload.Plan] == "team") && p.Numbers[workload.Score] > 0 && p.Events[i%20].Count >= int64(1000+i)
}

// matchPeers judge the audiences, and no more.
func matchPeers(tb testing.TB, p *person, n int) []struct {
	name  string
	match matcher
} {
	tb.Helper()
	candidates := index(n)
	programs, celPrograms := map[string][]*vm.Program{}, map[string][]cel.Program{}
	events := make([]string, n)
	for i := range n {
		events[i] = matchName(i)
		programs[events[i]] = append(programs[events[i]], compileExpr(tb, exprOf(matchCondition(i), ""), environment(p)))
		if i%matchNames == 7 { // to compile the others takes long, and they are not looked at
			celPrograms[events[i]] = append(celPrograms[events[i]], celMap(tb, matchCondition(i)))
		}
	}
	env, machine := environment(p), new(vm.VM)
	type held struct {
		message int
		reason  string
	}
	var noted []held
	return []struct {
		name  string
		match matcher
	}{
		{"limit-index", func(event string) (matched int) {
			for _, i := range candidates[event] {
				if judgeMatch(p, i) {
					matched++
				}
			}
			return matched
		}},
		{"index-by-hand-noting-reasons", func(event string) (matched int) {
			noted = noted[:0]
			for _, i := range candidates[event] {
				if judgeMatch(p, i) {
					matched++
				} else {
					noted = append(noted, held{i, "audience"})
				}
			}
			return matched
		}},
		{"scan-by-hand", func(event string) (matched int) {
			for i := range n {
				if events[i] == event && judgeMatch(p, i) {
					matched++
				}
			}
			return matched
		}},
		{"index-expr-map-reusedVM", func(event string) (matched int) {
			for _, program := range programs[event] {
				out, err := machine.Run(program, env)
				check(tb, err)
				if out.(bool) {
					matched++
				}
			}
			return matched
		}},
		{"index-cel-map", func(event string) (matched int) {
			for _, program := range celPrograms[event] {
				out, _, err := program.Eval(env)
				check(tb, err)
				if out.Value().(bool) {
					matched++
				}
			}
			return matched
		}},
	}
}

// matchPerson is somebody for whom every rule is looked at to its end.
func matchPerson() *person {
	p := newPerson(1)
	for n := range p.Events {
		p.Events[n].Count, p.Events[n].Last = 1, start.Unix()
	}
	return p
}

func TestMatchAgrees(t *testing.T) {
	ctx := context.Background()
	const n = 2 * matchNames
	for _, lucky := range []int{-1, 7, 207} { // who has done enough for one of the two messages, or for none
		p := matchPerson()
		want := 0
		if lucky >= 0 {
			p.Events[lucky%20].Count, want = int64(1000+lucky), 1
		}
		if lucky == 207 {
			want = 2 // it is the same event that both count
		}
		for _, peer := range matchPeers(t, p, n) {
			if got := peer.match("match-007"); got != want {
				t.Errorf("%s: %d, want %d", peer.name, got, want)
			}
		}
		store := memstore.New()
		check(t, p.Store(store, "u1"))
		res, err := newEngine(t, store, atStart, matchMessages(n)...).Track(ctx, beckon.Event{Name: "match-007", UserID: "u1"})
		check(t, err)
		if len(res.Deliveries) != want || len(res.Held()) != 2-want {
			t.Errorf("%d deliveries and %+v, want %d", len(res.Deliveries), res.Held(), want)
		}
		for _, h := range res.Held() {
			if h.Reason != beckon.ReasonAudience {
				t.Errorf("%+v", h)
			}
		}
	}
}

// matchRows find, among n live messages, those for one event. The rows of
// beckon judge everything, and note why each candidate was held; Track also
// counts and records the event.
func matchRows(tb testing.TB, n int) []row {
	tb.Helper()
	p := matchPerson()
	const event = "match-007"
	store := &repeater{Store: memstore.New()}
	check(tb, p.Store(store, "u1"))
	engine := newEngine(tb, store, (&clock{at: start}).now, matchMessages(n)...)
	track := tracker(tb, engine, beckon.Event{Name: event, UserID: "u1"}, n/matchNames)
	for range 3000 { // the event log fills up
		track()
	}
	var rows []row
	for i, peer := range matchPeers(tb, p, n) {
		rows = append(rows, row{peer.name, each(func() {
			if peer.match(event) != 0 {
				tb.Fatal("somebody matched")
			}
		})})
		if i == 0 {
			rows = append(rows, row{"beckon-decision", store.repeated(track)}, row{"beckon-Track", each(track)})
		}
	}
	return rows
}

func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { measureAll(b, matchRows(b, n)) })
	}
}
