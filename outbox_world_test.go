package beckon_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
)

// An outboxWorld is an engine with an outbox, a clock and any program.
type outboxWorld struct {
	*beckon.Engine
	t     testing.TB
	clock *hand
}

func newOutbox(t testing.TB, store beckon.Store, program beckon.Program, opts ...beckon.Option) *outboxWorld {
	t.Helper()
	w := &outboxWorld{t: t, clock: &hand{}}
	w.clock.set(noon)
	var err error
	opts = append([]beckon.Option{beckon.WithClock(w.clock.now), beckon.WithOutbox()}, opts...)
	if w.Engine, err = beckon.New(store, opts...); err != nil {
		t.Fatal(err)
	}
	if err := w.Publish(context.Background(), program); err != nil {
		t.Fatal(err)
	}
	return w
}

// often is a program with one message that goes out with every event "e".
func often() beckon.Program {
	return beckon.Program{Messages: []beckon.Message{{
		ID: "m", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Trigger: beckon.On("e"),
		Frequency: &beckon.Frequency{Every: beckon.Seconds(0)}, Content: beckon.Content{Body: "x", Data: map[string]string{"k": "v"}},
	}}}
}

func (w *outboxWorld) track(e beckon.Event) beckon.Result {
	w.t.Helper()
	res, err := w.Track(context.Background(), e)
	if err != nil {
		w.t.Fatal(err)
	}
	return res
}

// one tracks an event "e" of a contact and returns what it sends.
func (w *outboxWorld) one(user string) beckon.Delivery {
	w.t.Helper()
	res := w.track(beckon.Event{Name: "e", UserID: user})
	if len(res.Deliveries) != 1 {
		w.t.Fatalf("%s: %d deliveries, held %v", user, len(res.Deliveries), res.Held())
	}
	return res.Deliveries[0]
}

// lease returns what a worker gets now.
func (w *outboxWorld) lease() []beckon.Delivery {
	w.t.Helper()
	var got []beckon.Delivery
	for d, err := range w.Pending(context.Background()) {
		if err != nil {
			w.t.Fatal(err)
		}
		got = append(got, d)
	}
	return got
}

// pending returns the ids of what is in the outbox.
func (w *outboxWorld) pending() []string {
	w.t.Helper()
	var ids []string
	for d, err := range w.Outbox(context.Background()) {
		if err != nil {
			w.t.Fatal(err)
		}
		ids = append(ids, d.ID)
	}
	return ids
}

// drain consumes a run and returns how many deliveries it had.
func (w *outboxWorld) drain(run func(func(beckon.Delivery, error) bool)) (n int) {
	w.t.Helper()
	for _, err := range run {
		w.must(err)
		n++
	}
	return n
}

func (w *outboxWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *outboxWorld) lost(what string, err error) {
	w.t.Helper()
	if !errors.Is(err, beckon.ErrLeaseLost) {
		w.t.Errorf("%s: %v, want %s", what, err, beckon.ErrLeaseLost)
	}
}
