package beckon

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/store"
)

// GiveUp takes a delivery out of the outbox that was not made, or may have been, and is not to
// be tried again. Its send still counts, unlike after [Engine.Release], and also as given up.
// It is kept in [Engine.DeadLetters] ([WithDeadLettersLimit]), with the reason, in which
// nothing secret may stand. If another worker has it by now that is lease_lost; with an Attempt
// of zero the lease does not matter. One not pending is left, so a repeat is safe. (Z1)
func (e *Engine) GiveUp(ctx context.Context, d Delivery, reason ...string) error {
	text, now := cutText(strings.Join(reason, ": "), MaxGiveUpReason), e.clock()
	_, err := e.onRow(ctx, &d, func(rec *store.Record, p *store.Pending, c *store.Changes) error {
		switch {
		case p.Dead != nil:
		case d.Attempt != 0 && !decide.GivenOut(p, &d):
			return leaseLost()
		default:
			decide.GiveUp(rec, c, p, now, text, e.cfg.DeadLetters)
		}
		return nil
	})
	return err
}

// cutText returns a text of at most so many bytes of valid UTF-8.
func cutText(text string, most int) string {
	if len(text) > most {
		text = text[:most]
		for i := len(text) - 1; i >= 0 && i >= len(text)-utf8.UTFMax; i-- { // a character that is cut
			if utf8.RuneStart(text[i]) {
				if !utf8.FullRuneInString(text[i:]) {
					text = text[:i]
				}
				break
			}
		}
	}
	return strings.ToValidUTF8(text, "?")
}

// Replay makes a dead letter a pending delivery again, free at once: a worker gets it, with
// the next Attempt, if the contact still wants it. One that is pending is left; any other
// is delivery_unknown.
func (e *Engine) Replay(ctx context.Context, d Delivery) error {
	now := e.clock()
	found, err := e.onRow(ctx, &d, func(_ *store.Record, p *store.Pending, c *store.Changes) error {
		if p.Dead != nil {
			decide.Revive(c, p, now)
		}
		return nil
	})
	if err == nil && !found {
		err = unknownDelivery()
	}
	return err
}

// Discard drops a dead letter. Anything else is left, so a repeat is safe.
func (e *Engine) Discard(ctx context.Context, d Delivery) error {
	_, err := e.onRow(ctx, &d, func(_ *store.Record, p *store.Pending, c *store.Changes) error {
		if p.Dead != nil {
			c.PendingDrop = append(c.PendingDrop, p.Delivery.ID)
		}
		return nil
	})
	return err
}

// onRow carries a change out on the row that the outbox has of a delivery, and reports
// whether there is one.
func (e *Engine) onRow(ctx context.Context, d *Delivery, change func(*store.Record, *store.Pending, *store.Changes) error) (found bool, err error) {
	if err := e.open(); err != nil {
		return false, err
	}
	return e.stepOnDelivery(ctx, []Delivery{*d}, func(rec *store.Record, c *store.Changes) (bool, error) {
		p := rec.Pending.Find(d.ID)
		if p == nil {
			return false, nil
		}
		return true, change(rec, p, c)
	})
}

// Retry returns a delivery to the outbox that was not made, or may not have been: no
// worker gets it before an instant, within [MaxRetryAfter]. It counts in
// Delivery.Tries. Only its holder may; else it is lease_lost. (Z1)
func (e *Engine) Retry(ctx context.Context, d Delivery, at time.Time) error {
	return e.putOff(ctx, &d, at, 0)
}

// Postpone is Retry of what was not tried, as if this attempt had not been: the provider
// takes no more now, say.
func (e *Engine) Postpone(ctx context.Context, d Delivery, at time.Time) error {
	return e.putOff(ctx, &d, at, 1)
}

func (e *Engine) putOff(ctx context.Context, d *Delivery, at time.Time, postponed int) error {
	return e.onLease(ctx, d, at, func(p *store.Pending, c *store.Changes, until int64) error {
		decide.PutOff(c, p, until, d.Postponed, postponed)
		return nil
	})
}

// Extend makes the lease of a delivery last until an instant, within [MaxRetryAfter],
// if that is later. Only its holder may; else it is lease_lost.
func (e *Engine) Extend(ctx context.Context, d Delivery, until time.Time) error {
	return e.onLease(ctx, &d, until, func(p *store.Pending, c *store.Changes, until int64) error {
		if d.Tries() < 1 || d.Postponed != p.Delivery.Postponed {
			return leaseLost() // nobody has it
		}
		if until > p.Until {
			decide.ExtendLease(c, p, until)
		}
		return nil
	})
}

// later returns an instant from the next millisecond on, in Unix milliseconds: a loop of a
// worker yields what was free when it began, and is to end.
func (e *Engine) later(at time.Time) int64 {
	now := e.clock()
	last := now + MaxRetryAfter.Milliseconds()
	switch {
	case !at.After(unixMilli(now)):
		return now + 1
	case at.After(unixMilli(last)):
		return last
	}
	return at.Add(time.Millisecond - 1).UnixMilli()
}

// onLease carries a change with an instant out on a delivery that is pending under the
// lease that it was given out with; else that is lease_lost.
func (e *Engine) onLease(ctx context.Context, d *Delivery, at time.Time, change func(p *store.Pending, c *store.Changes, at int64) error) error {
	until := e.later(at)
	found, err := e.onRow(ctx, d, func(_ *store.Record, p *store.Pending, c *store.Changes) error {
		if !decide.GivenOut(p, d) {
			return leaseLost()
		}
		return change(p, c, until)
	})
	if err == nil && !found {
		err = leaseLost()
	}
	return err
}

func leaseLost() error {
	return ErrorList{{Code: ErrLeaseLost, Field: "id", Message: "the delivery is not leased to the caller any more: it was given to another, or dealt with"}}
}

// stepOnDelivery carries a decision out on the contact that has some deliveries, all of one,
// and reports whether it has them: decide says so of each record it is shown.
// A host has the identity from the delivery: what that names is asked first, since
// one of it is mostly what the record is kept under. Then the contact is found as
// ever (E1).
func (e *Engine) stepOnDelivery(ctx context.Context, about []Delivery, decide func(*store.Record, *store.Changes) (bool, error)) (found bool, err error) {
	who, write := about[0].Contact, e.writeAbout(about)
	if _, err := e.deciding(ctx, who); err != nil {
		return false, err
	}
	known := false // one of those named is
	var asked rows.Once[store.Key]
	ask := func(k store.Key) (done bool, err error) {
		if !asked.Add(k) {
			return false, nil
		}
		there := false // as the last decision sees it: a store may decide more than once
		err = e.stepVia(ctx, write, k, func(rec *store.Record, c *store.Changes) error {
			there = rec.Exists
			found, err = decide(rec, c)
			return err
		})
		known = known || there
		return found || err != nil, err
	}
	for _, one := range []Identity{{UserID: who.UserID}, {ID: who.ID}, {Email: who.Email}, {AnonymousID: who.AnonymousID}} {
		for _, k := range e.keysOf(one) {
			if done, err := ask(k); done {
				return found, err
			}
		}
	}
	named := known
	keys, err := e.candidatesFor(ctx, who, allContacts)
	if named && errors.Is(err, ErrContactAmbiguous) {
		return false, nil // it is not theirs, or not pending any more
	}
	if err != nil {
		return false, err
	}
	for _, k := range keys {
		if done, err := ask(k); done {
			return found, err
		}
	}
	return false, nil
}

// Release undoes a delivery that certainly was not made: frequency, caps, sequence and
// already_sent are as before it, the totals go down, and it leaves the outbox. ID and Contact
// suffice. Each can be given back once, and again if its number is used again. One not in the
// send log ([WithSendLog]) is delivery_unknown. With the outbox, one with its Attempt is given
// back only while it is pending under that lease; else it is lease_lost and changes nothing.
// To give back one that failed later, set Attempt to zero. (F4, K, Z1)
func (e *Engine) Release(ctx context.Context, d Delivery) error {
	if err := e.open(); err != nil {
		return err
	}
	var errs fault.List
	identity.AddFaults(d.Contact, &errs)
	if err := raise(errs); err != nil {
		return err
	}
	due := e.newDecision(decide.OnDue, e.clock())
	defer e.putDecision(due)
	found, err := e.stepOnDelivery(ctx, []Delivery{d}, func(rec *store.Record, c *store.Changes) (bool, error) {
		if d.ID == "" || !slices.ContainsFunc(rec.SendLog, func(s store.SendLogEntry) bool { return s.ID == d.ID }) {
			return false, nil
		}
		if d.Attempt != 0 && decide.Leased(rec, &d) == nil {
			return true, leaseLost()
		}
		return due.GiveBack(rec, c, d.ID), nil
	})
	if err == nil && !found {
		err = unknownDelivery()
	}
	return err
}

// ReleaseLatest undoes the message's latest send to the contact that is not
// undone yet, whatever its lease. (F4, K)
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
	due := e.newDecision(decide.OnDue, e.clock())
	defer e.putDecision(due)
	return e.stepOn(ctx, key, func(rec *store.Record, c *store.Changes) error {
		for i := len(rec.SendLog) - 1; i >= 0; i-- {
			if rec.SendLog[i].Message == message {
				due.GiveBack(rec, c, rec.SendLog[i].ID)
				return nil
			}
		}
		return unknownDelivery()
	})
}

func unknownDelivery() error {
	return ErrorList{{Code: ErrDeliveryUnknown, Field: "id", Message: "no such delivery is known, or it was given back already"}}
}
