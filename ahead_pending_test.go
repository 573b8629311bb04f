package beckon_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// pendingWorld is aheadWorld with n contacts for whom "news" is pending and free.
func pendingWorld(t *testing.T, n int) (*beckon.Engine, *stepCounter, *hand) {
	t.Helper()
	engine, kept, clock := aheadWorld(t, n, beckon.WithOutbox())
	if got := sweptUntil(t, engine, 0, nil); len(got) != n {
		t.Fatalf("%d sent", len(got))
	}
	clock.add(beckon.LeaseFor)
	return engine, kept, clock
}

// A worker leases and acknowledges many in one step.
func TestPendingSteps(t *testing.T) {
	t.Parallel()
	engine, kept, _ := pendingWorld(t, 600)
	kept.steps, kept.largest = 0, 0
	var all []beckon.Delivery
	for d, err := range engine.Pending(t.Context(), beckon.Ahead(64)) {
		if err != nil {
			t.Fatal(err)
		}
		if d.Attempt != 2 {
			t.Errorf("attempt %d", d.Attempt)
		}
		all = append(all, d)
	}
	if len(all) != 600 || kept.steps > 20 || kept.largest != 64 {
		t.Errorf("%d leased in %d steps of at most %d", len(all), kept.steps, kept.largest)
	}
	kept.steps = 0
	if err := engine.Acknowledge(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
	if kept.steps > 10 {
		t.Errorf("%d steps to acknowledge 600", kept.steps)
	}
	for d, err := range engine.Outbox(t.Context()) {
		t.Fatalf("still pending: %s, %v", d.Contact.UserID, err)
	}
}

// What a worker has leased ahead and not handed out is free for others when it stops,
// and no try has been counted.
func TestPendingGivesBack(t *testing.T) {
	t.Parallel()
	engine, kept, clock := pendingWorld(t, 200)
	n, before := 0, 0
	for d, err := range engine.Pending(t.Context(), beckon.Ahead(64)) {
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Acknowledge(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if n++; n == 70 {
			before = kept.steps
			break
		}
	}
	if kept.steps != before+1 {
		t.Errorf("%d steps to give back", kept.steps-before)
	}
	other, err := beckon.New(kept, beckon.WithClock(clock.now))
	if err != nil {
		t.Fatal(err)
	}
	for d, err := range other.Pending(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; d.Attempt != 2 {
			t.Errorf("attempt %d of what nobody had", d.Attempt)
		}
	}
	if n != 200 {
		t.Errorf("%d handed out, want 200", n)
	}
}

// What is done to a contact finds what a worker has leased ahead as if it were not.
func TestPendingIsTakenBack(t *testing.T) {
	t.Parallel()
	engine, _, _ := pendingWorld(t, 100)
	var got []string
	for d, err := range engine.Pending(t.Context(), beckon.Ahead(64)) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, d.Contact.UserID); len(got) == 40 {
			for i := range 100 {
				if id := fmt.Sprintf("u%03d", i); !slices.Contains(got, id) {
					if err := engine.Unsubscribe(t.Context(), beckon.Identity{UserID: id}, string(beckon.Email)); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	if len(got) != 40 {
		t.Errorf("%d handed out, 40 before the others refused", len(got))
	}
	totals, err := engine.Totals(t.Context(), "news")
	if err != nil || totals.Sent != 40 || totals.Held[beckon.ReasonUnsubscribed] != 60 {
		t.Errorf("%+v, %v", totals, err)
	}
}

// The same is true of what one contact has.
func TestPendingOfOneIsTakenBack(t *testing.T) {
	t.Parallel()
	who := beckon.Identity{UserID: "u1"}
	for name, act := range map[string]func(*beckon.Engine) error{
		"refuse": func(e *beckon.Engine) error { return e.Unsubscribe(t.Context(), who, string(beckon.Email)) },
		"delete": func(e *beckon.Engine) error { return e.Delete(t.Context(), who) },
	} {
		clock := &hand{}
		clock.set(noon)
		engine, err := beckon.New(memstore.New(), beckon.WithClock(clock.now), beckon.WithOutbox())
		if err != nil {
			t.Fatal(err)
		}
		var p beckon.Program
		for i := range 30 {
			p.Messages = append(p.Messages, beckon.Message{
				ID: fmt.Sprint("m", i), Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"},
			})
		}
		if err := engine.Publish(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		if _, err := engine.Track(t.Context(), beckon.Event{Name: "e", UserID: "u1"}); err != nil {
			t.Fatal(err)
		}
		clock.add(beckon.LeaseFor)
		got := 0
		for _, err := range engine.Pending(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if got++; got == 10 {
				if err := act(engine); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got != 10 {
			t.Errorf("%s: %d handed out, 10 before", name, got)
		}
	}
}

// A worker that takes long for each has the whole lease for each, and leases little
// ahead.
func TestPendingSlowly(t *testing.T) {
	t.Parallel()
	engine, kept, clock := pendingWorld(t, 60)
	other, err := beckon.New(kept, beckon.WithClock(clock.now))
	if err != nil {
		t.Fatal(err)
	}
	kept.steps = 0
	var got []string
	for d, err := range engine.Pending(t.Context(), beckon.Ahead(64)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, d.Contact.UserID)
		clock.add(beckon.LeaseFor - time.Millisecond)
		if err := engine.Acknowledge(t.Context(), d); err != nil { // in its lease
			t.Fatal(err)
		}
	}
	if slices.Sort(got); len(slices.Compact(got)) != 60 || kept.steps > 60*4 {
		t.Errorf("%d handed out in %d steps", len(got), kept.steps)
	}
	for d, err := range other.Pending(t.Context()) {
		t.Fatalf("left: %s, %v", d.Contact.UserID, err)
	}
}

// A contact with many deliveries is worked through like many contacts.
func TestPendingOfOneContact(t *testing.T) {
	t.Parallel()
	engine, kept, _ := pendingOfOne(t, 500)
	kept.steps = 0
	seen := map[string]bool{}
	for d, err := range engine.Pending(t.Context(), beckon.Ahead(64)) {
		if err != nil {
			t.Fatal(err)
		}
		seen[d.ID] = true
		if err := engine.Acknowledge(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 500 || kept.steps > 500+20 {
		t.Errorf("%d handed out in %d steps", len(seen), kept.steps)
	}
}

// So is what it has leased of contacts that were merged into others after it had found
// them: it stands with the others.
func TestPendingOfMergedIsTakenBack(t *testing.T) {
	t.Parallel()
	const n, before = 100, 20
	for name, act := range map[string]func(*beckon.Engine, beckon.Identity) error{
		"refuse": func(e *beckon.Engine, who beckon.Identity) error {
			return e.Unsubscribe(t.Context(), who, string(beckon.Email))
		},
		"delete": func(e *beckon.Engine, who beckon.Identity) error { return e.Delete(t.Context(), who) },
	} {
		engine, _, _ := pendingWorld(t, n)
		other := func(i int) beckon.Identity { return beckon.Identity{UserID: fmt.Sprintf("other%03d", i)} }
		got := 0
		for _, err := range engine.Pending(t.Context(), beckon.Ahead(64)) {
			if err != nil {
				t.Fatal(err)
			}
			switch got++; got {
			case 1:
				for i := 1; i < n; i++ {
					if _, err := engine.Update(t.Context(), beckon.Contact{UserID: other(i).UserID}); err != nil {
						t.Fatal(err)
					}
					if _, err := engine.Merge(t.Context(), beckon.Identity{UserID: fmt.Sprintf("u%03d", i)}, other(i)); err != nil {
						t.Fatal(err)
					}
				}
			case before:
				for i := 1; i < n; i++ {
					if err := act(engine, other(i)); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		if got != before {
			t.Errorf("%s: %d handed out, %d before", name, got, before)
		}
	}
}
