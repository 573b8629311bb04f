package beckon_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// A delivery that is put off is free at its instant and not a millisecond sooner, and one
// of the two ways counts as a try.
func TestRetryAndPostpone(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		call  func(*outboxWorld) func(context.Context, beckon.Delivery, time.Time) error
		tries int
	}{
		"Retry":    {func(w *outboxWorld) func(context.Context, beckon.Delivery, time.Time) error { return w.Retry }, 2},
		"Postpone": {func(w *outboxWorld) func(context.Context, beckon.Delivery, time.Time) error { return w.Postpone }, 1},
	} {
		for _, after := range []time.Duration{time.Second, 1500 * time.Microsecond, 3 * beckon.LeaseFor, beckon.MaxRetryAfter} {
			w := newOutbox(t, memstore.New(), often())
			d := w.one("u")
			for range 2 { // repeated, it is the same
				w.must(c.call(w)(ctx, d, w.clock.now().Add(after)))
			}
			free := (after + time.Millisecond - 1).Truncate(time.Millisecond)
			w.clock.add(free - time.Millisecond)
			if got := w.lease(); len(got) != 0 {
				t.Errorf("%s after %v: leased too soon", name, after)
			}
			w.clock.add(time.Millisecond)
			got := w.lease()
			if len(got) != 1 || got[0].ID != d.ID || got[0].Attempt != 2 || got[0].Tries() != c.tries {
				t.Fatalf("%s after %v: %+v", name, after, got)
			}
			w.lost(name+" after another has it", c.call(w)(ctx, d, w.clock.now()))
			w.lost("Extend after another has it", w.Extend(ctx, d, w.clock.now()))
			w.must(w.Acknowledge(ctx, got[0]))
			w.lost(name+" of what was made", c.call(w)(ctx, got[0], w.clock.now()))
			w.lost("Extend of what was made", w.Extend(ctx, got[0], w.clock.now()))
		}
	}
}

// What was put off again and again counts those tries that were.
func TestTriesAddUp(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often())
	d := w.one("u")
	next := func(tries int) {
		t.Helper()
		w.clock.add(time.Second)
		got := w.lease()
		if len(got) != 1 || got[0].Tries() != tries || got[0].Attempt != d.Attempt+1 {
			t.Fatalf("%+v, want try %d", got, tries)
		}
		d = got[0]
	}
	at := func() time.Time { return w.clock.now().Add(time.Second) }
	w.must(w.Postpone(ctx, d, at()))
	next(1)
	w.must(w.Postpone(ctx, d, at()))
	w.must(w.Retry(ctx, d, at())) // the last word counts
	next(2)
	w.must(w.Retry(ctx, d, at()))
	w.must(w.Postpone(ctx, d, at()))
	next(2)
	d.Postponed = 1_000_000 // as nobody says
	w.must(w.Postpone(ctx, d, at()))
	d.Postponed = 0
	next(2)
	w.must(w.Retry(ctx, d, at()))
	next(3)
	data, err := json.Marshal(d)
	var back beckon.Delivery
	if err != nil || json.Unmarshal(data, &back) != nil || back.Tries() != 3 {
		t.Errorf("as JSON %s, %v: try %d", data, err, back.Tries())
	}
}

// Instants are bounded: no later than MaxRetryAfter, no sooner than the next millisecond, so
// that a loop that puts all off until now ends.
func TestRetryBounds(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often())
	w.one("u")
	w.one("v")
	w.clock.add(beckon.LeaseFor)
	n := 0
	for d, err := range w.Pending(ctx) {
		w.must(err)
		if n++; n > 2 {
			t.Fatal("the loop does not end")
		}
		w.must(w.Retry(ctx, d, time.Time{}))
	}
	w.clock.add(time.Millisecond)
	got := w.lease()
	if len(got) != 2 {
		t.Fatalf("%d are free at once", len(got))
	}
	for i, far := range []time.Time{time.Unix(1<<61, 0), w.clock.now().AddDate(300, 0, 0)} {
		w.must(w.Postpone(ctx, got[i], far))
	}
	w.clock.add(beckon.MaxRetryAfter - time.Millisecond)
	if got := w.lease(); len(got) != 0 {
		t.Errorf("free too soon: %+v", got)
	}
	w.clock.add(time.Millisecond)
	if got := w.lease(); len(got) != 2 {
		t.Errorf("%d are free at the latest instant, want 2", len(got))
	}
}

// Who sends slowly keeps what they have. A lease is never made shorter.
func TestExtend(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often())
	w.one("u")
	w.clock.add(beckon.LeaseFor)
	d := w.lease()[0]
	for range 5 {
		w.clock.add(beckon.LeaseFor - time.Millisecond)
		w.must(w.Extend(ctx, d, w.clock.now().Add(beckon.LeaseFor)))
		w.must(w.Extend(ctx, d, w.clock.now())) // not shorter
		if got := w.lease(); len(got) != 0 {
			t.Fatalf("another got it: %+v", got)
		}
	}
	w.clock.add(beckon.LeaseFor)
	w.must(w.Extend(ctx, d, w.clock.now().Add(time.Second))) // ended, but nobody else had it
	w.clock.add(time.Second)
	got := w.lease()
	if len(got) != 1 || got[0].Attempt != 3 || got[0].Tries() != 3 {
		t.Fatalf("when the lease has ended: %+v", got)
	}
	w.lost("Extend after another has it", w.Extend(ctx, d, w.clock.now().Add(time.Hour)))
	d = got[0]
	w.must(w.Postpone(ctx, d, w.clock.now().Add(time.Second)))
	w.lost("Extend of what was put off", w.Extend(ctx, d, w.clock.now().Add(time.Hour)))
	d.Attempt = 0
	w.lost("Extend without an attempt", w.Extend(ctx, d, w.clock.now()))
	w.lost("Retry without an attempt", w.Retry(ctx, d, w.clock.now()))
	w.lost("Postpone of a delivery that never was", w.Postpone(ctx, beckon.Delivery{ID: "x", Contact: user("u"), Attempt: 1}, w.clock.now()))
	w.lost("Retry for nobody known", w.Retry(ctx, beckon.Delivery{ID: "x", Contact: user("nobody"), Attempt: 1}, w.clock.now()))
	if err := w.Retry(ctx, beckon.Delivery{ID: "x"}, w.clock.now()); !errors.Is(err, beckon.ErrContactMissing) {
		t.Errorf("without a contact: %v", err)
	}
	w.must(w.Close())
	if err := w.Extend(ctx, d, w.clock.now()); !errors.Is(err, beckon.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// A repeat of the event does not get before its time what its caller has put off, or is
// still sending: somebody got the answer.
func TestRepeatLeavesWhatWasPutOff(t *testing.T) {
	for name, call := range map[string]func(*outboxWorld, context.Context, beckon.Delivery, time.Time) error{
		"Retry": (*outboxWorld).Retry, "Postpone": (*outboxWorld).Postpone, "Extend": (*outboxWorld).Extend,
	} {
		w := newOutbox(t, memstore.New(), often())
		event := beckon.Event{Name: "e", UserID: "u", EventID: "1"}
		d := w.track(event).Deliveries[0]
		w.must(call(w, t.Context(), d, w.clock.now().Add(time.Hour)))
		for _, after := range []time.Duration{0, beckon.LeaseFor} {
			w.clock.add(after)
			if res := w.track(event); !res.Duplicate || len(res.Deliveries) != 0 {
				t.Errorf("%s: the repeat got %+v", name, res.Deliveries)
			}
		}
		w.clock.add(time.Hour - beckon.LeaseFor)
		if got := w.lease(); len(got) != 1 || got[0].Attempt != 2 {
			t.Errorf("%s: at its time: %+v", name, got)
		}
	}
}

// A merge takes along what was put off.
func TestRetryFollowsMerges(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often())
	w.track(beckon.Event{Name: "e", AnonymousID: "a"})
	w.clock.add(beckon.LeaseFor)
	d := w.lease()[0]
	w.must(second(w.Merge(ctx, beckon.Identity{AnonymousID: "a"}, user("u"))))
	w.must(w.Postpone(ctx, d, w.clock.now().Add(time.Hour)))
	w.clock.add(time.Hour - time.Millisecond)
	if got := w.lease(); len(got) != 0 {
		t.Errorf("too soon: %+v", got)
	}
	w.clock.add(time.Millisecond)
	if got := w.lease(); len(got) != 1 || got[0].Tries() != 2 {
		t.Errorf("%+v", got)
	}
}
