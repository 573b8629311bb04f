package beckon_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
)

// bigSegment returns n conditions; a contact fulfils only the last.
func bigSegment(n int) beckon.Rule {
	var list []beckon.Rule
	for i := range n - 1 {
		list = append(list, beckon.User(fmt.Sprint("a", i)).Is(fmt.Sprint("v", i)))
	}
	return beckon.Any(append(list, beckon.User("plan").Is("pro"))...)
}

// sharedSegment returns a program of n messages that all use one segment, besides a
// condition of their own in front of it.
func sharedSegment(n int) beckon.Program {
	p := beckon.Program{Messages: liveMessages(n), Segments: map[string]beckon.Rule{"big": bigSegment(990)}}
	for i := range p.Messages {
		p.Messages[i].Audience = beckon.All(beckon.User(fmt.Sprint("b", i)).IsUnknown(), beckon.Not(beckon.Segment("big")))
	}
	return p
}

// Segments that are used by many cost what they are once, whatever is done with
// them.
func TestCostOfSharedSegment(t *testing.T) {
	ctx := context.Background()
	t.Run("publish", func(t *testing.T) {
		growsInProportion(t, 120, func(tb testing.TB, n int) func() {
			tb.Helper()
			p := sharedSegment(n)
			return func() { costEngine(tb, p) }
		})
		// A segment of 990 conditions costs a message no more than one of 10.
		for range 3 {
			if least, most := bytesOf(func() { costEngine(t, sharedSegment(10)) }), bytesOf(func() { costEngine(t, sharedSegment(1000)) }); most > least+1000*10_000 {
				t.Errorf("10 messages: %d bytes, 1,000: %d", least, most)
			} else {
				return
			}
		}
	})
	for name, do := range map[string]func(testing.TB, *beckon.Engine, int){
		"track": func(tb testing.TB, engine *beckon.Engine, n int) {
			tb.Helper()
			costTrack(tb, engine, beckon.Event{Name: "go"}, n)
		},
		"explain": func(tb testing.TB, engine *beckon.Engine, n int) {
			tb.Helper()
			list, err := engine.Explain(ctx, beckon.Event{Name: "go", UserID: "u"})
			if err != nil || len(list) != n {
				tb.Fatalf("%d traces, %v", len(list), err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			growsInProportion(t, 120, func(tb testing.TB, n int) func() {
				tb.Helper()
				engine := costEngine(tb, sharedSegment(n))
				costTrack(tb, engine, beckon.Event{Name: "go"}, n)
				return func() { do(tb, engine, n) }
			})
		})
	}
}

// The trace of a segment is whole in each message that uses it.
func TestExplainOfSharedSegment(t *testing.T) {
	if testing.Short() {
		t.Skip("a second, with others like it")
	}
	t.Parallel()
	engine := costEngine(t, sharedSegment(5))
	list, err := engine.Explain(context.Background(), beckon.Event{Name: "go", UserID: "u"})
	if err != nil || len(list) != 5 {
		t.Fatal(list, err)
	}
	for _, m := range list {
		segment := m.Audience.Of[1].Of[0]
		if segment.Rule != "segment big" || segment.Matched || len(segment.Of) != 1 || len(segment.Of[0].Of) != 990 {
			t.Fatalf("%s: %q with %d parts", m.Message, segment.Rule, len(segment.Of))
		}
		if last := segment.Of[0].Of[989]; !strings.Contains(last.Rule, "plan") || !last.Unknown {
			t.Errorf("%+v", last)
		}
	}
}

// A segment that is judged once for an occasion is judged anew for the next, and
// for another company.
func TestSharedSegmentIsJudgedAnew(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	p := beckon.Program{Segments: map[string]beckon.Rule{
		"big": bigSegment(20), "many": beckon.Company("employees").AtLeast(50), "new": beckon.Not(beckon.Did("go").AtLeast(1)),
	}, Messages: liveMessages(4)}
	p.Messages[0].Audience = beckon.Segment("big")
	p.Messages[1].Audience = beckon.Segment("new")
	for i := range 2 {
		m := &p.Messages[2+i]
		m.Trigger, m.Frequency, m.Channel, m.Mode = nil, nil, beckon.Banner, beckon.Ongoing
		m.Audience = beckon.All(beckon.Segment("many"), beckon.User(fmt.Sprint("x", i)).IsUnknown())
	}
	engine := costEngine(t, p)
	sent := func(list []beckon.Delivery, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, d := range list {
			fmt.Fprintf(&b, "%s %s,", d.Message, d.CompanyID)
		}
		return b.String()
	}
	track := func(user string) string {
		res, err := engine.Track(ctx, beckon.Event{Name: "go", UserID: user})
		return sent(res.Deliveries, err)
	}
	update := func(c beckon.Contact) {
		if _, err := engine.Update(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	got := []string{track("u"), track("u")}
	update(beckon.Contact{UserID: "u", Attributes: beckon.Attributes{"plan": beckon.String("pro")}})
	got = append(got, track("u"), track("v"))
	update(beckon.Contact{UserID: "u", Companies: []beckon.Membership{
		{CompanyID: "small", Attributes: beckon.Attributes{"employees": beckon.Number(5)}}, {CompanyID: "large", Attributes: beckon.Attributes{"employees": beckon.Number(500)}},
	}})
	res, err := engine.Visit(ctx, beckon.Visit{UserID: "u"})
	got = append(got, sent(res.Deliveries, err))
	want := "m00001 ,;;m00000 ,;m00001 ,;m00002 large,m00003 large,"
	if strings.Join(got, ";") != want {
		t.Errorf("%q, want %q", strings.Join(got, ";"), want)
	}
}

// Segments that use one another cost what they are.
func TestCostOfChainedSegments(t *testing.T) {
	// Two of three use 30 others, in chains of three at most.
	chained := func(n int) beckon.Program {
		p := beckon.Program{Messages: liveMessages(n), Segments: map[string]beckon.Rule{}}
		for i := range n {
			list := []beckon.Rule{beckon.User("plan").Is("no such plan")}
			for k := 0; k < 30 && i%3 > 0; k++ {
				list = append(list, beckon.Segment(fmt.Sprint("s", (i-i%3+(i%3-1)+k*3*7)%n/3*3+i%3-1)))
			}
			p.Segments[fmt.Sprint("s", i)] = beckon.Any(list...)
			p.Messages[i].Audience = beckon.Segment(fmt.Sprint("s", i))
		}
		return p
	}
	t.Run("publish", func(t *testing.T) {
		growsInProportion(t, 150, func(tb testing.TB, n int) func() {
			tb.Helper()
			p := chained(n)
			return func() { costEngine(tb, p) }
		})
	})
	t.Run("track", func(t *testing.T) {
		growsInProportion(t, 150, func(tb testing.TB, n int) func() {
			tb.Helper()
			engine := costEngine(tb, chained(n))
			costTrack(tb, engine, beckon.Event{Name: "go"}, 0)
			return func() { costTrack(tb, engine, beckon.Event{Name: "go"}, 0) }
		})
	})
	// A chain that is far too long is a fault of each, and no more.
	t.Run("long", func(t *testing.T) {
		growsInProportion(t, 500, func(tb testing.TB, n int) func() {
			tb.Helper()
			p := beckon.Program{Segments: map[string]beckon.Rule{"s0": bigSegment(1)}}
			circle := beckon.Program{Segments: map[string]beckon.Rule{"s0": beckon.Segment(fmt.Sprint("s", n-1))}}
			for i := 1; i < n; i++ {
				p.Segments[fmt.Sprint("s", i)] = beckon.Segment(fmt.Sprint("s", i-1))
				circle.Segments[fmt.Sprint("s", i)] = beckon.Segment(fmt.Sprint("s", i-1))
			}
			engine := costEngine(tb, beckon.Program{})
			return func() {
				// The first of the chain are not too deep yet.
				if got := costFaults(engine.Publish(context.Background(), p)); len(got) != min(n-beckon.MaxRuleDepth, beckon.MaxFaults+1) {
					tb.Fatal(len(got))
				}
				if got := costFaults(engine.Publish(context.Background(), circle)); len(got) != min(n, beckon.MaxFaults+1) {
					tb.Fatal(len(got))
				}
			}
		})
	})
}

// A text is looked for in proportion to the text that it is looked for in, however
// alike the two are.
func TestCostOfTextSearch(t *testing.T) {
	growsInProportion(t, 64, func(tb testing.TB, n int) func() {
		tb.Helper()
		p := beckon.Program{Messages: liveMessages(100)}
		for i := range p.Messages {
			p.Messages[i].Audience = beckon.User("text").Contains(strings.Repeat("a", n) + fmt.Sprint("b", i))
		}
		engine := costEngine(tb, p)
		who := beckon.Contact{UserID: "u", Attributes: beckon.Attributes{"text": beckon.String(strings.Repeat("a", 8*n))}}
		if _, err := engine.Update(context.Background(), who); err != nil {
			tb.Fatal(err)
		}
		costTrack(tb, engine, beckon.Event{Name: "go"}, 0)
		return func() { costTrack(tb, engine, beckon.Event{Name: "go"}, 0) }
	})
}
