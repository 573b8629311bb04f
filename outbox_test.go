package beckon_test

import (
	"context"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// Z1, F4: a delivery's own Contact serves to acknowledge it and to give it
// back, also where the contact has, as attributes, identities that lead
// elsewhere or to several (K).
func TestDeliveryContactFindsItsRecord(t *testing.T) {
	ctx := context.Background()
	engine, err := beckon.New(memstore.New(), beckon.WithOutbox(), beckon.WithClock(func() time.Time { return noon }))
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(ctx, mergeProgram()); err != nil {
		t.Fatal(err)
	}
	attributes := beckon.Attributes{"user_id": beckon.String("u9"), "email": beckon.String("two@example.com")}
	for _, c := range []beckon.Contact{
		{ID: "7", Attributes: attributes},
		{AnonymousID: "a", Attributes: beckon.Attributes{"email": attributes["email"]}},
	} {
		if _, err := engine.Update(ctx, c); err != nil {
			t.Fatal(err)
		}
		res, err := engine.Track(ctx, beckon.Event{Name: "e", ID: c.ID, AnonymousID: c.AnonymousID})
		if err != nil || len(res.Deliveries) != 4 {
			t.Fatal(res.Deliveries, err)
		}
		for i, d := range res.Deliveries {
			if i == 0 {
				err = engine.Release(ctx, d)
			} else {
				err = engine.Acknowledge(ctx, d)
			}
			if err != nil {
				t.Errorf("%+v: %v", d.Contact, err)
			}
		}
	}
	for d, err := range engine.Outbox(ctx) {
		t.Errorf("still pending: %+v, %v", d.Contact, err)
	}
}

// F4: a send given back after others have left the log: the distance runs from
// the latest that is left, though the log does not have it any more.
func TestReleasePastTheLog(t *testing.T) {
	ctx := context.Background()
	clock := &hand{}
	clock.set(noon)
	engine, err := beckon.New(memstore.New(), beckon.WithClock(clock.now), beckon.WithSendLog(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
		ID: "m", Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"},
		Frequency: &beckon.Frequency{Every: beckon.Hours(1)},
	}}}); err != nil {
		t.Fatal(err)
	}
	track := func() beckon.Result {
		t.Helper()
		res, err := engine.Track(ctx, beckon.Event{Name: "e", UserID: "u"})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	track()
	clock.add(time.Hour)
	second := track()
	if len(second.Deliveries) != 1 {
		t.Fatal("the second did not send")
	}
	// The first has left the log, which keeps one.
	if err := engine.Release(ctx, second.Deliveries[0]); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		step time.Duration
		want int
	}{{-time.Minute, 0}, {time.Minute, 1}} { // an hour after the first, not after the second
		clock.add(c.step)
		res := track()
		if len(res.Deliveries) != c.want {
			t.Errorf("at %v: %d sent, want %d; held %v", clock.now(), len(res.Deliveries), c.want, res.Held())
		}
	}
}

// F4, F6: a send that has left the log is set to now with the others when the
// clock is found to have stepped back, so that a release finds it there.
func TestReleasePastTheLogAfterAStepBack(t *testing.T) {
	ctx := context.Background()
	clock := &hand{}
	clock.set(noon)
	engine, err := beckon.New(memstore.New(), beckon.WithClock(clock.now), beckon.WithSendLog(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
		ID: "m", Status: beckon.Live, LiveAt: noon.Add(-24 * time.Hour), Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"},
		Frequency: &beckon.Frequency{Every: beckon.Hours(1)},
	}}}); err != nil {
		t.Fatal(err)
	}
	who := beckon.Identity{UserID: "u"}
	for _, c := range []struct {
		step time.Duration
		want int
	}{
		{0, 1},              // leaves the log with the next
		{time.Hour, 1},      // stays in it
		{-3 * time.Hour, 0}, // both lie in the future: noticed, and set to now
		{time.Hour, 1},      // an hour after that, once the second is given back
		{59 * time.Minute, 0},
	} {
		clock.add(c.step)
		if c.step == time.Hour && c.want == 1 && clock.now().Before(noon) {
			if err := engine.ReleaseLatest(ctx, who, "m"); err != nil {
				t.Fatal(err)
			}
		}
		res, err := engine.Track(ctx, beckon.Event{Name: "e", UserID: "u"})
		if err != nil {
			t.Fatal(err)
		}
		if len(res.Deliveries) != c.want {
			t.Errorf("at %v: %d sent, want %d; held %v", clock.now(), len(res.Deliveries), c.want, res.Held())
		}
	}
}

// An overtaken store has each decision made twice: between, something happens.
type overtaken struct {
	*memstore.Store
	between func()
}

func (s *overtaken) Step(ctx context.Context, steps []store.Step) error {
	if between := s.between; between != nil {
		s.between = nil
		for i := range steps {
			if err := s.Read(ctx, []store.Key{steps[i].Key}, func(r *store.Record) error {
				return steps[i].Decider.Decide(r, new(store.Changes))
			}); err != nil {
				return err
			}
		}
		between()
	}
	return s.Store.Step(ctx, steps)
}

// Z1: a worker whose step lost its race to another who dealt with the delivery,
// or to one who deleted the contact, gets nothing.
func TestPendingLosesTheRace(t *testing.T) {
	ctx := context.Background()
	for _, name := range []string{"acknowledged", "deleted"} {
		store, clock := &overtaken{Store: memstore.New()}, &hand{}
		clock.set(noon)
		engine, err := beckon.New(store, beckon.WithOutbox(), beckon.WithClock(clock.now))
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
			ID: "m", Status: beckon.Live, Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"},
		}}}); err != nil {
			t.Fatal(err)
		}
		res, err := engine.Track(ctx, beckon.Event{Name: "e", UserID: "u"})
		if err != nil || len(res.Deliveries) != 1 {
			t.Fatal(res.Deliveries, err)
		}
		clock.add(time.Hour)
		store.between = func() {
			var err error
			if name == "deleted" {
				err = engine.Delete(ctx, beckon.Identity{UserID: "u"})
			} else {
				err = engine.Acknowledge(ctx, res.Deliveries...)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for d, err := range engine.Pending(ctx) {
			t.Errorf("%s: got %+v, %v", name, d, err)
		}
	}
}
