package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/memstore"
)

// A program that is published while a sweep is under way is judged whole: what
// the sweep has still to decide is decided by the new program, never by a mix
// of the two (40 of the fault model).
func TestPublishDuringSweep(t *testing.T) {
	t.Parallel()
	message := func(id string, status beckon.Status, priority int) beckon.Message {
		return beckon.Message{ID: id, Channel: beckon.Email, Status: status, Priority: priority, Content: beckon.Content{Body: id}}
	}
	before := beckon.Program{Messages: []beckon.Message{
		message("a", beckon.Live, 3), message("b", beckon.Draft, 2), message("c", beckon.Draft, 1),
	}}
	// In the new program the paused message stands where the live one stood.
	for _, c := range []struct {
		name  string
		after beckon.Program
		want  []string // of the contacts after the first
	}{
		{"in another order", beckon.Program{Messages: []beckon.Message{
			message("a", beckon.Paused, 1), message("b", beckon.Live, 3), message("c", beckon.Live, 2),
		}}, []string{"b", "c"}},
		{"with fewer messages", beckon.Program{}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			kit := beckontest.New(t, before)
			users(kit, "u0", "u1")
			var sent []string
			first := beckon.Identity{}
			for d, err := range kit.Engine.Sweep(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				if first == (beckon.Identity{}) {
					first = d.Contact
					kit.Publish(c.after)
				}
				if d.Contact != first {
					sent = append(sent, d.Message)
				}
			}
			slices.Sort(sent)
			if !slices.Equal(sent, c.want) {
				t.Errorf("the second contact was sent %q, want %q", sent, c.want)
			}
			for _, id := range []string{"a", "b", "c"} {
				if n := kit.Totals(id).Held[beckon.ReasonFailed]; n != 0 {
					t.Errorf("%s: %d failed", id, n)
				}
			}
		})
	}
}

// A message that leaves the program while it is being sent reaches nobody
// further.
func TestPublishDuringSend(t *testing.T) {
	t.Parallel()
	kit := beckontest.New(t, beckon.Program{Messages: []beckon.Message{
		{ID: "news", Mode: beckon.OneOff, Status: beckon.Live, Content: beckon.Content{Body: "News"}},
	}})
	users(kit, "u0", "u1")
	n := 0
	for _, err := range kit.Engine.Send(t.Context(), "news") {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 1 {
			kit.Publish(beckon.Program{})
		}
	}
	if n != 1 {
		t.Errorf("%d sends, want 1", n)
	}
}

// A contact that is deleted while a run is under way is passed by, also by an
// engine that refuses unknown contacts.
func TestDeleteDuringRun(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]beckon.Option{nil, {beckon.WithKnownContactsOnly()}} {
		kit := beckontest.New(t, beckon.Program{Messages: []beckon.Message{
			{ID: "hello", Channel: beckon.Email, Status: beckon.Live, Content: beckon.Content{Body: "Hello"}},
		}}, opts...)
		users(kit, "u0", "u1", "u2")
		n := 0
		for d, err := range kit.Engine.Sweep(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == 1 {
				for _, id := range []string{"u0", "u1", "u2"} {
					if id != d.Contact.UserID {
						kit.Delete(beckon.Identity{UserID: id})
					}
				}
			}
		}
		if n != 1 {
			t.Errorf("%d sends, want 1", n)
		}
	}
}

// The error that ends a run is the one that a call would have returned.
func TestRunErrors(t *testing.T) {
	t.Parallel()
	kit := beckontest.New(t, beckon.Program{})
	users(kit, "u0")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, run := range map[string]func() error{
		"sweep": func() error { return last(kit.Engine.Sweep(ctx)) },
		"due":   func() error { return last(kit.Engine.Due(ctx)) },
	} {
		if err := run(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want the context's error", name, err)
		}
	}
}

// C5: a visitor whose repeats are still remembered is kept, however old the
// events say they are.
func TestVisitorWithFreshRepeatIsKept(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), beckon.Program{}); err != nil {
		t.Fatal(err)
	}
	track := func(id string, at time.Time) beckon.Result {
		t.Helper()
		res, err := engine.Track(t.Context(), beckon.Event{Name: "seen", AnonymousID: "v1", EventID: id, CreatedAt: at})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	track("e1", now)
	late := now
	now = now.Add(91 * 24 * time.Hour)
	track("e2", late)
	if err := last(engine.Due(t.Context())); err != nil {
		t.Fatal(err)
	}
	if !track("e2", late).Duplicate {
		t.Error("the repeat was taken for a new event")
	}
}

// C5: a visitor is dropped once nothing holds it any more, not before.
func TestVisitorsThatACapHolds(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for _, c := range []struct {
		name    string
		message beckon.Message
		caps    []beckon.Cap
		kept    bool
	}{
		{"default distance", beckon.Message{}, nil, false},
		{"distance of a year", beckon.Message{Frequency: &beckon.Frequency{Every: beckon.Days(365)}}, nil, true},
		{"a maximum", beckon.Message{Frequency: &beckon.Frequency{Max: 1}}, nil, true},
		{"a cap of a year", beckon.Message{}, []beckon.Cap{{ID: "c", Max: 5, Within: beckon.Days(365)}}, true},
		{"a cap that is over", beckon.Message{}, []beckon.Cap{{ID: "c", Max: 5, Within: beckon.Days(90)}}, false},
		{"a cap of another channel", beckon.Message{}, []beckon.Cap{{ID: "c", Channel: beckon.Push, Max: 5, Within: beckon.Days(365)}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := c.message
			m.ID, m.Status, m.Trigger, m.Content = "m", beckon.Live, beckon.On("go"), beckon.Content{Body: "Go"}
			kit := beckontest.New(t, beckon.Program{Messages: []beckon.Message{m}, Caps: c.caps})
			who := beckon.Identity{AnonymousID: "v"}
			kit.Track(beckon.Event{Name: "go", AnonymousID: "v"}).Want("m", "sent")
			kit.Advance(89 * day).Due()
			if _, known, err := kit.Engine.Export(t.Context(), who); err != nil || !known {
				t.Fatalf("dropped early: %v", err)
			}
			kit.Advance(2 * day).Due()
			if _, known, err := kit.Engine.Export(t.Context(), who); err != nil || known != c.kept {
				t.Errorf("kept: %t, want %t (%v)", known, c.kept, err)
			}
		})
	}
}

// A7: a counter that is built from a log which was cut counts what is left of it.
func TestCounterBuiltFromACutLog(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		keep beckon.Option
		want int
	}{{beckon.WithRecentEvents(2), 2}, {beckon.WithoutRecentEvents(), 0}, {nil, 3}} {
		kit := beckontest.New(t, beckon.Program{}, c.keep)
		for range 3 {
			kit.Advance(time.Hour).Track(beckon.Event{Name: "bought", UserID: "u"})
		}
		program := repeating("m")
		program.Messages[0].Audience = beckon.Did("bought").Within(beckon.Days(7)).Is(c.want)
		kit.Publish(program)
		kit.Track(beckon.Event{Name: "go", UserID: "u"}).Want("m", "sent")
	}
}

// plainStore hides what a store may offer beside the contract.
type plainStore struct{ beckon.Store }

// TestProgressTotal: a run says how many contacts there are if the store can.
func TestProgressTotal(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name  string
		store beckon.Store
		want  int64
	}{
		{"a store that can say", memstore.New(), 300},
		{"a store that cannot", plainStore{memstore.New()}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			engine, err := beckon.New(c.store, beckon.WithClock(func() time.Time { return modelStart }))
			if err != nil {
				t.Fatal(err)
			}
			if err := engine.Publish(ctx, beckon.Program{}); err != nil {
				t.Fatal(err)
			}
			for i := range 300 {
				if _, err := engine.Update(ctx, beckon.Contact{UserID: fmt.Sprint(i)}); err != nil {
					t.Fatal(err)
				}
			}
			var last beckon.Progress
			for _, err := range engine.Sweep(ctx, beckon.OnProgress(func(p beckon.Progress) { last = p })) {
				if err != nil {
					t.Fatal(err)
				}
			}
			if last.Done != 300 || last.Total != c.want || last.Cursor != "" {
				t.Errorf("at the end: %+v, want 300 done of %d", last, c.want)
			}
		})
	}
}
