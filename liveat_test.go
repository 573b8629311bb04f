package beckon_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/memstore"
)

func liveAtEngine(t *testing.T) *beckon.Engine {
	t.Helper()
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return noon }))
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

func liveAtFault(err error) bool {
	var e *beckon.Error
	return errors.As(err, &e) && e.Path == "messages[0].live_at"
}

// T2, D13: a live_at is an instant as any other: one that no JSON can hold in
// UTC is a fault, so that what is listed can always be written.
func TestLiveAtHasAYearOfFourDigits(t *testing.T) {
	for at, ok := range map[string]bool{
		"9999-12-31T23:59:59Z":      true,
		"0000-01-01T00:00:00Z":      true,
		"9999-12-31T23:59:59-01:00": false,
		"0000-01-01T00:00:00+23:00": false,
	} {
		program, err := beckon.ParseProgram([]byte(`{"messages": [{"id": "m", "status": "live", "live_at": "` + at + `", "content": {"body": "x"}}]}`))
		if err != nil {
			t.Fatal(err)
		}
		engine := liveAtEngine(t)
		err = engine.Publish(t.Context(), program)
		if !ok {
			if !liveAtFault(err) {
				t.Errorf("%s: got %v", at, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", at, err)
			continue
		}
		list, err := engine.Messages(t.Context(), beckon.MessageFilter{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(list); err != nil {
			t.Errorf("%s: %v", at, err)
		}
	}
	far := beckon.Program{Messages: []beckon.Message{{ID: "m", Status: beckon.Live, LiveAt: time.Unix(1389913941000, 0), Content: beckon.Content{Body: "x"}}}}
	if err := liveAtEngine(t).Publish(t.Context(), far); !liveAtFault(err) {
		t.Errorf("milliseconds for seconds: got %v", err)
	}
}

// T2: the first instant of 1970 is an instant as any other, and so is a part of
// a millisecond: what is tracked before it does not trigger.
func TestLiveAtIsAnInstantAsAnyOther(t *testing.T) {
	trigger, body := beckon.On("e"), beckon.Content{Body: "x"}
	program := beckon.Program{Messages: []beckon.Message{
		{ID: "epoch", Status: beckon.Live, LiveAt: time.Unix(0, 0), Trigger: trigger, Content: body},
		{ID: "part", Status: beckon.Live, LiveAt: noon.Add(-time.Hour + time.Microsecond), Trigger: trigger, Content: body},
	}}
	kit := beckontest.New(t, program)
	kit.At(noon)
	kit.Publish(program)
	kit.At(noon.Add(-time.Hour))
	result := kit.Track(beckon.Event{Name: "e", UserID: "u"})
	if len(result.Deliveries) != 1 || result.Deliveries[0].Message != "epoch" {
		t.Errorf("got %v, held %v", result.Deliveries, result.Held)
	}
	if list := kit.Messages(beckon.MessageFilter{}); list[0].LiveAt.Year() != 1970 {
		t.Errorf("live at %v", list[0].LiveAt)
	}
}
