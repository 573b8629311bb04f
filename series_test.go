package beckon_test

import (
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
)

// X1: a walk's messages go out whatever their channel, also when what moved the
// walk on was an event from a server (D6 is about triggers).
func TestSeriesMessageOnEventFromREST(t *testing.T) {
	t.Parallel()
	kit := beckontest.New(t, beckon.Program{Series: []beckon.Series{{
		ID: "s", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("joined")},
		Blocks: []beckon.Block{
			{ID: "wait", Wait: beckon.Days(1), Next: "tell"},
			{ID: "tell", Message: &beckon.Message{ID: "m", Channel: beckon.Banner, Content: beckon.Content{Body: "Hello"}}},
		},
	}}})
	kit.Track(beckon.Event{Name: "joined", UserID: "u"})
	kit.Advance(25*time.Hour).Track(beckon.Event{Name: "other", UserID: "u", Source: beckon.SourceREST}).Want("m", "sent")
}

// D7: a series that was stopped is so for good, like a message: no later program brings
// it back, in whatever process, and its walks go on no more.
func TestStoppedSeriesStaysStopped(t *testing.T) {
	series := func(status beckon.Status) *beckon.Program {
		program := walkProgram(beckon.Block{ID: "hour", Wait: beckon.Hours(1), Next: "m"}, says("m", ""))
		program.Series[0].Status = status
		return &program
	}
	f := newFleet(t)
	w, other := f.process(series(beckon.Live)), f.process(series(beckon.Live))
	w.track(beckon.Event{Name: "go", UserID: "u"})
	w.must(w.Publish(t.Context(), *series(beckon.Stopped)))
	w.must(w.Publish(t.Context(), *series(beckon.Live)))
	again := f.process(series(beckon.Live))
	f.clock.add(2 * time.Hour)
	for _, w := range []*outboxWorld{w, other, again} {
		if sent, held := w.due(); sent != nil || held != nil {
			t.Errorf("sent %v, held %v", sent, held)
		}
		w.track(beckon.Event{Name: "go", UserID: "v"})
		if x := w.walks("v"); len(x) != 0 {
			t.Errorf("one begins to walk: %+v", x)
		}
	}
	if x := w.walks("u"); x[0].Block != "hour" {
		t.Errorf("the walk went on: %+v", x)
	}
	// It is not paused, which ends, and other series are not concerned.
	renamed := series(beckon.Live)
	renamed.Series[0].ID = "t"
	w.must(w.Publish(t.Context(), *renamed))
	w.track(beckon.Event{Name: "go", UserID: "v"})
	f.clock.add(2 * time.Hour)
	if sent, _ := w.due(); len(sent) != 1 {
		t.Errorf("another series sends %v", sent)
	}
}
