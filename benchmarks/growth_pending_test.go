package benchmarks

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// pendingGrowths are of the outbox of a contact.
func pendingGrowths() []growth {
	return []growth{
		{"acknowledge-one-by-one", 0, 0, growAcknowledge},
		{"acknowledge-random", 0, 0, growAcknowledgeRandom},
		{"acknowledge-at-once", 0, 0, growAcknowledgeAll},
		{"pending-worked-off", 0, 0, growWorkedOff},
		{"pending-answered-late", 0, 0, growAnsweredLate},
		{"pending-refused", 0, 0, growRefused},
		{"room-given-back", 0, 0, growRoomGivenBack},
		{"pending-given-up", 0, 0, growGivenUp},
	}
}

// growthOutbox returns an engine with an outbox that takes n deliveries of one contact,
// and what fills it: all in one event.
func growthOutbox(tb testing.TB, n int) (engine *beckon.Engine, fill func() []beckon.Delivery) {
	tb.Helper()
	engine, err := beckon.New(memstore.New(), beckon.WithClock(atStart), beckon.WithoutRecentEvents(), beckon.WithOutbox(), beckon.WithPendingLimit(n))
	check(tb, err)
	check(tb, engine.Publish(context.Background(), beckon.Program{Messages: growthMessages(n)}))
	return engine, func() []beckon.Delivery {
		res, err := engine.Track(context.Background(), beckon.Event{Name: "go", UserID: "u1"})
		check(tb, err)
		if len(res.Deliveries) != n {
			tb.Fatalf("%d deliveries, want %d", len(res.Deliveries), n)
		}
		return res.Deliveries
	}
}

// growAcknowledge has all deliveries of a contact acknowledged one by one. It includes
// the one event that sends them.
func growAcknowledge(tb testing.TB, n int) func() {
	engine, fill := growthOutbox(tb, n)
	return func() {
		for _, d := range fill() {
			check(tb, engine.Acknowledge(context.Background(), d))
		}
	}
}

// growAcknowledgeRandom does that in no order.
func growAcknowledgeRandom(tb testing.TB, n int) func() {
	engine, fill := growthOutbox(tb, n)
	random := rand.New(rand.NewPCG(1, 2))
	return func() {
		all := fill()
		random.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
		for _, d := range all {
			check(tb, engine.Acknowledge(context.Background(), d))
		}
	}
}

// growAcknowledgeAll does that in one call.
func growAcknowledgeAll(tb testing.TB, n int) func() {
	engine, fill := growthOutbox(tb, n)
	return func() { check(tb, engine.Acknowledge(context.Background(), fill()...)) }
}

// growthLeasable returns an engine with an outbox, and what puts n deliveries of one contact into it
// that nobody has leased.
func growthLeasable(tb testing.TB, n int) (engine *beckon.Engine, fall func()) {
	tb.Helper()
	now := start
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }), beckon.WithoutRecentEvents(), beckon.WithOutbox(), beckon.WithPendingLimit(n))
	check(tb, err)
	check(tb, engine.Publish(context.Background(), beckon.Program{Messages: growthMessages(n)}))
	return engine, func() {
		growthTrack(tb, engine, n)
		now = now.Add(time.Hour)
	}
}

// growWorkedOff has a worker get all deliveries of a contact, and acknowledge each.
func growWorkedOff(tb testing.TB, n int) func() {
	engine, fall := growthLeasable(tb, n)
	return func() {
		fall()
		got := 0
		for d, err := range engine.Pending(context.Background()) {
			check(tb, err)
			check(tb, engine.Acknowledge(context.Background(), d))
			got++
		}
		if got != n {
			tb.Fatal(got)
		}
	}
}

// growAnsweredLate has a worker lease all deliveries of a contact ahead, and acknowledge them
// ten at a time.
func growAnsweredLate(tb testing.TB, n int) func() {
	engine, fall := growthLeasable(tb, n)
	return func() {
		fall()
		got := 0
		var made []beckon.Delivery
		for d, err := range engine.Pending(context.Background(), beckon.Ahead(n)) {
			check(tb, err)
			got++
			if made = append(made, d); len(made) == 10 || got == n {
				check(tb, engine.Acknowledge(context.Background(), made...))
				made = made[:0]
			}
		}
		if got != n {
			tb.Fatal(got)
		}
	}
}

// growRoomGivenBack gives back what a Due has sent of n messages that have waited, and lets
// wait again those that had to give way to it.
func growRoomGivenBack(tb testing.TB, n int) func() {
	now := start
	p := beckon.Program{Messages: growthMessages(n), Caps: []beckon.Cap{{ID: "half", Max: n / 2, Within: beckon.Days(1)}}}
	for i := range p.Messages {
		p.Messages[i].Trigger = beckon.On("go").Unless("stop", beckon.Hours(1), "")
		p.Messages[i].Frequency = &beckon.Frequency{Every: beckon.Minutes(1)}
		if i%2 == 0 {
			p.Messages[i].Frequency.Wait = beckon.Days(3)
		}
	}
	kept := memstore.New()
	engine, err := beckon.New(kept, beckon.WithClock(func() time.Time { return now }), beckon.WithSendLog(2*n))
	check(tb, err)
	check(tb, engine.Publish(context.Background(), p))
	growthTrack(tb, engine, 0)
	now = now.Add(2 * time.Hour)
	return anew(tb, kept, user("u1"), func() {
		for _, err := range engine.Due(context.Background()) {
			check(tb, err)
			break
		}
		totals, err := engine.Totals(context.Background(), p.Messages[n-1].ID)
		check(tb, err)
		if totals.Sent != 0 || totals.Held[beckon.ReasonCapped] != 0 {
			tb.Fatal(totals)
		}
	})
}

// growRefused has a worker meet n deliveries that their contact does not want any more.
func growRefused(tb testing.TB, n int) func() {
	now, who := start, beckon.Identity{UserID: "u1"}
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }), beckon.WithoutRecentEvents(), beckon.WithOutbox(), beckon.WithPendingLimit(n), beckon.WithSendLog(n))
	check(tb, err)
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range p.Messages {
		p.Messages[i].Channel = beckon.Email
	}
	check(tb, engine.Publish(context.Background(), p))
	return func() {
		check(tb, engine.Resubscribe(context.Background(), who, string(beckon.Email)))
		growthTrack(tb, engine, n)
		check(tb, engine.Unsubscribe(context.Background(), who, string(beckon.Email)))
		now = now.Add(time.Hour)
		for _, err := range engine.Pending(context.Background()) {
			check(tb, err)
			tb.Fatal("it is handed out")
		}
	}
}

// growGivenUp has n deliveries of a contact given up, and discarded.
func growGivenUp(tb testing.TB, n int) func() {
	engine, err := beckon.New(memstore.New(), beckon.WithClock(atStart), beckon.WithoutRecentEvents(), beckon.WithOutbox(), beckon.WithPendingLimit(n), beckon.WithDeadLettersLimit(n))
	check(tb, err)
	check(tb, engine.Publish(context.Background(), beckon.Program{Messages: growthMessages(n)}))
	return func() {
		res, err := engine.Track(context.Background(), beckon.Event{Name: "go", UserID: "u1"})
		check(tb, err)
		for _, d := range res.Deliveries {
			check(tb, engine.GiveUp(context.Background(), d))
		}
		got := 0
		for x, err := range engine.DeadLetters(context.Background()) {
			check(tb, err)
			check(tb, engine.Discard(context.Background(), x.Delivery))
			got++
		}
		if got != n {
			tb.Fatal(got)
		}
	}
}
