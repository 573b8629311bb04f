package storetest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// changeCases are about what becomes of a record: of each section of Changes.
func changeCases() []testCase {
	return []testCase{
		{name: "changes/all sections", run: allSections},
		{name: "changes/extreme numbers", run: extremeNumbers},
		{name: "changes/as Apply does", run: asApply},
		{name: "changes/clear", run: clearRecord},
		{name: "changes/memory is not shared", run: memoryNotShared},
		{name: "changes/many rows", run: manyRows},
	}
}

// changeAll sets every section of c to something that n tells apart.
func changeAll(c *store.Changes, n int64) {
	id := fmt.Sprint(n)
	c.LastSeen, c.EventSeq = n, uint64(n)
	c.Stats = append(c.Stats, store.Stats{Name: name("event-" + id), Count: uint64(n), First: n, Last: n + 1})
	c.SendStats = append(c.SendStats, store.SendStats{Message: "m" + id, Company: "c", Count: uint32(n), Last: n, Prior: n - 1})
	c.SendLog = append(c.SendLog, store.SendLogEntry{ID: "d" + id, At: n, Message: "m" + id, Company: "c", Channel: beckon.Email, Tags: []string{"t", "u"}, Sequence: uint32(n), Exempt: true})
	c.Counters = append(c.Counters, store.Counter{Def: "def" + id, Count: uint64(n), First: n, Last: n + 1, Times: []int64{n, n + 1}, Keep: 2, Since: n, Missed: uint64(n % 2), Tally: id})
	c.Permits = append(c.Permits, store.Permits{Throttler: "t" + id, Count: uint64(n), Last: n + 1, Prior: n - 1, Newest: []store.Permit{{At: n, Sequence: 4}, {At: n + 1, Sequence: 5}}})
	c.Dedup = append(c.Dedup, store.Dedup{Hash: [16]byte{byte(n), 1}, At: n})
	c.Pending = append(c.Pending, store.Pending{
		Event: [16]byte{1}, Until: n, Delivery: beckon.Delivery{
			ID: "d" + id, Message: "m", Channel: beckon.Email, Contact: beckon.Identity{UserID: "u", ID: "i", Email: "a@x.test", AnonymousID: "v"}, CompanyID: "c", Series: "s",
			Sequence: 3, At: time.UnixMilli(n).UTC(), Subject: "s", Body: "b", Data: map[string]string{"k": "v"}, Attempt: 2, Postponed: 1,
		}, Tags: []string{"t"}, Refusable: true, Topic: "news", OptIn: true,
	}, store.Pending{Until: math.MaxInt64, Delivery: beckon.Delivery{ID: "x" + id}, Dead: &store.GivenUp{At: n, Reason: "r" + id}})
	c.Profile = fullProfile(n)
	c.Events = append(c.Events, fullEvent(uint64(n), n))
	c.KeepEvents = 100
	c.Totals = append(c.Totals, store.Increment{Message: "m" + id, Name: "sent", N: n})
}

func fullEvent(seq uint64, at int64) store.LoggedEvent {
	return store.LoggedEvent{
		Seq: seq, Name: name("upload-complete"), At: at, Arrived: at*1000 + 1, EventID: "e" + fmt.Sprint(seq), CompanyID: "c",
		Source: beckon.SourceREST, Import: true, Page: &beckon.Page{URL: "https://x.test/?a=1"},
		Metadata: beckon.Fields{{Key: "z", Value: beckon.String("first\x00ü")}, {Key: "a", Value: beckon.String("second")}},
	}
}

func fullProfile(n int64) *store.Profile {
	at := user("target")
	return &store.Profile{
		Created: n, LastCheck: n, Generation: uint64(n),
		Attributes:    []store.Attribute{store.NewAttribute("email", beckon.String("a@x.test")), store.NewAttribute("plan", beckon.String("pro"))},
		Companies:     []string{"z", "a"},
		Unsubscribed:  []string{"email", "push:promo"},
		Holds:         []store.Hold{{Message: "m", Due: n, Order: 1, Absence: true, Same: "s", HasSame: true, Keyed: true, Event: fullEvent(1, n), Until: n + 9, Capped: true}},
		SeriesStates:  []store.SeriesState{{Series: "s", Block: "b", Since: n, Due: n + 1, Entered: n}},
		Goals:         []store.GoalState{{Message: "m", Until: n, Converted: true, Sent: n + 1}},
		Dates:         []store.DateState{{Message: "m", Company: "c", Value: n}},
		FreeSequences: []store.FreeSequence{{Message: "m", Sequence: 2}},
		Moving:        at,
		MergedFrom:    []store.MergedFrom{{From: user("from"), Generation: 3}},
		Aliases:       []store.Key{{Kind: store.KindAnonymous, ID: "v"}},
		Matched:       []string{"s"},
		Merged:        n + 2,
		Rare:          &store.Rare{MoveWins: true, SnoozedUntil: n + 3, Armed: []store.ArmedDate{{Message: "m", Due: n + 4, Held: n}}, Crossings: []store.Crossing{{Message: "m", Matched: true}}, PerValue: []store.MessageValues{{Message: "m", Values: []store.ValueSends{{Value: [16]byte{1}, Count: 2, Last: n, Prior: n - 1, Numbers: []uint32{1}}}}}, Choices: []store.Choice{{Of: "email", At: n, From: "link"}, {Of: "news", Yes: true, At: n + 1}}, Decided: []store.Decided{{Occasion: "event", Event: "e", Message: "m", Sequence: 1, First: n, Last: n, Count: 1, Program: 7}, {Occasion: "due", Message: "w", Company: "acme", Reason: store.ReasonCapped, Cap: "day", First: n, Last: n + 5, Count: 2}}},
	}
}

// Everything that a step can write comes back, each section by itself and all
// at once.
func allSections(e *env) {
	var all store.Changes
	changeAll(&all, 7)
	for i, only := range []func(c *store.Changes){
		func(c *store.Changes) { c.LastSeen = all.LastSeen },
		func(c *store.Changes) { c.EventSeq = all.EventSeq },
		func(c *store.Changes) { c.Stats = append(c.Stats, all.Stats...) },
		func(c *store.Changes) { c.SendStats = append(c.SendStats, all.SendStats...) },
		func(c *store.Changes) { c.SendLog = append(c.SendLog, all.SendLog...) },
		func(c *store.Changes) { c.Counters = append(c.Counters, all.Counters...) },
		func(c *store.Changes) { c.Permits = append(c.Permits, all.Permits...) },
		func(c *store.Changes) { c.Dedup = append(c.Dedup, all.Dedup...) },
		func(c *store.Changes) { c.Pending = append(c.Pending, all.Pending...) },
		func(c *store.Changes) { c.Profile = all.Profile },
		func(c *store.Changes) { changeAll(c, 7) },
	} {
		key := user(fmt.Sprint(i))
		var want store.Changes
		only(&want)
		for _, key := range []store.Key{key, {Kind: store.KindThrottle, ID: key.ID}} {
			model := &store.Record{Key: key}
			model.Apply(&want)
			e.step(key, always(only))
			if got := e.read(key); !same(got, model) {
				e.Errorf("%v, section %d:\n got %+v\nwant %+v", key, i, got, model)
			}
		}
	}
}

func extremeNumbers(e *env) {
	for i, row := range []store.Stats{
		{Count: math.MaxUint64, First: math.MinInt64, Last: math.MaxInt64},
		{Count: math.MaxUint32 + 1, First: 1, Last: 1},
		{Count: math.MaxUint32, First: math.MaxUint32, Last: math.MaxUint32 + 1},
		{Count: 0, First: -1, Last: 0},
	} {
		key := user(fmt.Sprint(i))
		model := &store.Record{Key: key}
		for _, s := range []store.Stats{{Name: name("b"), Count: 1, First: 1, Last: 1}, {Name: name("a"), Count: row.Count, First: row.First, Last: row.Last}, {Name: name("b"), Count: 2, First: 1, Last: 9}, {Name: name("c"), Count: 1}} {
			c := store.Changes{Stats: []store.Stats{s}}
			model.Apply(&c)
			e.step(key, always(func(c *store.Changes) { c.Stats = append(c.Stats, s) }))
		}
		if got := e.read(key); !same(got, model) {
			e.Errorf("got %+v, want %+v", got.Stats, model.Stats)
		}
	}
}

// Whatever changes come in whatever order, the record is what Record.Apply
// makes of them: rows sorted, replaced and removed.
func asApply(e *env) {
	random := rand.New(rand.NewPCG(1, 2))
	models := make(map[store.Key]*store.Record)
	for i := range 800 {
		key := user(fmt.Sprint(random.IntN(4)))
		if random.IntN(4) == 0 {
			key.Kind = store.KindThrottle
		}
		seed := random.Uint64()
		change := func(c *store.Changes) { randomChanges(c, rand.New(rand.NewPCG(seed, 1))) }
		model := models[key]
		if model == nil {
			model = &store.Record{Key: key}
			models[key] = model
		}
		var c store.Changes
		change(&c)
		model.Apply(&c)
		e.step(key, always(change))
		if got := e.read(key); !same(got, model) {
			e.Fatalf("after %d steps:\n got %+v\nwant %+v\nlast %+v", i+1, got, model, c)
		}
	}
}

// randomChanges puts a few rows out of a small set into c, so that they meet
// again and again.
func randomChanges(c *store.Changes, random *rand.Rand) {
	some := func() bool { return random.IntN(3) == 0 }
	n := func() int64 { return random.Int64N(4) }
	if random.IntN(40) == 0 {
		c.Delete = true
		return
	}
	c.Clear, c.SortSendLog = random.IntN(30) == 0, random.IntN(10) == 0
	for range random.IntN(3) {
		count := uint64(1) << random.IntN(64)
		c.Stats = append(c.Stats, store.Stats{Name: name(fmt.Sprint("e", n())), Count: count, First: random.Int64N(1 << 33), Last: n()})
	}
	if some() {
		c.SendStats = append(c.SendStats, store.SendStats{Message: fmt.Sprint("m", n()), Company: fmt.Sprint(n() / 2), Control: some(), Composed: some(), Count: uint32(n()), Prior: n() / 3})
	}
	if some() {
		c.SendLog = append(c.SendLog, store.SendLogEntry{ID: fmt.Sprint("d", n()), At: n(), Message: "m", Tags: []string{"t"}})
	}
	if some() {
		c.SendLogDrop = append(c.SendLogDrop, fmt.Sprint("d", n()))
	}
	if some() {
		times := make([]int64, n())
		for i := range times {
			times[i] = n()
		}
		c.Counters = append(c.Counters, store.Counter{Def: fmt.Sprint("def", n()), Count: uint64(n()), Times: times})
	}
	if some() {
		newest := make([]store.Permit, n())
		for i := range newest {
			newest[i] = store.Permit{At: n(), Sequence: uint64(n())}
		}
		c.Permits = append(c.Permits, store.Permits{Throttler: fmt.Sprint("t", n()), Count: uint64(n()), Last: n(), Prior: n(), Newest: newest})
	}
	if some() {
		c.Dedup = append(c.Dedup, store.Dedup{Hash: [16]byte{byte(n())}, At: n()})
	}
	if some() {
		c.DedupDrop = random.IntN(3)
	}
	for range random.IntN(3) {
		c.Pending = append(c.Pending, store.Pending{Until: n(), Delivery: beckon.Delivery{ID: fmt.Sprint("p", random.IntN(9)), Body: fmt.Sprint(n())}})
	}
	if some() {
		c.PendingDrop = append(c.PendingDrop, fmt.Sprint("p", random.IntN(9)), fmt.Sprint("p", random.IntN(9)))
	}
	if some() {
		c.Profile = &store.Profile{Created: n(), Companies: []string{fmt.Sprint(n())}}
	}
	if some() {
		c.LastSeen, c.EventSeq = n(), uint64(n())
	}
}

// A record can be emptied and filled in one step: nothing of before stays, in
// the log and the indices neither, and what comes with it is there.
func clearRecord(e *env) {
	key, q := user("u"), []store.Query{{Due: 1000}, {Pending: 1000}, {Moving: true}, {Email: "a@x.test"}}
	e.step(key, always(func(c *store.Changes) { changeAll(c, 7) }))
	e.step(key, always(func(c *store.Changes) { changeAll(c, 8); c.Clear = true }))
	var all store.Changes
	changeAll(&all, 8)
	model := &store.Record{Key: key}
	model.Apply(&all)
	if got := e.read(key); !same(got, model) {
		e.Errorf("emptied and filled:\n got %+v\nwant %+v", got, model)
	}
	e.wantLog("emptied and filled", e.events(key, store.EventCursor{}, 10), "8/8")
	for _, q := range q {
		if got := e.scan(q, 10); len(got) != 1 {
			e.Errorf("emptied and filled, %+v finds %v", q, keys(got))
		}
	}
	e.step(key, always(func(c *store.Changes) { c.Clear = true }))
	if got, want := e.read(key), (&store.Record{Key: key, Exists: true}); !same(got, want) {
		e.Errorf("emptied: %+v, want %+v", got, want)
	}
	e.wantLog("emptied", e.events(key, store.EventCursor{}, 10))
	for _, q := range q {
		if got := e.scan(q, 10); len(got) != 0 {
			e.Errorf("emptied, %+v finds %v", q, keys(got))
		}
	}
	if got := e.totals("m7")["sent"]; got != 7 {
		e.Errorf("the total of before is %d, want 7", got)
	}
}

// The slices of Changes stay the decision's own, and so do those in their rows.
func memoryNotShared(e *env) {
	key := user("u")
	times, newest := []int64{1, 2}, []store.Permit{{At: 1, Sequence: 1}, {At: 2, Sequence: 2}}
	fields := value.Fields{{Key: "k", Value: value.String("v")}}
	for range 2 { // made, then replaced
		e.step(key, always(func(c *store.Changes) {
			c.Counters = append(c.Counters, store.Counter{Def: "d", Count: 2, Times: times})
			c.Permits = append(c.Permits, store.Permits{Count: 2, Newest: newest})
			c.Events, c.KeepEvents = append(c.Events, store.LoggedEvent{Seq: 1, Name: name("n"), At: 1, Metadata: fields}), 1
		}))
		times[0], newest[0].At, fields[0].Key = 99, 99, "changed"
		if list := e.events(key, store.EventCursor{}, 1); len(list) != 1 || len(list[0].Metadata) != 1 || list[0].Metadata[0].Key != "k" {
			e.Errorf("the log follows the caller's memory: %+v", list)
		}
		got := e.read(key)
		if list := got.Counters; len(list) != 1 || len(list[0].Times) != 2 || list[0].Times[0] != 1 {
			e.Errorf("the record follows the caller's memory: %+v", list)
		}
		if list := got.Permits; len(list) != 1 || len(list[0].Newest) != 2 || list[0].Newest[0].At != 1 {
			e.Errorf("the record follows the caller's memory: %+v", list)
		}
		times[0], newest[0].At, fields[0].Key = 1, 1, "k"
	}
}

// A record may be large: 500 event names and as many of everything else.
func manyRows(e *env) {
	key := user("u")
	model := &store.Record{Key: key}
	for part := range 5 {
		change := func(c *store.Changes) {
			for i := range 100 {
				id := fmt.Sprintf("%03d", (i*5+part)*7%500) // in no order
				c.Stats = append(c.Stats, store.Stats{Name: name("event-" + id), Count: 1, First: 1, Last: 1})
				c.SendStats = append(c.SendStats, store.SendStats{Message: id, Count: 1, Last: 1})
				c.SendLog = append(c.SendLog, store.SendLogEntry{ID: id, At: 1, Message: id})
				c.Dedup = append(c.Dedup, store.Dedup{Hash: [16]byte{byte(i), byte(part)}, At: int64(i)})
				c.Pending = append(c.Pending, store.Pending{Until: int64(i%7 + 1), Delivery: beckon.Delivery{ID: id}})
				if i%3 == 0 && part > 0 { // one that came before
					c.PendingDrop = append(c.PendingDrop, fmt.Sprintf("%03d", (i*5+part-1)*7%500))
				}
			}
		}
		var c store.Changes
		change(&c)
		model.Apply(&c)
		e.step(key, always(change))
	}
	if got := e.read(key); !same(got, model) || len(got.Stats) != 500 || got.Pending.Len() != 500-4*34 {
		e.Errorf("%d statistics, %d sends, %d in the log, %d remembered, %d pending; want 500 of each and 364, in order", len(got.Stats), len(got.SendStats), len(got.SendLog), len(got.Dedup), got.Pending.Len())
	}
}
