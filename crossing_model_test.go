package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// A crossingPerson is a contact as the naive model of T8 has it: all events ever, and what
// was last seen of each message.
type crossingPerson struct {
	exists   bool
	events   map[string][]int64 // Unix seconds
	plan     string
	visited  int // sessions
	lastSeen int64
	seen     map[string]bool // by message
	due      []int64         // when what waits is due
}

func newCrossingPerson() *crossingPerson {
	return &crossingPerson{events: map[string][]int64{}, seen: map[string]bool{}}
}

func (p *crossingPerson) clone() *crossingPerson {
	q := *p
	q.events = map[string][]int64{}
	for name, list := range p.events {
		q.events[name] = slices.Clone(list)
	}
	return &q
}

// isDue reports whether something of the contact is due.
func (p *crossingPerson) isDue(now int64) bool {
	return slices.ContainsFunc(p.due, func(at int64) bool { return at <= now })
}

// restart lets something wait: what waits and is not overdue gives way to it. (T6)
func (p *crossingPerson) restart(now int64, due ...int64) {
	for _, at := range due {
		if at >= now {
			p.due = slices.DeleteFunc(p.due, func(x int64) bool { return x >= now && x <= at })
		}
		if at < now || !slices.ContainsFunc(p.due, func(x int64) bool { return x >= now }) {
			p.due = append(p.due, at)
		}
	}
}

// crossingSegments are segments and what they mean, asked of all that ever happened.
func crossingSegments() (rules map[string]beckon.Rule, means map[string]func(p *crossingPerson, now int64) bool) {
	within := func(list []int64, now, span int64) (n int) {
		for _, at := range list {
			if at > now-span && at <= now {
				n++
			}
		}
		return n
	}
	last := func(list []int64) int64 { return slices.Max(append(slices.Clone(list), -1)) }
	rules = map[string]beckon.Rule{
		"often": beckon.Did("a").Within(beckon.Hours(2)).AtLeast(2),
		"ever":  beckon.Did("b").AtLeast(2),
		"quiet": beckon.Did("a").Last().MoreThanAgo(beckon.Hours(1)),
		"pro":   beckon.User("plan").Is("pro"),
		"other": beckon.Not(beckon.Any(beckon.Segment("pro"), beckon.Did("b").AtLeast(1))),
		"back":  beckon.User("session_count").AtLeast(2),
	}
	means = map[string]func(p *crossingPerson, now int64) bool{
		"often": func(p *crossingPerson, now int64) bool { return within(p.events["a"], now, 2*3600) >= 2 },
		"ever":  func(p *crossingPerson, _ int64) bool { return len(p.events["b"]) >= 2 },
		"quiet": func(p *crossingPerson, now int64) bool {
			return len(p.events["a"]) > 0 && last(p.events["a"]) < now-3600
		},
		"pro":   func(p *crossingPerson, _ int64) bool { return p.plan == "pro" },
		"other": func(p *crossingPerson, _ int64) bool { return p.plan != "pro" && len(p.events["b"]) == 0 },
		"back":  func(p *crossingPerson, _ int64) bool { return p.visited >= 2 },
	}
	return rules, means
}

type crossingMessage struct {
	id, segment string
	leaves      bool
	live        int64 // Unix seconds; 0: not published
}

// A crossingModel compares what was seen last with what is seen now, and forgets nothing.
type crossingModel struct {
	messages []*crossingMessage
	means    map[string]func(*crossingPerson, int64) bool
	people   map[string]*crossingPerson
}

// occasion changes a contact, and returns what is triggered.
func (m *crossingModel) occasion(who string, now int64, triggers bool, change func(*crossingPerson)) (fired []string) {
	p := m.people[who]
	before := p.clone()
	change(p)
	for _, x := range m.messages {
		if x.live == 0 {
			continue
		}
		was, noted := p.seen[x.id]
		if !noted {
			was = before.exists && m.means[x.segment](before, x.live)
		}
		is := m.means[x.segment](p, now)
		p.seen[x.id] = is
		if triggers && was != is && is != x.leaves {
			fired = append(fired, x.id)
		}
	}
	return fired
}

// merge makes one contact of two.
func (m *crossingModel) merge(from, into string, now int64) []string {
	f, p := m.people[from], m.people[into]
	if !f.exists || f == p {
		return nil
	}
	for _, x := range m.messages {
		for _, one := range []*crossingPerson{f, p} {
			if _, noted := one.seen[x.id]; !noted && x.live != 0 && one.exists {
				one.seen[x.id] = m.means[x.segment](one, x.live)
			}
		}
	}
	for id, seen := range f.seen {
		if _, noted := p.seen[id]; !noted {
			p.seen[id] = seen
		}
	}
	for who, one := range m.people { // who had been merged into it goes with it
		if one == f {
			m.people[who] = p
		}
	}
	return m.occasion(into, now, true, func(p *crossingPerson) {
		p.exists = true
		for name, list := range f.events {
			p.events[name] = append(p.events[name], list...)
		}
		if p.plan == "" {
			p.plan = f.plan
		}
		p.visited, p.lastSeen = p.visited+f.visited, max(p.lastSeen, f.lastSeen)
		p.restart(now, f.due...)
	})
}

// TestCrossingsAgainstModel: over random histories (late events, imports, visits, updates,
// merges, sweeps, checks, what falls due, messages that go live midway) a message goes out
// exactly when the naive model sees a contact begin, or cease, to match. (T8, K2)
func TestCrossingsAgainstModel(t *testing.T) {
	ctx := context.Background()
	rules, means := crossingSegments()
	rapid.Check(t, func(t *rapid.T) {
		now := modelStart
		m := &crossingModel{means: means, people: map[string]*crossingPerson{}}
		for _, who := range []string{"u1", "u2", "v1"} {
			m.people[who] = newCrossingPerson()
		}
		program := beckon.Program{Segments: rules}
		for i := range rapid.IntRange(1, 5).Draw(t, "messages") {
			x := &crossingMessage{id: fmt.Sprint("m", i), segment: rapid.SampledFrom(slices.Sorted(maps.Keys(rules))).Draw(t, "segment"), leaves: rapid.Bool().Draw(t, "leaves")}
			m.messages = append(m.messages, x)
			on := beckon.OnEnter(x.segment)
			if x.leaves {
				on = beckon.OnLeave(x.segment)
			}
			program.Messages = append(program.Messages, beckon.Message{
				ID: x.id, Status: beckon.Live, Trigger: on, Frequency: beckon.EachTime(), Content: beckon.Content{Body: "x"},
				Channel: rapid.SampledFrom([]beckon.Channel{beckon.Chat, beckon.Email}).Draw(t, "channel"),
			})
		}
		program.Messages = append(program.Messages, beckon.Message{
			ID: "waits", Status: beckon.Live, Trigger: beckon.On("ask").Unless("never", beckon.Hours(1), ""), Frequency: beckon.EachTime(), Content: beckon.Content{Body: "x"},
		})
		engine, err := beckon.New(&filterStore{Store: memstore.New()}, beckon.WithClock(func() time.Time { return now }), beckon.WithCheckEvery(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		publish := func(n int) {
			part := program
			part.Messages = append(slices.Clone(program.Messages[:n]), program.Messages[len(m.messages)])
			if err := engine.Publish(ctx, part); err != nil {
				t.Fatal(err)
			}
			for _, x := range m.messages[:n] {
				if x.live == 0 {
					x.live = now.Unix()
				}
			}
		}
		publish(rapid.IntRange(0, len(m.messages)).Draw(t, "live at first"))
		contact := func(who string) beckon.Contact {
			if who[0] == 'v' {
				return beckon.Contact{AnonymousID: who}
			}
			return beckon.Contact{UserID: who}
		}
		for step := range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(rapid.SampledFrom([]time.Duration{0, time.Second, time.Minute, 20 * time.Minute, time.Hour, time.Hour + time.Second, 2 * time.Hour}).Draw(t, "wait"))
			who := rapid.SampledFrom([]string{"u1", "u1", "u2", "v1"}).Draw(t, "who")
			c := contact(who)
			id := beckon.Identity{UserID: c.UserID, AnonymousID: c.AnonymousID}
			var want, got []string
			take := func(res beckon.Result, err error) {
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range res.Deliveries {
					if d.Message != "waits" {
						got = append(got, d.Message)
					}
				}
			}
			run := func(list iter.Seq2[beckon.Delivery, error]) {
				for d, err := range list {
					if err != nil {
						t.Fatal(err)
					}
					if d.Message != "waits" {
						got = append(got, d.Message)
					}
				}
			}
			// all is an occasion of everyone that there is, once.
			all := func(is func(*crossingPerson) bool) {
				seen := map[*crossingPerson]bool{}
				for who, p := range m.people {
					if !seen[p] && p.exists && is(p) {
						seen[p] = true
						want = append(want, m.occasion(who, now.Unix(), true, func(*crossingPerson) {})...)
					}
				}
			}
			what := rapid.SampledFrom([]string{"track", "track", "track", "visit", "update", "import", "history", "sweep", "sweep", "check", "due", "merge", "publish", "ask"}).Draw(t, "what")
			switch what {
			case "track", "import":
				e := beckon.Event{Name: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "event"), UserID: c.UserID, AnonymousID: c.AnonymousID, Import: what == "import"}
				at := now.Unix()
				if rapid.IntRange(0, 3).Draw(t, "late") == 0 {
					e.CreatedAt = now.Add(-30 * time.Minute)
					e.EventID = fmt.Sprint(step)
					at = e.CreatedAt.Unix()
				}
				take(engine.Track(ctx, e))
				want = m.occasion(who, now.Unix(), what == "track", func(p *crossingPerson) { p.exists, p.events[e.Name] = true, append(p.events[e.Name], at) })
			case "ask":
				take(engine.Track(ctx, beckon.Event{Name: "ask", UserID: c.UserID, AnonymousID: c.AnonymousID}))
				want = m.occasion(who, now.Unix(), true, func(p *crossingPerson) { p.exists = true; p.restart(now.Unix(), now.Unix()+3600) })
			case "visit":
				take(engine.Visit(ctx, beckon.Visit{UserID: c.UserID, AnonymousID: c.AnonymousID}))
				want = m.occasion(who, now.Unix(), true, func(p *crossingPerson) {
					if p.visited == 0 || now.Unix()-p.lastSeen > 30*60 {
						p.visited++
					}
					p.exists, p.lastSeen = true, now.Unix()
				})
			case "update", "history":
				plan := rapid.SampledFrom([]string{"pro", "free", ""}).Draw(t, "plan")
				c.Attributes = beckon.Attributes{"plan": beckon.String(plan)}
				if plan == "" {
					c.Attributes["plan"] = beckon.Value{}
				}
				if what == "update" {
					take(engine.Update(ctx, c))
				} else {
					for fault, err := range engine.Import(ctx, func(yield func(beckon.ImportItem, error) bool) { yield(beckon.ImportItem{Contact: &c}, nil) }) {
						t.Fatal(fault, err)
					}
				}
				want = m.occasion(who, now.Unix(), what == "update", func(p *crossingPerson) { p.exists, p.plan = true, plan })
			case "check":
				res, err := engine.Check(ctx, id)
				if errors.Is(err, beckon.ErrCheckTooSoon) {
					continue
				}
				take(res, err)
				want = m.occasion(who, now.Unix(), true, func(p *crossingPerson) { p.exists = true })
			case "sweep":
				run(engine.Sweep(ctx))
				all(func(*crossingPerson) bool { return true })
			case "due":
				run(engine.Due(ctx))
				all(func(p *crossingPerson) bool { return p.isDue(now.Unix()) })
				for _, p := range m.people {
					p.due = slices.DeleteFunc(p.due, func(at int64) bool { return at <= now.Unix() })
				}
			case "merge":
				into := rapid.SampledFrom([]string{"u1", "u2"}).Draw(t, "into")
				take(engine.Merge(ctx, id, beckon.Identity{UserID: into}))
				want = m.merge(who, into, now.Unix())
			case "publish":
				publish(len(m.messages))
			}
			slices.Sort(want)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("at %s, %s of %s (-model +engine):\n%s", now.Format(time.RFC3339), what, who, diff)
			}
		}
	})
}
