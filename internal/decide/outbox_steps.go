package decide

import (
	"maps"
	"slices"

	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// RefusedBy reports whether the contact has unsubscribed from the delivery since it
// was decided (D11). by is its profile.
func RefusedBy(p *store.Pending, by *store.Profile) bool {
	return p.Refusable && unsubscribed(by, p.Delivery.Channel, p.Tags)
}

// Drop takes what the contact refuses out of the outbox, and returns what it
// had taken. It may be called several times for one step.
func Drop(rec *store.Record, c *store.Changes, p *store.Pending) {
	id := p.Delivery.ID
	if !Release(rec, c, id) { // it has left the send log: no cap counts it
		if c.Profile == nil {
			c.Profile = CloneProfile(rec.Profile)
		}
		i := PendingIndex(c.Profile, id)
		c.Profile.Pending = slices.Delete(c.Profile.Pending, i, i+1)
		c.Totals = append(c.Totals, store.Increment{Message: p.Delivery.Message, Name: TotalSent, N: -1})
	}
	c.Totals = append(c.Totals, store.Increment{Message: p.Delivery.Message, Name: plan.HeldUnsubscribed.Total(), N: 1})
}

// TakeLease leases the delivery to the next who has it, and returns a copy for them.
func TakeLease(p *store.Pending, until int64) store.Delivery {
	p.Until = until
	p.Delivery.Attempt++
	return OwnDelivery(p.Delivery)
}

// GivenOut reports whether d is what was given out with the lease that p has now.
// After a release the ID and the attempt may come again, the instant of the
// decision does not.
func GivenOut(p *store.Pending, d *store.Delivery) bool {
	return p.Delivery.ID == d.ID && p.Delivery.Attempt == d.Attempt && p.Delivery.At.Equal(d.At)
}

// PendingIndex returns the place of a delivery in the outbox, -1 if it is not there.
// p may be nil.
func PendingIndex(p *store.Profile, id string) int {
	if p == nil {
		return -1
	}
	return slices.IndexFunc(p.Pending, func(x store.Pending) bool { return x.Delivery.ID == id })
}

// LeasesDelivery reports whether d is pending under the lease that it was given out
// with. p may be nil.
func LeasesDelivery(p *store.Profile, d *store.Delivery) bool {
	i := PendingIndex(p, d.ID)
	return i >= 0 && GivenOut(&p.Pending[i], d)
}

// OwnDelivery returns a copy that shares nothing with what the store keeps.
func OwnDelivery(d store.Delivery) store.Delivery {
	d.Data = maps.Clone(d.Data)
	return d
}

// DropPending takes what is there of some deliveries out of a record's outbox,
// and reports whether that was all of them.
func DropPending(rec *store.Record, c *store.Changes, deliveries []store.Delivery) bool {
	all := true
	for i := range deliveries {
		k := PendingIndex(rec.Profile, deliveries[i].ID)
		if c.Profile != nil {
			k = PendingIndex(c.Profile, deliveries[i].ID)
		}
		if k < 0 {
			all = false
			continue
		}
		if c.Profile == nil {
			c.Profile = CloneProfile(rec.Profile)
		}
		c.Profile.Pending = slices.Delete(c.Profile.Pending, k, k+1)
	}
	return all
}

// Addressed returns a pending delivery as it is given out: one that names another
// contact, as was once possible, says whose it is.
func Addressed(r *store.Record, d store.Delivery) store.Delivery {
	if key, ok := identity.KeyOf(d.Contact); ok && key.Kind != store.KindEmail && key != r.Key && !slices.Contains(r.Profile.Aliases, key) {
		d.Contact = r.Identity()
	}
	return d
}
