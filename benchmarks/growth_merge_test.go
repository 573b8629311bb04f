package benchmarks

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// mergeGrowths merge two contacts with n of something each; both have half of that,
// and of all at once.
func mergeGrowths() []growth {
	return []growth{
		{"merge-of-events", 0, 0, growMergeEvents},
		{"merge-of-counters-and-events", 0, 0, growMergeCounters},
		{"merge-of-goals-and-events", 0, 0, growMergeGoals},
		{"merge-of-holds-and-events", 0, 0, growMergeHolds},
		{"merge-of-walks", 0, 0, growMergeWalks},
		{"merge-into-one-of-many", 0, 0, growMergeChain},
		{"merge-of-event-names", 0, 0, mergeOf(func(to, from *store.Record) { to.Stats = from.Stats })},
		{"merge-of-sends", 0, 0, mergeOf(func(to, from *store.Record) { to.SendStats, to.SendLog = from.SendStats, from.SendLog })},
		{"merge-of-counters", 0, 0, mergeOf(func(to, from *store.Record) { to.Stats, to.Counters = from.Stats[:1], from.Counters })},
		{"merge-of-repeats", 0, 0, mergeOf(func(to, from *store.Record) { to.Dedup = from.Dedup })},
		{"merge-of-attributes", 0, 0, mergeOf(func(to, from *store.Record) { to.Profile.Attributes = from.Profile.Attributes })},
		{"merge-of-companies", 0, 0, mergeOf(func(to, from *store.Record) { to.Profile.Companies = from.Profile.Companies })},
		{"merge-of-unsubscribed", 0, 0, mergeOf(func(to, from *store.Record) { to.Profile.Unsubscribed = from.Profile.Unsubscribed })},
		{"merge-of-matched", 0, 0, mergeOf(func(to, from *store.Record) { to.Profile.Matched = from.Profile.Matched })},
		{"merge-of-holds", 0, 0, mergeOf(func(to, from *store.Record) { to.Profile.Holds = from.Profile.Holds })},
		{"merge-of-series-states", 0, 0, mergeOf(func(to, from *store.Record) { to.Profile.SeriesStates = from.Profile.SeriesStates })},
		{"merge-of-goals", 0, 0, mergeOf(func(to, from *store.Record) { to.Profile.Goals = from.Profile.Goals })},
		{"merge-of-date-states", 0, 0, mergeOf(func(to, from *store.Record) { to.Profile.Dates = from.Profile.Dates })},
		{"merge-of-free-sequences", 0, 0, mergeOf(func(to, from *store.Record) {
			to.SendStats, to.SendLog, to.Profile.FreeSequences = from.SendStats, from.SendLog, from.Profile.FreeSequences
		})},
		{"merge-of-aliases", 0, 0, mergeOf(func(to, from *store.Record) {
			to.Profile.Aliases, to.Profile.MergedFrom = from.Profile.Aliases, from.Profile.MergedFrom
		})},
	}
}

// mergeOf merges two contacts that have n of one thing, which only keeps.
func mergeOf(only func(to, from *store.Record)) func(testing.TB, int) func() {
	return func(tb testing.TB, n int) func() { return growMerge(tb, n, only) }
}

// growMerge merges two contacts; half of what they have is the same.
func growMerge(tb testing.TB, n int, only func(to, from *store.Record)) func() {
	engine, kept := growthOver(tb, beckon.Program{}, beckon.WithAliasesLimit(10*n))
	into, from := growthRecord(user("a"), 0, n), growthRecord(user("b"), n/2, n)
	for _, rec := range []*store.Record{&into, &from} {
		whole := *rec
		*rec = store.Record{Key: whole.Key, EventSeq: whole.EventSeq, Profile: &store.Profile{Created: 1}}
		only(rec, &whole)
	}
	return func() {
		write(tb, kept, into)
		write(tb, kept, from)
		merged(tb, engine)
	}
}

func merged(tb testing.TB, engine *beckon.Engine) {
	_, err := engine.Merge(context.Background(), beckon.Identity{UserID: "b"}, beckon.Identity{UserID: "a"})
	check(tb, err)
}

// growthPair writes two contacts with n events each, and merges them.
func growthPair(tb testing.TB, n int, engine *beckon.Engine, kept beckon.Store, fill func(rec *store.Record)) func() {
	var pair [2]store.Record
	var logs [2][]store.LoggedEvent
	for i, id := range []string{"a", "b"} {
		pair[i] = store.Record{Key: user(id), EventSeq: uint64(n), Profile: &store.Profile{Created: 1}}
		logs[i] = growthLog(n)
		seen := map[unique.Handle[string]]int{}
		for k := range logs[i] {
			e := &logs[i][k]
			e.Name = unique.Make(fmt.Sprintf("name-%06d", k))
			e.Metadata = beckon.Fields{{Key: "k", Value: beckon.String(strconv.Itoa(k))}}
			seen[e.Name]++
			pair[i].Stats = append(pair[i].Stats, store.Stats{Name: e.Name, Count: 1, First: e.At, Last: e.At})
		}
		fill(&pair[i])
	}
	return func() {
		write(tb, kept, pair[0], logs[0]...)
		write(tb, kept, pair[1], logs[1]...)
		merged(tb, engine)
	}
}

func growMergeEvents(tb testing.TB, n int) func() {
	engine, kept := growthOver(tb, beckon.Program{}, beckon.WithRecentEvents(4*n))
	return growthPair(tb, n, engine, kept, func(*store.Record) {})
}

// growMergeCounters merges a contact with n counters, which the program needs, and
// one that has none of them yet, but events.
func growMergeCounters(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range p.Messages {
		p.Messages[i].Audience = beckon.Did(fmt.Sprintf("name-%06d", i)).Within(beckon.Days(1)).AtLeast(1)
	}
	engine, kept := growthOver(tb, p, beckon.WithRecentEvents(4*n))
	pair := growthPair(tb, n, engine, kept, func(rec *store.Record) {
		if rec.Key.ID == "b" {
			for i := range n {
				rec.Counters = append(rec.Counters, store.Counter{Def: fmt.Sprintf("name-%06d", i), Count: 1, First: 1, Last: 1, Times: []int64{1}, Keep: 1})
			}
		}
	})
	return pair
}

// growMergeGoals merges contacts that have n goals each.
func growMergeGoals(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range p.Messages {
		p.Messages[i].Goal = &beckon.Goal{Rule: beckon.Did("never").AtLeast(1), Within: beckon.Days(3)}
	}
	engine, kept := growthOver(tb, p, beckon.WithRecentEvents(4*n))
	return growthPair(tb, n, engine, kept, func(rec *store.Record) {
		for i := range n {
			rec.Profile.Goals = append(rec.Profile.Goals, store.GoalState{Message: p.Messages[i].ID, Until: start.UnixMilli() + 1000, Sent: start.UnixMilli() - int64(i)})
		}
	})
}

// growMergeHolds merges contacts for whom n messages wait each, and who have had n
// events.
func growMergeHolds(tb testing.TB, n int) func() {
	engine, kept, _ := growthHolds(tb, n, beckon.WithRecentEvents(4*n), beckon.WithWaitingBytes(1<<30))
	return growthPair(tb, n, engine, kept, func(rec *store.Record) {
		event := growthLog(1)[0]
		for i := range n {
			rec.Profile.Holds = append(rec.Profile.Holds, store.Hold{
				Message: fmt.Sprintf("m%05d", i), Due: start.UnixMilli() + 3_600_000, Order: uint64(i + 1), Absence: i%2 == 0, Event: event,
			})
		}
	})
}

// growMergeWalks merges contacts who are on n walks each, all of them due.
func growMergeWalks(tb testing.TB, n int) func() {
	p := growthSeries(n, 3)
	engine, kept := growthOver(tb, p)
	return growMergeOver(tb, engine, kept, func(rec *store.Record) {
		for i := range n {
			rec.Profile.SeriesStates = append(rec.Profile.SeriesStates, store.SeriesState{
				Series: p.Series[i].ID, Block: "b0000", Since: 1, Due: start.UnixMilli() - 1, Entered: 1,
			})
		}
	})
}

func growMergeOver(tb testing.TB, engine *beckon.Engine, kept beckon.Store, fill func(rec *store.Record)) func() {
	into, from := store.Record{Key: user("a"), Profile: &store.Profile{Created: 1}}, store.Record{Key: user("b"), Profile: &store.Profile{Created: 1}}
	fill(&into)
	fill(&from)
	return func() {
		write(tb, kept, into)
		write(tb, kept, from)
		merged(tb, engine)
	}
}

// growMergeChain merges one more into a contact that has taken in n.
func growMergeChain(tb testing.TB, n int) func() {
	engine, kept := growthOver(tb, beckon.Program{}, beckon.WithAliasesLimit(10*n))
	into := store.Record{Key: user("a"), Profile: &store.Profile{Created: 1}}
	for i := range n {
		key := user("v" + strconv.Itoa(i))
		into.Profile.Aliases = append(into.Profile.Aliases, key)
		into.Profile.MergedFrom = append(into.Profile.MergedFrom, store.MergedFrom{From: key, Generation: 1})
	}
	return func() {
		write(tb, kept, into)
		write(tb, kept, store.Record{Key: user("b"), Profile: &store.Profile{Created: 1}})
		merged(tb, engine)
	}
}
