package decide

import (
	"github.com/beckon-go/beckon/internal/walk"
	"github.com/beckon-go/beckon/store"
)

// Remove deletes a contact: nobody walks any more (C4).
func Remove(rec *store.Record, c *store.Changes) {
	c.Delete, c.Totals = true, walk.Gone(c.Totals, walksOf(rec))
}

// A Removal is the decision to delete a record, also one that cannot be read.
type Removal struct{ OnlyDamaged bool }

// Decide implements [store.Decider].
func (r *Removal) Decide(rec *store.Record, c *store.Changes) error {
	if rec.Exists && !r.OnlyDamaged {
		Remove(rec, c)
	}
	return nil
}

// DecideDamaged implements [store.DamagedDecider].
func (r *Removal) DecideDamaged(_ store.Key, _ error, c *store.Changes) error {
	c.Delete = true
	return nil
}
