package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
)

// mergeProgram has a message of each kind whose caps a merge must keep: a
// maximum, a distance, one shared between messages, and one that goes out once.
func mergeProgram() beckon.Program {
	m := func(id string, f *beckon.Frequency, tags ...string) beckon.Message {
		return beckon.Message{
			ID: id, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Trigger: beckon.On("e"), Frequency: f, Tags: tags,
			Content: beckon.Content{Body: id}, Transactional: true, // goes out in spite of a snooze
		}
	}
	return beckon.Program{
		Caps: []beckon.Cap{{ID: "shared", Tag: "t", Max: 3, Within: beckon.Hours(1)}},
		Messages: []beckon.Message{
			m("most", &beckon.Frequency{Every: beckon.Seconds(0), Max: 4}),
			m("apart", &beckon.Frequency{Every: beckon.Minutes(5)}),
			m("shared-a", &beckon.Frequency{Every: beckon.Seconds(0)}, "t"),
			m("shared-b", &beckon.Frequency{Every: beckon.Minutes(1)}, "t"),
			{
				ID: "first", Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Trigger: beckon.On("f"), Transactional: true,
				Audience: beckon.Did("f").Is(0), Content: beckon.Content{Body: "x"},
			},
			{ID: "once", Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Mode: beckon.Ongoing, Content: beckon.Content{Body: "x"}, Transactional: true},
		},
	}
}

// mergeModelProgram has, besides, a maximum for each value of a key (F7), and a message
// that one may choose not to get (C6).
func mergeModelProgram() beckon.Program {
	p := mergeProgram()
	each := p.Messages[0]
	each.ID, each.Content.Body, each.Frequency = "each", "each", &beckon.Frequency{Every: beckon.Seconds(0), Max: 2, Per: "k"}
	news := p.Messages[0]
	news.ID, news.Content.Body, news.Frequency = "news", "news", &beckon.Frequency{Every: beckon.Seconds(0)}
	news.Trigger, news.Topic, news.Transactional = beckon.On("n"), "news", false
	p.Topics = []beckon.Topic{{ID: "news"}, {ID: "club", OptIn: true}}
	p.Messages = append(p.Messages, each, news)
	return p
}

// mergePeople are the identities that take part, one of each kind and more.
func mergePeople() []beckon.Identity {
	return []beckon.Identity{
		{UserID: "u1"}, {UserID: "u2"}, {ID: "i1"}, {Email: "e1@example.com"}, {AnonymousID: "a1"}, {AnonymousID: "a2"},
	}
}

// A naivePerson is a contact as lists of what happened: what merges do to it
// is to concatenate.
type naivePerson struct {
	events []struct {
		name string
		at   int64
	}
	ids   map[string]bool
	sends map[string]string // delivery id → message and instant

	values  map[string]string // delivery id → the value that it counts for (F7)
	topics  map[string]bool   // choices (C6)
	snoozed int64             // Unix milliseconds (S4)
}

// A naiveWorld says who is whom.
type naiveWorld struct {
	person [6]*naivePerson
	now    int64 // at the end
}

func (w *naiveWorld) at(i int) *naivePerson {
	if w.person[i] == nil {
		w.person[i] = &naivePerson{ids: map[string]bool{}, sends: map[string]string{}, values: map[string]string{}, topics: map[string]bool{}}
	}
	return w.person[i]
}

func (w *naiveWorld) merge(from, into int, now int64) {
	a, b := w.person[from], w.person[into]
	if a == nil || a == b {
		return
	}
	if b == nil {
		w.person[into] = a
		return
	}
	a.events = append(a.events, b.events...)
	maps.Copy(a.ids, b.ids)
	maps.Copy(a.sends, b.sends)
	maps.Copy(a.values, b.values)
	for topic, yes := range b.topics { // of a yes and a no the no stands
		was, chosen := a.topics[topic]
		a.topics[topic] = yes && (was || !chosen)
	}
	if b.snoozed > now { // into's stands, unless it is over
		a.snoozed = b.snoozed
	}
	for i := range w.person {
		if w.person[i] == b {
			w.person[i] = a
		}
	}
}

// C2: whatever contacts do, in whatever order and direction they are merged,
// and whichever call of the store fails: counts, first and last, sends and ids
// remembered are those of a naive model, every identity leads to its contact,
// and no merge loosens a cap.
func TestMergeModel(t *testing.T) {
	program, people := mergeModelProgram(), mergePeople()
	ctx := context.Background()
	checkOften(t, func(t *rapid.T) {
		store, clock, naive := newFaultStore(), &hand{}, &naiveWorld{}
		clock.set(noon)
		engine, err := beckon.New(store, beckon.WithClock(clock.now))
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(ctx, program); err != nil {
			t.Fatal(err)
		}
		who := rapid.IntRange(0, len(people)-1)
		ids := 0
		// What fails is repeated, at once or after something else finished it.
		insist := func(op func() error) {
			if rapid.IntRange(0, 2).Draw(t, "fails") == 0 {
				store.arm(rapid.IntRange(1, 8).Draw(t, "at"), rapid.SampledFrom([]fault{failBefore, failAfter, failFromHere, failPastHere}).Draw(t, "how"))
				err := op()
				store.heal()
				if err == nil {
					return
				}
				if !errors.Is(err, errStore) {
					t.Fatal(err)
				}
				if rapid.Bool().Draw(t, "due") {
					for _, err := range engine.Due(ctx) {
						if err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			if err := op(); err != nil {
				t.Fatal(err)
			}
		}
		for range rapid.IntRange(1, 25).Draw(t, "ops") {
			i := who.Draw(t, "who")
			switch rapid.IntRange(0, 6).Draw(t, "op") {
			case 0, 1: // an event, with an id that may have been seen
				if ids == 0 || rapid.Bool().Draw(t, "new") {
					ids++
				}
				id, name := fmt.Sprint("id", rapid.IntRange(1, ids).Draw(t, "id")), rapid.SampledFrom([]string{"e", "e", "f", "n"}).Draw(t, "name")
				if name == "n" && naive.at(i).snoozed > clock.now().UnixMilli() {
					name = "e" // else it would wait
				}
				at := noon.Add(-time.Duration(rapid.IntRange(0, 3).Draw(t, "ago")) * time.Minute)
				var keyed beckon.Fields
				value := rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "k")
				if value != "" {
					keyed = beckon.Fields{{Key: "k", Value: beckon.String(value)}}
				}
				res, err := engine.Track(ctx, beckon.Event{
					Name: name, UserID: people[i].UserID, ID: people[i].ID, Email: people[i].Email, AnonymousID: people[i].AnonymousID,
					EventID: id, CreatedAt: at, Metadata: keyed,
				})
				if err != nil {
					t.Fatal(err)
				}
				p := naive.at(i)
				if res.Duplicate != p.ids[id] {
					t.Fatalf("event %s of %v: duplicate %v, want %v", id, people[i], res.Duplicate, p.ids[id])
				}
				if res.Duplicate {
					continue
				}
				first := !slices.ContainsFunc(p.events, func(e struct {
					name string
					at   int64
				},
				) bool {
					return e.name == "f"
				})
				p.ids[id] = true
				p.events = append(p.events, struct {
					name string
					at   int64
				}{name, at.Unix()})
				if name == "f" && first != (len(res.Deliveries) == 1) {
					t.Fatalf("the first event: %v, sent %v", first, res.Deliveries)
				}
				naive.took(t, clock, p, name, value, res.Deliveries)
			case 2: // a visit
				res, err := engine.Visit(ctx, beckon.Visit{UserID: people[i].UserID, ID: people[i].ID, Email: people[i].Email, AnonymousID: people[i].AnonymousID})
				if err != nil {
					t.Fatal(err)
				}
				p := naive.at(i)
				for _, s := range p.sends {
					if strings.HasPrefix(s, "once ") && len(res.Deliveries) > 0 {
						t.Fatalf("%v got once again", people[i])
					}
				}
				naive.took(t, clock, p, "", "", res.Deliveries)
			case 3: // a delivery is given back
				p := naive.person[i]
				if p == nil || len(p.sends) == 0 {
					continue
				}
				id := rapid.SampledFrom(slices.Sorted(maps.Keys(p.sends))).Draw(t, "delivery")
				if err := engine.Release(ctx, beckon.Delivery{ID: id, Contact: people[i]}); err != nil {
					t.Fatal(err)
				}
				delete(p.sends, id)
				delete(p.values, id)
			case 4:
				clock.add(time.Duration(rapid.IntRange(0, 120).Draw(t, "seconds")) * time.Second)
			case 5:
				into := who.Draw(t, "into")
				insist(func() error { _, err := engine.Merge(ctx, people[i], people[into]); return err })
				naive.merge(i, into, clock.now().UnixMilli())
			case 6: // a choice, or a snooze
				who := beckon.Contact{UserID: people[i].UserID, ID: people[i].ID, Email: people[i].Email, AnonymousID: people[i].AnonymousID}
				p := naive.at(i)
				if topic := rapid.SampledFrom([]string{"", "news", "club"}).Draw(t, "topic"); topic != "" {
					yes := rapid.Bool().Draw(t, "yes")
					who.Topics, p.topics[topic] = map[string]*bool{topic: &yes}, yes
				} else {
					who.SnoozedUntil = clock.now().Add(time.Duration(rapid.IntRange(1, 120).Draw(t, "snooze")) * time.Second)
					p.snoozed = who.SnoozedUntil.UnixMilli()
				}
				if _, err := engine.Update(ctx, who); err != nil {
					t.Fatal(err)
				}
			}
		}
		naive.now = clock.now().UnixMilli()
		naive.check(ctx, t, engine, people)
	})
}

// took judges sends by the model's caps, and remembers them.
func (*naiveWorld) took(t *rapid.T, clock *hand, p *naivePerson, name, value string, list []beckon.Delivery) {
	now := clock.now().UnixMilli()
	got := map[string]bool{}
	for _, d := range list {
		got[d.Message] = true
	}
	if name == "e" {
		count, last, shared, each := map[string]int{}, map[string]int64{}, 0, 0
		for id, s := range p.sends {
			var m string
			var at int64
			if _, err := fmt.Sscan(s, &m, &at); err != nil {
				t.Fatal(err)
			}
			count[m]++
			if m == "each" && p.values[id] == value {
				each++
			}
			last[m] = max(last[m], at)
			if strings.HasPrefix(m, "shared") && at > now-3_600_000 {
				shared++
			}
		}
		want := map[string]bool{
			"most":  count["most"] < 4,
			"apart": count["apart"] == 0 || now-last["apart"] >= 300_000,
			"each":  each < 2,
		}
		if want["shared-a"] = shared < 3; want["shared-a"] {
			shared++
		}
		want["shared-b"] = shared < 3 && (count["shared-b"] == 0 || now-last["shared-b"] >= 60_000)
		for m, sends := range want {
			if got[m] != sends {
				t.Fatalf("%s sent: %v, want %v; before: %v", m, got[m], sends, p.sends)
			}
		}
	}
	if yes, chosen := p.topics["news"]; name == "n" && got["news"] != (yes || !chosen) {
		t.Fatalf("news sent: %v, chosen %v: %v", got["news"], chosen, yes)
	}
	for _, d := range list {
		if p.sends[d.ID] != "" {
			t.Fatalf("the delivery id of %s stands already: %v", d.Message, p.sends)
		}
		p.sends[d.ID] = fmt.Sprint(d.Message, " ", now)
		if d.Message == "each" {
			p.values[d.ID] = value
		}
	}
}

// snoozedIn is until when an export says that the contact is snoozed; 0: not.
func snoozedIn(x beckon.ContactExport) int64 {
	if x.SnoozedUntil.IsZero() {
		return 0
	}
	return x.SnoozedUntil.UnixMilli()
}

func (w *naiveWorld) check(ctx context.Context, t *rapid.T, engine *beckon.Engine, people []beckon.Identity) {
	for i, who := range people {
		x, known, err := engine.Export(ctx, who)
		if err != nil {
			t.Fatal(err)
		}
		p := w.person[i]
		if known != (p != nil) {
			t.Fatalf("%v known: %v", who, known)
		}
		if p == nil {
			continue
		}
		type stat struct{ n, first, last int64 }
		want, got := map[string]stat{}, map[string]stat{}
		for _, e := range p.events {
			s, ok := want[e.name]
			if !ok {
				s.first, s.last = e.at, e.at
			}
			want[e.name] = stat{s.n + 1, min(s.first, e.at), max(s.last, e.at)}
		}
		for _, e := range x.Events {
			got[e.Name] = stat{int64(e.Count), e.First.Unix(), e.Last.Unix()}
		}
		if !maps.Equal(got, want) {
			t.Fatalf("%v: counts %v, want %v", who, got, want)
		}
		sends := map[string]string{}
		order := []int64{}
		numbers := map[string]bool{}
		for _, s := range x.Log {
			sends[s.ID] = fmt.Sprint(s.Message, " ", s.At.UnixMilli())
			order = append(order, s.At.UnixMilli())
			n := fmt.Sprint(s.Message, s.Sequence)
			if numbers[n] {
				t.Fatalf("%v: two sends of %s have the number %d", who, s.Message, s.Sequence)
			}
			numbers[n] = true
		}
		if !maps.Equal(sends, p.sends) || len(x.Log) != len(sends) {
			t.Fatalf("%v: sends %v, want %v", who, sends, p.sends)
		}
		if !slices.IsSorted(order) {
			t.Fatalf("%v: the send log is not in order: %v", who, order)
		}
		values, kept := map[string]int{}, []int{}
		for _, v := range p.values {
			values[v]++
		}
		for _, v := range x.Values {
			kept = append(kept, v.Count)
		}
		if slices.Sort(kept); !slices.Equal(kept, slices.Sorted(maps.Values(values))) {
			t.Fatalf("%v: for the values of a key there are %v sends, want %v", who, kept, values)
		}
		contact, err := engine.Contact(ctx, who)
		if err != nil {
			t.Fatal(err)
		}
		topics := map[string]bool{}
		for topic, yes := range contact.Topics {
			topics[topic] = *yes
		}
		if until := snoozedIn(x); !maps.Equal(topics, p.topics) || until != p.snoozed && max(until, p.snoozed) > w.now {
			t.Fatalf("%v: chose %v, snoozed until %d, want %v and %d", who, topics, until, p.topics, p.snoozed)
		}
		rows := 0
		for _, s := range x.Sends {
			rows += s.Count
		}
		if rows != len(sends) {
			t.Fatalf("%v: the rows count %d sends, the log has %d", who, rows, len(sends))
		}
		if len(x.Recent) != len(p.events) {
			t.Fatalf("%v: %d recent events, want %d", who, len(x.Recent), len(p.events))
		}
		// Every identity of one contact leads to the same.
		for j := range people {
			if w.person[j] == p {
				y, _, err := engine.Export(ctx, people[j])
				if err != nil || fmt.Sprint(y) != fmt.Sprint(x) {
					t.Fatalf("%v and %v are one contact: %v\n%v\n%v", who, people[j], err, x, y)
				}
			}
		}
	}
}

// Merges of one set in any order and direction come to the same, except for
// attributes; to repeat one changes nothing.
func TestMergeOrder(t *testing.T) {
	ctx, people := context.Background(), mergePeople()
	checkOften(t, func(t *rapid.T) {
		type act struct{ who, ago int }
		var acts []act
		for range rapid.IntRange(1, 8).Draw(t, "acts") {
			acts = append(acts, act{rapid.IntRange(0, 3).Draw(t, "who"), rapid.IntRange(0, 500).Draw(t, "ago")})
		}
		result := func(label string) string {
			store, clock := newFaultStore(), &hand{}
			clock.set(noon)
			engine, err := beckon.New(store, beckon.WithClock(clock.now))
			if err != nil {
				t.Fatal(err)
			}
			if err := engine.Publish(ctx, mergeModelProgram()); err != nil {
				t.Fatal(err)
			}
			for i := range 4 { // all exist, so that all are merged
				if _, err := engine.Update(ctx, beckon.Contact{UserID: people[i].UserID, ID: people[i].ID, Email: people[i].Email, AnonymousID: people[i].AnonymousID}); err != nil {
					t.Fatal(err)
				}
			}
			for k, a := range acts {
				clock.add(time.Second)
				if _, err := engine.Track(ctx, beckon.Event{
					Name: "e", UserID: people[a.who].UserID, ID: people[a.who].ID, Email: people[a.who].Email,
					EventID: fmt.Sprint(k), CreatedAt: noon.Add(-time.Duration(a.ago) * time.Second),
					Metadata: beckon.Fields{{Key: "k", Value: beckon.Number(a.ago % 3)}},
				}); err != nil {
					t.Fatal(err)
				}
			}
			left := []int{0, 1, 2, 3}
			for len(left) > 1 {
				i := rapid.IntRange(0, len(left)-1).Draw(t, label+" from")
				from := left[i]
				left = slices.Delete(left, i, i+1)
				into := rapid.SampledFrom(left).Draw(t, label+" into")
				for range 2 {
					if _, err := engine.Merge(ctx, people[from], people[into]); err != nil {
						t.Fatal(err)
					}
					// The way back is the same contact already: no cycle.
					before := store.Snapshot()
					if _, err := engine.Merge(ctx, people[into], people[from]); err != nil {
						t.Fatal(err)
					}
					if string(before) != string(store.Snapshot()) {
						t.Fatal("a merge repeated changed something")
					}
				}
			}
			x, _, err := engine.Export(ctx, people[0])
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, e := range x.Events {
				out = append(out, fmt.Sprint(e))
			}
			for _, e := range x.Recent {
				out = append(out, fmt.Sprint("recent ", e.EventID, e.CreatedAt))
			}
			for _, s := range x.Log {
				out = append(out, fmt.Sprint("sent ", s.ID, s.At))
			}
			for _, s := range x.Sends {
				out = append(out, fmt.Sprint("row ", s))
			}
			for _, v := range x.Values {
				out = append(out, fmt.Sprint("value ", v))
			}
			slices.Sort(out)
			return strings.Join(out, "\n")
		}
		if a, b := result("one"), result("other"); a != b {
			t.Fatalf("two orders differ:\n%s\n\n%s", a, b)
		}
	})
}

// checkOften runs a property some thousand times; -short and -rapid.checks
// make it fewer or more.
func checkOften(t *testing.T, prop func(*rapid.T)) {
	t.Helper()
	times := 20
	if testing.Short() {
		times = 1
	}
	for range times {
		rapid.Check(t, prop)
	}
}
