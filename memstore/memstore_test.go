package memstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"unique"
	"unsafe"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) beckon.Store { return memstore.New() })
	t.Run("packed", func(t *testing.T) { // all profiles but one in a shard
		storetest.Run(t, func(*testing.T) beckon.Store { return memstore.New(memstore.WithLeastReady(1)) })
	})
}

func user(id string) store.Key { return store.Key{Kind: store.KindUser, ID: id} }

// try carries out one step and returns its error.
func try(t *testing.T, s *memstore.Store, key store.Key, change func(c *store.Changes)) error {
	t.Helper()
	steps := []store.Step{{Key: key, Decider: decide(func(_ *store.Record, c *store.Changes) error { change(c); return nil })}}
	if err := s.Step(t.Context(), steps); err != nil {
		t.Fatalf("Step: %v", err)
	}
	return steps[0].Err
}

func touch(c *store.Changes) { c.Touch = true }

// Z4: at the limit new records are refused and leave no trace; those that are
// there go on, and nothing is evicted for another.
func TestMaxRecords(t *testing.T) {
	s := memstore.New(nil, memstore.WithMaxRecords(2))
	for _, id := range []string{"a", "b"} {
		if err := try(t, s, user(id), touch); err != nil {
			t.Fatal(err)
		}
	}
	before := s.Snapshot()
	err := try(t, s, user("c"), func(c *store.Changes) {
		c.Touch = true
		c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "sent", N: 1})
	})
	if !errors.Is(err, memstore.ErrFull) {
		t.Errorf("a third record: %v, want %v", err, memstore.ErrFull)
	}
	if !bytes.Equal(s.Snapshot(), before) || s.Len() != 2 {
		t.Error("the refused step has left something")
	}
	for _, key := range []store.Key{user("a"), {Kind: store.KindMessage, ID: "m"}, {Kind: store.KindRun, ID: "r"}} {
		if err := try(t, s, key, touch); err != nil {
			t.Errorf("%v: %v; it needs no room", key, err)
		}
	}
	if err := try(t, s, user("nobody"), func(*store.Changes) {}); err != nil {
		t.Errorf("a step that changes nothing: %v", err)
	}
	for _, key := range []store.Key{{Kind: store.KindMessage, ID: "m"}, user("a")} {
		if err := try(t, s, key, func(c *store.Changes) { c.Delete = true }); err != nil {
			t.Error(err)
		}
	}
	if err := try(t, s, user("c"), touch); err != nil {
		t.Errorf("after a record has gone: %v", err)
	}
	if err := try(t, s, user("d"), touch); !errors.Is(err, memstore.ErrFull) {
		t.Errorf("and then another: %v", err)
	}
}

// However many ask for the last place, one gets it.
func TestMaxRecordsRace(t *testing.T) {
	const limit = 50
	s := memstore.New(memstore.WithMaxRecords(limit))
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 40 {
				if err := try(t, s, user(fmt.Sprint(g, "-", i)), touch); err != nil && !errors.Is(err, memstore.ErrFull) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if s.Len() != limit {
		t.Errorf("%d records, the limit is %d", s.Len(), limit)
	}
}

func TestMaxTotals(t *testing.T) {
	s := memstore.New(memstore.WithMaxTotals(2))
	count := func(messages ...string) error {
		return try(t, s, user("u"), func(c *store.Changes) {
			c.LastSeen++
			for _, m := range messages {
				c.Totals = append(c.Totals, store.Increment{Message: m, Name: "sent", N: 1})
			}
		})
	}
	if err := count("a", "b", "a"); err != nil {
		t.Fatal(err)
	}
	before := s.Snapshot()
	if err := count("a", "c"); !errors.Is(err, memstore.ErrFull) {
		t.Errorf("a third message: %v, want %v", err, memstore.ErrFull)
	}
	if !bytes.Equal(s.Snapshot(), before) {
		t.Error("the refused step has left something")
	}
	if err := count("b"); err != nil {
		t.Errorf("a message that is there: %v", err)
	}
}

// Zero and less mean the default, never "none" and never "without limit".
func TestLimitsOfZero(t *testing.T) {
	s := memstore.New(memstore.WithMaxRecords(0), memstore.WithMaxTotals(-1))
	if err := try(t, s, user("u"), func(c *store.Changes) {
		c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "sent", N: 1})
		c.Touch = true
	}); err != nil {
		t.Error(err)
	}
}

// Counts stop at the ends of int64.
func TestTotalsSaturate(t *testing.T) {
	const most, least = 1<<63 - 1, -1 << 63
	for _, c := range []struct{ a, b, want int64 }{
		{most, 1, most}, {most - 1, 1, most}, {least, -1, least}, {most, -1, most - 1}, {least, most, -1},
	} {
		s := memstore.New()
		for _, n := range []int64{c.a, c.b} {
			if err := try(t, s, user("u"), func(ch *store.Changes) {
				ch.Totals = append(ch.Totals, store.Increment{Message: "m", Name: "sent", N: n})
			}); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := s.Totals(t.Context(), "m"); err != nil || len(got) != 1 || got[0].Count != c.want {
			t.Errorf("%d and %d are %v (%v), want %d", c.a, c.b, got, err, c.want)
		}
	}
}

func TestClose(t *testing.T) {
	s := memstore.New()
	if err := try(t, s, user("u"), touch); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Errorf("Close: %v", err)
	}
	ctx := t.Context()
	steps := []store.Step{{Key: user("v"), Decider: decide(func(*store.Record, *store.Changes) error { t.Error("decided"); return nil })}}
	fn := func(*store.Record) error { t.Error("called"); return nil }
	_, scan := s.Scan(ctx, store.Query{Kinds: []store.Kind{store.KindUser}}, "", 1, fn)
	_, due := s.Scan(ctx, store.Query{Due: 1}, "", 1, fn)
	_, events := s.Events(ctx, user("u"), store.EventCursor{}, 1)
	_, totals := s.Totals(ctx, "m")
	for what, err := range map[string]error{
		"Step": s.Step(ctx, steps), "the step": steps[0].Err, "Read": s.Read(ctx, []store.Key{user("u")}, fn),
		"Scan by kind": scan, "Scan by due": due, "Events": events, "Totals": totals,
	} {
		if !errors.Is(err, beckon.ErrClosed) {
			t.Errorf("%s after Close: %v, want %v", what, err, beckon.ErrClosed)
		}
	}
	if s.Len() != 1 || len(s.Snapshot()) == 0 {
		t.Error("the contents are gone")
	}
}

// A context that ends between two steps of a call: those before are written,
// those after say that they are not.
func TestStepCancelledMidway(t *testing.T) {
	s := memstore.New()
	ctx, cancel := context.WithCancel(t.Context())
	steps := []store.Step{
		{Key: user("a"), Decider: decide(func(_ *store.Record, c *store.Changes) error { c.Touch = true; cancel(); return nil })},
		{Key: user("b"), Decider: decide(func(_ *store.Record, c *store.Changes) error { c.Touch = true; return nil })},
	}
	err := s.Step(ctx, steps)
	if !errors.Is(err, context.Canceled) || steps[0].Err != nil || !errors.Is(steps[1].Err, context.Canceled) || s.Len() != 1 {
		t.Errorf("%v; %v and %v; %d records", err, steps[0].Err, steps[1].Err, s.Len())
	}
}

// A decision that ends its goroutine, as t.FailNow does, or is nil, locks
// nothing and writes nothing.
func TestDecisionThatNeverReturns(t *testing.T) {
	s := memstore.New()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Step(context.Background(), []store.Step{{Key: user("u"), Decider: decide(func(_ *store.Record, c *store.Changes) error {
			c.Touch = true
			runtime.Goexit()
			return nil
		})}})
	}()
	<-done
	if s.Len() != 0 {
		t.Error("it has written")
	}
	steps := []store.Step{{Key: user("u")}}
	var panicked *beckon.PanicError
	if err := s.Step(t.Context(), steps); err != nil || !errors.As(steps[0].Err, &panicked) {
		t.Errorf("a nil Decider: %v, %v", err, steps[0].Err)
	}
	if err := try(t, s, user("u"), touch); err != nil || s.Len() != 1 {
		t.Errorf("afterwards: %v, %d records", err, s.Len())
	}
	func() { // fn of Read, which nobody contains here
		defer func() { _ = recover() }()
		_ = s.Read(t.Context(), []store.Key{user("u")}, func(*store.Record) error { panic("fn") })
	}()
	if err := try(t, s, user("u"), touch); err != nil {
		t.Errorf("after a panic in fn: %v", err)
	}
}

// C4: what was deleted is nowhere in the store; its neighbours are untouched.
func TestSnapshot(t *testing.T) {
	fill := func(order ...string) *memstore.Store {
		s := memstore.New()
		for _, id := range order {
			if err := try(t, s, user("id-"+id), func(c *store.Changes) {
				c.Stats = append(c.Stats, store.Stats{Name: unique.Make("e"), Count: 1})
				c.Events, c.KeepEvents = append(c.Events, store.LoggedEvent{Seq: 1, Name: unique.Make("e"), At: 5, EventID: "event-of-" + id}), 5
				c.Profile = &store.Profile{Attributes: []store.Attribute{store.NewAttribute("email", beckon.String(id+"@x.test"))}}
				c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "sent", N: 1}, store.Increment{Message: "l" + strings.Repeat("x", len(order)), Name: "sent", N: 2})
			}); err != nil {
				t.Fatal(err)
			}
		}
		return s
	}
	a, b := fill("one", "two", "three"), fill("three", "one", "two")
	if !bytes.Equal(a.Snapshot(), b.Snapshot()) {
		t.Error("the same contents have two forms")
	}
	if !bytes.Contains(a.Snapshot(), []byte("id-two")) || !bytes.Contains(a.Snapshot(), []byte("event-of-two")) {
		t.Error("the snapshot misses a record or its events")
	}
	if err := try(t, a, user("id-two"), func(c *store.Changes) { c.Delete = true }); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(a.Snapshot(), []byte("two")) {
		t.Error("something of the deleted contact stayed")
	}
	if bytes.Equal(a.Snapshot(), b.Snapshot()) {
		t.Error("different contents have one form")
	}
}

// The store keeps a copy of an id, not the posted body that it was cut from.
func TestIDIsCopied(t *testing.T) {
	s := memstore.New()
	body := strings.Repeat("x", 1000) + "u1"
	id := body[1000:]
	if err := try(t, s, user(id), touch); err != nil {
		t.Fatal(err)
	}
	_ = s.Read(t.Context(), []store.Key{user(id)}, func(r *store.Record) error {
		if unsafe.StringData(r.Key.ID) == unsafe.StringData(id) {
			t.Error("the record keeps the caller's memory")
		}
		return nil
	})
}

// The order of a scan follows from the steps, in every process.
func TestScanOrderRepeats(t *testing.T) {
	order := func() (ids []string) {
		s := memstore.New()
		for i := range 300 {
			if err := try(t, s, user(fmt.Sprint("user-", i)), touch); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Scan(t.Context(), store.Query{Kinds: []store.Kind{store.KindUser}}, "", 1000, func(r *store.Record) error {
			ids = append(ids, r.Key.ID)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return ids
	}
	if a, b := fmt.Sprint(order()), fmt.Sprint(order()); a != b {
		t.Errorf("two orders:\n%s\n%s", a, b)
	}
}

// A step on a record that is there allocates nothing once the record has its
// size: counts, a full window, a full log, totals.
func TestStepAllocatesNothing(t *testing.T) {
	s := memstore.New()
	name := unique.Make("e")
	d := decide(func(r *store.Record, c *store.Changes) error {
		row, _ := r.Stat(name)
		row.Count++
		c.Stats = append(c.Stats, row)
		c.EventSeq = r.EventSeq + 1
		c.Dedup = append(c.Dedup, store.Dedup{At: int64(c.EventSeq)})
		c.DedupDrop = max(0, len(r.Dedup)-9)
		c.Events = append(c.Events, store.LoggedEvent{Seq: c.EventSeq, Name: name, At: int64(c.EventSeq)})
		c.KeepEvents = 10
		if len(r.Counters) == 0 {
			c.Counters = append(c.Counters, store.Counter{Def: "d", Times: []int64{1, 2, 3}})
		} else {
			k := r.Counters[0]
			k.Count++
			c.Counters = append(c.Counters, k)
		}
		c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "judged", N: 1}, store.Increment{Message: "m", Name: "held.audience", N: 1})
		return nil
	})
	ctx, steps := t.Context(), []store.Step{{Key: user("u"), Decider: d}}
	step := func() {
		if err := s.Step(ctx, steps); err != nil || steps[0].Err != nil {
			t.Fatal(err, steps[0].Err)
		}
	}
	for range 100 {
		step()
	}
	if n := testing.AllocsPerRun(200, step); n != 0 && !raceEnabled { // the race detector has pools forget
		t.Errorf("%v allocations a step", n)
	}
}

// The target is 450 bytes for a contact of 20 event names, beside its id.
func TestMemoryOfContact(t *testing.T) {
	if testing.Short() {
		t.Skip("fills 100,000 contacts")
	}
	store, _, _, perContact := filled(t, 100_000)
	t.Logf("%.0f bytes a contact", perContact)
	if store.Len() != 100_000 || perContact > 450 {
		t.Errorf("%.0f bytes a contact, want at most 450", perContact)
	}
}
