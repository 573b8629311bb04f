package beckon_test

import (
	"context"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// A7: a counter is built from the whole log, also when an event comes between
// the reading of the log and the step that counts it.
func TestCounterWhileEventsCome(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	e := beckon.Event{Name: "e", UserID: "u", Metadata: beckon.Fields{{Key: "k", Value: beckon.String("v")}}}
	for at := 1; ; at++ {
		kept := newFaultStore()
		engine, err := beckon.New(kept)
		if err != nil {
			t.Fatal(err)
		}
		// Of another process, which has no program yet.
		other, err := beckon.New(kept)
		if err != nil {
			t.Fatal(err)
		}
		track := func(engine *beckon.Engine, e beckon.Event) int {
			t.Helper()
			res, err := engine.Track(ctx, e)
			if err != nil {
				t.Fatal(err)
			}
			return len(res.Deliveries)
		}
		track(other, e)
		track(other, e)
		if err := engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
			ID: "m", Status: beckon.Live, Trigger: beckon.On("go"), Frequency: &beckon.Frequency{Every: beckon.Seconds(0)},
			Audience: beckon.Did("e").Where(beckon.Metadata("k").Is("v")).AtLeast(3), Content: beckon.Content{Body: "x"},
		}}}); err != nil {
			t.Fatal(err)
		}
		came := false
		kept.interleave(func(call int) {
			if call != at {
				return
			}
			_ = kept.Store.Read(ctx, []store.Key{{Kind: store.KindUser, ID: "u"}}, func(r *store.Record) error {
				came = len(r.Counters) == 0 // later events are for those to count who know of it
				return nil
			})
			if came {
				track(other, e)
			}
		})
		track(engine, beckon.Event{Name: "go", UserID: "u"})
		kept.interleave(nil)
		if !came {
			if at < 3 {
				t.Errorf("only %d calls of the store before there is a counter", at-1)
			}
			return
		}
		if n := track(engine, beckon.Event{Name: "go", UserID: "u"}); n != 1 {
			t.Errorf("an event before call %d is not counted", at)
		}
	}
}

// A7: a counter says since when it is exact: from the beginning, if the log has
// all events there ever were.
func TestCounterSince(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for keep, whole := range map[int]bool{100: true, 5: true, 4: false} {
		clock := &hand{}
		clock.set(noon)
		kept := memstore.New()
		engine, err := beckon.New(kept, beckon.WithClock(clock.now), beckon.WithRecentEvents(keep))
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			clock.add(time.Minute)
			if _, err := engine.Track(ctx, beckon.Event{Name: "e", UserID: "u"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
			ID: "m", Status: beckon.Live, Trigger: beckon.On("go"), Audience: beckon.Did("e").Within(beckon.Days(1)).AtLeast(9), Content: beckon.Content{Body: "x"},
		}}}); err != nil {
			t.Fatal(err)
		}
		if _, err := engine.Track(ctx, beckon.Event{Name: "go", UserID: "u"}); err != nil {
			t.Fatal(err)
		}
		if err := kept.Read(ctx, []store.Key{{Kind: store.KindUser, ID: "u"}}, func(r *store.Record) error {
			if len(r.Counters) != 1 || (r.Counters[0].Since == 0) != whole {
				t.Errorf("%d of 5 events kept: %+v, exact from the beginning: want %v", keep, r.Counters, whole)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// X1: what a run has decided for a contact and its consumer did not take is
// decided again, also if it is all that the contact was to get.
func TestWalkOfWhoWasNotReached(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	clock := &hand{}
	clock.set(noon)
	engine, err := beckon.New(memstore.New(), beckon.WithClock(clock.now))
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(ctx, beckon.Program{Series: []beckon.Series{{
		ID: "s", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("go")},
		Blocks: []beckon.Block{
			{ID: "wait", Wait: beckon.Hours(1), Next: "tell"},
			{ID: "tell", Message: &beckon.Message{ID: "m", Channel: beckon.Email, Content: beckon.Content{Body: "x"}}},
		},
	}}}); err != nil {
		t.Fatal(err)
	}
	users := []string{"a", "b", "c", "d"}
	for _, u := range users {
		if _, err := engine.Track(ctx, beckon.Event{Name: "go", UserID: u}); err != nil {
			t.Fatal(err)
		}
	}
	clock.add(2 * time.Hour)
	got := map[string]int{}
	for range users {
		for d, err := range engine.Due(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			got[d.Contact.UserID]++
			break
		}
	}
	for _, u := range users {
		if got[u] != 1 {
			t.Errorf("%s was reached %d times", u, got[u])
		}
	}
}

// X1, T3: a message of a series that panics leaves the event as it was for the
// series after it.
func TestPanicInASeries(t *testing.T) {
	t.Parallel()
	series := func(id, message string, trigger *beckon.Trigger) beckon.Series {
		return beckon.Series{ID: id, Status: beckon.Live, Entry: beckon.Entry{Trigger: trigger}, Blocks: []beckon.Block{
			{ID: "tell", Message: &beckon.Message{ID: message, Channel: beckon.Email, Content: beckon.Content{Body: "x"}}},
		}}
	}
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), beckon.Program{Series: []beckon.Series{
		series("1", "broken", beckon.On("go")), series("2", "sent", beckon.On("go").Where(beckon.Metadata("k").Is("v"))),
	}}); err != nil {
		t.Fatal(err)
	}
	beckon.BreakContent(engine, "broken")
	res, err := engine.Track(t.Context(), beckon.Event{Name: "go", UserID: "u", Metadata: beckon.Fields{{Key: "k", Value: beckon.String("v")}}})
	if err != nil || len(res.Deliveries) != 1 || res.Deliveries[0].Message != "sent" || len(res.Failures()) != 1 {
		t.Errorf("%+v, %v, failures %v", res.Deliveries, err, res.Failures())
	}
}
