package beckon

import (
	"context"
	"math"
	"slices"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/store"
)

// resolve returns the record of an identity: the first of user_id, id, email,
// anonymous_id that is given decides (E1). An email is looked up, for it need
// not be unique; one that fits several contacts is contact_ambiguous, one that
// fits none is an identity of its own.
func (e *Engine) resolve(ctx context.Context, who Identity) (store.Key, error) {
	if key, ok := identity.KeyOf(who); ok && key.Kind != store.KindEmail {
		return key, nil
	}
	found, err := e.candidatesFor(ctx, who, severalContacts)
	if err != nil {
		return store.Key{}, err
	}
	if len(found) > 1 {
		return store.Key{}, ErrorList{{Code: ErrContactAmbiguous, Field: "email", Message: "the email fits several contacts"}}
	}
	return found[0], nil
}

// reach is resolve for what is done to a contact, and not by it (merge, delete,
// export, update, consent, reading): an email that fits several contacts means the
// one that is known by it alone, if there is one. There is no other name by which
// it could be reached.
func (e *Engine) reach(ctx context.Context, who Identity) (store.Key, error) {
	key, err := e.deciding(ctx, who)
	if err != nil || key.Kind != store.KindEmail {
		return key, err
	}
	own := e.keysOf(who)
	if key, made := e.madeBy(ctx, key.ID, own); made {
		return key, nil
	}
	found, err := e.byEmail(ctx, key.ID, own, allContacts)
	if err != nil {
		return store.Key{}, err
	}
	if len(found) > 1 {
		for _, own := range own {
			if slices.Contains(found, own) {
				return own, nil
			}
		}
		if byEmail := slices.DeleteFunc(found, func(k store.Key) bool { return k.Kind != store.KindEmail }); len(byEmail) == 1 {
			return byEmail[0], nil
		}
		return store.Key{}, ErrorList{{Code: ErrContactAmbiguous, Field: "email", Message: "the email fits several contacts, and none is known by it alone"}}
	}
	return found[0], nil
}

// How many of the contacts that an address fits a caller needs to know: whether
// there are several, or which they are. Of these, maxSharing are looked at.
const (
	severalContacts = 2
	allContacts     = math.MaxInt
)

// candidatesFor returns the records that an identity may mean: one, or more for an
// email that fits several contacts. It looks no further when it knows as many as
// are enough.
func (e *Engine) candidatesFor(ctx context.Context, who Identity, enough int) ([]store.Key, error) {
	key, err := e.deciding(ctx, who)
	if err != nil {
		return nil, err
	}
	if key.Kind != store.KindEmail {
		return []store.Key{key}, nil
	}
	return e.byEmail(ctx, key.ID, e.keysOf(who), enough)
}

// deciding returns what of an identity decides, an address as it was given.
func (e *Engine) deciding(ctx context.Context, who Identity) (store.Key, error) {
	key, ok := identity.KeyOf(who)
	if !ok {
		var errs fault.List
		identity.AddFaults(who, &errs)
		return store.Key{}, raise(errs)
	}
	if key.Kind == store.KindEmail {
		return key, e.agreed(ctx)
	}
	return key, nil
}

// keysOf returns the keys under which an identity may stand, the first being that
// under which it would be made. An address stood in the letters in which it was
// first given, before it was folded, and does where the option says so.
func (e *Engine) keysOf(who Identity) []store.Key {
	key, ok := identity.KeyOf(who)
	switch {
	case !ok:
		return nil
	case key.Kind != store.KindEmail:
		return []store.Key{key}
	}
	own, older := store.Key{Kind: store.KindEmail, ID: e.cfg.EmailID(key.ID)}, store.Key{Kind: store.KindEmail, ID: fold.EmailDomain(key.ID)}
	if own == older {
		return []store.Key{own}
	}
	return []store.Key{own, older}
}

// spell makes the contact that a merge goes into, if it is not known and its
// address was given in other letters than its key has: nothing else keeps them.
func (e *Engine) spell(ctx context.Context, key store.Key, email string) error {
	text, ok := e.cfg.Spelling(key, email)
	if !ok {
		return nil
	}
	now := e.clock()
	return e.stepOnce(ctx, []store.Step{{Key: key, Decider: deciderFunc(func(rec *store.Record, c *store.Changes) error {
		if !rec.Exists {
			c.Profile, c.Touch = &store.Profile{Created: now, Attributes: []store.Attribute{store.NewAttribute("email", String(text))}}, true
		}
		return nil
	})}})
}

// checkIdentity returns all that is wrong with an identity that is an argument by itself.
func checkIdentity(id store.Identity) error {
	var errs fault.List
	identity.AddFaults(id, &errs)
	return raise(errs)
}
