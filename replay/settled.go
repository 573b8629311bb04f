package replay

import (
	"context"
	"strings"

	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/scenario"
	"github.com/beckon-go/beckon/store"
)

// keyOf returns the key of a contact by the identity that decides (E1). Identities of
// different kinds are different contacts, whatever their text.
func keyOf(x *store.Identity) store.Key {
	switch {
	case x.UserID != "":
		return store.Key{Kind: store.KindUser, ID: x.UserID}
	case x.ID != "":
		return store.Key{Kind: store.KindContact, ID: x.ID}
	case x.Email != "":
		return store.Key{Kind: store.KindEmail, ID: x.Email}
	}
	return store.Key{Kind: store.KindAnonymous, ID: x.AnonymousID}
}

// settled returns the contacts that the identities mean in the end: those that were merged
// are one. What cannot be read stays an identity of its own.
func settled(ctx context.Context, s scenario.Store, identities map[store.Key]struct{}) map[store.Key]struct{} {
	ctx = context.WithoutCancel(ctx) // a replay that was ended is summed up, too
	contacts := make(map[store.Key]struct{}, len(identities))
	for key := range identities {
		for next := key; !next.IsZero(); next = forward(ctx, s, key) {
			key = next
		}
		contacts[key] = struct{}{}
	}
	return contacts
}

// forward returns where an identity leads; the zero key if it is the contact's own.
func forward(ctx context.Context, s scenario.Store, key store.Key) (next store.Key) {
	keys := []store.Key{key}
	if key.Kind == store.KindEmail { // whose record stands under the address in one of these forms
		keys = []store.Key{{Kind: key.Kind, ID: fold.Email(key.ID)}, {Kind: key.Kind, ID: fold.EmailDomain(key.ID)}}
	}
	_ = s.Read(ctx, keys, func(rec *store.Record) error {
		if p := rec.Profile; p != nil && !p.Forward.IsZero() {
			next = p.Forward
			next.ID = strings.Clone(next.ID) // the record is the store's
		}
		return nil
	})
	return next
}
