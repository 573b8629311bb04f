package beckon_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// What is said of a delivery while another loop has leased it ahead finds it as if it were
// not: it is not handed out after that, and its lease is not lost.
func TestPendingIsAnswered(t *testing.T) {
	t.Parallel()
	const n, before = 100, 20
	each := func(answer func(e *beckon.Engine, d beckon.Delivery) error) func(*beckon.Engine, []beckon.Delivery) error {
		return func(e *beckon.Engine, list []beckon.Delivery) (err error) {
			for _, d := range list {
				err = errors.Join(err, answer(e, d))
			}
			return err
		}
	}
	later := noon.Add(time.Hour)
	for name, answer := range map[string]func(*beckon.Engine, []beckon.Delivery) error{
		"acknowledge": each(func(e *beckon.Engine, d beckon.Delivery) error { return e.Acknowledge(t.Context(), d) }),
		"acknowledge all": func(e *beckon.Engine, list []beckon.Delivery) error {
			return e.Acknowledge(t.Context(), list...)
		},
		"release":  each(func(e *beckon.Engine, d beckon.Delivery) error { return e.Release(t.Context(), d) }),
		"give up":  each(func(e *beckon.Engine, d beckon.Delivery) error { return e.GiveUp(t.Context(), d) }),
		"retry":    each(func(e *beckon.Engine, d beckon.Delivery) error { return e.Retry(t.Context(), d, later) }),
		"postpone": each(func(e *beckon.Engine, d beckon.Delivery) error { return e.Postpone(t.Context(), d, later) }),
		"extend":   each(func(e *beckon.Engine, d beckon.Delivery) error { return e.Extend(t.Context(), d, later) }),
	} {
		engine, _, clock := pendingWorld(t, n)
		first := pendingOf(t, engine)
		clock.add(beckon.LeaseFor)
		seen := map[string]bool{}
		for d, err := range engine.Pending(t.Context(), beckon.Ahead(64)) {
			if err != nil {
				t.Fatal(err)
			}
			if seen[d.ID] = true; len(seen) == before {
				left := slices.DeleteFunc(slices.Clone(first), func(d beckon.Delivery) bool { return seen[d.ID] })
				if err := answer(engine, left); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		if len(first) != n || len(seen) != before {
			t.Errorf("%s: %d handed out, then %d, %d before", name, len(first), len(seen), before)
		}
	}
}

// So it is of a contact that was merged into another, by any of its identities; what is
// not answered is handed out.
func TestPendingIsAnsweredOfMerged(t *testing.T) {
	t.Parallel()
	engine, _, clock := pendingWorld(t, 100)
	first := pendingOf(t, engine)
	clock.add(beckon.LeaseFor)
	seen := map[string]bool{}
	for d, err := range engine.Pending(t.Context(), beckon.Ahead(64)) {
		if err != nil {
			t.Fatal(err)
		}
		if seen[d.ID] {
			t.Errorf("%s is handed out twice, or after its answer", d.Contact.UserID)
		}
		switch seen[d.ID] = true; len(seen) {
		case 1:
			for _, d := range first {
				if seen[d.ID] {
					continue
				}
				into := beckon.Identity{UserID: "a" + d.Contact.UserID} // the greater key leads to the lesser
				if _, err := engine.Update(t.Context(), beckon.Contact{UserID: into.UserID}); err != nil {
					t.Fatal(err)
				}
				if _, err := engine.Merge(t.Context(), d.Contact, into); err != nil {
					t.Fatal(err)
				}
			}
		case 20:
			var made []beckon.Delivery
			for i, d := range first {
				if seen[d.ID] || i%3 == 0 {
					continue
				}
				if i%3 == 1 {
					d.Contact.UserID = "a" + d.Contact.UserID
				}
				made, seen[d.ID] = append(made, d), true
			}
			if err := engine.Acknowledge(t.Context(), made...); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(first) != 100 || len(seen) != 100 {
		t.Errorf("%d at first, %d in the end", len(first), len(seen))
	}
}

// pendingOfOne is an engine with one contact for whom n deliveries are pending and free.
func pendingOfOne(t *testing.T, n int) (*beckon.Engine, *stepCounter, *hand) {
	t.Helper()
	clock, kept := &hand{}, &stepCounter{Store: memstore.New()}
	clock.set(noon)
	engine, err := beckon.New(kept, beckon.WithClock(clock.now), beckon.WithOutbox(), beckon.WithPendingLimit(1000))
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{{
		ID: "m", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("e"), Frequency: &beckon.Frequency{Every: beckon.Seconds(0)}, Content: beckon.Content{Body: "x"},
	}}}); err != nil {
		t.Fatal(err)
	}
	for range n {
		if _, err := engine.Track(t.Context(), beckon.Event{Name: "e", UserID: "u"}); err != nil {
			t.Fatal(err)
		}
	}
	clock.add(beckon.LeaseFor)
	return engine, kept, clock
}

// So it is of one contact with many, beside the one in hand and what was handed out before.
func TestPendingOfOneIsAnswered(t *testing.T) {
	t.Parallel()
	engine, _, clock := pendingOfOne(t, 100)
	first := pendingOf(t, engine)
	clock.add(beckon.LeaseFor)
	got := 0
	for d, err := range engine.Pending(t.Context(), beckon.Ahead(64)) {
		if err != nil {
			t.Fatal(err)
		}
		if got++; got == 20 {
			if err := engine.Acknowledge(t.Context(), append([]beckon.Delivery{d}, first...)...); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(first) != 100 || got != 20 {
		t.Errorf("%d at first, then %d, 20 before they were acknowledged", len(first), got)
	}
}

// What was handed out before is no reason to lease what is leased ahead once more.
func TestPendingIsAnsweredLate(t *testing.T) {
	t.Parallel()
	engine, kept, _ := pendingOfOne(t, 500)
	kept.steps = 0
	var made []beckon.Delivery
	seen := map[string]bool{}
	for d, err := range engine.Pending(t.Context(), beckon.Ahead(64)) {
		if err != nil {
			t.Fatal(err)
		}
		seen[d.ID] = true
		if made = append(made, d); len(made) == 10 {
			if err := engine.Acknowledge(t.Context(), made...); err != nil {
				t.Fatal(err)
			}
			made = nil
		}
	}
	if len(seen) != 500 || kept.steps > 50+20 {
		t.Errorf("%d handed out in %d steps", len(seen), kept.steps)
	}
}

// pendingOf returns what a loop of a worker yields.
func pendingOf(t *testing.T, engine *beckon.Engine) (list []beckon.Delivery) {
	t.Helper()
	for d, err := range engine.Pending(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	return list
}
