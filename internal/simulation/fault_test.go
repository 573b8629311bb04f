package simulation

import (
	"context"

	"github.com/beckon-go/beckon/store"
)

// A storeFault is something that no store may do. A world with one has to
// notice.
type storeFault uint8

const (
	sound        storeFault = iota
	dropsCommits            // a step of a contact says that it was committed, and was not
	stepsTwice              // a step is carried out twice
	tearsCommits            // a step is committed without the profile
	isolatesNot             // a step decides over what the record was some time ago
	hidesDue                // a scan leaves out who is due
	hidesPending            // a scan leaves out whose deliveries are pending
)

// shows says whether the fault shows itself in this call.
func (f storeFault) shows(w *world, key store.Key) bool {
	return f != sound && key.Kind.IsContact() && !w.calm && chance(w.current.dice, 0.05)
}

func (f storeFault) step(ctx context.Context, w *world, list []store.Step) error {
	if len(list) != 1 || !f.shows(w, list[0].Key) {
		return w.memory.Step(ctx, list)
	}
	switch f {
	case dropsCommits:
		return w.memory.Read(ctx, []store.Key{list[0].Key}, func(rec *store.Record) error {
			list[0].Err = list[0].Decide(rec, new(store.Changes))
			return nil
		})
	case tearsCommits:
		step := []store.Step{{Key: list[0].Key, Decider: decide(func(rec *store.Record, c *store.Changes) error {
			err := list[0].Decide(rec, c)
			c.Profile = nil
			return err
		})}}
		err := w.memory.Step(ctx, step)
		list[0].Err = step[0].Err
		return err
	case stepsTwice:
		if err := w.memory.Step(ctx, list); err != nil || list[0].Err != nil {
			return err
		}
		return w.memory.Step(ctx, list)
	case isolatesNot:
		var stale store.Changes
		if err := w.memory.Read(ctx, []store.Key{list[0].Key}, func(rec *store.Record) error {
			list[0].Err = list[0].Decide(rec, &stale)
			return nil
		}); err != nil || list[0].Err != nil {
			return err
		}
		w.pause(w.delay(w.current) + 3)
		step := []store.Step{{Key: list[0].Key, Decider: decide(func(_ *store.Record, c *store.Changes) error {
			*c = stale
			return nil
		})}}
		err := w.memory.Step(ctx, step)
		list[0].Err = step[0].Err
		return err
	}
	return w.memory.Step(ctx, list)
}

func (f storeFault) scan(w *world, q *store.Query, fn func(*store.Record) error) func(*store.Record) error {
	if f == hidesDue && q.Due != 0 || f == hidesPending && q.Pending != 0 {
		return func(rec *store.Record) error {
			if rec.Key.ID == w.people[0].who.UserID {
				return nil
			}
			return fn(rec)
		}
	}
	return fn
}

type decide func(*store.Record, *store.Changes) error

func (d decide) Decide(rec *store.Record, c *store.Changes) error { return d(rec, c) }
