package beckon

import "testing"

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
	d.begin(&Record{Key: Key{Kind: KindUser, ID: "u"}}, &Changes{})
	m := d.st.plan.byID["m"]
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
	if len(d.result.Deliveries) != 0 || len(d.c.Log) != 0 || len(d.result.failures) != 1 {
		t.Errorf("a broken message left %+v, %+v, failures %v", d.result.Deliveries, d.c.Log, d.result.failures)
	}
}
