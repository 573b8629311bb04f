package beckon

import (
	"context"
	"errors"
	"iter"
	"maps"
	"math"
	"slices"
)

// Pending yields the deliveries that were decided and not acknowledged, with
// [WithOutbox]: after a crash, those that no call returned are among them (Z1).
// Those of calls still in flight are too; a host that resends them relies on
// the ID being the same. An error is the last thing yielded. Acknowledging while
// it runs is fine. Without the option there are none.
func (e *Engine) Pending(ctx context.Context) iter.Seq2[Delivery, error] {
	return func(yield func(Delivery, error) bool) {
		if err := e.open(); err != nil {
			yield(Delivery{}, err)
			return
		}
		var at Cursor
		var page []Delivery
		for {
			page = page[:0]
			next, err := e.store.Scan(ctx, Query{Pending: math.MaxInt64}, at, scanPage, func(rec *Record) error {
				for _, p := range rec.Profile.Pending {
					page = append(page, p.Delivery.own())
				}
				return nil
			})
			if err != nil {
				yield(Delivery{}, storeError(err))
				return
			}
			for _, d := range page {
				if !yield(d, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			at = next
		}
	}
}

// own gives a copy that shares nothing with what the store keeps.
func (d Delivery) own() Delivery {
	d.Data = maps.Clone(d.Data)
	return d
}

// Acknowledge takes deliveries out of the outbox: they were made. Those that
// are not pending are left, so that to repeat it is safe.
func (e *Engine) Acknowledge(ctx context.Context, deliveries ...Delivery) error {
	if err := e.open(); err != nil {
		return err
	}
	for _, d := range deliveries {
		_, err := e.stepOnDelivery(ctx, d.Contact, func(rec *Record, c *Changes) bool {
			p := rec.Profile
			if p == nil || !slices.ContainsFunc(p.Pending, func(x Pending) bool { return x.Delivery.ID == d.ID }) {
				return false
			}
			c.Profile = p.clone()
			c.Profile.Pending = slices.DeleteFunc(c.Profile.Pending, func(x Pending) bool { return x.Delivery.ID == d.ID })
			return true
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// stepOnDelivery carries a decision out on the contact that has a delivery,
// and reports whether there is one: decide says so of each record it is shown.
// The contact is found as ever (E1). But a host has its identity from the
// delivery, where attributes stand beside what the record is kept under, and
// may lead elsewhere or to several: then it is found by that.
func (e *Engine) stepOnDelivery(ctx context.Context, who Identity, decide func(*Record, *Changes) bool) (found bool, err error) {
	key, ambiguous := e.resolve(ctx, who)
	if ambiguous != nil && !errors.Is(ambiguous, ErrContactAmbiguous) {
		return false, ambiguous
	}
	var keys []Key
	if ambiguous == nil {
		keys = append(keys, key)
	}
	for _, one := range []Identity{{UserID: who.UserID}, {ID: who.ID}, {Email: who.Email}, {AnonymousID: who.AnonymousID}} {
		if k, ok := one.key(); ok && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	for _, k := range keys {
		if err := e.stepOn(ctx, k, func(rec *Record, c *Changes) error {
			found = decide(rec, c)
			return nil
		}); err != nil || found {
			return found, err
		}
	}
	return false, nil
}
