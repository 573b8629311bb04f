package beckon

import (
	"errors"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/store"
)

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
	e.states.p.Store(e.newState(p, nil, nil))
	now := testNow.UnixMilli()
	rec := &store.Record{Key: store.Key{Kind: store.KindUser, ID: "u"}, Exists: true, Sends: []store.Sends{{Message: "m", Count: 1, Last: now + 5}, {Message: "other", Count: 3, Last: now}}}
	rec.Log = []store.Sent{{ID: "a", Message: "m", Sequence: 1, At: now + 5}}
	for i := range 3 {
		rec.Log = append(rec.Log, store.Sent{ID: string(rune('b' + i)), Message: "other", Sequence: uint32(i + 1), At: now})
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
	if len(rec.Log) != 5 || rec.Log[0].ID != "a" || rec.Log[0].At != now || rec.Log[4].Sequence != 2 {
		t.Errorf("the log is %+v", rec.Log)
	}
}
