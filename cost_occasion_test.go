package beckon_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
)

// chain returns a series of n blocks, one after the other, that begins with "go".
func chain(n int, block func(i int) beckon.Block) beckon.Program {
	s := beckon.Series{ID: "s", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("go")}}
	for i := range n {
		b := block(i)
		b.ID = fmt.Sprintf("b%04d", i)
		if next := fmt.Sprintf("b%04d", i+1); i < n-1 && b.Rule == nil {
			b.Next = next
		} else if i < n-1 {
			b.Yes, b.No = next, next
		}
		s.Blocks = append(s.Blocks, b)
	}
	return beckon.Program{Series: []beckon.Series{s}}
}

// A walk costs what its blocks are, however many it passes in one occasion.
func TestCostOfWalk(t *testing.T) {
	update := func(i int) beckon.Block {
		return beckon.Block{Update: &beckon.Update{Attributes: beckon.Attributes{fmt.Sprintf("a%04d", i): beckon.Number(i)}}}
	}
	message := func(i int) beckon.Block {
		return beckon.Block{Message: &beckon.Message{ID: fmt.Sprintf("m%04d", i), Content: beckon.Content{Body: "x"}}}
	}
	holds := beckon.User("nobody").IsUnknown()
	rule := func(int) beckon.Block { return beckon.Block{Rule: &holds, Within: beckon.Days(1)} }
	for name, blocks := range map[string][]func(int) beckon.Block{
		"updates": {update}, "messages": {message}, "updates and rules": {update, rule}, "messages and rules": {message, rule},
		"all": {update, message, rule},
	} {
		t.Run(name, func(t *testing.T) {
			growsInProportion(t, beckon.MaxBlocks/16, func(tb testing.TB, n int) func() {
				tb.Helper()
				engine := costEngine(tb, chain(n, func(i int) beckon.Block { return blocks[i%len(blocks)](i) }))
				return func() {
					for i := range 5 {
						if _, err := engine.Track(context.Background(), beckon.Event{Name: "go", UserID: fmt.Sprint("u", i)}); err != nil {
							tb.Fatal(err)
						}
					}
				}
			})
		})
	}
}

// X1: what a walk sends and sets is seen by the blocks behind it, also through a
// segment that was asked before.
func TestWalkSeesWhatItDid(t *testing.T) {
	t.Parallel()
	rule := func(r beckon.Rule, yes string) beckon.Block {
		return beckon.Block{ID: "before " + yes, Rule: &r, Within: beckon.Days(1), Yes: yes}
	}
	send := func(id, next string) beckon.Block {
		return beckon.Block{ID: id, Message: &beckon.Message{ID: id, Content: beckon.Content{Body: "{{ last_contacted_at }}{{ a }}"}}, Next: next}
	}
	set := func(id, next string) beckon.Block {
		return beckon.Block{ID: id, Update: &beckon.Update{Attributes: beckon.Attributes{"a": beckon.String(id)}}, Next: next}
	}
	program := beckon.Program{
		Segments: map[string]beckon.Rule{
			"sent": beckon.WasSent("one").AtLeast(1), "none": beckon.All(beckon.WasSent("one").Is(0), beckon.User("a").IsUnknown()),
			"x": beckon.User("a").Is("x"), "y": beckon.User("a").Is("y"),
		},
		Series: []beckon.Series{{ID: "s", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("go")}, Blocks: []beckon.Block{
			rule(beckon.All(beckon.Segment("none"), beckon.Not(beckon.Segment("sent"))), "one"), send("one", "before x"),
			rule(beckon.All(beckon.Segment("sent"), beckon.Not(beckon.Segment("x"))), "x"), set("x", "before y"),
			rule(beckon.All(beckon.Segment("x"), beckon.Not(beckon.Segment("y"))), "y"), set("y", "before two"),
			rule(beckon.All(beckon.Segment("y"), beckon.Not(beckon.Segment("none"))), "two"), send("two", ""),
		}}},
	}
	engine := costEngine(t, program)
	res, err := engine.Track(t.Context(), beckon.Event{Name: "go", UserID: "u"})
	if err != nil || len(res.Deliveries) != 2 || res.Deliveries[0].Body != "" || res.Deliveries[1].Body != "2026-03-02T09:00:00Zy" {
		t.Errorf("%+v, %v", res.Deliveries, err)
	}
}

// A message that goes out once for each company costs what they are.
func TestCostOfCompanies(t *testing.T) {
	growsInProportion(t, beckon.MaxCompanies/16, func(tb testing.TB, n int) func() {
		tb.Helper()
		ctx := context.Background()
		engine := costEngine(tb, beckon.Program{Messages: []beckon.Message{{
			ID: "m", Status: beckon.Live, Audience: beckon.Company("x").Is(1), Content: beckon.Content{Body: "{{ company.name }}"},
		}}})
		for i := range 5 {
			c := beckon.Contact{UserID: fmt.Sprint("u", i)}
			for k := range n {
				c.Companies = append(c.Companies, beckon.Membership{CompanyID: fmt.Sprint("c", k), Name: "X", Attributes: beckon.Attributes{"x": beckon.Number(1)}})
			}
			if _, err := engine.Update(ctx, c); err != nil {
				tb.Fatal(err)
			}
		}
		return func() {
			for i := range 5 {
				res, err := engine.Visit(ctx, beckon.Visit{UserID: fmt.Sprint("u", i)})
				if err != nil || len(res.Deliveries) != n || res.Deliveries[n-1].Sequence != n {
					tb.Fatal(len(res.Deliveries), err)
				}
			}
		}
	})
}

// A rule that a late Due finds to be settled costs what the times are that it
// counts.
func TestCostOfLateRule(t *testing.T) {
	growsInProportion(t, beckon.MaxCountInWindow/16-1, func(tb testing.TB, n int) func() {
		tb.Helper()
		ctx, now := context.Background(), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		program := chain(1, func(int) beckon.Block {
			rule := beckon.All(beckon.Did("x").Within(beckon.Days(10)).AtMost(n+5), beckon.User("never").Is(true))
			return beckon.Block{Rule: &rule, Within: beckon.Days(30)}
		})
		engine := costEngine(tb, program, beckon.WithClock(func() time.Time { return now }), beckon.WithoutRecentEvents())
		costTrack(tb, engine, beckon.Event{Name: "go"}, 0)
		for range n {
			now = now.Add(time.Second)
			costTrack(tb, engine, beckon.Event{Name: "x"}, 0)
		}
		now = now.Add(29 * 24 * time.Hour)
		return func() {
			for _, err := range engine.Due(ctx) {
				if err != nil {
					tb.Fatal(err)
				}
			}
		}
	})
}
