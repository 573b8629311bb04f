package beckon

import (
	"context"
	"slices"

	"github.com/beckon-go/beckon/store"
)

// byEmail returns the contacts that an address fits, as many as are enough. There
// are three cases: those that go by it, which may be many; the one to
// which it leads, for it was merged into that, which goes by another address now;
// and none, which is the first of the address' own keys unless another of them is
// taken.
func (e *Engine) byEmail(ctx context.Context, address string, own []store.Key, enough int) ([]store.Key, error) {
	found, more, looked, err := e.goingBy(ctx, address, enough)
	if err != nil || len(found.list) >= enough {
		return found.list, err
	}
	none, taken := own[0], false
	for _, start := range slices.Concat(own, more) {
		at, exists, err := e.leadsTo(ctx, start)
		switch {
		case err != nil:
			return nil, err
		case exists && at != start:
			found.add(at)
		case exists && !taken:
			none, taken = at, true // it has another address now, or none
		}
	}
	if len(found.list) > 1 {
		if found, err = e.apart(ctx, found); err != nil {
			return nil, err
		}
	}
	if len(found.list) == 0 {
		if looked >= maxSharing && !taken {
			return nil, tooManySharing() // one more could not be told from these
		}
		return []store.Key{none}, nil
	}
	return found.list, nil
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
func (e *Engine) goingBy(ctx context.Context, address string, enough int) (found contactSet, identities []store.Key, looked int, err error) {
	q := store.Query{Email: store.FoldEmail(address), Damaged: func(key store.Key, _ error) {
		looked++
		found.add(key)
	}}
	page := firstPage
	for at := store.Cursor(""); ; {
		before := len(found.list)
		at, err = e.store.Scan(ctx, q, at, min(page, maxSharing-looked), func(rec *store.Record) error {
			looked++
			p := rec.Profile
			if p == nil {
				return nil
			}
			switch has := p.Attribute("email").Text(); {
			case has != "" && p.Forward.IsZero():
				if e.cfg.SameEmail(has, address) {
					found.add(rec.Key)
				}
			case rec.Key.Kind == store.KindEmail && e.cfg.SameEmail(rec.Key.ID, address):
				identities = append(identities, rec.Key)
			}
			return nil
		})
		if err != nil {
			return found, nil, looked, storeError(err)
		}
		if n := len(found.list); n > before && n >= enough {
			if found, err = e.apart(ctx, found); err != nil || len(found.list) >= enough {
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
func (e *Engine) apart(ctx context.Context, seen contactSet) (found contactSet, err error) {
	for _, k := range seen.list {
		at, _, err := e.follow(ctx, k)
		if err != nil {
			return contactSet{}, err
		}
		found.add(at)
	}
	return found, nil
}

// A contactSet is contacts, each once, in the order in which they came.
type contactSet struct {
	list []store.Key
	has  map[store.Key]struct{} // those of list, if they are many
}

// fewContacts is how many are looked through one by one.
const fewContacts = 8

// add takes a contact in, and reports whether it is a new one.
func (s *contactSet) add(k store.Key) bool {
	if s.has == nil && len(s.list) < fewContacts {
		if slices.Contains(s.list, k) {
			return false
		}
		s.list = append(s.list, k)
		return true
	}
	if s.has == nil {
		s.has = make(map[store.Key]struct{})
		for _, x := range s.list {
			s.has[x] = struct{}{}
		}
	}
	if _, known := s.has[k]; known {
		return false
	}
	s.has[k] = struct{}{}
	s.list = append(s.list, k)
	return true
}
