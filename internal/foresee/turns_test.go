package foresee_test

import (
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// T5, A14: a date rule sends when its day begins, in the zone of the program, and the next
// time that it occurs; what depends on recent events changes when they are recent no more.
func TestTurns(t *testing.T) {
	now := time.Date(2026, time.March, 27, 12, 0, 0, 0, time.UTC)
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	yearly := beckon.OnDate("born", beckon.Days(0))
	yearly.Repeat = "year"
	mail := func(id string, trigger *beckon.Trigger) beckon.Message {
		return beckon.Message{ID: id, Channel: beckon.Email, Status: beckon.Live, Trigger: trigger, Content: beckon.Content{Body: "x"}}
	}
	again := mail("again", beckon.On("go"))
	again.Audience = beckon.Not(beckon.Did("a").Where(beckon.Metadata("cart").Is(beckon.TriggerMetadata("cart"))).AtLeast(1))
	if err := engine.Publish(t.Context(), beckon.Program{Timezone: "Europe/Dublin", Messages: []beckon.Message{
		mail("ends", beckon.OnDate("ends_at", beckon.Days(-1))), mail("birthday", yearly), again,
	}}); err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Update(t.Context(), beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{
		"ends_at": beckon.String("2026-04-02"), "born": beckon.String("1990-03-28"),
	}}); err != nil {
		t.Fatal(err)
	}
	cart := beckon.Fields{{Key: "cart", Value: beckon.String("x")}}
	if _, err := engine.Track(t.Context(), beckon.Event{Name: "a", UserID: "u1", Metadata: cart}); err != nil {
		t.Fatal(err)
	}
	said := func(m beckon.Moment, message string) beckon.MessageTrace {
		t.Helper()
		list, err := engine.Explain(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range list {
			if x.Message == message {
				return x
			}
		}
		t.Fatalf("no trace of %s in %+v", message, list)
		return beckon.MessageTrace{}
	}
	gone := beckon.Event{Name: "go", UserID: "u1", Metadata: cart}
	start := now
	for _, c := range []struct {
		moment  beckon.Moment
		message string
		want    time.Time
	}{
		{beckon.AtSweep(who), "ends", time.Date(2026, time.March, 31, 23, 0, 0, 0, time.UTC)}, // summer time begins on the 29th
		{beckon.AtSweep(who), "birthday", time.Date(2026, time.March, 28, 0, 0, 0, 0, time.UTC)},
		{gone, "again", start.Add(90 * 24 * time.Hour)},
	} {
		now = start
		x := said(c.moment, c.message)
		if x.Sent || !x.SendsAt.Equal(c.want) {
			t.Errorf("%s: sends at %s (%s), want %s", c.message, x.SendsAt, x.Never, c.want)
			continue
		}
		if now = c.want; !said(c.moment, c.message).Sent {
			t.Errorf("%s is not sent at %s", c.message, now)
		}
		if now = c.want.Add(-time.Millisecond); said(c.moment, c.message).Sent {
			t.Errorf("%s is sent at %s", c.message, now)
		}
	}
	now = time.Date(2026, time.March, 28, 9, 0, 0, 0, time.UTC)
	for _, err := range engine.Sweep(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if x := said(beckon.AtSweep(who), "birthday"); x.Reason != beckon.ReasonAlreadySent || !x.SendsAt.Equal(time.Date(2027, time.March, 28, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%s, %s", x.Reason, x.SendsAt)
	}
}
