package beckon

import (
	"context"
	"slices"
)

// DefaultAliases is how many identities may have been merged into a contact by
// default: each of them leads to it for ever, and goes with it when it is
// deleted.
const DefaultAliases = 1000

// Merge makes one contact of two (C2): counts add, first is the earliest and
// last the latest, recent events, caps taken and events remembered are kept;
// where attributes differ those of into win, and the rest is filled from from.
// From then on both identities lead to the one contact. Merging a contact that
// is not known does nothing; merging into one that is not known creates it. To
// repeat a merge is safe, and no merge loosens a cap.
//
// A contact takes in no more than [WithAliasesLimit] identities: one more merge is
// identities_limit, and both contacts stay what they are. Merges that are made
// at the same moment may pass the limit by as many as they are.
//
// A merge is a chain of steps on one record each: the record with the greater
// key is frozen, taken in by the other once, and then leads there. A crash
// between them leaves nothing half done that the next call on either contact,
// or [Engine.Due], does not finish.
func (e *Engine) Merge(ctx context.Context, from, into Identity) error {
	if err := e.open(); err != nil {
		return err
	}
	var errs ErrorList
	from.addFaults(&errs)
	into.addFaults(&errs)
	if err := errs.err(); err != nil {
		return err
	}
	for range maxTries {
		f, known, err := e.settle(ctx, from)
		if err != nil {
			return err
		}
		if !known {
			return nil
		}
		i, _, err := e.settle(ctx, into)
		if err != nil {
			return err
		}
		if f == i {
			return nil
		}
		if err := e.roomFor(ctx, f, i); err != nil {
			return err
		}
		lesser, greater := f, i
		if i.Compare(f) < 0 {
			lesser, greater = i, f
		}
		begun, err := e.freeze(ctx, greater, lesser, greater == i)
		if err != nil {
			return err
		}
		if begun {
			return e.finishMove(ctx, greater)
		}
	}
	return storeError(errNoEnd)
}

// roomFor reports whether a contact may take in another, with all that it has
// taken in itself.
func (e *Engine) roomFor(ctx context.Context, a, b Key) error {
	n := 1
	if err := e.store.Read(ctx, []Key{a, b}, func(rec *Record) error {
		if rec.Profile != nil {
			n += len(rec.Profile.Aliases)
		}
		return nil
	}); err != nil {
		return storeError(err)
	}
	if n > e.cfg.aliases {
		return ErrorList{{Code: ErrIdentitiesLimit, Message: "the contact has as many identities merged into it as it may have"}}
	}
	return nil
}

// settle gives the record that an identity leads to, as reach has it, and whether
// it exists.
func (e *Engine) settle(ctx context.Context, who Identity) (Key, bool, error) {
	key, err := e.reach(ctx, who)
	if err != nil {
		return Key{}, false, err
	}
	return e.follow(ctx, key)
}

// follow gives the record that a key leads to, and whether it exists; a merge
// that it meets is finished first.
func (e *Engine) follow(ctx context.Context, key Key) (Key, bool, error) {
	for range maxTries {
		var exists, moving bool
		var forward Key
		err := e.store.Read(ctx, []Key{key}, func(rec *Record) error {
			exists = rec.Exists
			if p := rec.Profile; p != nil {
				forward, moving = p.Forward, !p.Moving.IsZero()
			}
			return nil
		})
		switch {
		case err != nil:
			return Key{}, false, storeError(err)
		case moving:
			if err := e.finishMove(ctx, key); err != nil {
				return Key{}, false, err
			}
		case !forward.IsZero():
			key = forward
		default:
			return key, exists, nil
		}
	}
	return Key{}, false, storeError(errNoEnd)
}

// freeze marks a record as moving: from now on nobody changes it but to finish
// the move. It reports false if the record meanwhile leads elsewhere, or is
// moving already: then the merge begins again.
func (e *Engine) freeze(ctx context.Context, key, to Key, wins bool) (bool, error) {
	begun, now := false, e.clock()
	err := e.stepOnce(ctx, []Step{{Key: key, Decider: deciderFunc(func(rec *Record, c *Changes) error {
		begun = false
		if p := rec.Profile; p != nil && (!p.Forward.IsZero() || !p.Moving.IsZero()) {
			return nil
		}
		p := rec.Profile.clone()
		p.Moving, p.MoveWins = to, wins
		// By the clock, and not a count that would begin anew with a record
		// that was deleted meanwhile: the target may still remember it.
		p.Generation = max(p.Generation+1, uint64(max(now, 0)))
		c.Profile, c.Touch = p, true
		begun = true
		return nil
	})}})
	return begun, err
}

// finishMove finishes the move of a frozen record: its target takes it in,
// once, then it leads there. Any number of callers may finish one move at the
// same time.
func (e *Engine) finishMove(ctx context.Context, key Key) error {
	var frozen *Record
	err := e.store.Read(ctx, []Key{key}, func(rec *Record) error {
		if p := rec.Profile; p != nil && !p.Moving.IsZero() {
			frozen = rec.clone()
		}
		return nil
	})
	if err != nil {
		return storeError(err)
	}
	if frozen == nil {
		return nil // somebody else was faster
	}
	// The log does not change any more: the record is frozen.
	events, _, err := e.logOf(ctx, key, Mark{}, max(e.cfg.recentEvents, 1)) // one that cannot be read holds up nothing
	if err != nil {
		return err
	}
	target, err := e.takeIn(ctx, frozen, events)
	if err != nil {
		return err
	}
	return e.stepOnce(ctx, []Step{{Key: key, Decider: deciderFunc(func(rec *Record, c *Changes) error {
		p := rec.Profile
		if p == nil || p.Moving.IsZero() || p.Generation != frozen.Profile.Generation {
			return nil
		}
		c.Clear = true
		c.Profile = &Profile{Forward: target, Generation: p.Generation}
		return nil
	})}})
}

// takeIn lets the target of a move take the frozen record in, and gives the
// record that finally did: the target may itself have moved on.
func (e *Engine) takeIn(ctx context.Context, frozen *Record, events []LoggedEvent) (Key, error) {
	target := frozen.Profile.Moving
	st, now := e.states.load(), e.clock() // a decision under the store's lock calls no clock
	var own []LoggedEvent
	var ownSeq uint64
	for range maxTries {
		var forward Key
		var moving, again bool
		step := []Step{{Key: target, Decider: deciderFunc(func(rec *Record, c *Changes) error {
			forward, moving, again = Key{}, false, false
			if p := rec.Profile; p != nil {
				switch {
				case !p.Forward.IsZero():
					forward = p.Forward
					return nil
				case !p.Moving.IsZero():
					moving = true
					return nil
				case slices.Contains(p.Took, Took{From: frozen.Key, Generation: frozen.Profile.Generation}):
					return nil
				}
			}
			missed := func(k Counter) bool { return k.Missed != 0 }
			if (len(frozen.Counters) > 0 || slices.ContainsFunc(rec.Counters, missed)) && rec.EventSeq != ownSeq {
				// To add counters that only one side has, or that missed something,
				// the other's log is needed as it is now.
				again, ownSeq = true, rec.EventSeq
				return nil
			}
			m := merger{cfg: &e.cfg, st: st, now: now, into: rec, from: frozen, c: c, intoLog: own, fromLog: events}
			m.merge()
			return nil
		})}}
		if err := e.stepOnce(ctx, step); err != nil {
			return Key{}, err
		}
		switch {
		case again:
			list, _, err := e.logOf(ctx, target, Mark{}, max(e.cfg.recentEvents, 1))
			if err != nil {
				return Key{}, err
			}
			own = slices.DeleteFunc(list, func(x LoggedEvent) bool { return x.Seq > ownSeq })
		case moving:
			if err := e.finishMove(ctx, target); err != nil {
				return Key{}, err
			}
		case !forward.IsZero():
			target, own, ownSeq = forward, nil, 0
		default:
			return target, nil
		}
	}
	return Key{}, storeError(errNoEnd)
}
