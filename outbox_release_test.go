package beckon_test

import (
	"context"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
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
