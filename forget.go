package beckon

import (
	"context"
	"slices"

	"github.com/beckon-go/beckon/store"
)

// Delete forgets a contact whole: attributes, events, sends, and every identity
// merged into it, also by a merge that a crash cut short. The identities then
// start anew. Totals stay: they name nobody. An unknown contact is no error.
// One that cannot be read is deleted too; all contacts are then looked through
// for identities that lead to it. (C4)
func (e *Engine) Delete(ctx context.Context, who Identity) error {
	if err := e.open(); err != nil {
		return err
	}
	if err := checkIdentity(who); err != nil {
		return err
	}
	for range maxTries {
		key, known, err := e.settle(ctx, who)
		if broken, ok := damagedKey(err); ok && broken.Kind.IsContact() {
			return e.deleteDamaged(ctx, broken)
		}
		if err != nil {
			return err
		}
		if came, err := e.finishMovesTo(ctx, key); err != nil {
			return err
		} else if came {
			continue
		}
		if !known {
			return nil
		}
		var aliases []store.Key
		if err := e.store.Read(ctx, []store.Key{key}, func(rec *store.Record) error {
			if rec.Profile != nil {
				aliases = slices.Clone(rec.Profile.Aliases)
			}
			return nil
		}); err != nil {
			return storeError(err)
		}
		// Those that lead here go first: after a crash the contact still says
		// which they were.
		for _, a := range aliases {
			if err := e.stepOnce(ctx, []store.Step{{Key: a, Decider: deciderFunc(func(rec *store.Record, c *store.Changes) error {
				// One that is still frozen has been taken in, or it would not
				// be an alias; left, it would come back.
				c.Delete = rec.Profile != nil && (!rec.Profile.Forward.IsZero() || !rec.Profile.Moving.IsZero())
				return nil
			})}}); err != nil {
				return err
			}
		}
		gone := false
		err = e.stepOnce(ctx, []store.Step{{Key: key, Decider: deciderFunc(func(rec *store.Record, c *store.Changes) error {
			gone = false
			p := rec.Profile
			if p != nil && (!p.Forward.IsZero() || !p.Moving.IsZero() || len(p.Aliases) != len(aliases)) {
				return nil // a merge came between: begin again
			}
			c.Delete, gone = rec.Exists, true
			return nil
		})}})
		if err != nil || gone {
			return err
		}
		if err := e.finishMove(ctx, key); err != nil {
			return err
		}
	}
	return storeError(errNoEnd)
}

// finishMovesTo finishes the merges in flight into a contact, and reports
// whether there were any. They are few: anyone who meets one finishes it.
func (e *Engine) finishMovesTo(ctx context.Context, key store.Key) (bool, error) {
	var keys []store.Key
	passBy := func(store.Key, error) {} // where it was to go cannot be read
	err := e.scanAll(ctx, store.Query{Moving: true, Damaged: passBy}, func(rec *store.Record) error {
		if rec.Profile.Moving == key {
			keys = append(keys, rec.Key)
		}
		return nil
	})
	if err != nil {
		return false, storeError(err)
	}
	for _, k := range keys {
		if err := e.finishMove(ctx, k); err != nil {
			return false, err
		}
	}
	return len(keys) > 0, nil
}
