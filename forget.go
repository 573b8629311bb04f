package beckon

import (
	"context"
	"slices"
)

// Delete forgets a contact whole: what is known of it, its events, sends, and
// every identity that was merged into it (C4). Afterwards the same identities
// start anew. Totals stay: they name nobody. Deleting a contact that is not
// known does nothing: it is gone.
func (e *Engine) Delete(ctx context.Context, who Identity) error {
	if err := e.open(); err != nil {
		return err
	}
	if err := who.check(); err != nil {
		return err
	}
	for range maxTries {
		key, known, err := e.settle(ctx, who)
		if err != nil || !known {
			return err
		}
		var aliases []Key
		if err := e.store.Read(ctx, []Key{key}, func(rec *Record) error {
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
			if err := e.stepOnce(ctx, []Step{{Key: a, Decider: deciderFunc(func(rec *Record, c *Changes) error {
				// One that is still frozen has been taken in, or it would not
				// be an alias; left, it would come back.
				c.Delete = rec.Profile != nil && (!rec.Profile.Forward.IsZero() || !rec.Profile.Moving.IsZero())
				return nil
			})}}); err != nil {
				return err
			}
		}
		gone := false
		err = e.stepOnce(ctx, []Step{{Key: key, Decider: deciderFunc(func(rec *Record, c *Changes) error {
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
