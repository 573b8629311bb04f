package beckon_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/store"
)

// A hand is a clock that a test sets. It is safe for concurrent use.
type hand struct{ ms atomic.Int64 }

func (h *hand) now() time.Time { return time.UnixMilli(h.ms.Load()) }

func (h *hand) set(t time.Time) { h.ms.Store(t.UnixMilli()) }

func (h *hand) add(d time.Duration) { h.ms.Add(d.Milliseconds()) }

// noon is when most tests begin.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// second returns the error of a call that returns two things.
func second[T any](_ T, err error) error { return err }

// last consumes a run and returns its last error.
func last(seq func(func(beckon.Delivery, error) bool)) (err error) {
	for _, e := range seq {
		err = e
	}
	return err
}

// put writes a record as an earlier version of the package did.
func put(t *testing.T, kept beckon.Store, key store.Key, p store.Profile, pending ...store.Pending) {
	t.Helper()
	steps := []store.Step{{Key: key, Decider: decider(func(_ *store.Record, c *store.Changes) error {
		c.Profile, c.Pending, c.Touch = &p, append(c.Pending, pending...), true
		return nil
	})}}
	if err := errors.Join(kept.Step(t.Context(), steps), steps[0].Err); err != nil {
		t.Fatal(err)
	}
}

// address returns the attributes of one who has only an address.
func address(a string) []store.Attribute {
	return []store.Attribute{store.NewAttribute("email", beckon.String(a))}
}

// repeating is a program with one message that goes out with every event "go".
func repeating(id string) beckon.Program {
	return beckon.Program{Messages: []beckon.Message{{
		ID: id, Status: beckon.Live, Trigger: beckon.On("go"), Frequency: &beckon.Frequency{Every: beckon.Seconds(0)},
		Content: beckon.Content{Body: "Go"},
	}}}
}

// publish publishes a message for each of the events.
func publish(t *testing.T, e *beckon.Engine, names ...string) {
	t.Helper()
	p := beckon.Program{}
	for _, name := range names {
		p.Messages = append(p.Messages, beckon.Message{ID: "m-" + name, Status: beckon.Live, Trigger: beckon.On(name), Content: beckon.Content{Body: "b"}})
	}
	if err := e.Publish(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}

// due consumes a Due that must not fail.
func due(t *testing.T, e *beckon.Engine) {
	t.Helper()
	for _, err := range e.Due(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// merge merges one contact into another.
func merge(ctx context.Context, e *beckon.Engine, into, from beckon.Identity) error {
	return second(e.Merge(ctx, from, into))
}

// matches lists the contacts that a rule matches.
func matches(t rapid.TB, e *beckon.Engine, rule beckon.Rule) (list []beckon.Identity) {
	t.Helper()
	for who, err := range e.Match(context.Background(), rule) {
		if err != nil {
			t.Fatalf("%s: %v", rule, err)
		}
		list = append(list, who)
	}
	return list
}

// users makes so many contacts, u0 and on.
func users(kit *beckontest.Kit, ids ...string) {
	for _, id := range ids {
		kit.Update(beckon.Contact{UserID: id})
	}
}

type decider func(*store.Record, *store.Changes) error

func (d decider) Decide(rec *store.Record, c *store.Changes) error { return d(rec, c) }
