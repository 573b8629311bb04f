package beckon

import (
	"context"
	"slices"

	"github.com/beckon-go/beckon/internal/fault"
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
	d.Contact.addFaults(&errs)
	if err := raise(errs); err != nil {
		return err
	}
	found, err := e.stepOnDelivery(ctx, d.Contact, func(rec *Record, c *Changes) (bool, error) {
		if d.ID == "" || !slices.ContainsFunc(rec.Log, func(s Sent) bool { return s.ID == d.ID }) {
			return false, nil
		}
		if d.Attempt != 0 && !rec.Profile.leases(&d) {
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
	if err := who.check(); err != nil {
		return err
	}
	key, err := e.resolve(ctx, who)
	if err != nil {
		return err
	}
	return e.stepOn(ctx, key, func(rec *Record, c *Changes) error {
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

// release takes one send out of a record. It may be called several times for
// one step.
func release(rec *Record, c *Changes, id string) bool {
	i := slices.IndexFunc(rec.Log, func(s Sent) bool { return s.ID == id })
	if i < 0 || slices.Contains(c.LogDrop, id) {
		return false
	}
	s := &rec.Log[i]
	c.LogDrop = append(c.LogDrop, id)
	row := Sends{Message: s.Message, Company: s.Company}
	k := slices.IndexFunc(c.Sends, func(x Sends) bool { return compareSends(x, row) == 0 })
	if k < 0 {
		if j, found := slices.BinarySearchFunc(rec.Sends, row, compareSends); found {
			row = rec.Sends[j]
		}
		c.Sends = append(c.Sends, row)
		k = len(c.Sends) - 1
	}
	r := &c.Sends[k]
	if r.Count > 0 {
		r.Count--
	}
	// The latest that is left: in the log, or before it.
	r.Last = 0
	if r.Count > 0 {
		r.Last = r.Prior
		for j := range rec.Log {
			if x := &rec.Log[j]; x.Message == s.Message && x.Company == s.Company && !slices.Contains(c.LogDrop, x.ID) {
				r.Last = max(r.Last, x.At)
			}
		}
	} else {
		r.Prior = 0
	}
	if c.Profile == nil {
		c.Profile = rec.Profile.clone()
	}
	p := c.Profile
	p.Free = append(p.Free, Free{Message: s.Message, Sequence: s.Sequence})
	p.Pending = slices.DeleteFunc(p.Pending, func(x Pending) bool { return x.Delivery.ID == id })
	if s.Date != 0 {
		p.Dates = slices.DeleteFunc(p.Dates, func(x DateMark) bool {
			return x.Message == s.Message && x.Company == s.Company && x.Value == s.Date
		})
	}
	if r.Count == 0 {
		p.Goals = slices.DeleteFunc(p.Goals, func(g GoalMark) bool {
			return g.Message == s.Message && !g.Control && !g.Converted
		})
	}
	c.Totals = append(c.Totals, Increment{Message: s.Message, Name: totalSent, N: -1})
	return true
}

// stepOn carries a plain decision out on a contact, following identities that
// lead elsewhere.
func (e *Engine) stepOn(ctx context.Context, key Key, decide func(*Record, *Changes) error) error {
	d := &following{decide: decide}
	for range maxTries {
		step := []Step{{Key: key, Decider: d}}
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
	decide  func(*Record, *Changes) error
	forward Key
	moving  bool
}

// Decide implements [Decider].
func (f *following) Decide(rec *Record, c *Changes) error {
	f.forward, f.moving = Key{}, false
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
