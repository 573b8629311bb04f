package beckon

import (
	"context"
	"math"
	"slices"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/rows"
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

// byEmail returns the contacts that an address fits, as many as are enough. There
// are three cases: those that go by it, which may be many; the one to
// which it leads, for it was merged into that, which goes by another address now;
// and none, which is the first of the address' own keys unless another of them is
// taken.
func (e *Engine) byEmail(ctx context.Context, address string, own []store.Key, enough int) ([]store.Key, error) {
	found, more, looked, err := e.goingBy(ctx, address, enough)
	if err != nil || len(found.List) >= enough {
		return found.List, err
	}
	none, taken := own[0], false
	for _, start := range slices.Concat(own, more) {
		at, exists, err := e.leadsTo(ctx, start)
		switch {
		case err != nil:
			return nil, err
		case exists && at != start:
			found.Add(at)
		case exists && !taken:
			none, taken = at, true // it has another address now, or none
		}
	}
	if len(found.List) > 1 {
		if found, err = e.apart(ctx, found); err != nil {
			return nil, err
		}
	}
	if len(found.List) == 0 {
		if looked >= maxSharing && !taken {
			return nil, tooManySharing() // one more could not be told from these
		}
		return []store.Key{none}, nil
	}
	return found.List, nil
}

// maxSharing is how many contacts of one address are looked at, in whatever letters
// they have it. To know that an address fits several takes two. More count only
// where the one that is meant has to be found among them: by what an address has
// besides letters that count, by what is done to a contact that goes by it and was
// made by another, and by a delivery whose contact is named by nothing else.
const maxSharing = 1000

// tooManySharing refuses an address that has too many contacts for one to be found
// among them.
func tooManySharing() error {
	return ErrorList{{Code: ErrContactAmbiguous, Field: "email", Message: "the email, in whatever letters, is that of more than " + itoa(maxSharing) + " contacts"}}
}

// madeBy returns the key of the contact that an address has made, if it still goes
// by it. Who else does need not be known then.
func (e *Engine) madeBy(ctx context.Context, address string, own []store.Key) (key store.Key, found bool) {
	for _, k := range own {
		err := e.store.Read(ctx, []store.Key{k}, func(rec *store.Record) error {
			p := rec.Profile
			found = p != nil && p.Forward.IsZero() && p.Moving.IsZero() && e.cfg.SameEmail(p.Attribute("email").Text(), address)
			return nil
		})
		if found && err == nil {
			return k, true
		}
	}
	return store.Key{}, false // also if it cannot be read: then the index tells
}

// firstPage is how many contacts of an address are read at first: it fits one, as a
// rule, and two settle that it fits several.
const firstPage = 4

// goingBy returns the contacts that have an address now, and the identities that
// are spellings of it and have none: the index may lag behind its records, and
// knows no letter case, so only what the record says counts. One that cannot be
// read may be the contact, and must not become a second one. It returns as soon as
// it knows so many contacts, apart from one another, as are enough. looked is how
// many it has looked at: maxSharing at most.
func (e *Engine) goingBy(ctx context.Context, address string, enough int) (found rows.Once[store.Key], identities []store.Key, looked int, err error) {
	q := store.Query{Email: store.FoldEmail(address), Damaged: func(key store.Key, _ error) {
		looked++
		found.Add(key)
	}}
	page := firstPage
	for at := store.Cursor(""); ; {
		before := len(found.List)
		at, err = e.store.Scan(ctx, q, at, min(page, maxSharing-looked), func(rec *store.Record) error {
			looked++
			p := rec.Profile
			if p == nil {
				return nil
			}
			switch has := p.Attribute("email").Text(); {
			case has != "" && p.Forward.IsZero():
				if e.cfg.SameEmail(has, address) {
					found.Add(rec.Key)
				}
			case rec.Key.Kind == store.KindEmail && e.cfg.SameEmail(rec.Key.ID, address):
				identities = append(identities, rec.Key)
			}
			return nil
		})
		if err != nil {
			return found, nil, looked, storeError(err)
		}
		if n := len(found.List); n > before && n >= enough {
			if found, err = e.apart(ctx, found); err != nil || len(found.List) >= enough {
				return found, nil, looked, err
			}
		}
		switch {
		case at == "":
			return found, identities, looked, nil
		case looked >= maxSharing:
			return found, nil, looked, tooManySharing()
		}
		page = min(2*page, scanPage)
	}
}

// leadsTo returns the record that an identity leads to, and whether it exists. It
// finishes no merge.
func (e *Engine) leadsTo(ctx context.Context, at store.Key) (store.Key, bool, error) {
	for {
		var next store.Key
		exists := false
		err := e.store.Read(ctx, []store.Key{at}, func(rec *store.Record) error {
			if exists = rec.Exists && rec.Profile != nil; exists {
				next = rec.Profile.Forward
			}
			return nil
		})
		if err != nil || next.IsZero() {
			return at, exists, storeError(err)
		}
		at = next
	}
}

// apart returns contacts that are several also when their merges are finished: seen
// one after the other, a record and the one that meanwhile took it in look like
// two.
func (e *Engine) apart(ctx context.Context, seen rows.Once[store.Key]) (found rows.Once[store.Key], err error) {
	for _, k := range seen.List {
		at, _, err := e.follow(ctx, k)
		if err != nil {
			return rows.Once[store.Key]{}, err
		}
		found.Add(at)
	}
	return found, nil
}
