package beckon

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/render"
	"github.com/beckon-go/beckon/store"
)

// A message that breaks after it has taken its place under a cap gives it back.
func TestUndoGivesBackTheCap(t *testing.T) {
	t.Parallel()
	e, err := New(struct{ Store }{})
	if err != nil {
		t.Fatal(err)
	}
	p, faults := compile(Program{
		Caps: []Cap{{ID: "one", Max: 1, Within: Hours(1)}},
		Messages: []Message{{
			ID: "m", Status: Live, Trigger: On("e"), Content: Content{Body: "x"},
		}},
	}, &e.cfg)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	e.states.Set(decide.NewState(p, nil, nil, e.zones))
	d := e.newDecision(decide.OnTrack, testNow.UnixMilli())
	d.Begin(&store.Record{Key: store.Key{Kind: store.KindUser, ID: "u"}}, &store.Changes{})
	m := d.In.State.Plan.ByID["m"]
	d.Safely(m, "", func() {
		d.Send(&decide.Candidate{Message: m}, &render.Rendered{Body: "x"})
		if held, _ := d.CapsAllow(m); held == 0 {
			t.Error("the send took no place")
		}
		panic("broken")
	})
	if held, _ := d.CapsAllow(m); held != 0 {
		t.Error("the place that a broken message took is not free")
	}
	if len(d.Out.Deliveries) != 0 || len(d.Changes.SendLog) != 0 || len(d.Out.Failures) != 1 {
		t.Errorf("a broken message left %+v, %+v, failures %v", d.Out.Deliveries, d.Changes.SendLog, d.Out.Failures)
	}
}

// Nothing of one contact is left for the next: a run begins with nothing decided, and
// what goes back to the pool is memory alone.
func TestDecisionForgets(t *testing.T) {
	e, err := New(struct{ Store }{}, WithClock(func() time.Time { return testNow }))
	if err != nil {
		t.Fatal(err)
	}
	message := func(id string, audience Rule) Message {
		return Message{ID: id, Status: Live, LiveAt: testNow.Add(-time.Hour), Trigger: On("e"), Audience: audience, Content: Content{Body: "x"}}
	}
	p, faults := compile(Program{
		Caps:     []Cap{{ID: "cap", Max: 9, Within: Hours(1)}},
		Messages: []Message{message("held", User("plan").Is("pro")), message("sent", Rule{})},
	}, &e.cfg)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	e.states.Set(decide.NewState(p, nil, nil, e.zones))
	d := e.newDecision(decide.OnTrack, testNow.UnixMilli())
	d.In.Explain = true
	ev := Event{Name: "e", UserID: "u", EventID: "1", Metadata: Fields{{Key: "n", Value: Number(2)}}}
	var form event.Event
	ev.lower(&form)
	if _, err := e.admit(d, &form, event.Options{}); err != nil {
		t.Fatal(err)
	}
	d.Fetched.Companies = map[string]*store.Record{"acme": {}}
	var c store.Changes
	if err := d.Decide(&store.Record{Key: store.Key{Kind: store.KindUser, ID: "u"}}, &c); err != nil {
		t.Fatal(err)
	}
	if len(d.Out.Deliveries) != 1 || d.Out.Held.Count != 1 || len(d.Out.Traces) != 2 || len(d.Reused.Sent) != 1 {
		t.Fatalf("the run decided %+v", d.Out)
	}
	d.Begin(&store.Record{Key: store.Key{Kind: store.KindUser, ID: "v"}}, &store.Changes{})
	d.Out.Held.Plan = nil
	if !reflect.ValueOf(d.Out).IsZero() || len(d.Reused.Sent)+len(d.Reused.Caps.List)+len(d.Reused.Looked)+len(d.Reused.Rows.Before) > 0 {
		t.Errorf("the next run begins with %+v, %+v", d.Out, d.Reused)
	}
	d.Release()
	if !reflect.ValueOf(d.In).IsZero() || !reflect.ValueOf(d.Fetched).IsZero() || !reflect.ValueOf(d.Out).IsZero() || d.Record != nil || d.Changes != nil || d.Scope.Rec != nil {
		t.Errorf("the pool gets %+v, %+v, %+v", d.In, d.Fetched, d.Out)
	}
}

// Where the clock stepped back, older sends of the message are set back to now
// by the step that sends again: they are replaced, wherever they stand.
func TestSendAfterClockSteppedBack(t *testing.T) {
	e, err := New(struct{ Store }{})
	if err != nil {
		t.Fatal(err)
	}
	p, faults := compile(Program{Messages: []Message{{
		ID: "m", Status: Live, LiveAt: testNow.Add(-time.Hour), Trigger: On("e"), Frequency: &Frequency{Every: Seconds(0)}, Content: Content{Body: "x"},
	}}}, &e.cfg)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	e.states.Set(decide.NewState(p, nil, nil, e.zones))
	now := testNow.UnixMilli()
	rec := &store.Record{Key: store.Key{Kind: store.KindUser, ID: "u"}, Exists: true, SendStats: []store.SendStats{{Message: "m", Count: 1, Last: now + 5}, {Message: "other", Count: 3, Last: now}}}
	rec.SendLog = []store.SendLogEntry{{ID: "a", Message: "m", Sequence: 1, At: now + 5}}
	for i := range 3 {
		rec.SendLog = append(rec.SendLog, store.SendLogEntry{ID: string(rune('b' + i)), Message: "other", Sequence: uint32(i + 1), At: now})
	}
	d := e.newDecision(decide.OnTrack, now)
	if _, err := e.admit(d, &event.Event{Name: "e", UserID: "u"}, event.Options{}); err != nil {
		t.Fatal(err)
	}
	var c store.Changes
	if err := d.Decide(rec, &c); !errors.Is(err, decide.ErrNeed) || !d.Out.Need.Clock {
		t.Fatalf("an instant ahead of the first reading: %v, want another reading", err)
	}
	d.In.Readings.Next()
	c.Reset()
	if err := d.Decide(rec, &c); err != nil {
		t.Fatal(err)
	}
	rec.Apply(&c)
	if len(rec.SendLog) != 5 || rec.SendLog[0].ID != "a" || rec.SendLog[0].At != now || rec.SendLog[4].Sequence != 2 {
		t.Errorf("the log is %+v", rec.SendLog)
	}
}
