package beckon_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// A view decides over its own store, under the program and the clock of the
// engine as they are at the time of the call.
func TestUsingIsTheSameEngine(t *testing.T) {
	ctx, clock := context.Background(), &hand{}
	clock.set(noon)
	engine, err := beckon.New(memstore.New(), beckon.WithClock(clock.now), beckon.WithKnownContactsOnly())
	if err != nil {
		t.Fatal(err)
	}
	other := memstore.New()
	view := engine.Using(other).Using(other)
	if _, err := view.Update(ctx, beckon.Contact{UserID: "u"}); err != nil {
		t.Fatal(err)
	}
	event := beckon.Event{Name: "e", UserID: "u"}
	if _, err := engine.Track(ctx, event); !errors.Is(err, beckon.ErrContactUnknown) {
		t.Errorf("the engine's own store knows what the view wrote: %v", err)
	}
	// Published after the view was made.
	if err := engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
		ID: "m", Status: beckon.Live, Trigger: beckon.On("e"), Frequency: &beckon.Frequency{Every: beckon.Hours(1)},
		Content: beckon.Content{Body: "x"},
	}}}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 0, 1} {
		res, err := view.Track(ctx, event)
		if err != nil || len(res.Deliveries) != want {
			t.Errorf("event %d: %+v, %v; want %d sent", i, res.Deliveries, err, want)
		}
		clock.add(30 * time.Minute)
	}
	if totals, err := engine.Totals(ctx, "m"); err != nil || totals.Judged != 0 {
		t.Errorf("totals in the engine's own store: %+v, %v", totals, err)
	}
	if totals, err := view.Totals(ctx, "m"); err != nil || totals.Sent != 2 || totals.Judged != 3 {
		t.Errorf("totals in the view's store: %+v, %v", totals, err)
	}
	if err := engine.Pause(ctx, "m"); err != nil {
		t.Fatal(err)
	}
	clock.add(time.Hour)
	if res, err := view.Track(ctx, event); err != nil || len(res.Held()) != 1 || res.Held()[0].Reason != beckon.ReasonNotLive {
		t.Errorf("paused: %+v, %v", res.Held(), err)
	}
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := view.Track(ctx, event); !errors.Is(err, beckon.ErrClosed) {
		t.Errorf("after the engine's Close: %v", err)
	}
}

// What concerns the engine itself is refused through a view and does nothing.
func TestUsingRefuses(t *testing.T) {
	ctx := context.Background()
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	program := beckon.Program{Messages: []beckon.Message{{
		ID: "m", Status: beckon.Live, Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"},
	}}}
	if err := engine.Publish(ctx, program); err != nil {
		t.Fatal(err)
	}
	other := memstore.New()
	view := engine.Using(other)
	for name, call := range map[string]func() error{
		"Publish":   func() error { return view.Publish(ctx, beckon.Program{}) },
		"Refresh":   func() error { return view.Refresh(ctx) },
		"Pause":     func() error { return view.Pause(ctx, "m") },
		"Resume":    func() error { return view.Resume(ctx, "m") },
		"Stop":      func() error { return view.Stop(ctx, "m") },
		"Archive":   func() error { return view.Archive(ctx, "e") },
		"Unarchive": func() error { return view.Unarchive(ctx, "e") },
		"Close":     view.Close,
	} {
		if err := call(); !errors.Is(err, beckon.ErrEngineView) {
			t.Errorf("%s through a view: %v", name, err)
		}
	}
	if s := other.Snapshot(); !bytes.Equal(s, memstore.New().Snapshot()) {
		t.Errorf("something was written: %q", s)
	}
	if res, err := view.Track(ctx, beckon.Event{Name: "e", UserID: "u"}); err != nil || len(res.Deliveries) != 1 {
		t.Errorf("the program is not what it was: %+v, %v", res, err)
	}
	for name, e := range map[string]*beckon.Engine{"no store": engine.Using(nil), "no engine": new(beckon.Engine).Using(other)} {
		if _, err := e.Track(ctx, beckon.Event{Name: "e", UserID: "u"}); !errors.Is(err, beckon.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
		if err := e.Publish(ctx, program); !errors.Is(err, beckon.ErrClosed) {
			t.Errorf("%s: Publish: %v", name, err)
		}
	}
	if err := new(beckon.Engine).Close(); err != nil {
		t.Errorf("Close of the zero Engine: %v", err)
	}
}

// An event name that only a view has written, in a transaction that was rolled
// back, is written when the engine meets it.
func TestUsingForgetsDefinitions(t *testing.T) {
	ctx := context.Background()
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	event := beckon.Event{Name: "e", UserID: "u"}
	if _, err := engine.Using(memstore.New()).Track(ctx, event); err != nil {
		t.Fatal(err)
	}
	if list, err := engine.Catalogue(ctx); err != nil || len(list) != 0 {
		t.Fatalf("%+v, %v", list, err)
	}
	if _, err := engine.Track(ctx, event); err != nil {
		t.Fatal(err)
	}
	if list, err := engine.Catalogue(ctx); err != nil || len(list) != 1 {
		t.Errorf("the catalogue has %+v, %v", list, err)
	}
}

// Due through a view does what has fallen due, and neither reads pauses from
// the view's store nor drops its visitors.
func TestUsingDue(t *testing.T) {
	ctx, clock := context.Background(), &hand{}
	clock.set(noon)
	own, other := memstore.New(), memstore.New()
	engine, err := beckon.New(own, beckon.WithClock(clock.now))
	if err != nil {
		t.Fatal(err)
	}
	program := beckon.Program{Messages: []beckon.Message{{
		ID: "m", Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Content: beckon.Content{Body: "x"},
		Trigger: beckon.On("e").Unless("f", beckon.Hours(1), ""),
	}}}
	second, err := beckon.New(other, beckon.WithClock(clock.now))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []*beckon.Engine{engine, second} {
		if err := e.Publish(ctx, program); err != nil {
			t.Fatal(err)
		}
	}
	if err := second.Pause(ctx, "m"); err != nil { // in the view's store, not in the engine's
		t.Fatal(err)
	}
	view := engine.Using(other)
	for _, e := range []beckon.Event{{Name: "e", UserID: "u"}, {Name: "e", AnonymousID: "v"}} {
		if _, err := view.Track(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	clock.add(2 * beckon.VisitorsKeptFor)
	for range 2 { // the first takes what visitors wait for, the second could drop them
		sent := 0
		for _, err := range view.Due(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			sent++
		}
		if _, found, err := view.Export(ctx, beckon.Identity{AnonymousID: "v"}); err != nil || !found {
			t.Errorf("the visitor is gone: %v", err)
		}
		if sent != 2 && sent != 0 {
			t.Errorf("%d sent", sent)
		}
	}
	if totals, err := view.Totals(ctx, "m"); err != nil || totals.Sent != 2 {
		t.Errorf("%+v, %v; want 2 sent", totals, err)
	}
}
