package beckon_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// sameFilm is a message to who has watched the film of the event fewer than n times before.
func sameFilm(n int) beckon.Program {
	return beckon.Program{Messages: []beckon.Message{{
		ID: "again", Status: beckon.Live, Trigger: beckon.On("watched"), Frequency: &beckon.Frequency{Every: beckon.Seconds(0)},
		Audience: beckon.Did("watched").Where(beckon.Metadata("film").Is(beckon.TriggerMetadata("film"))).LessThan(n),
		Content:  beckon.Content{Body: "x"},
	}}}
}

func ofFilm(film string) beckon.Event {
	return beckon.Event{Name: "watched", UserID: "u1", Metadata: beckon.Fields{{Key: "film", Value: beckon.String(film)}}}
}

// A14, F3: the recent events that answer are those from before the event, however many
// arrive at once. That others come meanwhile keeps none of them from being taken.
func TestTriggerMetadataUnderRace(t *testing.T) {
	t.Parallel()
	const films, each = 4, 60
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), sameFilm(3)); err != nil {
		t.Fatal(err)
	}
	var sent [films]atomic.Int64
	var all sync.WaitGroup
	for i := range films * each {
		all.Go(func() {
			res, err := engine.Track(context.Background(), ofFilm(fmt.Sprint(i%films)))
			if err != nil {
				t.Error(err)
			}
			sent[i%films].Add(int64(len(res.Deliveries)))
		})
	}
	all.Wait()
	for i := range sent {
		if n := sent[i].Load(); n != 3 {
			t.Errorf("film %d: sent %d times, want 3", i, n)
		}
	}
}

// An eventfulStore is one in which something happens to a contact whenever its events are
// read, so many times.
type eventfulStore struct {
	*memstore.Store
	happens func()
	left    int
}

func (s *eventfulStore) Events(ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
	list, err := s.Store.Events(ctx, key, before, limit)
	if s.left > 0 {
		s.left--
		s.happens()
	}
	return list, err
}

// A14: what was read is of no use when another event has come since, and is read again,
// for as long as others come.
func TestTriggerMetadataIsPatient(t *testing.T) {
	t.Parallel()
	kept := &eventfulStore{Store: memstore.New()}
	engine, err := beckon.New(kept)
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), sameFilm(200)); err != nil {
		t.Fatal(err)
	}
	kept.happens = func() {
		if _, err := engine.Track(t.Context(), beckon.Event{Name: "other", UserID: "u1"}); err != nil {
			t.Error(err)
		}
	}
	for range 2 {
		kept.left = 100
		if res, err := engine.Track(t.Context(), ofFilm("Alien")); err != nil || len(res.Deliveries) != 1 {
			t.Fatal(res, err)
		}
	}
	if kept.left != 0 {
		t.Errorf("%d events did not come: %d would", kept.left, 100)
	}
	kept.left = 100
	if traces, err := engine.Explain(t.Context(), ofFilm("Alien")); err != nil || len(traces) != 1 || traces[0].Audience.Seen != "2" {
		t.Error(traces, err)
	}
}

// A14, E9: only recent events answer, as many as are kept, and Explain says since when
// that is exact. Without any the event is the first of its kind.
func TestTriggerMetadataOfEventsKept(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		option beckon.Option
		sent   int
		since  bool
	}{{beckon.WithRecentEvents(100), 3, false}, {beckon.WithRecentEvents(2), 6, true}, {beckon.WithoutRecentEvents(), 6, true}} {
		now := monday()
		engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }), c.option)
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(t.Context(), sameFilm(3)); err != nil {
			t.Fatal(err)
		}
		sent := 0
		for range 6 {
			now = now.Add(time.Minute)
			res, err := engine.Track(t.Context(), ofFilm("Alien"))
			if err != nil {
				t.Fatal(err)
			}
			sent += len(res.Deliveries)
		}
		traces, err := engine.Explain(t.Context(), ofFilm("Alien"))
		if err != nil || len(traces) != 1 {
			t.Fatal(traces, err)
		}
		if since := !traces[0].Audience.Since.IsZero(); sent != c.sent || since != c.since {
			t.Errorf("sent %d, want %d; exact since %v", sent, c.sent, traces[0].Audience.Since)
		}
	}
}

// A14: what an event may have to judge of the events kept is within the budget.
func TestTriggerMetadataIsBudgeted(t *testing.T) {
	t.Parallel()
	var program beckon.Program
	for i := range beckon.MaxOccasionConditions/1000 + 1 {
		m := sameFilm(1).Messages[0]
		m.ID = fmt.Sprint("m", i)
		program.Messages = append(program.Messages, m)
	}
	for events, refused := range map[int]bool{beckon.DefaultRecentEvents: true, 100: false, 0: false} {
		option := beckon.WithoutRecentEvents()
		if events > 0 {
			option = beckon.WithRecentEvents(events)
		}
		engine, err := beckon.New(memstore.New(), option)
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(t.Context(), program); (err != nil) != refused {
			t.Errorf("%d events kept: %v", events, err)
		}
	}
}

// An operand in Go says what it is in JSON.
func TestTriggerMetadataOperand(t *testing.T) {
	o := beckon.TriggerMetadata("cart_id")
	if got := o.String(); got != `{"trigger":"cart_id"}` {
		t.Error(got)
	}
	var back beckon.Operand
	if err := back.UnmarshalJSON([]byte(o.String())); err != nil || back.String() != o.String() {
		t.Error(back, err)
	}
}
