package beckon_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
)

// crossing returns a program whose messages a segment triggers, both ways.
func crossing(rule beckon.Rule) beckon.Program {
	m := func(id string, on *beckon.Trigger) beckon.Message {
		return beckon.Message{ID: id, Status: beckon.Live, Trigger: on, Frequency: beckon.EachTime(), Content: beckon.Content{Body: id}}
	}
	return beckon.Program{
		Segments: map[string]beckon.Rule{"s": rule},
		Messages: []beckon.Message{m("in", beckon.OnEnter("s")), m("out", beckon.OnLeave("s"))},
	}
}

func withPlan(who, plan string) beckon.Contact {
	return beckon.Contact{UserID: who, Attributes: beckon.Attributes{"plan": beckon.String(plan)}}
}

// T8, K2: what is imported in bulk, and what another system has counted, triggers nothing, not
// even silently, and what is seen then is noted.
func TestCrossingsAndImports(t *testing.T) {
	kit := beckontest.New(t, crossing(beckon.Any(beckon.User("plan").Is("pro"), beckon.Did("bought").AtLeast(2))))
	kit.Update(withPlan("u1", "free"))
	kit.Update(withPlan("u2", "free"))
	pro, bought := withPlan("u1", "pro"), beckon.Event{Name: "bought", UserID: "u2"}
	for fault, err := range kit.Engine.Import(t.Context(), func(yield func(beckon.ImportItem, error) bool) {
		_ = yield(beckon.ImportItem{Contact: &pro}, nil) && yield(beckon.ImportItem{Event: &bought}, nil) && yield(beckon.ImportItem{Event: &bought}, nil)
	}) {
		t.Fatal(fault, err)
	}
	kit.Track(beckon.Event{Name: "e", UserID: "u3"})
	if err := kit.Engine.Recount(t.Context(), beckon.Identity{UserID: "u3"}, beckon.EventCount{Name: "bought", Count: 5, First: kit.Now(), Last: kit.Now()}); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"u1", "u2", "u3"} {
		kit.Track(beckon.Event{Name: "e", UserID: who}).WantSent()
	}
	kit.Sweep().WantSent()
	if totals := kit.Totals("in"); totals.Judged != 0 {
		t.Errorf("judged: %+v", totals)
	}
	kit.Update(withPlan("u1", "free")).WantSent("out")
	export, _, err := kit.Engine.Export(t.Context(), beckon.Identity{UserID: "u1"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]bool{"in": false, "out": false}, export.Crossings); diff != "" { // C4
		t.Error(diff)
	}
}

// T8, E5: an imported event moves walks, and what they set triggers nothing either.
func TestCrossingsAndImportedWalks(t *testing.T) {
	p := crossing(beckon.User("mark").Is(true))
	p.Series = []beckon.Series{{ID: "w", Status: beckon.Live, Entry: beckon.Entry{Audience: beckon.Did("go").AtLeast(1)}, Blocks: []beckon.Block{
		{ID: "set", Update: &beckon.Update{Attributes: beckon.Attributes{"mark": beckon.Bool(true)}}},
	}}}
	kit := beckontest.New(t, p)
	kit.Track(beckon.Event{Name: "go", UserID: "u1", Import: true}).WantSent()
	kit.Track(beckon.Event{Name: "e", UserID: "u1"}).WantSent()
	kit.Track(beckon.Event{Name: "go", UserID: "u2"}).WantSent("in")
}

// T8, Z1: what a consumer does not take of a sweep is triggered again by the next, and what
// it has taken is not; unless something has changed meanwhile.
func TestCrossingsGivenBack(t *testing.T) {
	kit := beckontest.New(t, crossing(beckon.Did("wrote").Last().MoreThanAgo(beckon.Hours(1))))
	users := []string{"u1", "u2", "u3", "u4"}
	for _, who := range users {
		kit.Track(beckon.Event{Name: "wrote", UserID: who})
	}
	kit.Advance(2 * time.Hour)
	take := func(n int) (got []string) {
		for d, err := range kit.Engine.Sweep(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if got = append(got, d.Contact.UserID); len(got) == n {
				break
			}
		}
		return got
	}
	first := take(2)
	back := slices.DeleteFunc(slices.Clone(users), func(who string) bool { return slices.Contains(first, who) })
	if totals := kit.Totals("in"); totals.Sent != 2 || totals.Judged != 2 {
		t.Errorf("after two: %+v", totals)
	}
	kit.Track(beckon.Event{Name: "wrote", UserID: back[0]}).WantSent() // it has never ceased, as far as anyone was told
	if got := take(9); !slices.Equal(got, back[1:]) {
		t.Errorf("the rest: %v, want %v", got, back[1:])
	}
	if got := take(9); len(got) != 0 {
		t.Errorf("once more: %v", got)
	}
	kit.Track(beckon.Event{Name: "wrote", UserID: first[0]}).WantSent("out")
}

// T8: what an engine does to a contact that a sweep has decided ahead finds it not decided.
func TestCrossingsDecidedAhead(t *testing.T) {
	kit := beckontest.New(t, crossing(beckon.Did("wrote").Last().MoreThanAgo(beckon.Hours(1))))
	for _, who := range []string{"u1", "u2", "u3", "u4"} {
		kit.Track(beckon.Event{Name: "wrote", UserID: who})
	}
	kit.Advance(2 * time.Hour)
	var swept, visited []string
	for d, err := range kit.Engine.Sweep(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		swept = append(swept, d.Contact.UserID)
		if len(swept) == 2 { // the third and fourth are decided together
			continue
		}
		for _, who := range []string{"u3", "u4"} {
			res, err := kit.Engine.Visit(t.Context(), beckon.Visit{UserID: who})
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range res.Deliveries {
				visited = append(visited, d.Contact.UserID)
			}
		}
	}
	all := slices.Concat(swept, visited)
	slices.Sort(all)
	if !slices.Equal(all, []string{"u1", "u2", "u3", "u4"}) {
		t.Errorf("swept %v, visited %v", swept, visited)
	}
}

// Z2: what a sweep holds of a transition counts once, also when the next pass finds nothing.
func TestCrossingsCountOnce(t *testing.T) {
	p := crossing(beckon.Did("wrote").Last().MoreThanAgo(beckon.Hours(1)))
	p.Messages[0].Audience = beckon.User("plan").Is("pro")
	kit := beckontest.New(t, p)
	kit.Track(beckon.Event{Name: "wrote", UserID: "u1"})
	kit.Advance(2 * time.Hour)
	for times := int64(1); times <= 2; times++ {
		for range 2 {
			kit.Sweep().WantSent()
		}
		if totals := kit.Totals("in"); totals.Judged != times || totals.Held[beckon.ReasonAudience] != times {
			t.Errorf("%+v, want %d", totals, times)
		}
		kit.Track(beckon.Event{Name: "wrote", UserID: "u1"}).WantSent("out")
		kit.Advance(2 * time.Hour)
	}
}

// Z2: the trace of a message that a segment triggers has the segment, as it is after the
// occasion, and without a transition there is none.
func TestExplainCrossing(t *testing.T) {
	kit := beckontest.New(t, crossing(beckon.Did("bought").AtLeast(1)))
	bought := beckon.Event{Name: "bought", UserID: "u1"}
	traces, err := kit.Engine.Explain(t.Context(), bought)
	if err != nil || len(traces) != 1 {
		t.Fatalf("%+v, %v", traces, err)
	}
	if x := traces[0]; x.Message != "in" || !x.Sent || x.Where.Rule != "segment s" || !x.Where.Matched || x.Where.Of[0].Seen != "1" {
		t.Errorf("%+v", x)
	}
	kit.Track(bought).WantSent("in")
	if traces, err := kit.Engine.Explain(t.Context(), bought); err != nil || len(traces) != 1 || traces[0].Message != "" {
		t.Errorf("%+v, %v", traces, err)
	}
	kit.Advance(time.Hour)
	if traces, err := kit.Engine.Explain(t.Context(), beckon.AtSweep(beckon.Identity{UserID: "u1"})); err != nil || len(traces) != 0 {
		t.Errorf("%+v, %v", traces, err)
	}
}
