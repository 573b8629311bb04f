package beckon

import (
	"context"
	"slices"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/store"
)

// Release returns a delivery back that the host could not make: frequency, caps,
// sequence and already_sent are as if it had not been made, and the totals go
// down (F4). It leaves the outbox. Each can be given back once; a number that
// is used again can be given back again. What is not in the contact's send log
// (see [WithSendLog]) is delivery_unknown. Of the delivery, ID and Contact
// suffice.
//
// With the outbox, a delivery that carries its Attempt is given back only while
// it is pending under that lease: if another worker has it, or has made it, that
// is lease_lost and changes nothing. A host that learns of a failure later, and
// from elsewhere, sets Attempt to zero: then it is given back whatever the
// outbox says.
//
// A host that does not know whether a delivery was made must not release it.
func (e *Engine) Release(ctx context.Context, d Delivery) error {
	if err := e.open(); err != nil {
		return err
	}
	var errs fault.List
	addIdentityFaults(d.Contact, &errs)
	if err := raise(errs); err != nil {
		return err
	}
	found, err := e.stepOnDelivery(ctx, d.Contact, func(rec *store.Record, c *store.Changes) (bool, error) {
		if d.ID == "" || !slices.ContainsFunc(rec.Log, func(s store.Sent) bool { return s.ID == d.ID }) {
			return false, nil
		}
		if d.Attempt != 0 && !leasesDelivery(rec.Profile, &d) {
			return true, leaseLost()
		}
		return release(rec, c, d.ID), nil
	})
	if err == nil && !found {
		err = unknownDelivery()
	}
	return err
}

// ReleaseLatest returns back the latest send of a message to the contact that is
// not given back yet, by order of making (K), and anyone who has it in the outbox.
func (e *Engine) ReleaseLatest(ctx context.Context, who Identity, message string) error {
	if err := e.open(); err != nil {
		return err
	}
	if err := checkIdentity(who); err != nil {
		return err
	}
	key, err := e.resolve(ctx, who)
	if err != nil {
		return err
	}
	return e.stepOn(ctx, key, func(rec *store.Record, c *store.Changes) error {
		for i := len(rec.Log) - 1; i >= 0; i-- {
			if rec.Log[i].Message == message {
				release(rec, c, rec.Log[i].ID)
				return nil
			}
		}
		return unknownDelivery()
	})
}

func unknownDelivery() error {
	return ErrorList{{Code: ErrDeliveryUnknown, Field: "id", Message: "no such delivery is known, or it was given back already"}}
}
