package beckon

import (
	"context"
	"errors"
	"slices"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// damaged takes in that a record cannot be read.
func (r *run) damaged(key store.Key, err error) {
	if r.log != nil {
		r.log(key, err)
	}
	if r.onDamaged != nil {
		r.onDamaged(key, err)
		return
	}
	if r.broken == nil {
		r.broken = &DamagedError{Err: err}
		var one *DamagedError
		if errors.As(err, &one) && one.Err != nil {
			r.broken.Err = one.Err
		}
	}
	if slices.Contains(r.broken.Keys, key) { // a company's, met with each of its contacts
		return
	}
	if r.broken.Count++; len(r.broken.Keys) < store.MaxDamagedTold {
		r.broken.Keys = append(r.broken.Keys, key)
	}
}

// passes reports whether an error of one contact of a run is that it, or what it
// needs, cannot be read: then it is taken in, and the run goes on.
func (r *run) passes(key store.Key, err error) bool {
	var d *DamagedError
	if r.gone || !errors.As(err, &d) {
		return false
	}
	if len(d.Keys) > 0 {
		key = d.Keys[0]
	}
	r.damaged(key, d)
	return true
}

// ended returns the error of a run that has come to its end.
func (r *run) ended() error {
	if r.broken == nil {
		return nil
	}
	return storeError(r.broken)
}

// DropDamaged removes records that cannot be read, as [OnDamaged] named them, with their
// events and index entries. Others are left, so a repeat is safe. A contact then has no
// history, refusals and caps ([Engine.Delete] also removes the identities that lead to it), an
// event name is listed when it is tracked again, and a message is live from its next
// publication on.
func (e *Engine) DropDamaged(ctx context.Context, keys ...store.Key) error {
	if err := e.open(); err != nil {
		return err
	}
	for _, key := range keys {
		if err := e.stepOnce(ctx, []store.Step{{Key: key, Decider: &decide.Removal{OnlyDamaged: true}}}); err != nil {
			return err
		}
	}
	return nil
}

// damagedKey returns the key of the record that an error says cannot be read.
func damagedKey(err error) (store.Key, bool) {
	var d *DamagedError
	if !errors.As(err, &d) || len(d.Keys) != 1 || d.Event != nil {
		return store.Key{}, false
	}
	return d.Keys[0], true
}

// logOf reads a contact's log as [Store.Events] does, and goes on behind events
// that cannot be read. damaged is the error about the first of them.
func (e *Engine) logOf(ctx context.Context, key store.Key, before store.EventCursor, limit int) (list []store.LoggedEvent, damaged, err error) {
	for {
		page, err := e.store.Events(ctx, key, before, limit-len(list))
		list = append(list, page...)
		var d *DamagedError
		switch {
		case err == nil:
			return list, damaged, nil
		case !errors.As(err, &d) || d.Event == nil:
			return nil, nil, storeError(err)
		}
		if damaged == nil {
			damaged = storeError(d)
		}
		if *d.Event == before || *d.Event == (store.EventCursor{}) || len(list) >= limit {
			return list, damaged, nil
		}
		before = *d.Event
	}
}

// deleteDamaged deletes a contact that cannot be read, and the identities that lead
// to it: since it cannot say which they are, they are looked for.
func (e *Engine) deleteDamaged(ctx context.Context, key store.Key) error {
	r := e.newRun(ctx)
	leads := func(rec *store.Record) bool {
		return rec.Profile != nil && (rec.Profile.Forward == key || rec.Profile.Moving == key)
	}
	err := e.pages(ctx, store.Query{Kinds: rule.ContactKinds()}, r, toDoIf(leads), r.each(func(alias store.Key) error {
		return e.stepOnce(ctx, []store.Step{{Key: alias, Decider: deciderFunc(func(rec *store.Record, c *store.Changes) error {
			if leads(rec) {
				decide.Moved(rec, c)
				c.Delete = true
			}
			return nil
		})}})
	}))
	if err != nil {
		return err
	}
	return e.stepOnce(ctx, []store.Step{{Key: key, Decider: &decide.Removal{}}})
}
