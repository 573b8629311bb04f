package readonly_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/store/readonly"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func program() beckon.Program {
	return beckon.Program{Messages: []beckon.Message{{ID: "m", Status: beckon.Live, Trigger: beckon.On("a"), Content: beckon.Content{Body: "x"}}}}
}

func engineOver(t *testing.T, s beckon.Store) *beckon.Engine {
	t.Helper()
	engine, err := beckon.New(s, beckon.WithClock(func() time.Time { return monday }))
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

// An engine over it reads as before, and whatever would write is refused and writes nothing.
func TestEngine(t *testing.T) {
	ctx, kept := t.Context(), memstore.New()
	live := engineOver(t, kept)
	if err := live.Publish(ctx, program()); err != nil {
		t.Fatal(err)
	}
	who := beckon.Identity{UserID: "u"}
	if _, err := live.Track(ctx, beckon.Event{Name: "a", UserID: "u"}); err != nil {
		t.Fatal(err)
	}
	before := kept.Snapshot()
	engine := engineOver(t, readonly.New(kept))
	if contact, err := engine.Contact(ctx, who); err != nil || contact.UserID != "u" {
		t.Errorf("%+v, %v", contact, err)
	}
	if events, err := engine.RecentEvents(ctx, who, nil, 0); err != nil || len(events) != 1 {
		t.Errorf("%+v, %v", events, err)
	}
	if totals, err := engine.Totals(ctx, "m"); err != nil || totals.Sent != 1 {
		t.Errorf("%+v, %v", totals, err)
	}
	refused := map[string]func() error{
		"Track":       func() error { _, err := engine.Track(ctx, beckon.Event{Name: "a", UserID: "u"}); return err },
		"Update":      func() error { _, err := engine.Update(ctx, beckon.Contact{UserID: "v"}); return err },
		"Visit":       func() error { _, err := engine.Visit(ctx, beckon.Visit{UserID: "u"}); return err },
		"Merge":       func() error { _, err := engine.Merge(ctx, who, beckon.Identity{UserID: "w"}); return err },
		"Delete":      func() error { return engine.Delete(ctx, who) },
		"Pause":       func() error { return engine.Pause(ctx, "m") },
		"Archive":     func() error { return engine.Archive(ctx, "a") },
		"Unsubscribe": func() error { return engine.Unsubscribe(ctx, who, "email") },
	}
	for name, call := range refused {
		if err := call(); !errors.Is(err, readonly.ErrReadOnly) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !bytes.Equal(before, kept.Snapshot()) {
		t.Error("something was written")
	}
}

type decider func(*store.Record, *store.Changes) error

func (d decider) Decide(rec *store.Record, c *store.Changes) error { return d(rec, c) }

// What a step decides is its own: one that changes nothing succeeds, an error or a panic of
// it is its Err, and none of these end the others.
func TestSteps(t *testing.T) {
	ctx := t.Context()
	broken := errors.New("broken")
	steps := []store.Step{
		{Decider: decider(func(rec *store.Record, _ *store.Changes) error {
			if rec.Exists {
				return broken
			}
			return nil
		})},
		{Decider: decider(func(*store.Record, *store.Changes) error { return broken })},
		{Decider: decider(func(*store.Record, *store.Changes) error { panic(broken) })},
		{Decider: decider(func(_ *store.Record, c *store.Changes) error {
			c.Totals = []store.Increment{{Message: "m", N: 1}}
			return nil
		})},
		{Decider: decider(func(_ *store.Record, c *store.Changes) error { c.KeepEvents = 3; return nil })},
	}
	for i := range steps {
		steps[i].Key = store.Key{Kind: store.KindUser, ID: "u"}
	}
	s := readonly.New(memstore.New())
	if err := s.Step(ctx, steps); err != nil {
		t.Fatal(err)
	}
	var panicked *store.PanicError
	if steps[0].Err != nil || !errors.Is(steps[1].Err, broken) || !errors.As(steps[2].Err, &panicked) || !errors.Is(steps[3].Err, readonly.ErrReadOnly) || steps[4].Err != nil {
		t.Errorf("%v, %v, %v, %v, %v", steps[0].Err, steps[1].Err, steps[2].Err, steps[3].Err, steps[4].Err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Step(ended, steps); !errors.Is(err, context.Canceled) || !errors.Is(steps[4].Err, context.Canceled) {
		t.Errorf("%v, %v", err, steps[4].Err)
	}
}

// A record that cannot be read is its step's error alone.
func TestDamaged(t *testing.T) {
	steps := []store.Step{{Key: store.Key{Kind: store.KindUser, ID: "bad"}}, {Key: store.Key{Kind: store.KindUser, ID: "good"}}}
	for i := range steps {
		steps[i].Decider = decider(func(*store.Record, *store.Changes) error { return nil })
	}
	err := readonly.New(damaged{memstore.New()}).Step(t.Context(), steps)
	if bad := (*store.DamagedError)(nil); err != nil || !errors.As(steps[0].Err, &bad) || steps[1].Err != nil {
		t.Errorf("%v; %v, %v", err, steps[0].Err, steps[1].Err)
	}
}

type damaged struct{ store.Store }

func (d damaged) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	if keys[0].ID == "bad" {
		return &store.DamagedError{Keys: keys, Count: 1}
	}
	return d.Store.Read(ctx, keys, fn)
}
