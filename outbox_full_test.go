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

// A limit of the outbox holds a message and takes nothing of it; the rest waits
// for the host.
func TestOutboxFull(t *testing.T) {
	ctx := context.Background()
	program := often()
	program.Caps = []beckon.Cap{{ID: "cap", Max: 3, Within: beckon.Days(1)}}
	w := newOutbox(t, memstore.New(), program, beckon.WithPendingLimit(2))
	one := w.one("u")
	w.one("u")
	for range 3 {
		res := w.track(beckon.Event{Name: "e", UserID: "u"})
		if h := res.Held(); len(h) != 1 || h[0].Reason != beckon.ReasonOutboxFull || !h[0].RetryAt.IsZero() {
			t.Fatalf("%+v", h)
		}
	}
	w.one("v") // another contact has its own
	w.must(w.Acknowledge(ctx, one))
	if d := w.one("u"); d.Sequence != 3 {
		t.Errorf("the held ones have taken a number: %d", d.Sequence)
	}
	if res := w.track(beckon.Event{Name: "e", UserID: "u"}); len(res.Held()) != 1 || res.Held()[0].Reason != beckon.ReasonCapped {
		t.Errorf("capped comes first: %+v", res.Held())
	}
	if totals, err := w.Totals(ctx, "m"); err != nil || totals.Held[beckon.ReasonOutboxFull] != 3 || totals.Sent != 4 {
		t.Errorf("%+v, %v", totals, err)
	}
}

// What one event sends counts as it goes: the outbox takes as much of it as it has room
// for.
func TestOutboxFullByOneEvent(t *testing.T) {
	w := newOutbox(t, memstore.New(), beckon.Program{Messages: liveMessages(40)}, beckon.WithPendingLimit(30))
	for _, room := range []int{30, 12} {
		res := w.track(beckon.Event{Name: "go", UserID: "u"})
		if len(res.Deliveries) != room || len(res.Held()) != 40-room || res.Held()[0].Reason != beckon.ReasonOutboxFull {
			t.Fatalf("%d are sent, %d held; want %d sent", len(res.Deliveries), len(res.Held()), room)
		}
		w.must(w.Acknowledge(context.Background(), res.Deliveries[:12]...))
	}
}

// What Due sends and what a series has reached waits on while the outbox is
// full, and goes out once when there is room; an ongoing message at the next
// visit or sweep.
func TestOutboxFullWaits(t *testing.T) {
	ctx := context.Background()
	content := beckon.Content{Body: "x"}
	m := beckon.Message{ID: "late", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Content: content}
	window := m
	window.Trigger = beckon.On("go")
	window.Schedule = &beckon.Schedule{Windows: []beckon.Window{{From: "13:00", To: "15:00"}}, Outside: beckon.OutsideHold}
	absence := m
	absence.Trigger = beckon.On("go").Unless("stay", beckon.Hours(1), "")
	due := func(w *outboxWorld) int { return w.drain(w.Due(ctx)) }
	for name, c := range map[string]struct {
		message beckon.Message
		series  []beckon.Series
		run     func(w *outboxWorld) int
	}{
		"window":  {message: window, run: due},
		"absence": {message: absence, run: due},
		"ongoing": {message: m, run: func(w *outboxWorld) int { return w.drain(w.Sweep(ctx)) }},
		"series": {run: due, series: []beckon.Series{{
			ID: "s", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("go")},
			Blocks: []beckon.Block{
				{ID: "wait", Wait: beckon.Hours(1), Next: "send"},
				{ID: "send", Message: &beckon.Message{ID: "late", Channel: beckon.Email, Content: content}},
			},
		}}},
	} {
		program := often()
		program.Series = c.series
		if c.message.ID != "" {
			program.Messages = append(program.Messages, c.message)
		}
		w := newOutbox(t, memstore.New(), program, beckon.WithPendingLimit(1))
		first := w.one("u")
		w.track(beckon.Event{Name: "go", UserID: "u"})
		w.clock.add(time.Hour)
		for range 3 {
			if n := c.run(w); n != 0 {
				t.Fatalf("%s: sent into a full outbox", name)
			}
			w.clock.add(beckon.LeaseFor)
		}
		held := int64(3)
		if name == "ongoing" {
			held = 1 // each sweep finds the same contact
		}
		totals, err := w.Totals(ctx, "late")
		if err != nil || totals.Held[beckon.ReasonOutboxFull] != held {
			t.Errorf("%s: %+v, %v", name, totals, err)
		}
		w.must(w.Acknowledge(ctx, first))
		for i, want := range []int{1, 0} {
			if n := c.run(w); n != want {
				t.Errorf("%s, run %d with room: %d sent, want %d", name, i, n, want)
			}
			w.clock.add(beckon.LeaseFor)
		}
	}
}

// C2: what is pending moves with the contact, and can be dealt with under any
// of its identities; a merge loses none past the limit. C4: a deletion takes it.
func TestOutboxMergeAndDelete(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often(), beckon.WithPendingLimit(2))
	var all []beckon.Delivery
	for i := range 4 {
		who := beckon.Event{Name: "e", UserID: "u"}
		if i%2 == 0 {
			who = beckon.Event{Name: "e", AnonymousID: "a"}
		}
		all = append(all, w.track(who).Deliveries...)
		w.clock.add(time.Second)
	}
	w.must(second(w.Merge(ctx, beckon.Identity{AnonymousID: "a"}, user("u"))))
	if ids := w.pending(); len(all) != 4 || !slices.Equal(ids, []string{all[0].ID, all[1].ID, all[2].ID, all[3].ID}) {
		t.Fatalf("after the merge: %v", ids)
	}
	if res := w.track(beckon.Event{Name: "e", UserID: "u"}); len(res.Held()) != 1 || res.Held()[0].Reason != beckon.ReasonOutboxFull {
		t.Errorf("past the limit: %+v", res)
	}
	// Under the identity of before, the lease of before.
	w.must(w.Release(ctx, all[0]))
	w.must(w.Acknowledge(ctx, all[2]))
	w.clock.add(beckon.LeaseFor)
	if got := w.lease(); len(got) != 2 || got[0].ID != all[1].ID || got[1].ID != all[3].ID {
		t.Errorf("leased: %+v", got)
	}
	w.must(w.Delete(ctx, user("u")))
	w.clock.add(beckon.LeaseFor)
	if got := w.lease(); len(got) != 0 {
		t.Errorf("leased after the deletion: %+v", got)
	}
	w.must(w.Acknowledge(ctx, all[1]))
	w.must(w.GiveUp(ctx, all[1]))
	if err := w.Release(ctx, all[1]); !errors.Is(err, beckon.ErrDeliveryUnknown) {
		t.Errorf("Release after the deletion: %v", err)
	}
	if _, known, err := w.Export(ctx, user("u")); known || err != nil {
		t.Errorf("the contact is there again: %v", err)
	}
}

// A visitor with something pending is not dropped (C5).
func TestOutboxKeepsVisitors(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often())
	d := w.track(beckon.Event{Name: "e", AnonymousID: "a"}).Deliveries[0]
	for _, want := range []bool{true, false} {
		w.clock.add(2 * beckon.VisitorsKeptFor)
		for _, err := range w.Due(ctx) {
			w.must(err)
		}
		if _, known, _ := w.Export(ctx, beckon.Identity{AnonymousID: "a"}); known != want {
			t.Errorf("known: %v, want %v", known, want)
		}
		w.must(w.Acknowledge(ctx, d))
	}
}
