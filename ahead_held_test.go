package beckon_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// rivals are two mails for which there is room once in half an hour; the second waits
// for room if it says so, and a third one that has room. All come two hours after a contact has
// joined, the second unless the contact has paid.
func rivals(wait beckon.Duration) beckon.Program {
	message := func(id, unless string, tags ...string) beckon.Message {
		return beckon.Message{
			ID: id, Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("joined").Unless(unless, beckon.Hours(2), ""), Tags: tags,
			Content: beckon.Content{Subject: "s", Body: "x"},
		}
	}
	p := beckon.Program{
		Caps:     []beckon.Cap{{ID: "one", Tag: "few", Max: 1, Within: beckon.Minutes(30)}},
		Messages: []beckon.Message{message("a", "left", "few"), message("b", "paid", "few"), message("c", "left")},
	}
	p.Messages[1].Frequency = &beckon.Frequency{Wait: wait}
	return p
}

// What was held for a delivery that was handed out is held, whatever else of the contact is
// taken back: it has no room later either.
func TestAheadLeavesHeldWhatStands(t *testing.T) {
	t.Parallel()
	for most := 1; most <= 40; most++ {
		engine, clock := undoneWorld(t, rivals(beckon.Duration{}))
		got := map[string]int{}
		takenOf(t, engine.Due(t.Context(), beckon.Ahead(64)), most, got)
		for i := range 20 {
			id := fmt.Sprintf("u%02d", i)
			x, _, err := engine.Export(t.Context(), beckon.Identity{UserID: id})
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range x.Waiting {
				if h.Message == "b" && got["a "+id] > 0 {
					t.Errorf("%d taken: b waits again for %s, who has a", most, id)
				}
			}
		}
		clock.add(2 * time.Hour) // long enough for the cap
		takenOf(t, engine.Due(t.Context()), 0, got)
		for i := range 20 {
			for m, want := range map[string]int{"a": 1, "b": 0, "c": 1} {
				if id := fmt.Sprintf("%s u%02d", m, i); got[id] != want {
					t.Errorf("%d taken: %s: %d, want %d", most, id, got[id], want)
				}
			}
		}
	}
}

// What was held for a delivery that is taken back, and cancelled by an event meanwhile, is not
// brought back by that; nor is anything else lost.
func TestAheadLeavesCancelledWhatOthersCancel(t *testing.T) {
	t.Parallel()
	for most := 1; most <= 40; most++ {
		kept := memstore.New()
		engine, clock := undoneOn(t, kept, rivals(beckon.Hours(24)))
		other, err := beckon.New(kept, beckon.WithClock(clock.now))
		if err != nil {
			t.Fatal(err)
		}
		if err := other.Publish(t.Context(), rivals(beckon.Hours(24))); err != nil {
			t.Fatal(err)
		}
		got, n := map[string]int{}, 0
		for d, err := range engine.Due(t.Context(), beckon.Ahead(64)) {
			if err != nil {
				t.Fatal(err)
			}
			got[d.Message+" "+d.Contact.UserID]++
			if n++; n < most {
				continue
			}
			for i := range 20 {
				if _, err := other.Track(t.Context(), beckon.Event{Name: "paid", UserID: fmt.Sprintf("u%02d", i)}); err != nil {
					t.Fatal(err)
				}
			}
			break
		}
		for range 3 {
			clock.add(time.Hour)
			takenOf(t, engine.Due(t.Context()), 0, got)
		}
		for i := range 20 {
			for m, want := range map[string]int{"a": 1, "b": 0, "c": 1} {
				if id := fmt.Sprintf("%s u%02d", m, i); got[id] != want {
					t.Errorf("%d taken: %s: %d, want %d", most, id, got[id], want)
				}
			}
		}
	}
}
