package benchmarks

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/workload"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

var curveContacts = flag.Int("curve.contacts", 300_000, "the most contacts of BenchmarkCurve/contacts")

// BenchmarkCurve is what a Track costs as one thing grows and all else stays.
// Nothing is sent.
func BenchmarkCurve(b *testing.B) {
	b.Run("messages", curveMessages)
	b.Run("candidates", curveCandidates)
	b.Run("conditions", curveConditions)
	b.Run("event-names", curveEventNames)
	b.Run("contacts", curveOverContacts)
}

// powers returns 1, 2, 5, 10 and so on, from least to most, most itself included.
func powers(least, most int) (list []int) {
	for p := 1; ; p *= 10 {
		for _, m := range []int{1, 2, 5} {
			if n := p * m; n >= most {
				return append(list, most)
			} else if n >= least {
				list = append(list, n)
			}
		}
	}
}

// measureTrack measures the Track of one contact by an engine that has so many
// candidates for the event, and holds them.
func measureTrack(b *testing.B, name string, candidates int, engine *beckon.Engine, e beckon.Event) {
	b.Helper()
	track := tracker(b, engine, e, candidates)
	for range 2100 { // logs and memories of repeats fill up
		track()
	}
	b.Run(name, func(b *testing.B) { measure(b, each(track)) })
}

// curveMessages has five candidates however many messages are live.
func curveMessages(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 10_000, 100_000} {
		messages := matchMessages(n)
		for i := range messages {
			event := "other-" + strconv.Itoa(i%matchNames)
			if i < 5 {
				event = "candidate"
			}
			messages[i].Trigger = beckon.On(event)
		}
		store := memstore.New()
		check(b, matchPerson().Store(store, "u1"))
		measureTrack(b, strconv.Itoa(n), 5, newEngine(b, store, (&clock{at: start}).now, messages...), beckon.Event{Name: "candidate", UserID: "u1"})
	}
}

// curveCandidates has all messages live for the one event.
func curveCandidates(b *testing.B) {
	for _, n := range powers(1, 1000) {
		messages := matchMessages(n)
		for i := range messages {
			messages[i].Trigger = beckon.On("candidate")
		}
		store := memstore.New()
		check(b, matchPerson().Store(store, "u1"))
		measureTrack(b, strconv.Itoa(n), n, newEngine(b, store, (&clock{at: start}).now, messages...), beckon.Event{Name: "candidate", UserID: "u1"})
	}
}

// curveConditions has one message, whose audience has to be looked at to its
// last condition, which does not hold.
func curveConditions(b *testing.B) {
	for _, n := range powers(1, 500) {
		var parts []beckon.Rule
		for i := range n - 1 {
			c := workload.Condition{Is: workload.Count, Event: i % 20, Number: 1}
			if i%2 == 1 {
				c = workload.Condition{Is: workload.Above, Name: workload.NumberNames()[i%9], Number: int64(-1 - i)} // no two alike
			}
			parts = append(parts, c.Beckon())
		}
		messages := matchMessages(1)
		messages[0].Trigger = beckon.On("candidate")
		messages[0].Audience = beckon.All(append(parts, beckon.User("plan").Is("no such plan"))...)
		store := memstore.New()
		check(b, matchPerson().Store(store, "u1"))
		measureTrack(b, strconv.Itoa(n), 1, newEngine(b, store, (&clock{at: start}).now, messages...), beckon.Event{Name: "candidate", UserID: "u1"})
	}
}

// curveEventNames has one contact who did so many different things; the
// audience asks for one of them.
func curveEventNames(b *testing.B) {
	for _, n := range powers(1, beckon.DefaultEventNames-1) {
		messages := matchMessages(1)
		messages[0].Trigger = beckon.On("candidate")
		messages[0].Audience = beckon.Did("did-0000").AtLeast(1000)
		engine := newEngine(b, nil, (&clock{at: start}).now, messages...)
		for i := range n - 1 {
			_, err := engine.Track(context.Background(), beckon.Event{Name: fmt.Sprintf("did-%04d", i), UserID: "u1"})
			check(b, err)
		}
		measureTrack(b, strconv.Itoa(n), 1, engine, beckon.Event{Name: "candidate", UserID: "u1"})
	}
}

// curveOverContacts tracks an event of a random one of more and more contacts,
// each of whom did 20 different things before.
func curveOverContacts(b *testing.B) {
	ctx, kept := context.Background(), memstore.New()
	// Of each contact no events are kept but their counts, nor more than one
	// repeat: what is measured must not depend on how often it was.
	engine, err := beckon.New(kept, beckon.WithClock((&clock{at: start}).now), beckon.WithoutRecentEvents(), beckon.WithRepeatsLimit(1))
	check(b, err)
	check(b, engine.Publish(ctx, beckon.Program{Messages: matchMessages(1000)}))
	past := []store.Step{{Decider: newPast("match-007")}}
	all, known := stateIDs(*curveContacts), 0
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1000, 10_000, 100_000, 1_000_000, 5_000_000} {
		n = min(n, *curveContacts)
		if n == known {
			break
		}
		before, had := heap(), known
		for ; known < n; known++ {
			past[0].Key = store.Key{Kind: store.KindUser, ID: all[known]}
			check(b, kept.Step(ctx, past))
			check(b, past[0].Err)
		}
		bytes := (float64(heap()) - float64(before)) / float64(n-had)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			measure(b, each(func() {
				res, err := engine.Track(ctx, beckon.Event{Name: "match-007", UserID: all[random.IntN(n)]})
				check(b, err)
				if res.Duplicate || len(res.Deliveries) > 0 {
					b.Fatalf("duplicate %v, %d deliveries", res.Duplicate, len(res.Deliveries))
				}
			}))
			b.ReportMetric(bytes, "heap-B/contact")
		})
	}
}

// past is the decision that a contact did 20 things, once each.
type past struct{ stats []store.Stats }

func newPast(name string) *past {
	d := &past{stats: []store.Stats{{Name: unique.Make(name), Count: 1, First: start.Unix(), Last: start.Unix()}}}
	for n := range 19 {
		d.stats = append(d.stats, store.Stats{Name: unique.Make(eventName(n)), Count: 1, First: start.Unix(), Last: start.Unix()})
	}
	return d
}

func (d *past) Decide(_ *store.Record, c *store.Changes) error {
	c.Touch = true
	c.Stats = append(c.Stats, d.stats...)
	return nil
}
