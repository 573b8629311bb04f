package benchmarks

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/throttle"
)

// keptGrowths are of what is kept of a contact.
func keptGrowths() []growth {
	return []growth{
		{"event-names-of-a-contact", 0, 0, growStats},
		{"repeats-known", 0, 0, growRepeats},
		{"counters-of-one-event-track", 0, 0, growCounters},
		{"values-of-a-window-track", 0, 0, growValues(func(c beckon.Counted) beckon.Rule { return c.Sum("n").AtLeast(-1) })},
		{"different-values-of-a-window-track", 0, 0, growValues(func(c beckon.Counted) beckon.Rule { return c.Distinct("n").AtLeast(1) })},
		{"counters-built-from-the-log", 0, 0, growCountersBuilt},
		{"counters-no-longer-needed", 0, 0, growCountersMissed},
		{"goals-opened-and-met", 0, 0, growGoals},
		{"date-rules-sweep", 0, 0, growDates},
		{"released-numbers", 0, 0, growReleased},
		{"last-send-asked-for", 0, 0, growLastSent},
		{"deliveries-given-back", 0, 0, growGivenBack},
		{"recent-events-read", 0, 0, growRecent},
		{"holds-due", 0, 0, growHoldsDue},
		{"record-exported", 0, 0, growExport},
		{"record-coded", 0, 0, growCoded},
		{"permits-of-a-throttler", 0, 0, growPermits},
		{"identities-of-a-contact-deleted", upToThousand, 0, growDeleted},
	}
}

func growStats(tb testing.TB, n int) func() {
	engine, kept := growthOver(tb, beckon.Program{Messages: growthMessages(1)}, beckon.WithEventNamesLimit(2*n))
	write(tb, kept, store.Record{Key: user("u1"), EventSeq: uint64(n), Stats: growthStats(0, n), Profile: &store.Profile{Created: 1}})
	return func() {
		growthTrack(tb, engine, 1)
		_, err := engine.Track(context.Background(), beckon.Event{Name: "name-000001", UserID: "u1"})
		check(tb, err)
	}
}

func growRepeats(tb testing.TB, n int) func() {
	engine, kept := growthOver(tb, beckon.Program{Messages: growthMessages(1)}, beckon.WithRepeatsLimit(n))
	write(tb, kept, store.Record{Key: user("u1"), Dedup: growthRepeats(0, n), Profile: &store.Profile{Created: 1}})
	i := 0
	return func() {
		i++
		_, err := engine.Track(context.Background(), beckon.Event{Name: "go", UserID: "u1", EventID: strconv.Itoa(i)})
		check(tb, err)
	}
}

func counted(tb testing.TB, engine *beckon.Engine, i int) {
	_, err := engine.Track(context.Background(), beckon.Event{
		Name: "counted", UserID: "u1", Metadata: beckon.Fields{{Key: "k", Value: beckon.String(strconv.Itoa(i))}},
	})
	check(tb, err)
}

// growthCounted has n messages that count one event, each in its own way, and all of
// it.
func growthCounted(n int) beckon.Program {
	p := growthCounters(n)
	for i := range p.Messages {
		p.Messages[i].Audience = beckon.Did("counted").Where(beckon.Metadata("k").IsNot("x" + strconv.Itoa(i))).AtLeast(2)
	}
	return p
}

func growCounters(tb testing.TB, n int) func() {
	engine, _ := growthOver(tb, growthCounted(n), beckon.WithoutRecentEvents())
	counted(tb, engine, 0)
	return func() { counted(tb, engine, 0) }
}

// growValues tracks an event by which a window of n values, which is full, moves on.
func growValues(rule func(beckon.Counted) beckon.Rule) func(tb testing.TB, n int) func() {
	return func(tb testing.TB, n int) func() {
		p := growthCounters(1)
		p.Messages[0].Audience = rule(beckon.Did("counted").Within(beckon.Days(1)))
		engine, _ := growthOver(tb, p, beckon.WithoutRecentEvents(), beckon.WithWindowValues(n))
		i := 0
		track := func() {
			i++
			_, err := engine.Track(context.Background(), beckon.Event{Name: "counted", UserID: "u1", Metadata: beckon.Fields{{Key: "n", Value: beckon.Number(i)}}})
			check(tb, err)
		}
		for range n {
			track()
		}
		return track
	}
}

// growCountersBuilt builds n counters from a log of few events.
func growCountersBuilt(tb testing.TB, n int) func() {
	engine, kept := growthOver(tb, beckon.Program{})
	for i := range 5 {
		counted(tb, engine, i)
	}
	check(tb, engine.Publish(context.Background(), growthCounted(n)))
	return anew(tb, kept, user("u1"), func() { counted(tb, engine, 0) })
}

// growCountersMissed counts by n rules that the program has not any more.
func growCountersMissed(tb testing.TB, n int) func() {
	engine, kept := growthOver(tb, growthCounted(n), beckon.WithoutRecentEvents())
	counted(tb, engine, 0)
	p := growthCounted(n)
	for i := range p.Messages {
		p.Messages[i].Audience = beckon.Did("counted").Where(beckon.Metadata("k").IsNot("y" + strconv.Itoa(i))).AtLeast(2)
	}
	check(tb, engine.Publish(context.Background(), p))
	return anew(tb, kept, user("u1"), func() { counted(tb, engine, 0) })
}

// growthGoals has n messages whose goal is that "done" has come.
func growthGoals(n int) beckon.Program {
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range p.Messages {
		p.Messages[i].Goal = &beckon.Goal{Rule: beckon.Did("done").AtLeast(1), Within: beckon.Days(3)}
	}
	return p
}

func growGoals(tb testing.TB, n int) func() {
	engine, kept := growthOver(tb, growthGoals(n), beckon.WithoutRecentEvents())
	write(tb, kept, store.Record{Key: user("u1"), Profile: &store.Profile{Created: 1}})
	return anew(tb, kept, user("u1"), func() {
		growthTrack(tb, engine, n)
		_, err := engine.Track(context.Background(), beckon.Event{Name: "done", UserID: "u1"})
		check(tb, err)
		growthTrack(tb, engine, n)
	})
}

// growDates sweeps one contact, for whom it is the day of n messages, twice.
func growDates(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range p.Messages {
		p.Messages[i].Channel, p.Messages[i].Trigger = beckon.Email, beckon.OnDate("day", beckon.Days(0))
	}
	engine, kept := growthOver(tb, p)
	_, err := engine.Update(context.Background(), beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{"day": beckon.Date(start)}})
	check(tb, err)
	return anew(tb, kept, user("u1"), func() {
		swept(tb, engine, n)
		swept(tb, engine, 0)
	})
}

// growReleased sends n messages, and a number of each was given back.
func growReleased(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(n)}
	engine, kept := growthOver(tb, p)
	rec := store.Record{Key: user("u1"), Profile: &store.Profile{Created: 1}}
	for i := range n {
		id := p.Messages[i].ID
		rec.SendStats = append(rec.SendStats, store.SendStats{Message: id, Count: 1, Last: 1, Prior: 1})
		rec.Profile.FreeSequences = append(rec.Profile.FreeSequences, store.FreeSequence{Message: id, Sequence: 2})
	}
	write(tb, kept, rec)
	return anew(tb, kept, user("u1"), func() { growthTrack(tb, engine, n) })
}

// growLastSent has n messages; each asks and tells when any of n was sent.
func growLastSent(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range p.Messages {
		p.Messages[i].Audience = beckon.User("last_contacted_at").MoreThanAgo(beckon.Days(1))
		p.Messages[i].Content.Body = "{{ last_contacted_at }}"
	}
	engine, kept := growthOver(tb, p)
	rec := store.Record{Key: user("u1"), Profile: &store.Profile{Created: 1}}
	for i := range n {
		rec.SendStats = append(rec.SendStats, store.SendStats{Message: p.Messages[i].ID, Count: 1, Last: 1})
	}
	write(tb, kept, rec)
	return anew(tb, kept, user("u1"), func() { growthTrack(tb, engine, n) })
}

// growGivenBack stops a sweep at the first of n messages: the others are given back.
func growGivenBack(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range p.Messages {
		p.Messages[i].Channel, p.Messages[i].Trigger, p.Messages[i].Frequency = beckon.Email, nil, nil
		p.Messages[i].Goal = &beckon.Goal{Rule: beckon.Did("done").AtLeast(1), Within: beckon.Days(3)}
	}
	engine, kept := growthOver(tb, p, beckon.WithSendLog(2*n))
	write(tb, kept, store.Record{Key: user("u1"), Profile: &store.Profile{Created: 1}})
	return anew(tb, kept, user("u1"), func() {
		for _, err := range engine.Sweep(context.Background()) {
			check(tb, err)
			break
		}
	})
}

// growRecent reads what n events there were, page by page.
func growRecent(tb testing.TB, n int) func() {
	engine, kept := growthOver(tb, beckon.Program{}, beckon.WithRecentEvents(n))
	write(tb, kept, store.Record{Key: user("u1"), EventSeq: uint64(n), Profile: &store.Profile{Created: 1}}, growthLog(n)...)
	return func() {
		var last *beckon.PastEvent
		for seen := 0; seen < n; {
			page, err := engine.RecentEvents(context.Background(), beckon.Identity{UserID: "u1"}, last, 100)
			check(tb, err)
			if len(page) == 0 {
				tb.Fatal("some are missing")
			}
			last, seen = &page[len(page)-1], seen+len(page)
		}
	}
}

// growthHolds has n messages that have waited for a window, or for what did not come.
func growthHolds(tb testing.TB, n int, opts ...beckon.Option) (*beckon.Engine, beckon.Store, *time.Time) {
	now := start
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range p.Messages {
		if i%2 == 0 {
			p.Messages[i].Trigger = beckon.On("go").Unless("stop", beckon.Hours(1), "")
		} else {
			p.Messages[i].Schedule = &beckon.Schedule{Outside: beckon.OutsideHold, Start: start.Add(time.Minute)}
		}
	}
	engine, kept := growthOver(tb, p, append(opts, beckon.WithClock(func() time.Time { return now }))...)
	return engine, kept, &now
}

func growHoldsDue(tb testing.TB, n int) func() {
	engine, kept, now := growthHolds(tb, n)
	growthTrack(tb, engine, 0)
	*now = now.Add(2 * time.Hour)
	return anew(tb, kept, user("u1"), func() {
		sent := 0
		for _, err := range engine.Due(context.Background()) {
			check(tb, err)
			sent++
		}
		if sent != n {
			tb.Fatal(sent)
		}
	})
}

func growExport(tb testing.TB, n int) func() {
	engine, kept := growthOver(tb, beckon.Program{})
	write(tb, kept, growthRecord(user("u1"), 0, n), growthLog(n)...)
	return func() {
		x, known, err := engine.Export(context.Background(), beckon.Identity{UserID: "u1"})
		check(tb, err)
		if !known || len(x.Events) != n {
			tb.Fatal("some are missing")
		}
	}
}

// growCoded writes a record in the form of the stores that keep it coded, and reads
// it.
func growCoded(tb testing.TB, n int) func() {
	rec := growthRecord(user("u1"), 0, n)
	return func() {
		got, err := store.DecodeRecord(store.AppendRecord(nil, &rec))
		check(tb, err)
		if len(got.Stats) != n {
			tb.Fatal("some are missing")
		}
	}
}

// growPermits has a key with as many permits as its limit counts.
func growPermits(tb testing.TB, n int) func() {
	now := start
	throttler, err := beckon.NewThrottler(memstore.New(), beckon.Frequency{Every: beckon.Seconds(0)},
		throttle.WithLimit(n, 24*time.Hour), throttle.WithClock(func() time.Time { return now }))
	check(tb, err)
	for range n {
		_, err := throttler.Take(context.Background(), "k")
		check(tb, err)
	}
	return func() {
		_, err := throttler.Take(context.Background(), "k")
		check(tb, err)
	}
}

// growDeleted deletes a contact to which n identities lead.
func growDeleted(tb testing.TB, n int) func() {
	engine, kept := growthOver(tb, beckon.Program{})
	return func() {
		p := &store.Profile{Created: 1}
		for i := range n {
			key := user("v" + strconv.Itoa(i))
			p.Aliases = append(p.Aliases, key)
			write(tb, kept, store.Record{Key: key, Profile: &store.Profile{Forward: user("u1"), Generation: 1}})
		}
		write(tb, kept, store.Record{Key: user("u1"), Profile: p})
		check(tb, engine.Delete(context.Background(), beckon.Identity{UserID: "v1"}))
	}
}
