package decide

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/beckon-go/beckon/internal/consent"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/ledger"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/store"
)

// RefusedBy reports whether the contact has unsubscribed from the delivery since it
// was decided (D11). by is its profile.
func RefusedBy(p *store.Pending, by *store.Profile) bool {
	m := consent.Message{Topic: p.Topic, OptIn: p.OptIn}
	if p.Refusable {
		m.Channel, m.Tags = p.Delivery.Channel, p.Tags
	}
	return consent.Refuses(by, m)
}

// Drop takes what the contact refuses out of the outbox, and returns what it
// had taken. All of one step are dropped by one call.
func Drop(rec *store.Record, c *store.Changes, now int64, refused ...*store.Pending) {
	if len(refused) == 0 {
		return
	}
	r := newReleasing(rec, c, len(refused))
	for _, p := range refused {
		id := p.Delivery.ID
		if i := r.place(id); i >= 0 && len(rec.Profile.Rarely().Decided) > 0 {
			if c.Profile == nil {
				c.Profile = CloneProfile(rec.Profile)
			}
			ledger.List(c.Profile.Rare.Decided).Refuse(rec.SendLog[i].Message, rec.SendLog[i].Sequence)
		}
		if !r.take(id) { // it has left the send log: no cap counts it
			c.PendingDrop = append(c.PendingDrop, id)
			c.Totals = append(c.Totals, store.Increment{Message: p.Delivery.Message, Name: TotalSent, N: -1})
		}
		c.Totals = append(c.Totals, store.Increment{Message: p.Delivery.Message, Name: plan.HeldUnsubscribed.Total(), N: 1})
	}
	r.end()
	if len(r.taken) > 0 {
		askForRoom(c.Profile.Holds, now)
	}
}

// TakeLease leases the delivery to the next who has it, and returns a copy for them.
func TakeLease(c *store.Changes, p *store.Pending, until int64) store.Delivery {
	leased := *p
	leased.Until = until
	leased.Delivery.Attempt++
	c.Pending = append(c.Pending, leased)
	return OwnDelivery(leased.Delivery)
}

// UndoLease takes the lease back that a delivery was given out with, as if it had not
// begun; free is when the one before it had ended.
func UndoLease(rec *store.Record, c *store.Changes, d *store.Delivery, free int64) {
	p := Leased(rec, d)
	if p == nil {
		return
	}
	back := *p
	back.Until = free
	back.Delivery.Attempt--
	c.Pending = append(c.Pending, back)
}

// ExtendLease makes the lease of a delivery longer, for who has it. As after [PutOff], a
// repeat of its event does not get it any more.
func ExtendLease(c *store.Changes, p *store.Pending, until int64) {
	longer := *p
	longer.Until, longer.Event = until, [16]byte{}
	c.Pending = append(c.Pending, longer)
}

// PutOff returns a delivery to the outbox until an instant. The attempts that did not count
// for who had it still do not, and so many more. A repeat changes nothing. A repeat of
// its event does not get it any more: somebody has seen what came of that.
func PutOff(c *store.Changes, p *store.Pending, until int64, before, more int) {
	later := *p
	later.Until, later.Event = until, [16]byte{}
	later.Delivery.Postponed = min(max(min(before, p.Delivery.Postponed), 0)+more, p.Delivery.Attempt)
	c.Pending = append(c.Pending, later)
}

// GiveUp makes a delivery a dead letter, and drops the oldest beyond so many.
func GiveUp(rec *store.Record, c *store.Changes, p *store.Pending, now int64, reason string, most int) {
	dead := *p
	dead.Event, dead.Until, dead.Dead = [16]byte{}, math.MaxInt64, &store.GivenUp{At: now, Reason: reason}
	c.Pending = append(c.Pending, dead)
	c.Totals = append(c.Totals, store.Increment{Message: p.Delivery.Message, Name: TotalGivenUp, N: 1})
	over := rec.Pending.DeadLen() + 1 - most
	if over <= 0 {
		return
	}
	old := make([]*store.Pending, 0, rec.Pending.DeadLen())
	for q := range rec.Pending.Dead() {
		old = append(old, q)
	}
	slices.SortStableFunc(old, func(a, b *store.Pending) int { return cmp.Compare(a.Dead.At, b.Dead.At) })
	for _, q := range old[:min(over, len(old))] {
		c.PendingDrop = append(c.PendingDrop, q.Delivery.ID)
	}
}

// Revive makes a dead letter a pending delivery that is free at an instant. Who gave it up
// has lost it, so it has an attempt more, which does not count.
func Revive(c *store.Changes, p *store.Pending, now int64) {
	back := *p
	back.Until, back.Dead = now, nil
	back.Delivery.Attempt++
	back.Delivery.Postponed++
	c.Pending = append(c.Pending, back)
	c.Totals = append(c.Totals, store.Increment{Message: p.Delivery.Message, Name: TotalGivenUp, N: -1})
}

// Alive returns how many deliveries of a record are pending.
func Alive(rec *store.Record) int { return rec.Pending.Len() - rec.Pending.DeadLen() }

// GivenOut reports whether d is what was given out with the lease that p has now.
// After a release the ID and the attempt may come again, the instant of the
// decision does not.
func GivenOut(p *store.Pending, d *store.Delivery) bool {
	return p.Dead == nil && p.Delivery.ID == d.ID && p.Delivery.Attempt == d.Attempt && p.Delivery.At.Equal(d.At)
}

// Leased returns the row of a delivery if it is pending under the lease that it was
// given out with; else nil.
func Leased(rec *store.Record, d *store.Delivery) *store.Pending {
	if p := rec.Pending.Find(d.ID); p != nil && GivenOut(p, d) {
		return p
	}
	return nil
}

// OwnDelivery returns a copy that shares nothing with what the store keeps.
func OwnDelivery(d store.Delivery) store.Delivery {
	d.Data = maps.Clone(d.Data)
	d.Parameters = maps.Clone(d.Parameters)
	return d
}

// DropPending takes what is there of some deliveries out of a record's outbox,
// and reports whether that was all of them. A dead letter among them was made after all.
func DropPending(rec *store.Record, c *store.Changes, deliveries []store.Delivery) bool {
	if len(deliveries) > rows.Few { // the record may find each only by a walk
		return dropMany(rec, c, deliveries)
	}
	all := true
	for i := range deliveries {
		id := deliveries[i].ID
		if rec.Pending.Find(id) == nil || slices.Contains(c.PendingDrop, id) {
			all = false
			continue
		}
		c.PendingDrop = append(c.PendingDrop, id)
	}
	return all
}

// dropMany is DropPending for many, in one walk.
func dropMany(rec *store.Record, c *store.Changes, deliveries []store.Delivery) bool {
	there := make(map[string]bool, rec.Pending.Len())
	for p := range rec.Pending.All() {
		there[p.Delivery.ID] = true
	}
	all := true
	for i := range deliveries {
		id := deliveries[i].ID
		if !there[id] {
			all = false
			continue
		}
		delete(there, id)
		c.PendingDrop = append(c.PendingDrop, id)
	}
	return all
}

// Addressed returns a pending delivery as it is given out: one that names another
// contact, as was once possible, says whose it is.
func Addressed(r *store.Record, d store.Delivery) store.Delivery {
	if key, ok := identity.KeyOf(d.Contact); ok && key.Kind != store.KindEmail && key != r.Key && !(r.Profile != nil && slices.Contains(r.Profile.Aliases, key)) {
		d.Contact = r.Identity()
	}
	return d
}

// pending joins what is pending in both, oldest first.
func (m *Merger) pending() {
	if m.From.Pending.Len() == 0 {
		return
	}
	c := m.Changes
	for _, r := range []*store.Record{m.Into, m.From} {
		for p := range r.Pending.All() {
			c.PendingDrop = append(c.PendingDrop, p.Delivery.ID) // and it comes back in its place
			c.Pending = append(c.Pending, *p)
		}
	}
	slices.SortStableFunc(c.Pending, func(a, b store.Pending) int { return a.Delivery.At.Compare(b.Delivery.At) })
}
