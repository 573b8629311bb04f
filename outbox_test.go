package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// An outboxModel is what must be in an outbox: what was decided and not dealt
// with, and until when somebody has it.
type outboxModel struct {
	entries map[string]*leased
	sent    int64
	givenUp int64
}

type leased struct {
	at      time.Time
	attempt int
	until   int64 // Unix milliseconds; 0 if nobody is known to have it
}

// has reports whether d is under the lease that the model knows.
func (m *outboxModel) has(d beckon.Delivery) bool {
	x := m.entries[d.ID]
	return x != nil && x.attempt == d.Attempt && x.at.Equal(d.At)
}

// Z1: whatever workers, crashes, failures of the store, repeats, merges and the
// clock do, no delivery has two holders within a lease, none is lost, and none
// is given out that was dealt with.
func TestOutboxModel(t *testing.T) {
	ctx := context.Background()
	people := []beckon.Identity{{UserID: "u"}, {ID: "7"}, {Email: "e@example.com"}, {AnonymousID: "a"}}
	program := often()
	program.Messages = append(program.Messages, beckon.Message{
		ID: "sweep", Channel: beckon.Push, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Content: beckon.Content{Body: "x"},
	})
	checkOften(t, func(t *rapid.T) {
		store, clock := newFaultStore(), &hand{}
		clock.set(noon)
		engine, err := beckon.New(store, beckon.WithClock(clock.now), beckon.WithOutbox(), beckon.WithPendingLimit(1000))
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(ctx, program); err != nil {
			t.Fatal(err)
		}
		model := &outboxModel{entries: map[string]*leased{}}
		held := make([][]beckon.Delivery, 3) // by worker, stale ones too
		lease := beckon.LeaseFor.Milliseconds()
		give := func(d beckon.Delivery) {
			k := rapid.IntRange(-1, len(held)-1).Draw(t, "worker") // -1: it crashes with it
			if k >= 0 {
				held[k] = append(held[k], d)
			}
		}
		arm := func() bool {
			if rapid.IntRange(0, 3).Draw(t, "fails") != 0 {
				return false
			}
			store.arm(rapid.IntRange(1, 6).Draw(t, "at"), rapid.SampledFrom([]fault{failBefore, failAfter, failFromHere, failPastHere}).Draw(t, "how"))
			return true
		}
		// insist repeats what fails, as a host does.
		insist := func(op func() error) error {
			if arm() {
				err := op()
				store.heal()
				if !errors.Is(err, errStore) {
					return err
				}
			}
			return op()
		}
		// yielded notes what a worker has got.
		yielded := func(d beckon.Delivery, fresh bool) {
			now := clock.ms.Load()
			x := model.entries[d.ID]
			switch {
			case x == nil && !fresh:
				t.Fatalf("%s was yielded, and is not pending", d.ID)
			case x == nil:
				model.sent++
			case fresh:
				t.Fatalf("%s was decided twice", d.ID)
			case x.until > now:
				t.Fatalf("%s was yielded while another has it for %d ms", d.ID, x.until-now)
			case d.Attempt <= x.attempt:
				t.Fatalf("%s was yielded as attempt %d after %d", d.ID, d.Attempt, x.attempt)
			}
			model.entries[d.ID] = &leased{at: d.At, attempt: d.Attempt, until: now + lease}
			give(d)
		}
		// sync compares with what is there. After a failure more may be pending
		// than was yielded, and leased to nobody; never less.
		sync := func(failed bool) {
			seen := map[string]bool{}
			for d, err := range engine.Outbox(ctx) {
				if err != nil {
					t.Fatal(err)
				}
				seen[d.ID] = true
				if model.has(d) {
					continue
				}
				if !failed {
					t.Fatalf("%s is pending as attempt %d of %v, want %+v", d.ID, d.Attempt, d.At, model.entries[d.ID])
				}
				if model.entries[d.ID] == nil {
					model.sent++
					model.entries[d.ID] = &leased{}
				}
				model.entries[d.ID].at, model.entries[d.ID].attempt = d.At, d.Attempt
			}
			for id := range model.entries {
				if !seen[id] {
					t.Fatalf("%s was lost", id)
				}
			}
		}
		// of picks one of the deliveries that workers have or had.
		of := func() (beckon.Delivery, bool) {
			all := slices.Concat(held...)
			if len(all) == 0 {
				return beckon.Delivery{}, false
			}
			return rapid.SampledFrom(all).Draw(t, "delivery"), true
		}
		events := 0
		for range rapid.IntRange(1, 30).Draw(t, "ops") {
			switch op := rapid.SampledFrom([]string{"track", "track", "pending", "pending", "sweep", "ack", "release", "give up", "time", "time", "crash", "merge"}).Draw(t, "op"); op {
			case "track":
				if events == 0 || rapid.IntRange(0, 3).Draw(t, "new") > 0 {
					events++
				}
				who := rapid.SampledFrom(people).Draw(t, "who")
				e := beckon.Event{
					Name: "e", UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID,
					EventID: fmt.Sprint(rapid.IntRange(1, events).Draw(t, "event")),
				}
				var res beckon.Result
				calls := 0
				if err := insist(func() (err error) { calls++; res, err = engine.Track(ctx, e); return err }); err != nil {
					t.Fatal(err)
				}
				if calls > 1 { // the one that failed may have taken over what it was told of, from now on
					for _, x := range model.entries {
						x.until = min(x.until, clock.ms.Load()+lease)
					}
				}
				for _, d := range res.Deliveries {
					if x := model.entries[d.ID]; x != nil && res.Duplicate {
						if x.attempt > 1 {
							t.Fatalf("%s: a repeat took over what others than the first caller have had", d.ID)
						}
						x.until = 0 // a repeat takes over
					}
					yielded(d, model.entries[d.ID] == nil)
				}
				sync(calls > 1) // the one that failed may have taken over
			case "pending", "sweep":
				n := rapid.IntRange(1, 5).Draw(t, "most")
				run := engine.Pending(ctx)
				if op == "sweep" {
					run = engine.Sweep(ctx)
				}
				failed := arm()
				for d, err := range run {
					if err != nil {
						if !errors.Is(err, errStore) {
							t.Fatal(err)
						}
						break
					}
					yielded(d, op == "sweep")
					if n--; n == 0 {
						break
					}
				}
				store.heal()
				sync(failed)
			case "ack":
				if d, ok := of(); ok {
					if err := insist(func() error { return engine.Acknowledge(ctx, d) }); err != nil {
						t.Fatal(err)
					}
					delete(model.entries, d.ID)
				}
			case "release":
				if d, ok := of(); ok {
					had := model.has(d)
					err := insist(func() error { return engine.Release(ctx, d) })
					// A release that seemed to fail and did not is unknown when repeated.
					if had && err != nil && !errors.Is(err, beckon.ErrDeliveryUnknown) ||
						!had && !errors.Is(err, beckon.ErrLeaseLost) && !errors.Is(err, beckon.ErrDeliveryUnknown) {
						t.Fatalf("Release of a delivery, held: %v: %v", had, err)
					}
					if had {
						delete(model.entries, d.ID)
						model.sent--
					}
				}
			case "give up":
				if d, ok := of(); ok {
					had, there := model.has(d), model.entries[d.ID] != nil
					err := insist(func() error { return engine.GiveUp(ctx, d) })
					if lost := there && !had; errors.Is(err, beckon.ErrLeaseLost) != lost || err != nil && !lost {
						t.Fatalf("GiveUp of a delivery, pending: %v, held: %v: %v", there, had, err)
					}
					if had {
						delete(model.entries, d.ID)
						model.givenUp++
					}
				}
			case "time":
				clock.add(time.Duration(rapid.Int64Range(-lease/4, 2*lease).Draw(t, "ms")) * time.Millisecond)
			case "crash":
				held[rapid.IntRange(0, len(held)-1).Draw(t, "worker")] = nil
			case "merge":
				from, into := rapid.SampledFrom(people).Draw(t, "from"), rapid.SampledFrom(people).Draw(t, "into")
				if err := insist(func() error { return second(engine.Merge(ctx, from, into)) }); err != nil && !errors.Is(err, beckon.ErrContactAmbiguous) {
					t.Fatal(err)
				}
			}
			sync(false)
		}
		clock.add(3 * beckon.LeaseFor)
		for d, err := range engine.Pending(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			if model.entries[d.ID] == nil {
				t.Fatalf("%s comes again", d.ID)
			}
			if err := engine.Acknowledge(ctx, d); err != nil {
				t.Fatal(err)
			}
			delete(model.entries, d.ID)
		}
		if len(model.entries) != 0 {
			t.Fatalf("never given to a worker: %v", model.entries)
		}
		var sent, givenUp int64
		for _, m := range program.Messages {
			totals, err := engine.Totals(ctx, m.ID)
			if err != nil {
				t.Fatal(err)
			}
			sent, givenUp = sent+totals.Sent, givenUp+totals.GivenUp
		}
		if sent != model.sent || givenUp != model.givenUp {
			t.Fatalf("the totals say %d sent and %d given up, want %d and %d", sent, givenUp, model.sent, model.givenUp)
		}
	})
}

// An overtaken store has each decision made twice: between, something happens.
type overtaken struct {
	*memstore.Store
	between func()
}

func (s *overtaken) Step(ctx context.Context, steps []store.Step) error {
	if between := s.between; between != nil {
		s.between = nil
		for i := range steps {
			if err := s.Read(ctx, []store.Key{steps[i].Key}, func(r *store.Record) error {
				return steps[i].Decider.Decide(r, new(store.Changes))
			}); err != nil {
				return err
			}
		}
		between()
	}
	return s.Store.Step(ctx, steps)
}

// Z1: a worker whose step lost its race to another who dealt with the delivery,
// or to one who deleted the contact, gets nothing.
func TestPendingLosesTheRace(t *testing.T) {
	ctx := context.Background()
	for _, name := range []string{"acknowledged", "deleted"} {
		store, clock := &overtaken{Store: memstore.New()}, &hand{}
		clock.set(noon)
		engine, err := beckon.New(store, beckon.WithOutbox(), beckon.WithClock(clock.now))
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
			ID: "m", Status: beckon.Live, Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"},
		}}}); err != nil {
			t.Fatal(err)
		}
		res, err := engine.Track(ctx, beckon.Event{Name: "e", UserID: "u"})
		if err != nil || len(res.Deliveries) != 1 {
			t.Fatal(res.Deliveries, err)
		}
		clock.add(time.Hour)
		store.between = func() {
			var err error
			if name == "deleted" {
				err = engine.Delete(ctx, beckon.Identity{UserID: "u"})
			} else {
				err = engine.Acknowledge(ctx, res.Deliveries...)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for d, err := range engine.Pending(ctx) {
			t.Errorf("%s: got %+v, %v", name, d, err)
		}
	}
}
