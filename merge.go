package beckon

import (
	"context"
	"slices"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/store"
)

// Merge makes one contact of two, and both identities lead to it from then on.
// Counts add, the earlier first and the later last win, and recent events, caps and
// remembered events are kept. Attributes of into win, from fills the gaps. If from
// is unknown nothing happens; an unknown into is created. A repeat is safe, and no
// merge loosens a cap. One more identity than [WithAliasesLimit] allows is
// identities_limit, and both contacts stay what they are; merges at the same moment
// may pass the limit by their number.
//
// A merge is an occasion of the joined contact: walks move and begin, goals
// count, and what it decides is returned as by Track; a repeat decides nothing.
// What waits is joined. What a crash cuts short, the next call on either
// contact, or [Engine.Due], finishes and decides, once. docs/rulebook.md has
// what becomes of goals and of what waits. (C2, D9, K2, T6, X3)
func (e *Engine) Merge(ctx context.Context, from, into Identity) (Result, error) {
	if err := e.open(); err != nil {
		return Result{}, err
	}
	var errs fault.List
	identity.AddFaults(from, &errs)
	identity.AddFaults(into, &errs)
	if err := raise(errs); err != nil {
		return Result{}, err
	}
	for range maxTries {
		f, known, err := e.settle(ctx, from)
		if err != nil {
			return Result{}, err
		}
		if !known {
			return Result{}, nil
		}
		i, _, err := e.settle(ctx, into)
		if err != nil {
			return Result{}, err
		}
		if f == i {
			return e.decideMerge(ctx, f)
		}
		late, err := e.roomFor(ctx, f, i)
		if err != nil {
			return Result{}, err
		}
		for _, key := range late {
			if err := e.onEve(ctx, key); err != nil {
				return Result{}, err
			}
		}
		lesser, greater := f, i
		if i.Compare(f) < 0 {
			lesser, greater = i, f
		}
		if err := e.spell(ctx, i, into.Email); err != nil {
			return Result{}, err
		}
		begun, err := e.freeze(ctx, greater, lesser, greater == i)
		if err != nil {
			return Result{}, err
		}
		if begun {
			if err := e.finishMove(ctx, greater); err != nil {
				return Result{}, err
			}
			return e.decideMerge(ctx, lesser)
		}
	}
	return Result{}, storeError(errNoEnd)
}

// decideMerge decides what a merge has brought to a contact, if nothing has
// decided it before.
func (e *Engine) decideMerge(ctx context.Context, key store.Key) (Result, error) {
	d := e.newDecision(decide.OnMerge, e.clock())
	defer e.putDecision(d)
	if _, err := e.step(ctx, key, d); err != nil {
		return Result{}, err
	}
	var res Result
	res.raise(d)
	e.tell(ctx, d)
	return res, nil
}

// onEve takes the walks of a contact that is about to be merged through what
// came before: what was due then is judged without what the other contact
// brings (X3).
func (e *Engine) onEve(ctx context.Context, key store.Key) error {
	d := e.newDecision(decide.OnEve, e.clock())
	defer e.putDecision(d)
	_, err := e.step(ctx, key, d)
	if err == nil {
		e.tell(ctx, d)
	}
	return err
}

// roomFor reports whether a contact may take in another, with all that it has
// taken in itself. late are those of the two that have a walk whose time is up, or of
// whom a segment that triggers was not seen yet.
func (e *Engine) roomFor(ctx context.Context, a, b store.Key) (late []store.Key, err error) {
	n, now, st := 1, e.clock(), e.states.Load()
	if err := e.store.Read(ctx, []store.Key{a, b}, func(rec *store.Record) error {
		if rec.Profile == nil {
			return nil
		}
		n += len(rec.Profile.Aliases)
		if st.Unseen(rec.Profile, now) || slices.ContainsFunc(rec.Profile.SeriesStates, func(w store.SeriesState) bool { return !w.Done && w.Due != 0 && w.Due <= now }) {
			late = append(late, rec.Key)
		}
		return nil
	}); err != nil {
		return nil, storeError(err)
	}
	if n > e.cfg.aliases {
		return nil, ErrorList{{Code: ErrIdentitiesLimit, Message: "the contact has as many identities merged into it as it may have"}}
	}
	return late, nil
}

// settle returns the record that an identity leads to, as reach has it, and whether
// it exists.
func (e *Engine) settle(ctx context.Context, who Identity) (store.Key, bool, error) {
	key, err := e.reach(ctx, who)
	if err != nil {
		return store.Key{}, false, err
	}
	return e.follow(ctx, key)
}

// follow returns the record that a key leads to, and whether it exists; a merge
// that it meets is finished first.
func (e *Engine) follow(ctx context.Context, key store.Key) (store.Key, bool, error) {
	for range maxTries {
		var exists, moving bool
		var forward store.Key
		err := e.store.Read(ctx, []store.Key{key}, func(rec *store.Record) error {
			exists = rec.Exists
			if p := rec.Profile; p != nil {
				forward, moving = p.Forward, !p.Moving.IsZero()
			}
			return nil
		})
		switch {
		case err != nil:
			return store.Key{}, false, storeError(err)
		case moving:
			if err := e.finishMove(ctx, key); err != nil {
				return store.Key{}, false, err
			}
		case !forward.IsZero():
			key = forward
		default:
			return key, exists, nil
		}
	}
	return store.Key{}, false, storeError(errNoEnd)
}

// freeze marks a record as moving: from now on nobody changes it but to finish
// the move. It reports false if the record meanwhile leads elsewhere, or is
// moving already: then the merge begins again.
func (e *Engine) freeze(ctx context.Context, key, to store.Key, wins bool) (bool, error) {
	begun, now := false, e.clock()
	err := e.stepOnce(ctx, []store.Step{{Key: key, Decider: deciderFunc(func(rec *store.Record, c *store.Changes) error {
		begun = false
		if p := rec.Profile; p != nil && (!p.Forward.IsZero() || !p.Moving.IsZero()) {
			return nil
		}
		p := decide.CloneProfile(rec.Profile)
		p.Moving = to
		if wins {
			p.Own().MoveWins = true
		}
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
func (e *Engine) finishMove(ctx context.Context, key store.Key) error {
	var frozen *store.Record
	err := e.store.Read(ctx, []store.Key{key}, func(rec *store.Record) error {
		if p := rec.Profile; p != nil && !p.Moving.IsZero() {
			frozen = decide.CloneRecord(rec)
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
	events, _, err := e.logOf(ctx, key, store.EventCursor{}, max(e.cfg.RecentEvents, 1)) // one that cannot be read holds up nothing
	if err != nil {
		return err
	}
	target, err := e.takeIn(ctx, frozen, events)
	if err != nil {
		return err
	}
	return e.stepOnce(ctx, []store.Step{{Key: key, Decider: deciderFunc(func(rec *store.Record, c *store.Changes) error {
		p := rec.Profile
		if p == nil || p.Moving.IsZero() || p.Generation != frozen.Profile.Generation {
			return nil
		}
		decide.Moved(rec, c)
		c.Clear = true
		c.Profile = &store.Profile{Forward: target, Generation: p.Generation}
		return nil
	})}})
}

// takeIn lets the target of a move take the frozen record in, and returns the
// record that finally did: the target may itself have moved on.
func (e *Engine) takeIn(ctx context.Context, frozen *store.Record, events []store.LoggedEvent) (store.Key, error) {
	target := frozen.Profile.Moving
	st, now := e.states.Load(), e.clock() // a decision under the store's lock calls no clock
	// What was overdue when the merge began is overdue when it is finished, and
	// what was not is not, however late that is.
	at := min(now, int64(frozen.Profile.Generation))
	var own []store.LoggedEvent
	var ownSeq uint64 // own is the log up to this event
	for range maxTries {
		var forward store.Key
		var moving, again bool
		var seq uint64 // not ownSeq: a store may decide twice, and the log is not read yet
		step := []store.Step{{Key: target, Decider: deciderFunc(func(rec *store.Record, c *store.Changes) error {
			forward, moving, again = store.Key{}, false, false
			if p := rec.Profile; p != nil {
				switch {
				case !p.Forward.IsZero():
					forward = p.Forward
					return nil
				case !p.Moving.IsZero():
					moving = true
					return nil
				case slices.Contains(p.MergedFrom, store.MergedFrom{From: frozen.Key, Generation: frozen.Profile.Generation}):
					return nil
				}
			}
			if decide.NeedsLog(rec, frozen) && rec.EventSeq != ownSeq {
				again, seq = true, rec.EventSeq
				return nil
			}
			m := decide.Merger{Limits: &e.cfg.Limits, State: st, Now: now, At: at, Into: rec, From: frozen, Changes: c, IntoLog: own, FromLog: events}
			m.Merge()
			return nil
		})}}
		if err := e.stepOnce(ctx, step); err != nil {
			return store.Key{}, err
		}
		switch {
		case again:
			list, _, err := e.logOf(ctx, target, store.EventCursor{}, max(e.cfg.RecentEvents, 1))
			if err != nil {
				return store.Key{}, err
			}
			ownSeq = seq
			own = slices.DeleteFunc(list, func(x store.LoggedEvent) bool { return x.Seq > ownSeq })
		case moving:
			if err := e.finishMove(ctx, target); err != nil {
				return store.Key{}, err
			}
		case !forward.IsZero():
			target, own, ownSeq = forward, nil, 0
		default:
			return target, nil
		}
	}
	return store.Key{}, storeError(errNoEnd)
}
