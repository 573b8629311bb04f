package beckon_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// roomWorld is an engine with 20 contacts for whom "first" and "second" are due, which a cap
// does not let out both, and "third", which it does not concern.
func roomWorld(t *testing.T, due *beckon.Trigger, second *beckon.Frequency) (*beckon.Engine, *hand) {
	t.Helper()
	clock := &hand{}
	clock.set(noon)
	engine, err := beckon.New(memstore.New(), beckon.WithClock(clock.now))
	if err != nil {
		t.Fatal(err)
	}
	text := beckon.Content{Subject: "s", Body: "hello"}
	if err := engine.Publish(t.Context(), beckon.Program{
		Caps: []beckon.Cap{{ID: "one", Max: 1, Within: beckon.Days(1)}},
		Messages: []beckon.Message{
			{ID: "first", Channel: beckon.Email, Status: beckon.Live, Priority: 10, Trigger: due, Content: text},
			{ID: "second", Channel: beckon.Email, Status: beckon.Live, Trigger: due, Content: text, Frequency: second},
			{ID: "third", Channel: beckon.Email, Status: beckon.Live, Trigger: due, Content: text, ExemptFromCaps: true},
		},
	}); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		id := fmt.Sprintf("u%02d", i)
		if _, err := engine.Track(t.Context(), beckon.Event{Name: "e", UserID: id}); err != nil {
			t.Fatal(err)
		}
		if _, err := engine.Update(t.Context(), beckon.Contact{UserID: id, Attributes: beckon.Attributes{"ends": beckon.Date(noon)}}); err != nil {
			t.Fatal(err)
		}
	}
	clock.add(time.Hour + time.Minute)
	return engine, clock
}

// What had to give way to a delivery that is taken back has not: it goes out if that one
// does not any more, and counts as held only for those that have got the other.
func TestAheadGivesRoomBack(t *testing.T) {
	t.Parallel()
	for name, due := range map[string]*beckon.Trigger{
		"absence": beckon.On("e").Unless("x", beckon.Hours(1), ""),
		"date":    beckon.OnDate("ends", beckon.Hours(1)),
	} {
		for _, second := range []*beckon.Frequency{nil, {Every: beckon.Minutes(1), Wait: beckon.Days(3)}} {
			for _, ahead := range []int{1, 64} {
				for most := 1; most <= 20; most++ {
					engine, clock := roomWorld(t, due, second)
					got := takenAndPaused(t, engine, clock, ahead, most)
					totals, err := engine.Totals(t.Context(), "second")
					if err != nil {
						t.Fatal(err)
					}
					if got["first"] != most || got["second"] != 20-most || got["third"] != 20 || totals.Held[beckon.ReasonCapped] != int64(most) {
						t.Errorf("%s, waits %t, ahead %d, %d taken: %v, %+v", name, second != nil, ahead, most, got, totals)
					}
				}
			}
		}
	}
}

// takenAndPaused takes the first message so often, then pauses it and takes the rest. It
// returns how often each came.
func takenAndPaused(t *testing.T, engine *beckon.Engine, clock *hand, ahead, most int) map[string]int {
	t.Helper()
	got := map[string]int{}
	for d, err := range engine.Due(t.Context(), beckon.Ahead(ahead)) {
		if err != nil {
			t.Fatal(err)
		}
		if got[d.Message]++; got[d.Message] == 4 {
			clock.add(2 * time.Second) // what was decided ahead is decided again
		}
		if got[d.Message] == most {
			break
		}
	}
	for i := range 20 {
		x, _, err := engine.Export(t.Context(), beckon.Identity{UserID: fmt.Sprintf("u%02d", i)})
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range x.Waiting {
			if w.Message == "" {
				t.Errorf("u%02d: what waits is of no message: %+v", i, x.Waiting)
			}
		}
	}
	if err := engine.Pause(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		clock.add(time.Minute)
		for d, err := range engine.Due(t.Context(), beckon.Ahead(ahead)) {
			if err != nil {
				t.Fatal(err)
			}
			got[d.Message]++
		}
	}
	return got
}
