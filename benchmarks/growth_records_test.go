package benchmarks

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// A written is a step that writes a record anew.
type written struct {
	rec    store.Record
	events []store.LoggedEvent
}

func (w *written) Decide(_ *store.Record, c *store.Changes) error {
	r := &w.rec
	c.Clear, c.Touch, c.LastSeen, c.EventSeq, c.Profile = true, true, r.LastSeen, r.EventSeq, r.Profile
	c.Stats, c.SendStats, c.SendLog = append(c.Stats, r.Stats...), append(c.SendStats, r.SendStats...), append(c.SendLog, r.SendLog...)
	c.Counters, c.Dedup, c.Events = append(c.Counters, r.Counters...), append(c.Dedup, r.Dedup...), append(c.Events, w.events...)
	c.KeepEvents = len(w.events)
	return nil
}

// write makes a record what it is to be.
func write(tb testing.TB, s beckon.Store, rec store.Record, events ...store.LoggedEvent) {
	step := []store.Step{{Key: rec.Key, Decider: &written{rec, events}}}
	check(tb, s.Step(context.Background(), step))
	check(tb, step[0].Err)
}

// growthOver returns an engine over a store that is not hidden behind it.
func growthOver(tb testing.TB, p beckon.Program, opts ...beckon.Option) (*beckon.Engine, beckon.Store) {
	tb.Helper()
	kept := memstore.New()
	engine, err := beckon.New(kept, append([]beckon.Option{beckon.WithClock(atStart)}, opts...)...)
	check(tb, err)
	check(tb, engine.Publish(context.Background(), p))
	return engine, kept
}

func user(id string) store.Key { return store.Key{Kind: store.KindUser, ID: id} }

// anew returns what is done with a contact that has been written anew each time: the
// first copy is of what is there now.
func anew(tb testing.TB, s beckon.Store, key store.Key, do func()) func() {
	var was store.Record
	check(tb, s.Read(context.Background(), []store.Key{key}, func(rec *store.Record) error {
		was = *rec
		was.Stats, was.SendStats, was.SendLog = slices.Clone(rec.Stats), slices.Clone(rec.SendStats), slices.Clone(rec.SendLog)
		was.Counters, was.Dedup = slices.Clone(rec.Counters), slices.Clone(rec.Dedup)
		for i := range was.Counters {
			was.Counters[i].Times = slices.Clone(was.Counters[i].Times)
		}
		return nil
	}))
	events, err := s.Events(context.Background(), key, store.EventCursor{}, 1<<30)
	check(tb, err)
	return func() {
		write(tb, s, was, events...)
		do()
	}
}

// growthRecord has n of all that a record may have many of.
func growthRecord(key store.Key, from, n int) store.Record {
	p := &store.Profile{Created: 1}
	rec := store.Record{Key: key, Exists: true, EventSeq: uint64(n), Stats: growthStats(from, n), Dedup: growthRepeats(from, n), Profile: p}
	at, event := start.UnixMilli(), growthLog(1)[0]
	for i := range n {
		id := fmt.Sprintf("m%06d", from+i)
		rec.SendStats = append(rec.SendStats, store.SendStats{Message: id, Count: 1, Last: at})
		rec.SendLog = append(rec.SendLog, store.SendLogEntry{ID: key.ID + id, At: at, Message: id, Sequence: 1})
		rec.Counters = append(rec.Counters, store.Counter{Def: "e " + id, Count: 2, First: 1, Last: 2, Times: []int64{1, 2}, Keep: 2})
		p.Attributes = append(p.Attributes, store.NewAttribute("a"+id, beckon.Number(i)))
		p.Companies, p.Unsubscribed, p.Matched = append(p.Companies, "c"+id), append(p.Unsubscribed, "email:"+id), append(p.Matched, "s"+id)
		event.Seq++
		p.Holds = append(p.Holds, store.Hold{Message: id, Due: at + 1000, Order: event.Seq, Event: event})
		p.SeriesStates = append(p.SeriesStates, store.SeriesState{Series: id, Block: "b", Since: at, Due: at + 100_000, Entered: at})
		p.Goals = append(p.Goals, store.GoalState{Message: id, Until: at + 1000, Sent: at})
		p.Dates = append(p.Dates, store.DateState{Message: id, Value: 1})
		p.FreeSequences = append(p.FreeSequences, store.FreeSequence{Message: id, Sequence: 2})
		p.MergedFrom = append(p.MergedFrom, store.MergedFrom{From: user("x" + id), Generation: 1})
		p.Aliases = append(p.Aliases, user("x"+id))
	}
	return rec
}

func growthLog(n int) (list []store.LoggedEvent) {
	for i := range n {
		list = append(list, store.LoggedEvent{Seq: uint64(i + 1), Name: unique.Make("e"), At: start.Unix() - int64(n) + int64(i), Arrived: start.UnixMilli()})
	}
	return list
}

func growthStats(from, n int) (list []store.Stats) {
	for i := range n {
		list = append(list, store.Stats{Name: unique.Make(fmt.Sprintf("name-%06d", from+i)), Count: 1, First: start.Unix(), Last: start.Unix()})
	}
	return list
}

func growthRepeats(from, n int) (list []store.Dedup) {
	for i := range n {
		at := from + i
		list = append(list, store.Dedup{Hash: [16]byte{byte(at), byte(at >> 8), byte(at >> 16)}, At: start.UnixMilli()})
	}
	return list
}
