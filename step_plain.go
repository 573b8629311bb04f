package beckon

import (
	"context"

	"github.com/beckon-go/beckon/store"
)

// deciderFunc is a Decider of one function, for what is not hot.
type deciderFunc func(rec *store.Record, c *store.Changes) error

// Decide implements [Decider].
func (f deciderFunc) Decide(rec *store.Record, c *store.Changes) error { return f(rec, c) }

// stepOnce carries out one step and joins its two errors.
func (e *Engine) stepOnce(ctx context.Context, step []store.Step) error {
	if err := e.store.Step(ctx, step); err != nil {
		return storeError(err)
	}
	for i := range step {
		if err := step[i].Err; err != nil {
			return stepError(err)
		}
	}
	return nil
}

// stepOn carries a plain decision out on a contact, following identities that
// lead elsewhere.
func (e *Engine) stepOn(ctx context.Context, key store.Key, decide func(*store.Record, *store.Changes) error) error {
	d := &following{decide: decide}
	for range maxTries {
		step := []store.Step{{Key: key, Decider: d}}
		if err := e.store.Step(ctx, step); err != nil {
			return storeError(err)
		}
		switch {
		case step[0].Err == nil:
			return nil
		case d.moving:
			if err := e.finishMove(ctx, key); err != nil {
				return err
			}
		case !d.forward.IsZero():
			key = d.forward
		default:
			return stepError(step[0].Err)
		}
	}
	return storeError(errNoEnd)
}

// following wraps a decision that needs the record at the end of forwards.
type following struct {
	decide  func(*store.Record, *store.Changes) error
	forward store.Key
	moving  bool
}

// Decide implements [Decider].
func (f *following) Decide(rec *store.Record, c *store.Changes) error {
	f.forward, f.moving = store.Key{}, false
	if p := rec.Profile; p != nil {
		if !p.Forward.IsZero() {
			f.forward = p.Forward
			return errNeed
		}
		if !p.Moving.IsZero() {
			f.moving = true
			return errNeed
		}
	}
	return f.decide(rec, c)
}
