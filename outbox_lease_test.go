package beckon_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// Z1: a delivery belongs to one for the time of a lease, and to the next at the
// millisecond at which it ends. Looking changes nothing.
func TestLeaseEnds(t *testing.T) {
	for _, c := range []struct {
		lease, is time.Duration
	}{{0, beckon.LeaseFor}, {5 * time.Second, 5 * time.Second}, {time.Second + time.Nanosecond, 1001 * time.Millisecond}} {
		w := newOutbox(t, memstore.New(), often(), beckon.WithLease(c.lease))
		d := w.one("u")
		if d.Attempt != 1 {
			t.Errorf("decided, it is attempt %d", d.Attempt)
		}
		for attempt := 2; attempt < 5; attempt++ {
			w.clock.add(c.is - time.Millisecond)
			if got := w.lease(); len(got) != 0 {
				t.Fatalf("lease %v: %d leased before its end", c.is, len(got))
			}
			w.clock.add(time.Millisecond)
			if ids := w.pending(); !slices.Equal(ids, []string{d.ID}) {
				t.Fatalf("the outbox has %v", ids)
			}
			got := w.lease()
			if len(got) != 1 || got[0].ID != d.ID || got[0].Attempt != attempt || !got[0].At.Equal(d.At) || got[0].Data["k"] != "v" {
				t.Fatalf("lease %v, attempt %d: %+v", c.is, attempt, got)
			}
			if again := w.lease(); len(again) != 0 {
				t.Fatalf("leased twice at once: %+v", again)
			}
		}
	}
}

// Before 1970 and at its first instant time goes on as ever.
func TestLeaseBefore1970(t *testing.T) {
	w := newOutbox(t, memstore.New(), beckon.Program{}, beckon.WithLease(time.Second))
	w.clock.set(time.UnixMilli(-3000))
	program := often()
	program.Messages[0].LiveAt = time.UnixMilli(-5000)
	w.must(w.Publish(context.Background(), program))
	w.one("u")
	for range 6 {
		w.clock.add(time.Second)
		if got := w.lease(); len(got) != 1 && w.clock.ms.Load() > 1 {
			t.Errorf("at %v: %d leased", w.clock.now(), len(got))
		}
	}
}

// Who has lost the lease can acknowledge, and nothing else.
func TestLeaseLost(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often())
	first := w.one("u")
	w.clock.add(beckon.LeaseFor)
	w.must(w.Release(ctx, first)) // ended, but nobody else had it
	second := w.one("u")
	if second.ID != first.ID || second.Attempt != 1 {
		t.Fatalf("given back, the number is used again: %+v", second)
	}
	// The id and the attempt of the first, but of another decision.
	w.lost("Release of a delivery that was decided anew", w.Release(ctx, first))
	w.lost("GiveUp of a delivery that was decided anew", w.GiveUp(ctx, first))

	w.clock.add(beckon.LeaseFor)
	third := w.lease()[0]
	w.lost("Release after another has it", w.Release(ctx, second))
	w.lost("GiveUp after another has it", w.GiveUp(ctx, second))
	if got := w.pending(); len(got) != 1 {
		t.Fatalf("the outbox has %v", got)
	}
	w.must(w.Acknowledge(ctx, second)) // it was made after all
	w.lost("Release of what was made", w.Release(ctx, third))
	w.must(w.GiveUp(ctx, third))
	w.must(w.Acknowledge(ctx, third, second))
	totals, err := w.Totals(ctx, "m")
	if err != nil || totals.Sent != 1 || totals.GivenUp != 0 {
		t.Errorf("%+v, %v", totals, err)
	}
	// A bounce, learnt later.
	third.Attempt = 0
	w.must(w.Release(ctx, third))
	if err := w.Release(ctx, third); !errors.Is(err, beckon.ErrDeliveryUnknown) {
		t.Errorf("released twice: %v", err)
	}
	if totals, err := w.Totals(ctx, "m"); err != nil || totals.Sent != 0 {
		t.Errorf("%+v, %v", totals, err)
	}
}

// Given up, a delivery is gone and counts as sent: no cap opens.
func TestGiveUp(t *testing.T) {
	ctx := context.Background()
	program := often()
	program.Messages[0].Frequency.Max = 2
	w := newOutbox(t, memstore.New(), program)
	one, two := w.one("u"), w.one("u")
	for range 2 { // repeated, it counts once
		w.must(w.GiveUp(ctx, one))
	}
	w.clock.add(beckon.LeaseFor)
	if got := w.lease(); len(got) != 1 || got[0].ID != two.ID {
		t.Errorf("leased: %+v", got)
	}
	two.Attempt = 0 // known by its id alone: anyone who has it
	w.must(w.GiveUp(ctx, two))
	if res := w.track(beckon.Event{Name: "e", UserID: "u"}); len(res.Deliveries) != 0 || res.Held()[0].Reason != beckon.ReasonMaxReached {
		t.Errorf("what was given up is free again: %+v, %+v", res.Deliveries, res.Held())
	}
	totals, err := w.Totals(ctx, "m")
	if err != nil || totals.Sent != 2 || totals.GivenUp != 2 || totals.Judged != 3 {
		t.Errorf("%+v, %v", totals, err)
	}
	for name, err := range map[string]error{
		"of a contact that is not known": w.GiveUp(ctx, beckon.Delivery{ID: "x", Contact: user("nobody")}),
		"that never was":                 w.GiveUp(ctx, beckon.Delivery{ID: "x", Contact: user("u")}),
	} {
		if err != nil {
			t.Errorf("a delivery %s: %v", name, err)
		}
	}
	if err := w.GiveUp(ctx, beckon.Delivery{ID: "x"}); !errors.Is(err, beckon.ErrContactMissing) {
		t.Errorf("without a contact: %v", err)
	}
}

// The deliveries of one call are acknowledged in one step, those of several
// contacts each, and what is not there any more does not keep the rest.
func TestAcknowledgeTogether(t *testing.T) {
	ctx := context.Background()
	store := &countingStore{Store: memstore.New()}
	w := newOutbox(t, store, mergeProgram())
	u, v := w.track(beckon.Event{Name: "e", UserID: "u"}).Deliveries, w.track(beckon.Event{Name: "e", UserID: "v"}).Deliveries
	if len(u) != 4 || len(v) != 4 {
		t.Fatalf("%d and %d deliveries", len(u), len(v))
	}
	w.must(w.Acknowledge(ctx, u[1]))
	store.steps.Store(0)
	w.must(w.Acknowledge(ctx, append(slices.Clone(u), v[:3]...)...))
	if n := store.steps.Load(); n != 2 {
		t.Errorf("%d steps, want 2", n)
	}
	if ids := w.pending(); !slices.Equal(ids, []string{v[3].ID}) {
		t.Errorf("the outbox has %v", ids)
	}
	w.must(w.Acknowledge(ctx))
}

// A repeat returns what is pending, and with it goes the lease (E7).
func TestRepeatTakesOver(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often())
	event := beckon.Event{Name: "e", UserID: "u", EventID: "1"}
	first := w.track(event).Deliveries[0]
	w.one("u") // of another event
	w.clock.add(beckon.LeaseFor / 2)
	res := w.track(event)
	if !res.Duplicate || len(res.Deliveries) != 1 || res.Deliveries[0].ID != first.ID || res.Deliveries[0].Attempt != 2 {
		t.Fatalf("the repeat: %+v", res)
	}
	w.lost("Release by the first", w.Release(ctx, first))
	w.clock.add(beckon.LeaseFor / 2)
	if got := w.lease(); len(got) != 1 || got[0].ID == first.ID {
		t.Errorf("leased at the end of the first lease: %+v", got)
	}
	w.must(w.Release(ctx, res.Deliveries[0]))
	if res := w.track(event); !res.Duplicate || len(res.Deliveries) != 0 {
		t.Errorf("the repeat after the release: %+v", res)
	}
	// What a worker has is not taken from it.
	if res := w.track(beckon.Event{Name: "e", UserID: "v", EventID: "2"}); len(res.Deliveries) != 1 {
		t.Fatalf("%+v", res)
	}
	w.clock.add(beckon.LeaseFor)
	theirs := w.lease()
	if res := w.track(beckon.Event{Name: "e", UserID: "v", EventID: "2"}); !res.Duplicate || len(res.Deliveries) != 0 {
		t.Errorf("the repeat took what a worker has: %+v", res)
	}
	w.must(w.Acknowledge(ctx, theirs...))
	// An explanation leases nothing.
	again := w.one("u")
	if _, err := w.Explain(ctx, event); err != nil {
		t.Fatal(err)
	}
	w.must(w.Release(ctx, again))
}

// However often an event is repeated, and whenever the workers look, they have
// its delivery the first time that they look two leases after the decision.
func TestRepeatsStarveNoWorker(t *testing.T) {
	for _, every := range []time.Duration{time.Millisecond, time.Second, beckon.LeaseFor / 2, beckon.LeaseFor - time.Millisecond, beckon.LeaseFor} {
		w := newOutbox(t, memstore.New(), often())
		event := beckon.Event{Name: "e", UserID: "u", EventID: "1"}
		begun, had := w.clock.now(), len(w.track(event).Deliveries)
		var got []beckon.Delivery
		for len(got) == 0 && w.clock.now().Before(begun.Add(time.Hour)) {
			w.clock.add(every)
			had += len(w.track(event).Deliveries) // the repeat is always first
			got = w.lease()
		}
		if took := w.clock.now().Sub(begun); len(got) != 1 || had != 2 || took > 2*beckon.LeaseFor+every {
			t.Errorf("repeated every %v: a worker got %d after %v, callers %d", every, len(got), took, had)
		}
	}
}
