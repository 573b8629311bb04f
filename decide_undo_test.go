package beckon

import (
	"reflect"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/event"
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
	e.states.p.Store(e.newState(p, nil, nil))
	d := e.newDecision(onTrack, testNow.UnixMilli())
	d.begin(&store.Record{Key: store.Key{Kind: store.KindUser, ID: "u"}}, &store.Changes{})
	m := d.in.st.plan.ByID["m"]
	d.safely(m, "", func() {
		d.send(&candidate{m: m}, "", "x", nil)
		if ok, _ := d.capsAllow(m); ok {
			t.Error("the send took no place")
		}
		panic("broken")
	})
	if ok, _ := d.capsAllow(m); !ok {
		t.Error("the place that a broken message took is not free")
	}
	if len(d.out.deliveries) != 0 || len(d.c.Log) != 0 || len(d.out.failures) != 1 {
		t.Errorf("a broken message left %+v, %+v, failures %v", d.out.deliveries, d.c.Log, d.out.failures)
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
	e.states.p.Store(e.newState(p, nil, nil))
	d := e.newDecision(onTrack, testNow.UnixMilli())
	d.in.explain = true
	ev := Event{Name: "e", UserID: "u", EventID: "1", Metadata: Fields{{Key: "n", Value: Number(2)}}}
	var form event.Event
	ev.lower(&form)
	if _, err := e.admit(d, &form, event.Options{}); err != nil {
		t.Fatal(err)
	}
	d.fetched.companies = map[string]*store.Record{"acme": {}}
	var c store.Changes
	if err := d.Decide(&store.Record{Key: store.Key{Kind: store.KindUser, ID: "u"}}, &c); err != nil {
		t.Fatal(err)
	}
	if len(d.out.deliveries) != 1 || d.out.held.n != 1 || len(d.out.traces) != 2 || len(d.reused.sent) != 1 {
		t.Fatalf("the run decided %+v", d.out)
	}
	made := d.reused.sent
	d.begin(&store.Record{Key: store.Key{Kind: store.KindUser, ID: "v"}}, &store.Changes{})
	d.out.held.messages = nil
	if !reflect.ValueOf(d.out).IsZero() || len(d.reused.sent)+len(d.reused.caps.list)+len(d.reused.looked)+len(d.reused.rows.before) > 0 {
		t.Errorf("the next run begins with %+v, %+v", d.out, d.reused)
	}
	d.release()
	if !reflect.ValueOf(d.in).IsZero() || !reflect.ValueOf(d.fetched).IsZero() || !reflect.ValueOf(d.out).IsZero() || d.rec != nil || d.c != nil || d.scope.Rec != nil {
		t.Errorf("the pool gets %+v, %+v, %+v", d.in, d.fetched, d.out)
	}
	if made[0].ID != "" {
		t.Errorf("the pool gets the send %+v", made[0])
	}
}
